//! What goes over with bodies that end: units, posts and people in them, by the rows of `rules`.
//! It must never lose a thing unlisted, nor give a person a post that no rule and no answer gives.

use std::collections::{BTreeMap, BTreeSet};

use platform::ids;
use platform::random::Entropy;

use super::outline::{Ending, Outline, Successor};
use super::preview::Outcome;
use super::rules::{Rule, Rules};
use super::seats::Seat;
use super::{Draft, NOBODY, Planned, World};
use crate::domain::facts::{
    AgencyFact, AppointmentFact, PostFact, SealFact, SuccessionFact, UnitFact,
};
use crate::domain::import::{Closing, Operation};
use crate::domain::text::fold;
use crate::domain::words::{Effect, Fate, Item, Relation, SuccessionKind};

/// Where a thing goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    /// To this body.
    To(&'a AgencyFact),
    /// To nobody.
    Nobody,
    /// Nobody has said.
    Open,
}

/// The work under way; `moved.rs` carries on with assignments, seals and addresses.
pub(super) struct Carry<'a, 'p> {
    pub(super) draft: &'a Draft<'a>,
    pub(super) world: &'a World,
    pub(super) rules: &'a Rules,
    pub(super) outline: &'a Outline<'a>,
    pub(super) entropy: &'a Entropy,
    pub(super) planned: &'p mut Planned,
    pub(super) new_bodies: BTreeSet<&'a str>,
    pub(super) units: BTreeMap<(String, String), UnitFact>,
    pub(super) numbers: BTreeMap<String, BTreeSet<String>>,
    pub(super) seats: BTreeMap<Seat, PostFact>,
    pub(super) heads: BTreeMap<String, PostFact>,
    pub(super) old_posts: BTreeMap<&'a str, &'a PostFact>,
    pub(super) old_units: BTreeMap<&'a str, &'a UnitFact>,
    pub(super) appointments: BTreeMap<&'a str, Vec<&'a AppointmentFact>>,
    pub(super) mirrored: BTreeMap<(String, String), Option<PostFact>>,
    pub(super) held: BTreeMap<String, BTreeSet<String>>,
    /// Where people of a body that ends went: (body, person) → code.
    pub(super) went: BTreeMap<(String, String), String>,
    people: BTreeMap<&'a str, (&'a str, &'a str)>,
}

pub(super) fn carry<'a>(
    draft: &'a Draft<'a>,
    world: &'a World,
    rules: &'a Rules,
    entropy: &'a Entropy,
    outline: &'a Outline<'a>,
    planned: &mut Planned,
) {
    let facts = &world.existing.facts;
    let mut appointments: BTreeMap<&str, Vec<&AppointmentFact>> = BTreeMap::new();
    for fact in facts.appointments.iter().filter(|f| lasts(f.to, draft.at)) {
        appointments.entry(&fact.post).or_default().push(fact);
    }
    let people = world.existing.people.iter().map(|p| {
        (
            p.person.as_str(),
            (p.staff_no.as_str(), p.full_name.as_str()),
        )
    });
    let mut carry = Carry {
        draft,
        world,
        rules,
        outline,
        entropy,
        new_bodies: outline.begins.iter().map(|a| a.id.as_str()).collect(),
        units: BTreeMap::new(),
        numbers: BTreeMap::new(),
        seats: BTreeMap::new(),
        heads: BTreeMap::new(),
        old_posts: facts
            .posts
            .iter()
            .filter(|p| lasts(p.to, draft.at))
            .map(|p| (p.id.as_str(), p))
            .collect(),
        old_units: facts
            .units
            .iter()
            .filter(|u| lasts(u.to, draft.at))
            .map(|u| (u.id.as_str(), u))
            .collect(),
        appointments,
        mirrored: BTreeMap::new(),
        held: BTreeMap::new(),
        went: BTreeMap::new(),
        people: people.collect(),
        planned,
    };
    carry.standing();
    carry.bodies();
    for ending in &outline.endings {
        carry.inside(ending);
    }
    carry.assignments();
    carry.seals();
    carry.mailboxes();
    carry.roles();
    carry.figures();
}

