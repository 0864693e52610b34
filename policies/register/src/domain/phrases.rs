//! Phrases by which a person is found: every run of words that begins at a word of the name or at a part of the staff number,
//! once without accents (`f…`) and once with them (`m…`). A search is then one range of an index, however many people there are.

use std::collections::BTreeSet;

use super::text::{fold, marked, tidy};

/// Letters of a phrase that are kept.
const LONGEST: usize = 80;
/// Sorts after every phrase with the same beginning.
const LAST: char = '\u{10FFFF}';

/// Every phrase of a person.
pub fn phrases(full_name: &str, staff_no: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for text in [full_name, staff_no] {
        let text = tidy(text);
        begin_everywhere('f', &fold(&text), &mut all);
        begin_everywhere('m', &marked(&text), &mut all);
    }
    all
}

/// A phrase from each place where a word begins.
fn begin_everywhere(mark: char, text: &str, all: &mut BTreeSet<String>) {
    let mut inside = false;
    for (at, letter) in text.char_indices() {
        if letter.is_alphanumeric() && !inside {
            let rest = text.get(at..).unwrap_or_default();
            let phrase: String = std::iter::once(mark)
                .chain(rest.chars().take(LONGEST))
                .collect();
            all.insert(phrase);
        }
        inside = letter.is_alphanumeric();
    }
}

/// What begins with a text: from the first inclusive to the second exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// First phrase.
    pub from: String,
    /// First phrase after the last.
    pub until: String,
}

impl Range {
    fn of(mark: char, text: &str) -> Self {
        let from: String = std::iter::once(mark)
            .chain(text.chars().take(LONGEST))
            .collect();
        let mut until = from.clone();
        until.push(LAST);
        Self { from, until }
    }

    /// Phrases that begin with the text, accents ignored.
    pub fn folded(typed: &str) -> Self {
        Self::of('f', &fold(typed))
    }

    /// Phrases that begin with the text, accents as typed.
    pub fn marked(typed: &str) -> Self {
        Self::of('m', &marked(typed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_the_beginning_of_any_of_its_words_and_a_number_by_its_parts() {
        let all = phrases("Nguyễn Thị Hoà", "BD-000123");
        for typed in [
            "nguyen",
            "nguyen thi h",
            "thi hoa",
            "hoa",
            "h",
            "bd-000",
            "000123",
            "NGUYỄN",
            "Hòa",
        ] {
            let range = Range::folded(typed);
            assert!(
                all.range(range.from..range.until).next().is_some(),
                "{typed}"
            );
        }
        for typed in ["guyen", "hoan", "nguyen hoa", "23"] {
            let range = Range::folded(typed);
            assert!(
                all.range(range.from..range.until).next().is_none(),
                "{typed}"
            );
        }
    }

    #[test]
    fn marks_tell_apart_and_the_place_of_the_tone_does_not() {
        let all = phrases("Lê Văn Hoà", "1");
        let hit = |typed: &str| {
            let range = Range::marked(typed);
            all.range(range.from..range.until).next().is_some()
        };
        assert!(hit("hòa") && hit("hoà") && hit("lê v"));
        assert!(!hit("hoa") && !hit("lề"));
    }

    #[test]
    fn names_of_the_hills_are_found_after_the_apostrophe() {
        let all = phrases("Rơ Châm H'Yam", "1");
        let range = Range::folded("yam");
        assert_eq!(all.range(range.from..range.until).count(), 1);
    }
}
