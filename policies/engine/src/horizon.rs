//! Until when an answer stands: the first later instant at which the recorded facts give another one.

use crate::evaluate::{Asked, Verdict};
use crate::index::PostRow;
use crate::interval::Interval;
use crate::vocabulary::Form;

impl Asked<'_> {
    /// Walks the instants at which something relevant changes and returns the first that changes the answer.
    pub(crate) fn valid_until(&self, at: i64, verdict: &Verdict) -> Option<i64> {
        let mut instants = Vec::new();
        self.changes(&mut |interval: &Interval| {
            if interval.is_empty() {
                return;
            }
            if interval.from > at {
                instants.push(interval.from);
            }
            if let Some(to) = interval.to
                && to > at
            {
                instants.push(to);
            }
        });
        instants.sort_unstable();
        instants.dedup();
        instants
            .into_iter()
            .find(|instant| !self.verdict(*instant).same_answer(verdict))
    }

    /// Every interval on which the answer can depend, whenever it holds.
    fn changes(&self, see: &mut impl FnMut(&Interval)) {
        let epoch = self.epoch;
        for row in epoch.rules.rows.iter().filter(|row| self.row_applies(row)) {
            see(&row.valid);
        }
        for row in &epoch.rules.forbids {
            see(&row.valid);
        }
        for number in self.own_appointments() {
            if let Some(row) = epoch.appointment(number) {
                see(&row.valid);
            }
        }
        let Some((_, post, agency)) = self.place else {
            return;
        };
        for &number in &post.assigned {
            if let Some(row) = epoch.assignment(number) {
                see(&row.recorded);
            }
        }
        self.changes_of_mandates(post, see);
        epoch.edges_above(post.agency, see);
        if let Some(about) = self.about {
            epoch.edges_above(about, see);
        }
        for &head in &agency.heads {
            if let Some(row) = epoch.post(head) {
                see(&row.valid);
            }
        }
        let owner = self.agency.and_then(|number| epoch.agency(number));
        for &seal in owner.map_or(&[][..], |agency| &agency.seals) {
            if let Some(row) = epoch.seal(seal) {
                see(&row.valid);
            }
        }
    }

    /// Intervals of what the post received, of those who gave it, and of what they received themselves.
    fn changes_of_mandates(&self, post: &PostRow, see: &mut impl FnMut(&Interval)) {
        let mut posts = vec![post];
        for depth in 0..2 {
            let mut givers = Vec::new();
            for receiver in std::mem::take(&mut posts) {
                for row in self
                    .received(receiver)
                    .filter_map(|number| self.epoch.mandate(number))
                {
                    see(&row.valid);
                    row.pauses.iter().for_each(&mut *see);
                    let Some(giver) = row.grantor.and_then(|giver| self.epoch.post(giver)) else {
                        continue;
                    };
                    see(&giver.valid);
                    if depth == 0 && row.form == Form::TlKt {
                        self.epoch.edges_above(giver.agency, see);
                        posts.push(giver);
                    }
                    givers.push(giver);
                }
            }
            for giver in givers {
                for held in giver
                    .holders
                    .iter()
                    .filter_map(|number| self.epoch.appointment(*number))
                {
                    see(&held.valid);
                }
            }
        }
    }
}
