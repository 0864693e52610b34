//! A province with its questions, compiled.

use engine::{Epoch, Facts, Request, Rules};

use crate::province::{self, Dice};

pub struct Sample {
    pub facts: Facts,
    pub rules: Rules,
    pub epoch: Epoch,
    pub questions: Vec<Request>,
}

/// The rows of law as they ship.
pub fn law() -> Rules {
    Rules::parse(&[
        ("own", include_str!("../../../../policies/rules/own.toml")),
        (
            "kt_field",
            include_str!("../../../../policies/rules/kt_field.toml"),
        ),
        (
            "kt_case",
            include_str!("../../../../policies/rules/kt_case.toml"),
        ),
        ("tl", include_str!("../../../../policies/rules/tl.toml")),
        ("tuq", include_str!("../../../../policies/rules/tuq.toml")),
        ("uq", include_str!("../../../../policies/rules/uq.toml")),
        ("seal", include_str!("../../../../policies/rules/seal.toml")),
        ("copy", include_str!("../../../../policies/rules/copy.toml")),
    ])
    .expect("the rows of law read")
}

/// The facts with so many mandates, and the dice after them.
pub fn facts(mandates: usize) -> (Facts, Dice) {
    let mut dice = Dice(576);
    let mut facts = province::register();
    facts.mandates = province::mandates(mandates, &mut dice);
    (facts, dice)
}

impl Sample {
    pub fn of(mandates: usize, questions: usize) -> Self {
        let (facts, mut dice) = facts(mandates);
        let questions = province::questions(&facts.mandates, questions, &mut dice);
        let rules = law();
        let epoch = Epoch::compile(1, &facts, &rules);
        Self {
            facts,
            rules,
            epoch,
            questions,
        }
    }
}