/// Whether something is there at the instant or later.
pub(super) fn lasts(to: Option<i64>, at: i64) -> bool {
    to.is_none_or(|to| to > at)
}

impl<'a> Carry<'a, '_> {
    pub(super) fn id(&self, prefix: &str) -> String {
        ids::new(prefix, self.entropy)
    }

    pub(super) fn add(&mut self, operation: Operation) {
        self.planned.operations.push(operation);
    }

    /// Closes a record; gives the interval that stays true, if there is one.
    pub(super) fn close(&mut self, item: Item, record: &str, from: i64) -> Option<(String, i64)> {
        self.planned.closings.push(Closing {
            fact: item.table(),
            record: record.to_string(),
        });
        (from < self.draft.at).then(|| (self.id("rcd"), self.draft.at))
    }

    pub(super) fn tell(
        &mut self,
        item: Item,
        fate: Fate,
        body: &str,
        id: &str,
        what: &str,
    ) -> &mut Outcome {
        self.planned.preview.outcomes.push(Outcome {
            item,
            fate,
            body: body.to_string(),
            id: id.to_string(),
            what: what.to_string(),
            staff_no: String::new(),
            name: String::new(),
            to: Vec::new(),
            source: String::new(),
            key: String::new(),
        });
        let last = self.planned.preview.outcomes.len() - 1;
        // The element was pushed in the line before.
        #[allow(clippy::indexing_slicing, reason = "the last element, just pushed")]
        &mut self.planned.preview.outcomes[last]
    }

    /// A line about a person.
    pub(super) fn tell_of(
        &mut self,
        item: Item,
        fate: Fate,
        body: &str,
        id: &str,
        what: &str,
        person: &str,
    ) -> &mut Outcome {
        let (staff_no, name) = self.people.get(person).copied().unwrap_or_default();
        let outcome = self.tell(item, fate, body, id, what);
        outcome.staff_no = staff_no.to_string();
        outcome.name = name.to_string();
        outcome
    }

    pub(super) fn staff_no(&self, person: &str) -> &'a str {
        self.people.get(person).map_or("", |(staff_no, _)| staff_no)
    }

    /// Where a thing of this body goes: its own answer, the body's answer, or the one successor.
    pub(super) fn target(&self, ending: &Ending<'_>, key: &str) -> Target<'a> {
        let choices = self.draft.choices;
        let own = choices.get(key).filter(|_| !key.is_empty());
        let answer = own.or_else(|| match ending.relation {
            Relation::Split => choices.get(&ending.body.code),
            _ => None,
        });
        let code = match (answer.map(String::as_str), ending.relation) {
            (Some(NOBODY), _) => return Target::Nobody,
            (Some(code), _) => Some(code),
            (None, Relation::Merge) => ending.successors.first().map(|s| s.code.as_str()),
            (None, Relation::Split) => None,
            (None, _) if ending.open => None,
            (None, _) => return Target::Nobody,
        };
        code.and_then(|code| self.outline.after.get(code))
            .map_or(Target::Open, Target::To)
    }

    /// The bodies themselves, and who succeeds whom.
    fn bodies(&mut self) {
        for body in &self.outline.begins {
            self.add(Operation::Agency(body.clone()));
            self.tell(Item::Agency, Fate::Begins, &body.code, &body.id, &body.name);
            self.new_seal(&body.id, None, &body.name, &body.code);
        }
        for (before, after) in &self.outline.changes {
            self.end_agency(before);
            self.add(Operation::Agency(after.clone()));
            let outcome = self.tell(
                Item::Agency,
                Fate::Changes,
                &before.code,
                &before.id,
                &before.name,
            );
            outcome.to = vec![after.code.clone()];
        }
        for ending in &self.outline.endings {
            self.end_agency(ending.body);
            let fate = match (ending.successors.is_empty(), ending.open) {
                (false, _) => Fate::Moves,
                (true, true) => Fate::Undecided,
                (true, false) => Fate::Lapses,
            };
            let to = ending.successors.iter().map(|s| s.code.clone()).collect();
            let outcome = self.tell(
                Item::Agency,
                fate,
                &ending.body.code,
                &ending.body.id,
                &ending.body.name,
            );
            outcome.to = to;
            for successor in &ending.successors {
                self.succeed_agency(ending.body, successor);
            }
        }
        for (body, successor) in &self.outline.take_overs {
            self.succeed_agency(body, successor);
        }
    }

    fn end_agency(&mut self, body: &AgencyFact) {
        if let Some((record, at)) = self.close(Item::Agency, &body.record, body.from) {
            self.add(Operation::Agency(AgencyFact {
                record,
                to: Some(at),
                ..body.clone()
            }));
        }
    }

    fn succeed_agency(&mut self, body: &AgencyFact, successor: &Successor) {
        if let Some(after) = self.outline.after.get(&successor.code) {
            self.succeed(SuccessionKind::Agency, &body.id, &after.id, successor);
        }
    }

    pub(super) fn succeed(
        &mut self,
        kind: SuccessionKind,
        before: &str,
        after: &str,
        by: &Successor,
    ) {
        let fact = SuccessionFact {
            record: self.id("rcd"),
            id: self.id("suc"),
            kind,
            predecessor: before.to_string(),
            successor: after.to_string(),
            functions: by.functions.clone(),
            basis: by.basis.clone(),
            at: self.draft.at,
        };
        self.add(Operation::Succession(fact));
    }

    pub(super) fn new_seal(&mut self, agency: &str, unit: Option<String>, name: &str, code: &str) {
        let seal = SealFact {
            record: self.id("rcd"),
            id: self.id("sea"),
            agency: agency.to_string(),
            unit,
            name: name.to_string(),
            from: self.draft.at,
            to: None,
        };
        self.tell(Item::Seal, Fate::Begins, code, &seal.id, name);
        self.add(Operation::Seal(seal));
    }

    /// Units, posts and appointments of one body that ends.
    fn inside(&mut self, ending: &Ending<'a>) {
        let body = ending.body;
        let posts: Vec<&PostFact> = self
            .old_posts
            .values()
            .filter(|p| p.agency == body.id)
            .copied()
            .collect();
        let mut reached: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for post in &posts {
            let whole = self.structure(ending);
            for to in whole {
                if self.mirror(ending, post, to).is_some() {
                    reached.entry(&post.id).or_default().insert(to.code.clone());
                }
            }
            for fact in self
                .appointments
                .get(post.id.as_str())
                .cloned()
                .unwrap_or_default()
            {
                if let Some(code) = self.appointment(ending, post, fact) {
                    reached.entry(&post.id).or_default().insert(code);
                }
            }
        }
        for post in posts {
            let to = reached.remove(post.id.as_str()).unwrap_or_default();
            self.end_post(ending, post, to);
        }
        self.end_units(ending);
    }

    /// One person in one post that ends. Gives the code of the body he goes to.
    fn appointment(
        &mut self,
        ending: &Ending<'a>,
        post: &PostFact,
        fact: &AppointmentFact,
    ) -> Option<String> {
        let body = &ending.body.code;
        if let Some((record, at)) = self.close(Item::Appointment, &fact.record, fact.from) {
            self.add(Operation::Appointment(AppointmentFact {
                record,
                to: Some(at),
                ..fact.clone()
            }));
        }
        let rule = self
            .rules
            .find(Item::Appointment, ending.relation, post.standing.as_str());
        let source = rule.map_or(String::new(), |rule| rule.source.clone());
        let key = self.staff_no(&fact.person).to_string();
        let follows = rule.is_none_or(|rule| rule.effect == Effect::Follow);
        let target = if follows {
            self.target(ending, &key)
        } else {
            Target::Nobody
        };
        let target = if rule.is_none() { Target::Open } else { target };
        let to = match target {
            Target::To(to) => self
                .mirror(ending, post, to)
                .filter(|made| self.seat_is_free(made, &fact.person))
                .map(|made| (to, made)),
            _ => None,
        };
        let Some((to, made)) = to else {
            let fate = if matches!(target, Target::Open) {
                Fate::Undecided
            } else {
                Fate::Lapses
            };
            let outcome = self.tell_of(
                Item::Appointment,
                fate,
                body,
                &fact.id,
                &post.title,
                &fact.person,
            );
            outcome.source = source;
            outcome.key = if follows { key } else { String::new() };
            self.suspensions(fact, None, body);
            return None;
        };
        let moved = AppointmentFact {
            record: self.id("rcd"),
            id: self.id("apt"),
            post: made.id.clone(),
            basis: self.basis(ending, &to.code),
            from: self.draft.at.max(fact.from),
            ..fact.clone()
        };
        self.held
            .entry(made.id.clone())
            .or_default()
            .insert(fact.person.clone());
        self.went.insert(
            (ending.body.id.clone(), fact.person.clone()),
            to.code.clone(),
        );
        let outcome = self.tell_of(
            Item::Appointment,
            Fate::Moves,
            body,
            &fact.id,
            &post.title,
            &fact.person,
        );
        outcome.to = vec![to.code.clone()];
        outcome.source = source;
        outcome.key = key;
        self.suspensions(fact, Some(&moved), body);
        self.add(Operation::Appointment(moved));
        Some(to.code.clone())
    }

    pub(super) fn basis(&self, ending: &Ending<'_>, code: &str) -> String {
        let by = ending.successors.iter().find(|s| s.code == code);
        by.map_or(self.draft.basis, |s| &s.basis).to_string()
    }

    fn end_post(&mut self, ending: &Ending<'_>, post: &PostFact, to: BTreeSet<String>) {
        if let Some((record, at)) = self.close(Item::Post, &post.record, post.from) {
            self.add(Operation::Post(PostFact {
                record,
                to: Some(at),
                ..post.clone()
            }));
        }
        if ending.relation == Relation::Split {
            for code in &to {
                let successor = ending.successors.iter().find(|s| s.code == *code).cloned();
                let after = self
                    .outline
                    .after
                    .get(code)
                    .and_then(|a| self.mirrored.get(&(post.id.clone(), a.id.clone())));
                if let (Some(successor), Some(Some(after))) = (successor, after.cloned()) {
                    self.succeed(SuccessionKind::Post, &post.id, &after.id, &successor);
                }
            }
        }
        let fate = self.fate(ending, !to.is_empty());
        let outcome = self.tell(Item::Post, fate, &ending.body.code, &post.id, &post.title);
        outcome.to = to.into_iter().collect();
    }

    /// Of a part of a body: it moves, or waits with the body, or lapses.
    pub(super) fn fate(&self, ending: &Ending<'_>, moves: bool) -> Fate {
        match (moves, ending.relation, ending.open) {
            (true, ..) => Fate::Moves,
            (false, Relation::End, true) => Fate::Undecided,
            _ => Fate::Lapses,
        }
    }

    fn end_units(&mut self, ending: &Ending<'a>) {
        let units: Vec<&UnitFact> = self
            .old_units
            .values()
            .filter(|u| u.agency == ending.body.id)
            .copied()
            .collect();
        for unit in units {
            if let Some((record, at)) = self.close(Item::Unit, &unit.record, unit.from) {
                self.add(Operation::Unit(UnitFact {
                    record,
                    to: Some(at),
                    ..unit.clone()
                }));
            }
            if ending.relation == Relation::Merge {
                for to in self.structure(ending) {
                    self.mirror_unit(unit, to);
                }
            }
            let mut to = Vec::new();
            for successor in &ending.successors {
                let after = self.outline.after.get(&successor.code);
                let like = after.and_then(|a| self.units.get(&(a.id.clone(), fold(&unit.name))));
                if let Some(like) = like.cloned() {
                    self.succeed(SuccessionKind::Unit, &unit.id, &like.id, successor);
                    to.push(successor.code.clone());
                }
            }
            let fate = self.fate(ending, !to.is_empty());
            self.tell(Item::Unit, fate, &ending.body.code, &unit.id, &unit.name)
                .to = to;
        }
    }

    pub(super) fn rule(&self, item: Item, relation: Relation, kind: &str) -> Option<&'a Rule> {
        self.rules.find(item, relation, kind)
    }
}
