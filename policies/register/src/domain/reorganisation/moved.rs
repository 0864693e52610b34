//! What stands beside posts and people: fields of work, custody of seals, seals, addresses, roles of administration; and the figures.
//! It must never let an address belong to two owners, nor leave custody of a seal with a body that has ended.

use std::collections::{BTreeMap, BTreeSet};

use platform::clock::{date, day_start};

use super::carry::{Carry, Target, lasts};
use super::outline::Ending;
use crate::domain::facts::{
    AgencyFact, AssignmentFact, MailForward, Mailbox, MailboxOwner, SealFact,
};
use crate::domain::import::Operation;
use crate::domain::time::Interval;
use crate::domain::words::{AssignmentKind, Effect, Fate, Item, Relation};

impl<'a> Carry<'a, '_> {
    fn ending_of(&self, agency: &str) -> Option<&'a Ending<'a>> {
        self.outline
            .endings
            .iter()
            .find(|ending| ending.body.id == agency)
    }

    /// The body a post stands in, when that body ends.
    fn ending_of_post(&self, post: &str) -> Option<&'a Ending<'a>> {
        let posts = &self.world.existing.facts.posts;
        let agency = posts
            .iter()
            .find(|p| p.id == post && lasts(p.to, self.draft.at))
            .map(|p| &p.agency)?;
        self.ending_of(agency)
    }

    /// Fields and custody that are given by a body that ends, or to a post of one.
    pub(super) fn assignments(&mut self) {
        let all = self.world.existing.facts.assignments.iter();
        for fact in all.filter(|a| lasts(a.to, self.draft.at)) {
            let (given, held) = (
                self.ending_of(&fact.agency),
                self.ending_of_post(&fact.post),
            );
            let Some(ending) = given.or(held) else {
                continue;
            };
            let body = ending.body.code.clone();
            if let Some((record, at)) = self.close(Item::Assignment, &fact.record, fact.from) {
                self.add(Operation::Assignment(AssignmentFact {
                    record,
                    to: Some(at),
                    ..fact.clone()
                }));
            }
            let rule = self.rule(Item::Assignment, ending.relation, fact.kind.as_str());
            let moved = match rule.map(|rule| rule.effect) {
                Some(Effect::Follow) => self.assignment_after(fact, given, held),
                _ => None,
            };
            let fate = match (&moved, rule) {
                (Some(_), _) => Fate::Moves,
                (None, None) => Fate::Undecided,
                (None, Some(rule)) if rule.effect == Effect::Follow => self.fate(ending, false),
                (None, Some(_)) => Fate::Lapses,
            };
            let what = match (fact.kind, &fact.field) {
                (AssignmentKind::Field, Some(field)) => field.clone(),
                _ => ending.body.name.clone(),
            };
            let outcome = self.tell(Item::Assignment, fate, &body, &fact.id, &what);
            outcome.source = rule.map_or(String::new(), |rule| rule.source.clone());
            if let Some((code, fact)) = moved {
                outcome.to = vec![code];
                self.add(Operation::Assignment(fact));
            }
        }
    }

    fn assignment_after(
        &self,
        fact: &AssignmentFact,
        given: Option<&Ending<'_>>,
        held: Option<&Ending<'_>>,
    ) -> Option<(String, AssignmentFact)> {
        let at_body = |ending: &Ending<'_>| match self.target(ending, "") {
            Target::To(to) => Some(to),
            _ => None,
        };
        let agency = match given {
            Some(ending) => at_body(ending)?.id.clone(),
            None => fact.agency.clone(),
        };
        let (code, post) = match held {
            Some(ending) => {
                let to = at_body(ending)?;
                (to.code.clone(), self.like_at(&fact.post, to)?.id)
            }
            None => (String::new(), fact.post.clone()),
        };
        let moved = AssignmentFact {
            record: self.id("rcd"),
            id: self.id("asg"),
            post,
            agency,
            from: self.draft.at.max(fact.from),
            ..fact.clone()
        };
        Some((code, moved))
    }

    /// Seals of bodies that end, and of bodies that take another name.
    pub(super) fn seals(&mut self) {
        for seal in self
            .world
            .existing
            .facts
            .seals
            .iter()
            .filter(|s| lasts(s.to, self.draft.at))
        {
            let change = self
                .outline
                .changes
                .iter()
                .find(|(before, _)| before.id == seal.agency);
            if let Some(ending) = self.ending_of(&seal.agency) {
                self.end_seal(seal);
                let rule = self.rule(Item::Seal, ending.relation, "agency");
                let outcome = self.tell(
                    Item::Seal,
                    Fate::Lapses,
                    &ending.body.code,
                    &seal.id,
                    &seal.name,
                );
                outcome.source = rule.map_or(String::new(), |rule| rule.source.clone());
            } else if let Some((before, after)) = change
                && seal.unit.is_none()
                && before.name != after.name
                && let Some(rule) = self.rule(Item::Seal, Relation::Continue, "agency")
                && rule.effect == Effect::Renew
            {
                self.end_seal(seal);
                let outcome =
                    self.tell(Item::Seal, Fate::Moves, &before.code, &seal.id, &seal.name);
                outcome.source.clone_from(&rule.source);
                outcome.to = vec![after.code.clone()];
                self.new_seal(&after.id, None, &after.name, &after.code);
            }
        }
    }

    fn end_seal(&mut self, seal: &SealFact) {
        if let Some((record, at)) = self.close(Item::Seal, &seal.record, seal.from) {
            self.add(Operation::Seal(SealFact {
                record,
                to: Some(at),
                ..seal.clone()
            }));
        }
    }

    /// Addresses: a person's follows the person, a post's forwards to its like at the successor.
    pub(super) fn mailboxes(&mut self) {
        let at = self.draft.at;
        let lasting: Vec<&Mailbox> = self
            .world
            .existing
            .mailboxes
            .iter()
            .filter(|m| lasts(m.to, at))
            .collect();
        let mut standing: BTreeMap<String, Mailbox> = lasting
            .iter()
            .map(|m| (m.address.clone(), (*m).clone()))
            .collect();
        for mailbox in lasting {
            match &mailbox.owner {
                MailboxOwner::Person(person) => {
                    if let Some(ending) = self.ending_of(&mailbox.agency) {
                        self.own_mailbox(ending, mailbox, person);
                    }
                }
                MailboxOwner::Post(post) => self.post_mailbox(mailbox, post, &mut standing),
            }
        }
    }

    fn own_mailbox(&mut self, ending: &Ending<'a>, mailbox: &Mailbox, person: &str) {
        let key = (ending.body.id.clone(), person.to_string());
        let rule = self.rule(Item::Mailbox, ending.relation, "person");
        let source = rule.map_or(String::new(), |rule| rule.source.clone());
        let went = self
            .went
            .get(&key)
            .and_then(|code| self.outline.after.get(code));
        let target = match went {
            Some(to) => Target::To(to),
            None => self.target(ending, self.staff_no(person)),
        };
        let (fate, to) = match (target, rule.map(|rule| rule.effect)) {
            (_, None) | (Target::Open, Some(Effect::Follow)) => (Fate::Undecided, None),
            (Target::To(to), Some(Effect::Follow)) => (Fate::Moves, Some(to)),
            (Target::Nobody, Some(Effect::Follow)) | (_, Some(Effect::Keep)) => (Fate::Keeps, None),
            (_, Some(_)) => (Fate::Lapses, None),
        };
        if matches!(fate, Fate::Moves | Fate::Lapses)
            && let Some((record, at)) = self.close(Item::Mailbox, &mailbox.record, mailbox.from)
        {
            self.add(Operation::Mailbox(Mailbox {
                record,
                to: Some(at),
                ..mailbox.clone()
            }));
        }
        if let Some(to) = to {
            let next = Mailbox {
                record: self.id("rcd"),
                agency: to.id.clone(),
                from: self.draft.at.max(mailbox.from),
                ..mailbox.clone()
            };
            self.add(Operation::Mailbox(next));
        }
        let outcome = self.tell_of(
            Item::Mailbox,
            fate,
            &ending.body.code,
            &mailbox.id,
            &mailbox.address,
            person,
        );
        outcome.to = to.map(|to| to.code.clone()).into_iter().collect();
        outcome.source = source;
    }

    /// The address of a post: its body ends, or goes on under another domain.
    fn post_mailbox(
        &mut self,
        mailbox: &Mailbox,
        post: &str,
        standing: &mut BTreeMap<String, Mailbox>,
    ) {
        let (local, domain) = mailbox
            .address
            .split_once('@')
            .unwrap_or((&mailbox.address, ""));
        let change = self.outline.changes.iter().find(|(before, after)| {
            before.id == mailbox.agency
                && before.mail_domain == domain
                && before.mail_domain != after.mail_domain
        });
        let held = self.ending_of_post(post);
        let given = self.ending_of(&mailbox.agency);
        let (relation, body, to, owner, fate) = match (given.or(held), change) {
            (Some(ending), _) => {
                let body = ending.body.code.clone();
                let target = self.target(ending, &mailbox.address);
                let to = match target {
                    Target::To(to) => Some(to),
                    _ => None,
                };
                // The keeper's post goes to its own successor, which may be another body than the one the address stands for.
                let owner = match held {
                    None => Some(post.to_string()),
                    Some(held) => self.successor_of_post(held, post),
                };
                let fate = match target {
                    Target::Open => Fate::Undecided,
                    _ => Fate::Lapses,
                };
                (ending.relation, body, to, owner, fate)
            }
            (None, Some((before, after))) => (
                Relation::Continue,
                before.code.clone(),
                Some(after),
                Some(post.to_string()),
                Fate::Lapses,
            ),
            (None, None) => return,
        };
        let rule = self.rule(Item::Mailbox, relation, "post");
        let source = rule.map_or(String::new(), |rule| rule.source.clone());
        if let Some((record, at)) = self.close(Item::Mailbox, &mailbox.record, mailbox.from) {
            self.add(Operation::Mailbox(Mailbox {
                record,
                to: Some(at),
                ..mailbox.clone()
            }));
        }
        let forwards = rule
            .filter(|rule| rule.effect == Effect::Forward)
            .and_then(|rule| rule.months);
        let goes = match (to, owner, forwards) {
            (Some(to), Some(owner), Some(months)) => Some((to, owner, months)),
            _ => None,
        };
        let Some((to, owner, months)) = goes else {
            let outcome = self.tell(Item::Mailbox, fate, &body, &mailbox.id, &mailbox.address);
            outcome.source = source;
            outcome.key.clone_from(&mailbox.address);
            return;
        };
        let address = format!("{local}@{}", to.mail_domain);
        let target = self.address_at(to, address, owner, standing);
        let forward = MailForward {
            record: self.id("rcd"),
            id: self.id("mfw"),
            address: mailbox.address.clone(),
            mailbox: target.id.clone(),
            from: self.draft.at,
            to: months_after(self.draft.at, months),
        };
        self.add(Operation::Forward(forward));
        let outcome = self.tell(
            Item::Mailbox,
            Fate::Forwards,
            &body,
            &mailbox.id,
            &mailbox.address,
        );
        outcome.to = vec![to.code.clone()];
        outcome.source = source;
        outcome.key.clone_from(&mailbox.address);
    }

    fn successor_of_post(&self, ending: &Ending<'_>, post: &str) -> Option<String> {
        match self.target(ending, "") {
            Target::To(to) => self.like_at(post, to).map(|post| post.id),
            _ => None,
        }
    }

    /// The address of a post at a body, made when nobody has it.
    fn address_at(
        &mut self,
        to: &AgencyFact,
        address: String,
        owner: String,
        standing: &mut BTreeMap<String, Mailbox>,
    ) -> Mailbox {
        if let Some(known) = standing.get(&address) {
            return known.clone();
        }
        let made = Mailbox {
            record: self.id("rcd"),
            id: self.id("mbx"),
            address,
            agency: to.id.clone(),
            owner: MailboxOwner::Post(owner),
            from: self.draft.at,
            to: None,
        };
        self.tell(
            Item::Mailbox,
            Fate::Begins,
            &to.code,
            &made.id,
            &made.address,
        );
        self.add(Operation::Mailbox(made.clone()));
        standing.insert(made.address.clone(), made.clone());
        made
    }

    /// Roles of administration over bodies that end stay with them, and are to be given anew.
    pub(super) fn roles(&mut self) {
        for (agency, person) in &self.world.roles {
            if let Some(ending) = self.ending_of(agency) {
                self.tell_of(
                    Item::Role,
                    Fate::Keeps,
                    &ending.body.code,
                    person,
                    &ending.body.name,
                    person,
                );
            }
        }
    }

    /// What was in force just before and what will be at the instant, counted from the records and not from the lines.
    pub(super) fn figures(&mut self) {
        let at = self.draft.at;
        let facts = &self.world.existing.facts;
        let mut all: Vec<(Item, &str, Interval)> = Vec::new();
        let span = |from: i64, to: Option<i64>| Interval { from, to };
        all.extend(
            facts
                .agencies
                .iter()
                .map(|f| (Item::Agency, f.record.as_str(), span(f.from, f.to))),
        );
        all.extend(
            facts
                .units
                .iter()
                .map(|f| (Item::Unit, f.record.as_str(), span(f.from, f.to))),
        );
        all.extend(
            facts
                .posts
                .iter()
                .map(|f| (Item::Post, f.record.as_str(), span(f.from, f.to))),
        );
        all.extend(
            facts
                .appointments
                .iter()
                .map(|f| (Item::Appointment, f.record.as_str(), span(f.from, f.to))),
        );
        all.extend(
            facts
                .suspensions
                .iter()
                .map(|f| (Item::Suspension, f.record.as_str(), span(f.from, f.to))),
        );
        all.extend(
            facts
                .assignments
                .iter()
                .map(|f| (Item::Assignment, f.record.as_str(), span(f.from, f.to))),
        );
        all.extend(
            facts
                .seals
                .iter()
                .map(|f| (Item::Seal, f.record.as_str(), span(f.from, f.to))),
        );
        let mailboxes = &self.world.existing.mailboxes;
        all.extend(
            mailboxes
                .iter()
                .map(|f| (Item::Mailbox, f.record.as_str(), span(f.from, f.to))),
        );
        let closed: BTreeSet<&str> = self
            .planned
            .closings
            .iter()
            .map(|c| c.record.as_str())
            .collect();
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        for (item, record, span) in all {
            if span.holds(at - 1) {
                *before.entry(item).or_default() += 1;
            }
            if span.holds(at) && !closed.contains(record) {
                *after.entry(item).or_default() += 1;
            }
        }
        for operation in &self.planned.operations {
            let (item, span) = match operation {
                Operation::Agency(f) => (Item::Agency, f.interval()),
                Operation::Unit(f) => (Item::Unit, span(f.from, f.to)),
                Operation::Post(f) => (Item::Post, span(f.from, f.to)),
                Operation::Appointment(f) => (Item::Appointment, f.interval()),
                Operation::Suspension(f) => (Item::Suspension, span(f.from, f.to)),
                Operation::Assignment(f) => (Item::Assignment, span(f.from, f.to)),
                Operation::Seal(f) => (Item::Seal, span(f.from, f.to)),
                Operation::Mailbox(f) => (Item::Mailbox, span(f.from, f.to)),
                Operation::Person(_)
                | Operation::Attributes(_)
                | Operation::Forward(_)
                | Operation::Succession(_) => continue,
            };
            if span.holds(at) {
                *after.entry(item).or_default() += 1;
            }
        }
        self.planned.preview.before = before;
        self.planned.preview.after = after;
    }
}

fn months_after(at: i64, months: i32) -> i64 {
    let day = date(at);
    day_start(
        day.checked_add(jiff::Span::new().months(months))
            .unwrap_or(day),
    )
}
