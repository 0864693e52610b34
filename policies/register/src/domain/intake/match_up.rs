//! Rows of a list against the register: who joins, who stays, who moves, whose data change, and the rows an import then plans.
//! Standard: none; people are told apart by staff number and personal number, never by name (36 % of officials share theirs)
//! It must never merge two people, never move or rename anybody without somebody having accepted it, and never tell or change
//! anything of a person whose posts the reader does not administer.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::Row;
use super::note::{Note, Verdict, verdict};
use super::places::Places;
use crate::domain::facts::{PersonAttributes, PostFact};
use crate::domain::import::Existing;
use crate::domain::import::rows::{Heads, OfficialRow, PostRow};
use crate::domain::text::{fold, marked, sign_in_name};
use crate::domain::words::AppointmentKind;

/// What a row means for the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A person the register does not know.
    Joins,
    /// Everything the row says is in the register.
    Stays,
    /// The same post, but data change.
    Corrects,
    /// Another post.
    Moves,
    /// Nothing, because the row is refused.
    Nothing,
}

impl Outcome {
    /// The word for it in texts and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Joins => "joins",
            Self::Stays => "stays",
            Self::Corrects => "corrects",
            Self::Moves => "moves",
            Self::Nothing => "nothing",
        }
    }
}

/// A row with what it means.
#[derive(Debug, Clone)]
pub struct Matched<'a> {
    /// The judged row; notes about the register are added.
    pub row: Row<'a>,
    /// What it means.
    pub outcome: Outcome,
    /// Who it is, when the register knows.
    pub known: Option<&'a PersonAttributes>,
    /// Whom the row means, also when the reader may not be told: somebody who stands in a list does not leave by it.
    pub found: Option<&'a str>,
    /// The field of the seat he keeps, which a list does not say.
    pub field: Option<String>,
}

impl Matched<'_> {
    /// The verdict when the groups named are accepted.
    pub fn verdict(&self, accepted: &dyn Fn(&Note) -> bool) -> Verdict {
        verdict(&self.row.notes, accepted)
    }
}

/// What the register knows of people, by the keys a list may have.
struct Known<'a> {
    by_staff_no: BTreeMap<&'a str, &'a PersonAttributes>,
    by_number: BTreeMap<&'a [u8], &'a PersonAttributes>,
    by_name: BTreeMap<String, Vec<&'a PersonAttributes>>,
    /// Posts held now without end, by person.
    seats: BTreeMap<&'a str, Vec<&'a PostFact>>,
}

/// Compares. `blind` is the index of personal numbers; `covers` says whether the reader administers an agency.
pub fn match_up<'a>(
    rows: Vec<Row<'a>>,
    existing: &'a Existing,
    blind: &dyn Fn(&str) -> Vec<u8>,
    covers: &dyn Fn(&str) -> bool,
) -> Vec<Matched<'a>> {
    let known = Known::of(existing);
    rows.into_iter()
        .map(|mut row| {
            if let Some(agency) = row.agency
                && !covers(&agency.id)
            {
                row.notes.push(Note::OtherAgency(agency.name.clone()));
            }
            let found = known.find(&row, blind);
            let person = found.filter(|person| known.within(person, covers));
            if found.is_some() && person.is_none() {
                row.notes.push(Note::HeldElsewhere);
            }
            let outcome = if verdict(&row.notes, &|_| true) == Verdict::Refused {
                Outcome::Nothing
            } else {
                known.outcome(&mut row, person, covers)
            };
            let field = person
                .and_then(|person| known.seat(&row, person))
                .and_then(|post| post.field.clone());
            Matched {
                row,
                outcome,
                known: person,
                found: found.map(|person| person.person.as_str()),
                field,
            }
        })
        .collect()
}

impl<'a> Known<'a> {
    fn of(existing: &'a Existing) -> Self {
        let mut known = Self {
            by_staff_no: BTreeMap::new(),
            by_number: BTreeMap::new(),
            by_name: BTreeMap::new(),
            seats: BTreeMap::new(),
        };
        for person in &existing.people {
            known.by_staff_no.insert(&person.staff_no, person);
            if let Some(index) = &person.personal_number_index {
                known.by_number.insert(index, person);
            }
            known
                .by_name
                .entry(fold(&person.full_name))
                .or_default()
                .push(person);
        }
        let posts: BTreeMap<&str, _> = existing
            .facts
            .posts
            .iter()
            .map(|post| (post.id.as_str(), post))
            .collect();
        for held in &existing.facts.appointments {
            if held.to.is_none()
                && held.kind == AppointmentKind::Full
                && let Some(post) = posts.get(held.post.as_str())
            {
                known.seats.entry(&held.person).or_default().push(post);
            }
        }
        known
    }

