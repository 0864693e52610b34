//! Agencies, units and kinds of posts as a list may name them: found by full name, by short form, by spelling, by initials.

use std::collections::BTreeMap;

use super::names::{WORDS, abbreviated, in_full, initials, one_i, plain, unmarked};
use super::note::Note;
use crate::domain::facts::{AgencyFact, UnitFact};
use crate::domain::import::rows::{Heads, PostRow};
use crate::domain::words::Standing;

/// Where a row's words lead.
pub struct Places<'a> {
    titles: BTreeMap<String, Vec<&'a PostRow>>,
    agencies: BTreeMap<&'a str, &'a AgencyFact>,
    full: Index<'a>,
    spelled: Index<'a>,
    short: Index<'a>,
    unmarked: Index<'a>,
    units: BTreeMap<&'a str, Vec<&'a UnitFact>>,
}

/// Ids of agencies by a key; several when the key does not tell them apart.
type Index<'a> = BTreeMap<String, Vec<&'a str>>;

impl<'a> Places<'a> {
    /// Indexes the agencies and units that exist at `at`.
    pub fn new(
        agencies: &'a [AgencyFact],
        units: &'a [UnitFact],
        posts: &'a BTreeMap<String, PostRow>,
        at: i64,
    ) -> Self {
        let stands = |from: i64, to: Option<i64>| from <= at && to.is_none_or(|to| at < to);
        let mut titles: BTreeMap<String, Vec<&PostRow>> = BTreeMap::new();
        for post in posts.values().filter(|post| post.heads != Heads::Way) {
            titles.entry(plain(&post.title)).or_default().push(post);
        }
        let mut places = Self {
            titles,
            agencies: BTreeMap::new(),
            full: Index::new(),
            spelled: Index::new(),
            short: Index::new(),
            unmarked: Index::new(),
            units: BTreeMap::new(),
        };
        for agency in agencies.iter().filter(|a| stands(a.from, a.to)) {
            let id = agency.id.as_str();
            let full = in_full(&agency.name, &WORDS.agency);
            let put = |index: &mut Index<'a>, key: String| {
                let ids = index.entry(key).or_default();
                if !ids.contains(&id) {
                    ids.push(id);
                }
            };
            put(&mut places.spelled, one_i(&full));
            put(&mut places.unmarked, unmarked(&full));
            put(&mut places.full, full);
            put(&mut places.short, initials(&agency.name));
            put(
                &mut places.short,
                unmarked(&agency.short_name).replace(' ', ""),
            );
            put(&mut places.full, in_full(&agency.short_name, &WORDS.agency));
            put(&mut places.full, plain(&agency.code));
            places.agencies.insert(id, agency);
        }
        for unit in units.iter().filter(|u| stands(u.from, u.to)) {
            places.units.entry(&unit.agency).or_default().push(unit);
        }
        places
    }

    /// The agency a text names.
    pub fn agency(&self, text: &str, notes: &mut Vec<Note>) -> Option<&'a AgencyFact> {
        if text.trim().is_empty() {
            notes.push(Note::AgencyMissing);
            return None;
        }
        let key = in_full(text, &WORDS.agency);
        let candidates = [
            self.full.get(&key),
            self.spelled.get(&one_i(&key)),
            abbreviated(text).and_then(|short| self.short.get(&short)),
            self.unmarked.get(&unmarked(&key)),
        ];
        let found = candidates
            .into_iter()
            .enumerate()
            .find_map(|(way, ids)| Some((way, ids?)));
        let Some((way, ids)) = found else {
            notes.push(Note::UnknownAgency(text.trim().to_owned()));
            return None;
        };
        let [id] = ids.as_slice() else {
            notes.push(Note::ManyAgencies(text.trim().to_owned()));
            return None;
        };
        let agency = *self.agencies.get(id)?;
        let name = agency.name.clone();
        match way {
            0 if plain(text) == plain(&agency.name) => {}
            0 | 2 => notes.push(Note::AgencyShort(name)),
            1 => notes.push(Note::AgencySpelling(name)),
            _ => notes.push(Note::AgencyMarks(name)),
        }
        Some(agency)
    }

    /// The unit of an agency that a text names.
    pub fn unit(
        &self,
        agency: &AgencyFact,
        text: &str,
        notes: &mut Vec<Note>,
    ) -> Option<&'a UnitFact> {
        let units = self.units.get(agency.id.as_str());
        let units = units.map(Vec::as_slice).unwrap_or_default();
        if text.trim().is_empty() {
            // Leaders are often listed without a unit: the first one is theirs.
            return units
                .iter()
                .min_by_key(|unit| unit.number.as_str())
                .copied();
        }
        let key = plain(text);
        if let Some(unit) = units.iter().find(|unit| plain(&unit.name) == key) {
            return Some(unit);
        }
        let key = one_i(&in_full(text, &WORDS.unit));
        let found = units
            .iter()
            .find(|unit| one_i(&in_full(&unit.name, &WORDS.unit)) == key);
        match found {
            Some(unit) => {
                notes.push(Note::UnitOtherwise(unit.name.clone()));
                Some(unit)
            }
            None => {
                notes.push(Note::UnknownUnit(text.trim().to_owned()));
                None
            }
        }
    }

    /// The kind of post that a title means in an agency of a kind.
    pub fn post(
        &self,
        agency: &AgencyFact,
        text: &str,
        notes: &mut Vec<Note>,
    ) -> Option<&'a PostRow> {
        let (as_written, key) = (plain(text), in_full(text, &WORDS.post));
        let titled = |key: &str| {
            self.titles.get(key)?.iter().copied().min_by_key(|post| {
                (
                    !post.agency_kinds.contains(&agency.kind),
                    !post.of_agency,
                    post.rank,
                )
            })
        };
        let post = match titled(&as_written) {
            Some(post) => post,
            None => match titled(&key) {
                Some(post) => {
                    notes.push(Note::PostShort(post.title.clone()));
                    post
                }
                None => {
                    notes.push(Note::UnknownPost(text.trim().to_owned()));
                    return None;
                }
            },
        };
        if !post.agency_kinds.contains(&agency.kind) {
            notes.push(Note::OutsideTable(post.title.clone()));
        }
        Some(post)
    }

    /// Whether a kind of post belongs to the agency as a whole in agencies of this kind, and so to no unit.
    pub fn above_units(post: &PostRow, agency: &AgencyFact) -> bool {
        let listed = post.agency_kinds.contains(&agency.kind);
        matches!(
            crate::domain::import::seats::standing(post, listed),
            Standing::AgencyHead | Standing::AgencyDeputy
        )
    }
}
