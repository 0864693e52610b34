//! What goes over to a successor, as rows kept in `rules/carry_over.csv`: item, relation and kind → effect, with its source.

use crate::domain::words::{Effect, Item, Relation};

const ROWS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/carry_over.csv"));
const ANY: &str = "*";

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Rule {
    /// Of what.
    pub item: Item,
    /// Which relation, or `*`.
    pub relation: String,
    /// Standing of a post, kind of an assignment, owner of an address; or `*`.
    pub kind: String,
    /// What happens.
    pub effect: Effect,
    /// For how many months an address forwards.
    pub months: Option<i32>,
    /// Where that stands.
    pub source: String,
    /// How sure the source is: verified text, reading, memory, practice.
    pub mark: String,
    /// In words.
    pub note: String,
}

/// The rows, the first that fits counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Reads rows from CSV.
    pub fn read(text: &str) -> Result<Self, String> {
        let rows: Result<Vec<Rule>, csv::Error> = csv::Reader::from_reader(text.as_bytes())
            .deserialize()
            .collect();
        rows.map(Self).map_err(|error| error.to_string())
    }

    /// The rows that the program carries. A broken file gives no rows, and then everything is a question.
    pub fn ours() -> Self {
        Self::read(ROWS).unwrap_or(Self(Vec::new()))
    }

    /// The row for a case.
    pub fn find(&self, item: Item, relation: Relation, kind: &str) -> Option<&Rule> {
        self.0.iter().find(|rule| {
            rule.item == item
                && (rule.relation == ANY || rule.relation == relation.as_str())
                && (rule.kind == ANY || rule.kind == kind)
        })
    }

    /// All rows, in order.
    pub fn rows(&self) -> &[Rule] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::{AssignmentKind, Standing};

    #[test]
    fn every_case_has_a_row_with_a_source_and_its_mark() {
        let rules = Rules::read(ROWS).unwrap();
        for rule in rules.rows() {
            assert!(!rule.source.is_empty(), "{rule:?}");
            assert!(
                ["verified", "reading", "memory", "practice"].contains(&rule.mark.as_str()),
                "{rule:?}"
            );
            assert_eq!(rule.months.is_some(), rule.effect == Effect::Forward);
        }
        for &relation in &[Relation::Merge, Relation::Split, Relation::End] {
            for standing in Standing::ALL {
                for item in [Item::Post, Item::Appointment] {
                    assert!(rules.find(item, relation, standing.as_str()).is_some());
                }
            }
            for kind in AssignmentKind::ALL {
                assert!(
                    rules
                        .find(Item::Assignment, relation, kind.as_str())
                        .is_some()
                );
            }
            for owner in ["person", "post"] {
                assert!(rules.find(Item::Mailbox, relation, owner).is_some());
            }
            assert!(rules.find(Item::Seal, relation, "agency").is_some());
        }
    }
}
