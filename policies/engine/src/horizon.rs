//! Until when an answer stands: the first later instant at which the recorded facts give another one.

use crate::evaluate::{Asked, Verdict};
use crate::interval::Interval;

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
        for &number in self.mandates {
            let Some(row) = epoch.mandate(number) else {
                continue;
            };
            see(&row.recorded);
            let grantor = row.grantor.and_then(|grantor| epoch.post(grantor));
            for &holder in grantor.map_or(&[][..], |post| &post.holders) {
                if let Some(held) = epoch.appointment(holder) {
                    see(&held.valid);
                }
            }
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
}
