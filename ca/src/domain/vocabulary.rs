//! Kinds of papers and how their numbers are written, read from reviewed data.

use serde::Deserialize;

const KINDS: &str = include_str!("../../profiles/paper_kinds.toml");

/// A kind of paper.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperKind {
    /// Word on the wire.
    pub code: String,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name.
    pub name_en: String,
    /// Form of number and symbol.
    pub notation: String,
    /// Whether it hands over authority.
    pub instrument: bool,
    /// Where the form comes from.
    pub clause: String,
    /// How far that was checked.
    pub mark: String,
}

/// The vocabulary cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("kinds of papers: {0}")]
pub struct VocabularyError(#[from] toml::de::Error);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: Vec<PaperKind>,
}

/// All kinds.
#[derive(Debug, Clone)]
pub struct Vocabulary(Vec<PaperKind>);

impl Vocabulary {
    /// The rows that ship with the program.
    pub fn built_in() -> Result<Self, VocabularyError> {
        let file: File = toml::from_str(KINDS)?;
        Ok(Self(file.kind))
    }

    /// One kind.
    pub fn kind(&self, code: &str) -> Option<&PaperKind> {
        self.0.iter().find(|k| k.code == code)
    }
}

impl PaperKind {
    /// Number and symbol, at least two digits (Decree 30/2020/NĐ-CP Art. 15.1).
    pub fn notation(&self, number: i64, agency: &str) -> String {
        self.notation
            .replace("{number}", &format!("{number:02}"))
            .replace("{agency}", agency)
    }

    /// The name in a language.
    pub fn name(&self, lang: &str) -> &str {
        if lang == "en" {
            &self.name_en
        } else {
            &self.name_vi
        }
    }
}

/// How an agency is written in a symbol: every People's Committee is UBND, others by their short name.
pub fn agency_symbol(kind: &str, short_name: &str) -> String {
    if kind.starts_with("ubnd_") {
        "UBND".to_owned()
    } else {
        short_name.chars().filter(|c| !c.is_whitespace()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_of_the_province_is_written_with_at_least_two_digits() {
        let all = Vocabulary::built_in().unwrap();
        let kind = all.kind("quyet_dinh").unwrap();
        let symbol = agency_symbol("ubnd_tinh", "UBND tỉnh");
        assert_eq!(kind.notation(118, &symbol), "118/QĐ-UBND");
        assert_eq!(kind.notation(1, &symbol), "01/QĐ-UBND");
        assert!(all.kind("nghi_quyet").is_none());
        assert_eq!(agency_symbol("so", "STC"), "STC");
    }
}
