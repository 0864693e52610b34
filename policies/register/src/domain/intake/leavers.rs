//! Who holds a post in agencies for which a list is complete and stands in none of its rows: the end that is then proposed.
//! Standard: none; people are told apart as in `match_up`, never by name.
//! It must never propose an end outside the agencies declared or outside what the reader administers, nor end what nobody accepted.

use std::collections::{BTreeMap, BTreeSet};

use platform::ids;
use platform::random::Entropy;

use super::match_up::{Matched, same_birth};
use crate::domain::facts::{AgencyFact, AppointmentFact, Facts, PersonAttributes, PostFact};
use crate::domain::import::{Closing, Existing, Operation, Plan};
use crate::domain::text::fold;

/// More leavers than one in so many people are never accepted in one piece.
pub const ONE_IN: usize = 100;
/// Nor more than so many, however large the agencies are.
pub const MOST: usize = 50;

/// What a list says beside its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// Agencies for which it is complete, with everything below them.
    pub whole_for: BTreeSet<String>,
    /// People whose end was accepted.
    pub ends: BTreeSet<String>,
    /// The source it comes from.
    pub source: Option<String>,
}

/// Why a leaver may be none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// A row that names nobody of the register may mean him.
    Row(u32),
    /// Somebody appointed him by hand; the source may not know it yet.
    ByHand,
}

/// A post that would end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its title.
    pub title: String,
    /// Name of its agency.
    pub agency: String,
    /// Since when he holds it.
    pub from: i64,
}

/// Somebody in the register and not in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaver {
    /// `psn_…`
    pub person: String,
    /// Staff number.
    pub staff_no: String,
    /// Name.
    pub name: String,
    /// What would end.
    pub held: Vec<Held>,
    /// Why he may be no leaver after all.
    pub doubt: Option<Doubt>,
    /// Whether somebody accepted the end.
    pub accepted: bool,
    appointments: Vec<AppointmentFact>,
}

/// Everybody who would leave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leaving {
    /// People who hold a post in the agencies declared.
    pub people: usize,
    /// Who would leave, agency by agency.
    pub leavers: Vec<Leaver>,
}

impl Leaving {
    /// Whether the group may be accepted in one piece: at most 1 % of the people there, and not more than [`MOST`].
    pub fn at_once(&self) -> bool {
        self.at_once_after(0)
    }

    /// The same when so many have left without a look before: little by little is not less.
    pub fn at_once_after(&self, before: usize) -> bool {
        let n = self.leavers.len().saturating_add(before);
        n <= MOST && n.saturating_mul(ONE_IN) <= self.people
    }

    /// Those about whom nothing is in doubt.
    pub fn certain(&self) -> impl Iterator<Item = &Leaver> {
        self.leavers.iter().filter(|one| one.doubt.is_none())
    }

    /// Those whose end was accepted.
    pub fn accepted(&self) -> impl Iterator<Item = &Leaver> {
        self.leavers.iter().filter(|one| one.accepted)
    }

    /// The register as it stands once they have left, so that others may take their seats; `None` when nobody leaves.
    pub fn without(&self, existing: &Existing, at: i64) -> Option<Existing> {
        let ended: BTreeSet<&str> = self.ending().map(|a| a.record.as_str()).collect();
        if ended.is_empty() {
            return None;
        }
        let mut facts = existing.facts.clone();
        for held in &mut facts.appointments {
            if ended.contains(held.record.as_str()) {
                held.to = Some(at);
            }
        }
        Some(Existing {
            facts,
            people: existing.people.clone(),
            mailboxes: existing.mailboxes.clone(),
            ever: existing.ever.clone(),
        })
    }

    /// Puts the accepted ends into a plan.
    pub fn end(&self, plan: &mut Plan, at: i64, ids: &Entropy) {
        for held in self.ending() {
            plan.closings.push(Closing {
                fact: "appointment",
                record: held.record.clone(),
            });
            plan.operations
                .push(Operation::Appointment(AppointmentFact {
                    record: ids::new("rcd", ids),
                    to: Some(at),
                    ..held.clone()
                }));
            plan.counts.closed += 1;
            plan.counts.added += 1;
        }
    }

    fn ending(&self) -> impl Iterator<Item = &AppointmentFact> {
        self.accepted().flat_map(|one| &one.appointments)
    }
}

/// What leavers are looked for with.
pub struct Looking<'a> {
    /// What the list says beside its rows.
    pub claim: &'a Claim,
    /// Agencies the reader administers.
    pub covered: &'a BTreeSet<String>,
    /// Records that somebody laid by hand.
    pub by_hand: &'a BTreeSet<String>,
    /// The day from which the list counts.
    pub at: i64,
}

