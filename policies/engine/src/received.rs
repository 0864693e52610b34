//! The mandates of an epoch, and how a question finds those that could bear on it without looking at the others.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::compile::{Epoch, index};
use crate::evaluate::Asked;
use crate::facts::{Facts, Mandate};
use crate::index::{MandateReach, MandateRow, PostRow};
use crate::text::Text;
use crate::vocabulary::Form;

/// Kinds of paper and fields of work that mandates name, as numbers.
#[derive(Debug, Default)]
pub(crate) struct Words {
    numbers: FxHashMap<Text, u32>,
    texts: Vec<Text>,
}

impl Words {
    /// The number of a word that some mandate names.
    pub(crate) fn number(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied()
    }

    pub(crate) fn text(&self, number: u32) -> Option<&Text> {
        self.texts.get(number as usize)
    }

    fn take(&mut self, words: &[Text]) -> Box<[u32]> {
        let mut sorted: Vec<&Text> = words.iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        let numbers = sorted.into_iter().map(|word| {
            let next = index(self.texts.len());
            let number = *self.numbers.entry(word.clone()).or_insert(next);
            if number == next {
                self.texts.push(word.clone());
            }
            number
        });
        numbers.collect()
    }
}

/// By what a mandate is found among those of its post: a kind it names; if none, a field; if neither, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum By {
    Kind(u32),
    Field(u32),
    Nothing,
}

/// Mandates by post and word, or receiving posts by giving agency and word.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    places: FxHashMap<(u32, By), Range<u32>>,
    found: Vec<u32>,
}

impl Finder {
    fn of(mut entries: Vec<(u32, By, u32)>) -> Self {
        entries.sort_unstable();
        let mut finder = Self::default();
        for (post, by, mandate) in entries {
            let next = index(finder.found.len());
            let place = finder.places.entry((post, by)).or_insert(next..next);
            place.end = next + 1;
            finder.found.push(mandate);
        }
        finder
    }

    fn get(&self, post: u32, by: By) -> &[u32] {
        let place = self.places.get(&(post, by)).cloned().unwrap_or(0..0);
        let place = place.start as usize..place.end as usize;
        self.found.get(place).unwrap_or_default()
    }
}

/// The mandates of one post that could bear on a question: those for its paper, for its kind, for its field, those for everything; and
/// the forms they are in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found<'e> {
    lists: [&'e [u32]; 4],
    forms: u8,
}

impl Found<'_> {
    /// Whether one of them is in the form.
    pub(crate) fn has(&self, form: Option<Form>) -> bool {
        form.is_some_and(|form| self.forms & bit(form) != 0)
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.lists.into_iter().flatten().copied()
    }
}

const fn bit(form: Form) -> u8 {
    1 << form as u8
}

impl<'e> Asked<'e> {
    /// Looks them up.
    pub(crate) fn find(&self, post: u32) -> Found<'e> {
        let finder = &self.epoch.finder;
        let of = |by: Option<By>| by.map_or(&[][..], |by| finder.get(post, by));
        let mut found = Found {
            lists: [
                self.mandates,
                of(self.kind.map(By::Kind)),
                of(self.field.map(By::Field)),
                of(Some(By::Nothing)),
            ],
            forms: 0,
        };
        let rows = found
            .numbers()
            .filter_map(|number| self.epoch.mandate(number));
        found.forms = rows.fold(0, |forms, row| forms | bit(row.form));
        found
    }
}

impl Epoch {
    pub(crate) fn take_mandates(&mut self, facts: &Facts) {
        // One receiver's mandates lie side by side: most questions are about one.
        let mut known: Vec<(u32, &Mandate)> = Vec::with_capacity(facts.mandates.len());
        for mandate in &facts.mandates {
            match self.post_of.get(&mandate.grantee) {
                Some(&grantee) => known.push((grantee, mandate)),
                None => self.defect(&mandate.id, "the post that receives is not recorded"),
            }
        }
        known.sort_by_key(|(grantee, _)| *grantee);
        let (mut entries, mut givers) = (Vec::with_capacity(known.len()), Vec::new());
        self.mandates.reserve(known.len());
        for (grantee, mandate) in known {
            let from = entries.len();
            let agency = self.take_mandate(grantee, mandate, &mut entries);
            let by = entries.iter().skip(from).map(|(_, by, _)| *by);
            givers.extend(by.filter_map(|by| Some((agency?, by, grantee))));
        }
        givers.sort_unstable();
        givers.dedup();
        self.finder = Finder::of(entries);
        self.givers = Finder::of(givers);
        for row in &mut self.agencies {
            row.receivers.sort_unstable();
            row.receivers.dedup();
        }
    }

