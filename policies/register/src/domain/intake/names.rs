//! Keys under which names of agencies, units and posts are found, however they were written.
//! Keys are for finding only: what is kept is the register's own name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::header::Column;
use crate::domain::text::{fold, marked};

/// The words of the catalogue.
#[derive(Debug, Default, Deserialize)]
pub struct Words {
    /// Short forms in names of agencies.
    pub agency: BTreeMap<String, String>,
    /// Short forms in names of units.
    pub unit: BTreeMap<String, String>,
    /// Short forms in titles of posts.
    pub post: BTreeMap<String, String>,
    /// Headings of columns.
    pub columns: BTreeMap<Column, Vec<String>>,
}

/// The catalogue as compiled in; a test reads it, so that it is never empty by mistake.
pub static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../catalogue/words.toml")).unwrap_or_default()
});

/// The words of a name: small letters, tones in one place, everything but letters and digits a space.
pub fn plain(text: &str) -> String {
    marked(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The same with short forms written out.
pub fn in_full(text: &str, short: &BTreeMap<String, String>) -> String {
    plain(text)
        .split(' ')
        .map(|word| short.get(word).map_or(word, String::as_str))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The same with i for y, which two official lists write differently (Qui/Quy Nhơn).
pub fn one_i(key: &str) -> String {
    key.chars()
        .map(|c| match c {
            'y' => 'i',
            'ý' => 'í',
            'ỳ' => 'ì',
            'ỷ' => 'ỉ',
            'ỹ' => 'ĩ',
            'ỵ' => 'ị',
            other => other,
        })
        .collect()
}

/// The same without marks.
pub fn unmarked(key: &str) -> String {
    fold(key)
}

/// Initials of a full name (`Sở Lao động - Thương binh và Xã hội` → `sldtbxh`), the joining word left out.
pub fn initials(name: &str) -> String {
    plain(name)
        .split(' ')
        .filter(|word| *word != "và")
        .filter_map(|word| word.chars().next())
        .map(|letter| fold(&letter.to_string()))
        .collect()
}

/// What a name written with abbreviations abbreviates: words in capitals give all their letters, others their first.
pub fn abbreviated(text: &str) -> Option<String> {
    let mut capitals = false;
    let mut letters = String::new();
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let all_large = word.chars().all(char::is_uppercase);
        if all_large && word.chars().count() > 1 {
            capitals = true;
            letters.push_str(word);
        } else {
            letters.extend(word.chars().next());
        }
    }
    capitals.then(|| fold(&letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read() {
        let words: Result<Words, _> = toml::from_str(include_str!("../../../catalogue/words.toml"));
        let words = words.unwrap();
        assert!(words.agency.len() > 10 && words.columns.len() > 8);
        assert!(!WORDS.agency.is_empty());
    }

    #[test]
    fn short_forms_are_written_out_and_tones_stand_in_one_place() {
        assert_eq!(
            in_full("UBND P.Hải Cảng", &WORDS.agency),
            "ủy ban nhân dân phường hải cảng"
        );
        assert_eq!(plain("Uỷ ban nhân dân"), plain("Ủy  Ban nhân dân"));
        assert_eq!(in_full("P. Trưởng phòng", &WORDS.post), "phó trưởng phòng");
        assert_eq!(in_full("PGĐ", &WORDS.post), "phó giám đốc");
        assert_eq!(one_i("quy nhơn"), one_i("qui nhơn"));
        assert_ne!(plain("xã An Nghĩa"), plain("xã Ân Nghĩa"));
    }

    #[test]
    fn initials_find_what_capitals_abbreviate() {
        let full = initials("Sở Lao động - Thương binh và Xã hội");
        assert_eq!(abbreviated("Sở LĐ-TB&XH").as_deref(), Some(full.as_str()));
        assert_eq!(abbreviated("Sở Lao động"), None);
    }
}
