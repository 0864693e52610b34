//! Sources of lists: whose data a source is master of, and what of its deliveries needs nobody's look.

use std::collections::BTreeSet;

use platform::clock::DAY;
use serde::{Deserialize, Serialize};

use super::intake::leavers::Leaving;
use super::intake::match_up::Outcome;
use super::intake::weigh::Line;
use super::intake::{Note, Verdict};

/// Fewest and most days after which a source is called silent.
pub const SILENT_DAYS: std::ops::RangeInclusive<i64> = 1..=400;

/// A source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// `src_…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// The agencies it is master of, with everything below them.
    pub agencies: BTreeSet<String>,
    /// Whether what needs no look is published at once.
    pub automatic: bool,
    /// Whether that may end appointments, few as they are.
    pub may_end: bool,
    /// After so many days without a delivery it is called silent.
    pub silent_days: i64,
    /// Decision behind it.
    pub basis: String,
}

impl Source {
    /// From when on it is called silent, if it gave its last sign at this instant.
    pub fn silent_from(&self, last: i64) -> i64 {
        let days = self.silent_days.saturating_add(1);
        last.saturating_add(days.saturating_mul(DAY))
    }
}

/// What is published of an automatic source without a look: joiners, data, and who moves, since only a staff number or a personal
/// number tells that somebody moves. Another name or birth under the same number may be another person: it waits.
pub fn automatic() -> BTreeSet<String> {
    BTreeSet::from([Note::Moves(String::new()).word().to_owned()])
}

/// What a delivery meant when it came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// People the register did not know.
    pub joiners: usize,
    /// People in another post.
    pub movers: usize,
    /// People whose data change.
    pub changed: usize,
    /// People about whom it says nothing new.
    pub unchanged: usize,
    /// People who are missing.
    pub leavers: usize,
    /// Rows that wait for a look.
    pub look: usize,
    /// Rows that are refused.
    pub refused: usize,
}

impl Counted {
    /// Counts.
    pub fn of(lines: &[Line], leaving: &Leaving) -> Self {
        let outcome = |of: Outcome| lines.iter().filter(|line| line.outcome == of).count();
        let verdict = |of: Verdict| lines.iter().filter(|line| line.verdict == of).count();
        Self {
            joiners: outcome(Outcome::Joins),
            movers: outcome(Outcome::Moves),
            changed: outcome(Outcome::Corrects),
            unchanged: outcome(Outcome::Stays),
            leavers: leaving.leavers.len(),
            look: verdict(Verdict::Look),
            refused: verdict(Verdict::Refused),
        }
    }

    /// Whether anything is left for a person to decide.
    pub fn is_settled(&self) -> bool {
        self.joiners + self.movers + self.changed + self.leavers + self.refused == 0
    }
}
