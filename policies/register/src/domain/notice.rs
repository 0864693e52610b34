//! Which events are notices, for whom, with which words, rank and link: read from `data/notices.toml`.
//! A table that cannot be read makes no notices; a test keeps it readable and its words written.

use std::sync::LazyLock;

const TEXT: &str = include_str!("../../data/notices.toml");

/// Whom a notice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// Whom the event touched: his facts, his account, his proposals.
    Own,
    /// Everybody who holds a role of administration.
    Roles,
    /// Who may open the list that the event published.
    Lists,
}

/// How urgent a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// On top until it is marked as read.
    First,
    /// In its day.
    Told,
}

/// One row: an event of this kind is a notice.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Kind of the event.
    pub kind: String,
    /// For whom.
    pub to: To,
    /// How urgent.
    pub rank: Rank,
    /// Key of its text.
    pub text: String,
    /// Where one sees or answers it, with marks for ids.
    pub see: String,
}

/// What stands as long as it is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A proposal that the reader may decide.
    Proposal,
    /// A source that has not delivered for longer than its rhythm.
    Source,
    /// A list of a source that could not be published.
    List,
}

/// One row of what stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingRule {
    /// What.
    pub what: What,
    /// Key of its text.
    pub text: String,
    /// Where one answers it.
    pub see: String,
}

/// The whole table.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    #[serde(rename = "notice")]
    rules: Vec<Rule>,
    standing: Vec<StandingRule>,
}

impl Table {
    /// Reads the table; any word outside the closed lists, and a row that stands twice, refuses the whole of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for rule in &table.rules {
            let same = |other: &&Rule| other.kind == rule.kind && other.to == rule.to;
            if rule.kind.contains(' ') || table.rules.iter().filter(same).count() > 1 {
                return Err(format!("{}: stands twice, or is no kind", rule.kind));
            }
        }
        Ok(table)
    }

    /// The table of this program.
    pub fn ours() -> &'static Self {
        static TABLE: LazyLock<Table> = LazyLock::new(|| match Table::parse(TEXT) {
            Ok(table) => table,
            Err(error) => {
                tracing::error!(%error, "the table of notices cannot be read: nobody has notices");
                Table::default()
            }
        });
        &TABLE
    }

    /// Rows for these readers.
    pub fn to(&self, to: To) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.to == to)
    }

    /// Kinds of events for these readers with blanks between them: the form the statements take.
    pub fn kinds(&self, to: To) -> String {
        let kinds: Vec<&str> = self.to(to).map(|rule| rule.kind.as_str()).collect();
        kinds.join(" ")
    }

    /// The row of a kind of event for these readers.
    pub fn rule(&self, to: To, kind: &str) -> Option<&Rule> {
        self.to(to).find(|rule| rule.kind == kind)
    }

    /// The row of what stands.
    pub fn standing(&self, what: What) -> Option<&StandingRule> {
        self.standing.iter().find(|rule| rule.what == what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TEXTS;
    use platform::i18n::{Lang, Tongue};

    #[test]
    fn the_table_reads_and_every_row_has_its_words_in_both_languages() {
        let table = Table::parse(TEXT).unwrap();
        assert_eq!(&table, Table::ours());
        for what in [What::Proposal, What::Source, What::List] {
            assert!(table.standing(what).is_some(), "{what:?}");
        }
        let texts = table.rules.iter().map(|rule| (&rule.text, &rule.see));
        let standing = table.standing.iter().map(|rule| (&rule.text, &rule.see));
        for (key, see) in texts.chain(standing) {
            assert!(see.starts_with('/'), "{see}");
            for lang in [Lang::Vi, Lang::En] {
                let text = Tongue::new(lang, &TEXTS).with(key, &[("what", "x"), ("when", "y")]);
                assert!(!text.contains('{'), "{key} in {lang:?}: {text}");
            }
        }
    }

    #[test]
    fn an_emergency_ranks_first_for_everybody_with_a_role() {
        for kind in ["emergency.opened", "emergency.codes_made"] {
            let rule = Table::ours().rule(To::Roles, kind).unwrap();
            assert_eq!(rule.rank, Rank::First);
        }
    }

    #[test]
    fn a_row_that_stands_twice_and_unknown_words_refuse_the_table() {
        let row = |kind: &str, to: &str, rank: &str| {
            format!(
                "[[notice]]\nkind=\"{kind}\"\nto=\"{to}\"\nrank=\"{rank}\"\ntext=\"a\"\nsee=\"/\"\n"
            )
        };
        let once = row("a.b", "own", "told");
        let whole = |rows: &str| Table::parse(&format!("standing = []\n{rows}"));
        assert!(whole(&once).is_ok());
        for wrong in [
            format!("{once}{once}"),
            row("a b", "own", "told"),
            row("a.b", "world", "told"),
            row("a.b", "own", "loud"),
        ] {
            assert!(whole(&wrong).is_err(), "{wrong}");
        }
    }
}
