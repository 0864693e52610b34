//! A whole list against the register: every row with its verdict, and the plan of what would change.
//! Standard: none; what the plan itself refuses (a head's seat that somebody holds) becomes a note of its row.
//! It must never put a row into the plan that is not ready.

use std::collections::BTreeSet;

use jiff::civil::Date;
use platform::random::Entropy;

use super::by_hand;
use super::header::Mapping;
use super::judge::judge;
use super::leavers::{Claim, Leaving, Looking, leaving};
use super::match_up::{Making, Matched, Outcome, match_up, to_plan};
use super::note::{Note, Verdict};
use super::places::Places;
use super::sheet::Sheet;
use crate::domain::facts::PersonAttributes;
use crate::domain::import::rows::catalogue;
use crate::domain::import::table::Faults;
use crate::domain::import::{Cause, Existing, Plan, RowFault, Rows, plan};

/// What a list is weighed with.
pub struct Weighing<'a> {
    /// The list.
    pub sheet: &'a Sheet,
    /// How it is read.
    pub mapping: &'a Mapping,
    /// The register.
    pub existing: &'a Existing,
    /// Index of personal numbers.
    pub blind: &'a dyn Fn(&str) -> Vec<u8>,
    /// Reads the personal number the register keeps of somebody.
    pub number_of: &'a dyn Fn(&PersonAttributes) -> Option<String>,
    /// Source of ids for the plan.
    pub ids: &'a Entropy,
    /// Agencies whose administration the reader has.
    pub covered: &'a BTreeSet<String>,
    /// Groups of proposals that were accepted, by the words of their notes.
    pub accepted: &'a BTreeSet<String>,
    /// What the list says beside its rows.
    pub claim: &'a Claim,
    /// Records that somebody laid by hand, for a list of a source; else none.
    pub by_hand: &'a BTreeSet<String>,
    /// From when on people are in their posts, UTC ms.
    pub effective: i64,
    /// Today, for ages.
    pub today: Date,
}

/// One row as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Number of the row in the file.
    pub number: u32,
    /// The name as typed.
    pub typed: String,
    /// The name as it would be kept.
    pub name: String,
    /// yyyy-mm-dd, or a year.
    pub birth: String,
    /// Agency found.
    pub agency: String,
    /// Unit found.
    pub unit: String,
    /// Title of the post found.
    pub post: String,
    /// What it means.
    pub outcome: Outcome,
    /// What it is worth, with what was accepted.
    pub verdict: Verdict,
    /// What is said about it.
    pub notes: Vec<Note>,
}

/// Reasons after which weighing stops looking for further refusals of the plan.
const ROUNDS: usize = 50;

/// What a list comes to.
#[derive(Debug, Default)]
pub struct Weight {
    /// Its rows.
    pub lines: Vec<Line>,
    /// Who stands in the register and not in it.
    pub leaving: Leaving,
    /// What would change.
    pub plan: Plan,
}

/// Weighs a list. The plan holds exactly the ready rows that change something, and the ends that were accepted.
pub fn weigh(with: &Weighing<'_>) -> Weight {
    let posts = catalogue();
    let facts = &with.existing.facts;
    let places = Places::new(&facts.agencies, &facts.units, &posts, with.effective);
    let rows = judge(with.sheet, with.mapping, &places, with.today);
    let covers = |agency: &str| with.covered.contains(agency);
    let mut matched = match_up(rows, with.existing, with.blind, &covers);
    by_hand::mark(&mut matched, with.existing, with.by_hand);
    let looking = Looking {
        claim: with.claim,
        covered: with.covered,
        by_hand: with.by_hand,
        at: with.effective,
    };
    let leaving = leaving(&matched, with.existing, &looking);
    let after = leaving.without(with.existing, with.effective);
    let existing = after.as_ref().unwrap_or(with.existing);
    let accepted = |note: &Note| with.accepted.contains(note.word());
    let making = Making {
        from: with.effective,
        number_of: with.number_of,
        staff_prefix: "CB-",
    };
    let mut made = Plan::default();
    for _ in 0..ROUNDS {
        let (mut faults, mut warnings) = (Faults::default(), Faults::default());
        let rows = Rows {
            officials: to_plan(&matched, &accepted, existing, &making),
            posts: catalogue(),
            ..Rows::default()
        };
        made = plan(
            &rows,
            existing,
            with.ids,
            with.blind,
            &mut faults,
            &mut warnings,
        );
        if faults.is_empty() {
            break;
        }
        made = Plan::default();
        let (faults, _) = faults.into_parts();
        refuse(&mut matched, faults);
    }
    leaving.end(&mut made, with.effective, with.ids);
    Weight {
        lines: matched.iter().map(|one| line(one, &accepted)).collect(),
        leaving,
        plan: made,
    }
}

/// Gives the faults of a plan back to the rows they are about.
fn refuse(matched: &mut [Matched<'_>], faults: Vec<RowFault>) {
    for fault in faults {
        let row = matched
            .iter_mut()
            .find(|one| u64::from(one.row.number) == fault.line);
        if let Some(one) = row {
            one.row.notes.push(match &fault.cause {
                Cause::SeatHeld(title) => Note::SeatHeld(title.clone()),
                other => Note::Other(format!("{}: {}", other.key(), other.values().0)),
            });
            one.outcome = Outcome::Nothing;
        }
    }
}

fn line(one: &Matched<'_>, accepted: &dyn Fn(&Note) -> bool) -> Line {
    let row = &one.row;
    Line {
        number: row.number,
        typed: row.typed.clone(),
        name: row.person.full_name.clone(),
        birth: row.person.birth_date.clone().unwrap_or_default(),
        agency: row.agency.map(|a| a.name.clone()).unwrap_or_default(),
        unit: row.unit.map(|u| u.name.clone()).unwrap_or_default(),
        post: row.post.map(|p| p.title.clone()).unwrap_or_default(),
        outcome: one.outcome,
        verdict: one.verdict(accepted),
        notes: row.notes.clone(),
    }
}
