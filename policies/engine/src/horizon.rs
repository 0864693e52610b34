//! Until when an answer stands: the first later instant at which the recorded facts give another one.

use crate::evaluate::{Asked, Verdict};
use crate::granted::MOST_BESIDE;
use crate::index::MandateRow;
use crate::interval::Interval;
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

impl Asked<'_> {
    /// Walks the instants at which something relevant changes and returns the first that changes the answer.
    ///
    /// An allowed act stays allowed on its chain until a link of that ends, unless something begins before that puts another chain first
    /// or forbids: so only beginnings are walked then, and changes of the tree, which are no links.
    pub(crate) fn valid_until(&self, at: i64, verdict: &Verdict) -> Option<i64> {
        let end = verdict.chain.map(|chain| chain.end);
        let mut after = at;
        loop {
            let mut next = end.unwrap_or(i64::MAX);
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

    /// Every interval on which the answer can depend, whenever it holds.
    fn changes(&self, refused: bool, see: &mut impl FnMut(&Interval, Turn)) {
        let epoch = self.epoch;
        for row in epoch
            .rows_of(self.request.action)
            .iter()
            .filter_map(|place| epoch.rules.rows.get(*place as usize))
        {
            see(&row.valid, Turn::Link);
        }
        for row in &epoch.rules.forbids {
            see(&row.valid, Turn::Link);
        }
        for number in self.own_appointments() {
            if let Some(row) = epoch.appointment(number) {
                see(&row.valid, Turn::Link);
            }
        }
        let Some((_, post, agency)) = self.place else {
            return;
        };
        for &number in &post.assigned {
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
                see(&row.valid, Turn::Link);
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
        for row in self
            .own
            .numbers()
            .filter_map(|number| self.epoch.mandate(number))
        {
            self.changes_of_mandate(row, see);
            let Some(giver) = row.grantor.filter(|_| row.form == Form::TlKt) else {
                continue;
            };
            if let Some(post) = self.epoch.post(giver) {
                self.epoch
                    .edges_above(post.agency, &mut |edge| see(edge, Turn::Beside));
                // What he was given may name him, and then ends with his tenure, which is no link.
                for held in post
                    .holders
                    .iter()
                    .filter_map(|held| self.epoch.appointment(*held))
                {
                    see(&held.valid, Turn::Beside);
                }
            }
            let outer = self.find(giver);
            for row in outer
                .numbers()
                .filter_map(|number| self.epoch.mandate(number))
            {
                self.changes_of_mandate(row, see);
            }
        }
    }

    fn changes_of_mandate(&self, row: &MandateRow, see: &mut impl FnMut(&Interval, Turn)) {
        see(&row.valid, Turn::Link);
        row.pauses.iter().for_each(|pause| see(pause, Turn::Pause));
        let Some(giver) = row.grantor.and_then(|giver| self.epoch.post(giver)) else {
            return;
        };
        see(&giver.valid, Turn::Link);
        for held in giver
            .holders
            .iter()
            .filter_map(|number| self.epoch.appointment(*number))
        {
            see(&held.valid, Turn::Link);
        }
    }
}
