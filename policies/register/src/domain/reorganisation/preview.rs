//! A plan in words for people: what becomes of every thing it touches, what a person has to decide, and figures that add up.

use std::collections::BTreeMap;

use crate::domain::import::RowFault;
use crate::domain::words::{Fate, Item};

/// What becomes of one thing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Outcome {
    /// What it is.
    pub item: Item,
    /// What becomes of it.
    pub fate: Fate,
    /// Code of the body it belongs to: the one before, or the new one for what begins.
    pub body: String,
    /// Its id.
    pub id: String,
    /// In words: name of a body, title of a post, an address.
    pub what: String,
    /// Staff number of the person concerned, empty when none is.
    pub staff_no: String,
    /// Name of that person.
    pub name: String,
    /// Codes of the bodies it goes to.
    pub to: Vec<String>,
    /// Where that rule stands, or the answer that decided.
    pub source: String,
    /// Key under which a person may decide for this thing alone; empty when there is nothing to decide.
    pub key: String,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Question {
    /// Key of the answer: code of the body.
    pub key: String,
    /// Name of the body.
    pub about: String,
    /// Bodies to choose from; empty when any body that is there afterwards will do.
    pub options: Vec<String>,
    /// The one the plan proposes.
    pub proposed: Option<String>,
    /// Whether the body may also stay.
    pub may_stay: bool,
    /// The answer given.
    pub answer: Option<String>,
    /// How many things wait for it.
    pub waiting: usize,
}

impl Question {
    /// Whether the plan cannot be published without an answer.
    pub fn is_open(&self) -> bool {
        self.waiting > 0
    }
}

/// Figures by kind and fate.
pub type Counts = BTreeMap<Item, BTreeMap<Fate, usize>>;

/// The whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Preview {
    /// The instant.
    pub at: i64,
    /// What is wrong with the plan.
    #[serde(skip)]
    pub problems: Vec<RowFault>,
    /// Everything it touches.
    pub outcomes: Vec<Outcome>,
    /// What is to be decided.
    pub questions: Vec<Question>,
    /// Figures.
    pub counts: Counts,
    /// In force just before the instant, by kind.
    pub before: BTreeMap<Item, usize>,
    /// In force at the instant, by kind.
    pub after: BTreeMap<Item, usize>,
    /// Names of bodies by code, before and after.
    pub names: BTreeMap<String, String>,
}

impl Preview {
    /// Whether it may be published.
    pub fn is_ready(&self) -> bool {
        self.problems.is_empty() && !self.questions.iter().any(Question::is_open)
    }

    /// How many things of a kind have a fate.
    pub fn count(&self, item: Item, fate: Fate) -> usize {
        self.counts
            .get(&item)
            .and_then(|of| of.get(&fate))
            .copied()
            .unwrap_or(0)
    }

    /// The name of a body, or its code.
    pub fn name_of<'p>(&'p self, code: &'p str) -> &'p str {
        self.names.get(code).map_or(code, String::as_str)
    }

    /// Sums up.
    pub(super) fn close(&mut self, at: i64) {
        self.at = at;
        for outcome in &self.outcomes {
            *self
                .counts
                .entry(outcome.item)
                .or_default()
                .entry(outcome.fate)
                .or_default() += 1;
        }
        for question in &mut self.questions {
            question.waiting = self
                .outcomes
                .iter()
                .filter(|outcome| outcome.fate == Fate::Undecided && outcome.body == question.key)
                .count();
        }
    }
}