    /// The person of a row: by staff number or personal number; else the one about whom the row says nothing new at all.
    fn find(&self, row: &Row<'_>, blind: &dyn Fn(&str) -> Vec<u8>) -> Option<&'a PersonAttributes> {
        if let Some(staff_no) = &row.staff_no
            && let Some(person) = self.by_staff_no.get(staff_no.as_str())
        {
            return Some(person);
        }
        if let Some(number) = &row.person.personal_number {
            return self.by_number.get(blind(number).as_slice()).copied();
        }
        let mut alike = self
            .candidates(row)
            .filter(|person| self.seat(row, person).is_some() && !differs(row, person).any());
        // Of two who fit, neither is meant for certain.
        alike.next().filter(|_| alike.next().is_none())
    }

    /// People of the same name who may be meant: no day or year of birth against it.
    fn candidates(&self, row: &Row<'_>) -> impl Iterator<Item = &'a PersonAttributes> {
        let said = row.person.birth_date.clone();
        self.by_name
            .get(&fold(&row.person.full_name))
            .into_iter()
            .flatten()
            .copied()
            .filter(move |person| match (&said, &person.birth_date) {
                (Some(said), Some(known)) => same_birth(said, known),
                _ => true,
            })
    }

    /// Whether the reader administers every post that the person holds: a number typed into a list opens nobody else's data, and
    /// moves nobody out of another's agency.
    fn within(&self, person: &PersonAttributes, covers: &dyn Fn(&str) -> bool) -> bool {
        self.seats
            .get(person.person.as_str())
            .into_iter()
            .flatten()
            .all(|post| covers(&post.agency))
    }

    /// The post of the row's kind, agency and unit that the person holds.
    fn seat(&self, row: &Row<'_>, person: &PersonAttributes) -> Option<&'a PostFact> {
        let (agency, unit, kind) = (row.agency?, row.unit?, row.post?);
        let above = Places::above_units(kind, agency);
        let held = self.seats.get(person.person.as_str())?;
        held.iter().copied().find(|post| {
            post.agency == agency.id
                && post.code == kind.code
                && (above || post.unit.as_deref().is_none_or(|held| held == unit.id))
        })
    }

    fn outcome(
        &self,
        row: &mut Row<'_>,
        person: Option<&PersonAttributes>,
        covers: &dyn Fn(&str) -> bool,
    ) -> Outcome {
        let Some(person) = person else {
            let without_number = row.person.personal_number.is_none();
            let possible = self
                .candidates(row)
                // With a number of his own, a namesake is another person.
                .find(|other| without_number || other.personal_number_index.is_none());
            if let Some(possible) = possible {
                let who = if self.within(possible, covers) {
                    possible.staff_no.clone()
                } else {
                    "…".to_owned()
                };
                row.notes.push(Note::Possible(who));
            }
            return Outcome::Joins;
        };
        let differs = differs(row, person);
        if differs.name {
            row.notes.push(Note::NameDiffers(person.full_name.clone()));
        }
        if differs.birth {
            let known = person.birth_date.clone().unwrap_or_default();
            row.notes.push(Note::BirthDiffers(known));
        }
        if self.seat(row, person).is_none() {
            let title = row.post.map(|post| post.title.clone()).unwrap_or_default();
            row.notes.push(Note::Moves(title));
            return Outcome::Moves;
        }
        if differs.any() {
            Outcome::Corrects
        } else {
            Outcome::Stays
        }
    }
}

/// What a row says otherwise than the register.
struct Differs {
    name: bool,
    birth: bool,
    rest: bool,
}

impl Differs {
    fn any(&self) -> bool {
        self.name || self.birth || self.rest
    }
}

/// Case and the place of a tone are ways of writing, not other names.
fn differs(row: &Row<'_>, person: &PersonAttributes) -> Differs {
    let said = &row.person;
    let other = |new: &Option<String>, known: &Option<String>| new.is_some() && new != known;
    let birth = match (&said.birth_date, &person.birth_date) {
        (Some(said), Some(known)) => !same_birth(said, known),
        _ => false,
    };
    // A whole day where only the year was known.
    let fuller = said.birth_date.as_ref().map_or(0, String::len)
        > person.birth_date.as_ref().map_or(0, String::len);
    Differs {
        name: marked(&said.full_name) != marked(&person.full_name),
        birth,
        rest: other(&said.phone, &person.phone)
            || other(&said.gender, &person.gender)
            || fuller
            || said.personal_number.is_some() && person.personal_number_index.is_none(),
    }
}

/// A year agrees with every day in it.
pub(super) fn same_birth(said: &str, known: &str) -> bool {
    said.starts_with(known) || known.starts_with(said)
}

/// What the new rows of an import are made with.
pub struct Making<'a> {
    /// First instant in the post, for who joins or moves.
    pub from: i64,
    /// Reads the personal number the register keeps of somebody, for a row that does not say it.
    pub number_of: &'a dyn Fn(&PersonAttributes) -> Option<String>,
    /// What staff numbers given by the register begin with.
    pub staff_prefix: &'static str,
}

/// The rows to plan: whoever joins, moves or changes, as far as his row is ready. Names for signing in are given in the order of the list.
pub fn to_plan<'a>(
    matched: &'a [Matched<'a>],
    accepted: &dyn Fn(&Note) -> bool,
    existing: &Existing,
    making: &Making<'_>,
) -> Vec<OfficialRow> {
    let people = existing.people.iter();
    let now = people.map(|person| (person.staff_no.as_str(), person.username.as_str()));
    let ever = existing.ever.iter();
    let ever = ever.map(|(number, name)| (number.as_str(), name.as_str()));
    let given: Vec<(&str, &str)> = now.chain(ever).collect();
    let mut usernames: BTreeSet<String> =
        given.iter().map(|(_, name)| (*name).to_owned()).collect();
    let mut next_number = given
        .iter()
        .filter_map(|(number, _)| number.strip_prefix(making.staff_prefix)?.parse().ok())
        .max()
        .unwrap_or(0u32);
    let mut rows = Vec::new();
    for one in matched {
        if matches!(one.outcome, Outcome::Stays | Outcome::Nothing)
            || one.verdict(accepted) != Verdict::Ready
        {
            continue;
        }
        let (Some(agency), Some(unit), Some(post)) = (one.row.agency, one.row.unit, one.row.post)
        else {
            continue;
        };
        let said = &one.row.person;
        let new_name = |known: &PersonAttributes| {
            if marked(&said.full_name) == marked(&known.full_name) {
                known.full_name.clone()
            } else {
                said.full_name.clone()
            }
        };
        let full_name = one.known.map_or_else(|| said.full_name.clone(), new_name);
        let username = match one.known {
            Some(known) => known.username.clone(),
            None => free_username(&full_name, &mut usernames),
        };
        let staff_no = match (one.known, &one.row.staff_no) {
            (Some(known), _) => known.staff_no.clone(),
            (None, Some(given)) => given.clone(),
            (None, None) => {
                next_number = next_number.saturating_add(1);
                format!("{}{next_number:06}", making.staff_prefix)
            }
        };
        let email = match one.known {
            Some(known) => known.email.clone(),
            None => Some(format!("{username}@{}", agency.mail_domain)),
        };
        let either = |said: &Option<String>, known: Option<&Option<String>>| {
            said.clone().or_else(|| known.cloned().flatten())
        };
        rows.push(OfficialRow {
            line: u64::from(one.row.number),
            staff_no,
            surname: full_name.split(' ').next().unwrap_or_default().to_owned(),
            given_name: full_name
                .split(' ')
                .next_back()
                .unwrap_or_default()
                .to_owned(),
            full_name,
            gender: either(&said.gender, one.known.map(|k| &k.gender)),
            birth_date: fuller(
                &said.birth_date,
                one.known.and_then(|k| k.birth_date.as_ref()),
            ),
            personal_number: said
                .personal_number
                .clone()
                .or_else(|| one.known.and_then(making.number_of)),
            agency_code: agency.code.clone(),
            unit_number: unit.number.clone(),
            unit_name: unit.name.clone(),
            post_code: post.code.clone(),
            post_title: post.title.clone(),
            field: one.field.clone(),
            from: since(&one.row, post, making.from),
            username,
            email,
            phone: either(&said.phone, one.known.map(|k| &k.phone)),
        });
    }
    rows
}

/// The day the row says. The seats of heads and deputies change hands on the day of the list, so that nobody holds one before the
/// other has left it.
fn since(row: &Row<'_>, post: &PostRow, day: i64) -> i64 {
    let single = post.heads == Heads::Yes || post.deputy_of.is_some();
    row.from.filter(|_| !single).unwrap_or(day)
}

/// What is said, unless the register knows the whole day of the same year.
fn fuller(said: &Option<String>, known: Option<&String>) -> Option<String> {
    match (said, known) {
        (Some(said), Some(known)) if known.starts_with(said.as_str()) => Some(known.clone()),
        (Some(said), _) => Some(said.clone()),
        (None, known) => known.cloned(),
    }
}

/// The name to sign in by, with a number when somebody has it.
fn free_username(full_name: &str, taken: &mut BTreeSet<String>) -> String {
    let base = sign_in_name(full_name);
    let mut name = base.clone();
    let mut number = 2u32;
    while !taken.insert(name.clone()) {
        name = format!("{base}{number}");
        number = number.saturating_add(1);
    }
    name
}