    /// Takes one in, says how it is found, and gives the agency of whoever gave it.
    fn take_mandate(
        &mut self,
        grantee: u32,
        mandate: &Mandate,
        found: &mut Vec<(u32, By, u32)>,
    ) -> Option<u32> {
        let grantor = self.post_of.get(&mandate.grantor).copied();
        let broken = grantor.is_none() || mandate.valid.is_empty();
        if broken {
            self.defect(
                &mandate.id,
                "the post that hands over is not recorded, or it ends before it begins",
            );
        }
        let number = index(self.mandates.len());
        let reach = self.reach_of(mandate);
        let general = mandate.reach.papers.is_empty();
        for paper in &mandate.reach.papers {
            let handed = self.papers.entry(paper.clone()).or_default();
            if handed.last() != Some(&number) {
                handed.push(number);
            }
        }
        if general && !reach.kinds.is_empty() {
            found.extend(
                reach
                    .kinds
                    .iter()
                    .map(|kind| (grantee, By::Kind(*kind), number)),
            );
        } else if general && !reach.fields.is_empty() {
            found.extend(
                reach
                    .fields
                    .iter()
                    .map(|field| (grantee, By::Field(*field), number)),
            );
        } else if general {
            found.push((grantee, By::Nothing, number));
        }
        let agency = grantor
            .and_then(|giver| self.post(giver))
            .map(|row| row.agency);
        if let Some(row) = self.posts.get_mut(grantee as usize) {
            row.handed.extend(mandate.reach.papers.iter().cloned());
            if general {
                row.received.push(number);
            }
        }
        if let Some(row) = agency.and_then(|agency| self.agencies.get_mut(agency as usize))
            && general
            && row.receivers.last() != Some(&grantee)
        {
            row.receivers.push(grantee);
        }
        let giver = mandate.giver.as_ref().map(|person| self.person(person));
        let holder = mandate.holder.as_ref().map(|person| self.person(person));
        let pauses = mandate.pauses.iter().copied();
        self.mandates.push(MandateRow {
            id: mandate.id.clone(),
            form: mandate.form,
            grantor,
            grantee,
            addressee: mandate.addressee,
            giver,
            holder,
            reach,
            instrument: mandate.instrument.clone(),
            valid: mandate.valid,
            pauses: pauses.filter(|pause| !pause.is_empty()).collect(),
            broken,
        });
        agency
    }

    /// Limits as numbers. An agency that is not recorded stays a limit that nothing meets.
    fn reach_of(&mut self, mandate: &Mandate) -> MandateReach {
        let known = |id: &Text| self.agency_of.get(id).copied().unwrap_or(u32::MAX);
        let agencies: Vec<u32> = mandate.reach.agencies.iter().map(known).collect();
        if agencies.contains(&u32::MAX) {
            self.defect(&mandate.id, "an agency it is limited to is not recorded");
        }
        MandateReach {
            papers: mandate.reach.papers.clone().into(),
            kinds: self.words.take(&mandate.reach.kinds),
            fields: self.words.take(&mandate.reach.fields),
            agencies: agencies.into(),
            ceiling: mandate.reach.ceiling,
        }
    }

    /// Posts that received from an agency something that could bear on the question, other than for single papers.
    pub(crate) fn receivers(&self, agency: u32, kind: Option<u32>, field: Option<u32>) -> Vec<u32> {
        let of = |by: Option<By>| by.map_or(&[][..], |by| self.givers.get(agency, by));
        let found = [
            of(kind.map(By::Kind)),
            of(field.map(By::Field)),
            of(Some(By::Nothing)),
        ];
        let mut posts: Vec<u32> = found.concat();
        posts.sort_unstable();
        posts.dedup();
        posts
    }

    /// Whether a post ever received anything but single papers from a post of the agency.
    pub(crate) fn receives_from(&self, post: u32, agency: u32) -> bool {
        let row = self.agency(agency);
        row.is_some_and(|row| row.receivers.binary_search(&post).is_ok())
    }

    /// General mandates of a post, whatever they reach.
    pub(crate) fn general<'e>(&'e self, post: &'e PostRow) -> impl Iterator<Item = &'e MandateRow> {
        post.received
            .iter()
            .filter_map(|number| self.mandate(*number))
    }
}

impl MandateReach {
    /// The narrowest thing it names, as recorded: papers, else kinds and fields.
    pub(crate) fn in_words(&self, words: &Words) -> Option<Text> {
        let named: Vec<&str> = match self.papers.is_empty() {
            false => self.papers.iter().map(|paper| paper.as_str()).collect(),
            true => {
                let numbers = self.kinds.iter().chain(&self.fields);
                numbers
                    .filter_map(|number| words.text(*number))
                    .map(|word| word.as_str())
                    .collect()
            }
        };
        (!named.is_empty()).then(|| named.join(", ").into())
    }
}
