//! Until when an answer stands: the first later instant at which the recorded facts give another one.

use crate::evaluate::{Asked, Verdict};
use crate::granted::MOST_BESIDE;
use crate::interval::Interval;
use crate::mandates::MandateRow;
use crate::rules::Rules;
use crate::vocabulary::{Action, Form};

/// What an interval is to a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// A link: a chain that uses it ends with it.
    Link,
    /// A time in which a link does not hold.
    Pause,
    /// What a chain can need and does not name: a place in the tree, the tenure of one who is named.
    Beside,
}

/// When the law for one act begins and ends, in order: its rows, and those that forbid.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    begins: Vec<i64>,
    ends: Vec<i64>,
}

impl Turns {
    /// Of every act.
    pub(crate) fn of(rules: &Rules) -> [Self; Action::ALL.len()] {
        let mut all = <[Self; Action::ALL.len()]>::default();
        for (turns, action) in all.iter_mut().zip(Action::ALL) {
            let rows = rules.rows.iter().filter(|row| row.actions.contains(action));
            let rows = rows.map(|row| row.valid);
            let spans = rows.chain(rules.forbids.iter().map(|row| row.valid));
            for span in spans.filter(|span| !span.is_empty()) {
                turns.begins.push(span.from);
                turns.ends.push(span.end());
            }
            for list in [&mut turns.begins, &mut turns.ends] {
                list.sort_unstable();
                list.dedup();
            }
        }
        all
    }

    /// The first beginning, and if asked for the first end, after an instant.
    fn next(&self, after: i64, ends: bool) -> i64 {
        let first = |list: &[i64]| list.iter().copied().find(|turn| *turn > after);
        let end = first(&self.ends).filter(|_| ends);
        let begin = first(&self.begins).unwrap_or(i64::MAX);
        begin.min(end.unwrap_or(i64::MAX))
    }
}

impl Asked<'_> {
    /// Walks the instants at which something relevant changes and returns the first that changes the answer.
    ///
    /// An allowed act stays allowed on its chain until a link of that ends, unless something begins before that puts another chain first
    /// or forbids: so only beginnings are walked then, and changes of the tree, which are no links.
    pub(crate) fn valid_until(&self, at: i64, verdict: &Verdict) -> Option<i64> {
        let end = verdict.chain.map(|chain| chain.end);
        let mut after = at;
        loop {
            let law = self.epoch.turns.get(self.request.action as usize);
            let law = law.map_or(i64::MAX, |turns| turns.next(after, end.is_none()));
            let mut next = end.unwrap_or(i64::MAX).min(law);
            self.changes(end.is_none(), &mut |interval: &Interval, turn: Turn| {
                if interval.is_empty() {
                    return;
                }
                let ends = end.is_none() || turn != Turn::Link;
                let begins = end.is_none() || turn != Turn::Pause;
                if begins && interval.from > after {
                    next = next.min(interval.from);
                }
                if ends && interval.end() > after {
                    next = next.min(interval.end());
                }
            });
            if next == i64::MAX {
                return None;
            }
            if Some(next) == end || !self.verdict(next).same_answer(verdict) {
                return Some(next);
            }
            after = next;
        }
    }

    /// Every interval of a fact on which the answer can depend, whenever it holds.
    fn changes(&self, refused: bool, see: &mut impl FnMut(&Interval, Turn)) {
        let epoch = self.epoch;
        for number in self.own_appointments() {
            if let Some(row) = epoch.appointment(number) {
                see(&row.valid, Turn::Link);
            }
        }
        let Some((_, post, agency)) = self.place else {
            return;
        };
        for number in post.assigned.clone() {
            if let Some(row) = epoch.assignment(number) {
                see(&row.recorded, Turn::Link);
            }
        }
        if self.request.action == Action::Sign {
            self.changes_of_mandates(see);
            // A refusal can speak of what does not reach the question.
            for row in epoch
                .general(post)
                .take(if refused { MOST_BESIDE } else { 0 })
            {
                see(&row.valid(), Turn::Link);
            }
        }
        epoch.edges_above(post.agency, &mut |edge| see(edge, Turn::Beside));
        if let Some(about) = self.about {
            epoch.edges_above(about, &mut |edge| see(edge, Turn::Beside));
        }
        for &head in &agency.heads {
            if let Some(row) = epoch.post(head) {
                see(&row.valid, Turn::Link);
            }
        }
        let owner = self.agency.and_then(|number| epoch.agency(number));
        for &seal in owner.map_or(&[][..], |agency| &agency.seals) {
            if let Some(row) = epoch.seal(seal) {
                see(&row.valid, Turn::Link);
            }
        }
    }

    /// Intervals of what the post received, of those who gave it, and of what they received themselves.
    fn changes_of_mandates(&self, see: &mut impl FnMut(&Interval, Turn)) {
        let mut last = None;
        for (number, _) in self.own.numbers() {
            let Some(row) = self.epoch.mandate(number) else {
                continue;
            };
            self.changes_of_mandate(number, row, &mut last, see);
            let giver = row.grantor().filter(|_| row.form == Form::TlKt);
            let Some((giver, post)) = giver.and_then(|one| Some((one, self.epoch.post(one)?)))
            else {
                continue;
            };
            self.epoch
                .edges_above(post.agency, &mut |edge| see(edge, Turn::Beside));
            // What he was given may name him, and then ends with his tenure, which is no link.
            for held in self.epoch.held(post) {
                see(&held.valid, Turn::Beside);
            }
            for (number, _) in self.find(giver, post).numbers() {
                if let Some(row) = self.epoch.mandate(number) {
                    self.changes_of_mandate(number, row, &mut last, see);
                }
            }
        }
    }

    fn changes_of_mandate(
        &self,
        number: u32,
        row: &MandateRow,
        last: &mut Option<u32>,
        see: &mut impl FnMut(&Interval, Turn),
    ) {
        see(&row.valid(), Turn::Link);
        let pauses = self.epoch.pauses_of(number, row).iter();
        pauses.for_each(|pause| see(pause, Turn::Pause));
        // One head gave most of them: his tenure is looked at once.
        if row.grantor() == *last {
            return;
        }
        *last = row.grantor();
        let Some(giver) = row.grantor().and_then(|giver| self.epoch.post(giver)) else {
            return;
        };
        see(&giver.valid, Turn::Link);
        for held in self.epoch.held(giver) {
            see(&held.valid, Turn::Link);
        }
    }
}
