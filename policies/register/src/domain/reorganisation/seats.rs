//! Seats at a successor: the like of a unit or post of a body that ends, found there or made once.
//! It must never give a body a second head, nor a seat for one a second holder.

use std::collections::BTreeSet;

use super::carry::{Carry, lasts};
use super::outline::Ending;
use crate::domain::facts::{AgencyFact, AppointmentFact, PostFact, SuspensionFact, UnitFact};
use crate::domain::import::Operation;
use crate::domain::text::fold;
use crate::domain::words::{Effect, Fate, Item, Relation, Standing, SuccessionKind};

/// What tells one seat from another in a body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seat {
    agency: String,
    unit: Option<String>,
    code: String,
    field: Option<String>,
}

impl<'a> Carry<'a, '_> {
    /// Units and posts of bodies that are there afterwards, so that nothing is made twice.
    pub(super) fn standing(&mut self) {
        let at = self.draft.at;
        let alive: BTreeSet<&str> = self.outline.after.values().map(|a| a.id.as_str()).collect();
        let facts = &self.world.existing.facts;
        for unit in facts
            .units
            .iter()
            .filter(|u| alive.contains(u.agency.as_str()) && lasts(u.to, at))
        {
            self.numbers
                .entry(unit.agency.clone())
                .or_default()
                .insert(unit.number.clone());
            self.units
                .insert((unit.agency.clone(), fold(&unit.name)), unit.clone());
        }
        for post in facts
            .posts
            .iter()
            .filter(|p| alive.contains(p.agency.as_str()) && lasts(p.to, at))
        {
            self.take_seat(post);
            for fact in self
                .appointments
                .get(post.id.as_str())
                .into_iter()
                .flatten()
            {
                self.held
                    .entry(post.id.clone())
                    .or_default()
                    .insert(fact.person.clone());
            }
        }
    }

    fn take_seat(&mut self, post: &PostFact) {
        if post.standing == Standing::AgencyHead {
            self.heads
                .entry(post.agency.clone())
                .or_insert_with(|| post.clone());
        }
        self.seats
            .entry(seat_of(post, &post.agency, post.unit.clone()))
            .or_insert_with(|| post.clone());
    }

    /// Bodies that get the whole structure: the one successor, or each new one of a split.
    pub(super) fn structure(&self, ending: &Ending<'_>) -> Vec<&'a AgencyFact> {
        let all = ending
            .successors
            .iter()
            .filter_map(|s| self.outline.after.get(&s.code));
        match ending.relation {
            Relation::Merge => all.collect(),
            _ => all
                .filter(|a| self.new_bodies.contains(a.id.as_str()))
                .collect(),
        }
    }

    /// The like of a post at a successor, made when it is not there. `None`: the successor has another head, or no rule gives it.
    pub(super) fn mirror(
        &mut self,
        ending: &Ending<'_>,
        post: &PostFact,
        to: &AgencyFact,
    ) -> Option<PostFact> {
        let key = (post.id.clone(), to.id.clone());
        if let Some(known) = self.mirrored.get(&key) {
            return known.clone();
        }
        let rule = self
            .rules
            .find(Item::Post, ending.relation, post.standing.as_str());
        let found = match rule.map(|rule| rule.effect) {
            Some(Effect::Follow) => self.like(ending, post, to),
            _ => None,
        };
        if let (Some(found), Relation::Merge) = (&found, ending.relation)
            && let Some(successor) = ending.successors.first()
        {
            self.succeed(SuccessionKind::Post, &post.id, &found.id, successor);
        }
        self.mirrored.insert(key, found.clone());
        found
    }

    pub(super) fn like(
        &mut self,
        ending: &Ending<'_>,
        post: &PostFact,
        to: &AgencyFact,
    ) -> Option<PostFact> {
        if post.standing == Standing::AgencyHead
            && let Some(head) = self.heads.get(&to.id)
        {
            return (head.code == post.code).then(|| head.clone());
        }
        let unit = match &post.unit {
            Some(unit) => {
                let unit = *self.old_units.get(unit.as_str())?;
                Some(self.mirror_unit(unit, to).id)
            }
            None => None,
        };
        let seat = seat_of(post, &to.id, unit.clone());
        if let Some(known) = self.seats.get(&seat) {
            return Some(known.clone());
        }
        let head = post
            .deputy_of
            .as_deref()
            .and_then(|id| self.old_posts.get(id).copied());
        let deputy_of = match head.and_then(|head| self.mirror(ending, head, to)) {
            Some(head) => Some(head.id),
            None if post.standing == Standing::AgencyDeputy => {
                self.heads.get(&to.id).map(|h| h.id.clone())
            }
            None => None,
        };
        let made = PostFact {
            record: self.id("rcd"),
            id: self.id("pst"),
            agency: to.id.clone(),
            unit,
            deputy_of,
            field: seat.field,
            from: self.draft.at,
            to: None,
            ..post.clone()
        };
        self.take_seat(&made);
        self.tell(Item::Post, Fate::Begins, &to.code, &made.id, &made.title);
        self.add(Operation::Post(made.clone()));
        Some(made)
    }

    /// The unit of the same name at a successor, made under the next free number when it is not there.
    pub(super) fn mirror_unit(&mut self, unit: &UnitFact, to: &AgencyFact) -> UnitFact {
        let key = (to.id.clone(), fold(&unit.name));
        if let Some(known) = self.units.get(&key) {
            return known.clone();
        }
        let taken = self.numbers.entry(to.id.clone()).or_default();
        let free = (1..)
            .map(|n| format!("{n:02}"))
            .find(|n| !taken.contains(n));
        let number = if taken.contains(&unit.number) {
            free.unwrap_or_else(|| unit.number.clone())
        } else {
            unit.number.clone()
        };
        taken.insert(number.clone());
        let made = UnitFact {
            record: self.id("rcd"),
            id: self.id("unt"),
            agency: to.id.clone(),
            number,
            from: self.draft.at,
            to: None,
            ..unit.clone()
        };
        self.tell(Item::Unit, Fate::Begins, &to.code, &made.id, &made.name);
        if made.own_seal {
            self.new_seal(&to.id, Some(made.id.clone()), &made.name, &to.code);
        }
        self.add(Operation::Unit(made.clone()));
        self.units.insert(key, made.clone());
        made
    }

    /// Nobody gets a post twice, and a seat for one gets nobody beside its holder.
    pub(super) fn seat_is_free(&self, made: &PostFact, person: &str) -> bool {
        let Some(holders) = self.held.get(&made.id) else {
            return true;
        };
        if made.standing.single_seat() {
            holders.is_empty()
        } else {
            !holders.contains(person)
        }
    }

    /// The like of an old post at a body, if there is one.
    pub(super) fn like_at(&self, post: &str, to: &AgencyFact) -> Option<PostFact> {
        self.mirrored
            .get(&(post.to_string(), to.id.clone()))
            .cloned()
            .flatten()
    }

    /// A suspension goes with the appointment it holds back: nobody gains a right by a reorganisation.
    pub(super) fn suspensions(
        &mut self,
        fact: &AppointmentFact,
        moved: Option<&AppointmentFact>,
        body: &str,
    ) {
        let at = self.draft.at;
        let all = self.world.existing.facts.suspensions.iter();
        for suspension in all.filter(|s| s.appointment == fact.id && lasts(s.to, at)) {
            let fate = if moved.is_some() {
                Fate::Moves
            } else {
                Fate::Lapses
            };
            self.tell_of(
                Item::Suspension,
                fate,
                body,
                &suspension.id,
                &suspension.reason,
                &fact.person,
            );
            if let Some(moved) = moved {
                let carried = SuspensionFact {
                    record: self.id("rcd"),
                    id: self.id("sus"),
                    appointment: moved.id.clone(),
                    from: at.max(suspension.from),
                    ..suspension.clone()
                };
                self.add(Operation::Suspension(carried));
            }
        }
    }
}

fn seat_of(post: &PostFact, agency: &str, unit: Option<String>) -> Seat {
    Seat {
        agency: agency.to_string(),
        unit,
        code: post.code.clone(),
        field: post
            .standing
            .single_seat()
            .then(|| post.field.clone())
            .flatten(),
    }
}