/// Finds them.
pub fn leaving(matched: &[Matched<'_>], existing: &Existing, with: &Looking<'_>) -> Leaving {
    let agencies = declared(&existing.facts, with);
    if agencies.is_empty() {
        return Leaving::default();
    }
    let posts: BTreeMap<&str, &PostFact> = existing
        .facts
        .posts
        .iter()
        .filter(|post| agencies.contains_key(post.agency.as_str()))
        .map(|post| (post.id.as_str(), post))
        .collect();
    let mut held: BTreeMap<&str, Vec<&AppointmentFact>> = BTreeMap::new();
    for one in &existing.facts.appointments {
        let there = one.from <= with.at && one.to.is_none_or(|to| with.at < to);
        if there && posts.contains_key(one.post.as_str()) {
            held.entry(&one.person).or_default().push(one);
        }
    }
    let listed: BTreeSet<&str> = matched.iter().filter_map(|one| one.found).collect();
    let unknown = unknown(matched);
    let mut leavers: Vec<(String, Leaver)> = existing
        .people
        .iter()
        .filter(|person| !listed.contains(person.person.as_str()))
        .filter_map(|person| {
            let mut ending = held.get(person.person.as_str())?.clone();
            // What begins on the day itself cannot end on it.
            ending.retain(|one| one.from < with.at);
            let place = |one: &AppointmentFact| {
                let post = posts.get(one.post.as_str())?;
                Some((*post, *agencies.get(post.agency.as_str())?))
            };
            let (_, first) = place(ending.first()?)?;
            let seats = ending.iter().filter_map(|one| {
                let (post, agency) = place(one)?;
                Some(Held {
                    title: post.title.clone(),
                    agency: agency.name.clone(),
                    from: one.from,
                })
            });
            let by_hand = ending.iter().any(|one| with.by_hand.contains(&one.record));
            let doubt = meant(&unknown, person)
                .map(Doubt::Row)
                .or(by_hand.then_some(Doubt::ByHand));
            let order = format!("{}\u{1f}{}", first.code, fold(&person.full_name));
            let leaver = Leaver {
                person: person.person.clone(),
                staff_no: person.staff_no.clone(),
                name: person.full_name.clone(),
                held: seats.collect(),
                doubt,
                accepted: with.claim.ends.contains(&person.person),
                appointments: ending.into_iter().cloned().collect(),
            };
            Some((order, leaver))
        })
        .collect();
    leavers.sort_by(|one, other| (&one.0, &one.1.person).cmp(&(&other.0, &other.1.person)));
    Leaving {
        people: held.len(),
        leavers: leavers.into_iter().map(|(_, leaver)| leaver).collect(),
    }
}

/// The agencies declared and all below them at the instant, as far as the reader administers them.
fn declared<'a>(facts: &'a Facts, with: &Looking<'_>) -> BTreeMap<&'a str, &'a AgencyFact> {
    let standing: BTreeMap<&str, &AgencyFact> = facts
        .agencies
        .iter()
        .filter(|agency| agency.interval().holds(with.at))
        .map(|agency| (agency.id.as_str(), agency))
        .collect();
    let below = |id: &str| {
        let mut at = Some(id);
        // A tree is not deeper than it has bodies: a circle ends.
        for _ in 0..=standing.len() {
            match at {
                Some(id) if with.claim.whole_for.contains(id) => return true,
                Some(id) => at = standing.get(id).and_then(|one| one.parent.as_deref()),
                None => return false,
            }
        }
        false
    };
    standing
        .iter()
        .filter(|(id, _)| with.covered.contains(**id) && below(id))
        .map(|(id, agency)| (*id, *agency))
        .collect()
}

/// Rows about people whom the register does not know for certain, by name.
fn unknown<'a>(matched: &'a [Matched<'_>]) -> BTreeMap<String, Vec<&'a Matched<'a>>> {
    let mut by_name: BTreeMap<String, Vec<&Matched<'_>>> = BTreeMap::new();
    for one in matched.iter().filter(|one| one.found.is_none()) {
        by_name
            .entry(fold(&one.row.person.full_name))
            .or_default()
            .push(one);
    }
    by_name
}

/// The row that may mean a person: the same name, no other birth, and not two different numbers.
fn meant(unknown: &BTreeMap<String, Vec<&Matched<'_>>>, person: &PersonAttributes) -> Option<u32> {
    let rows = unknown.get(&fold(&person.full_name))?;
    let row = rows.iter().find(|one| {
        let said = &one.row.person;
        let births = match (&said.birth_date, &person.birth_date) {
            (Some(said), Some(known)) => same_birth(said, known),
            _ => true,
        };
        let numbers = said.personal_number.is_some() && person.personal_number_index.is_some();
        births && !numbers
    })?;
    Some(row.row.number)
}
