//! How a question finds the mandates of an epoch that could bear on it, without looking at the others.

use crate::compile::{Epoch, index};
use crate::evaluate::Asked;
use crate::facts::{Facts, Mandate};
use crate::index::PostRow;
use crate::mandates::{Gathered, MandateRow};
use crate::numbers::{Names, Stretches};
use crate::rules::{Ground, Paper, Rule};
use crate::text::Text;
use crate::vocabulary::Form;

/// By what a mandate is found among those of its post: the papers it names; if none, its kinds; if none, its fields; if none, always.
/// The lowest two bits say which, the others the number of the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct By(u32);

impl By {
    const NOTHING: Self = Self(3);

    const fn paper(number: u32) -> Self {
        Self(number << 2)
    }

    const fn kind(number: u32) -> Self {
        Self(number << 2 | 1)
    }

    const fn field(number: u32) -> Self {
        Self(number << 2 | 2)
    }

    /// A bit for each of the four ways.
    const fn bit(self) -> u8 {
        1 << (self.0 & 3)
    }
}

/// The mandates of one post that could bear on a question: those for its paper, for its kind, for its field, those for everything; and
/// the forms they are in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found<'e> {
    lists: [&'e [u32]; 4],
    forms: u8,
}

/// What is known of a mandate from how it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    /// It names the paper.
    Paper,
    /// It names no paper, and the kind.
    Kind,
    /// It names neither paper nor kind, and the field.
    Field,
    /// It names none of them.
    All,
}

impl Found<'_> {
    /// Whether one of them is in the form.
    pub(crate) fn has(&self, form: Option<Form>) -> bool {
        form.is_some_and(|form| self.forms & bit(form) != 0)
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = (u32, Met)> + '_ {
        let met = [Met::Paper, Met::Kind, Met::Field, Met::All];
        let lists = self.lists.into_iter().zip(met);
        lists.flat_map(|(list, met)| list.iter().map(move |number| (*number, met)))
    }
}

const fn bit(form: Form) -> u8 {
    1 << form as u8
}

impl<'e> Asked<'e> {
    /// Looks them up.
    pub(crate) fn find(&self, number: u32, post: &PostRow) -> Found<'e> {
        let mut found = Found::default();
        if post.found_by == 0 {
            return found;
        }
        let epoch = self.epoch;
        let id = self.request.resource.id.as_str();
        let paper = match post.found_by & By::paper(0).bit() != 0 && !id.is_empty() {
            true => epoch.papers.get(id),
            false => None,
        };
        let ways = [
            paper.map(By::paper),
            self.kind.map(By::kind),
            self.field.map(By::field),
            Some(By::NOTHING),
        ];
        for (list, by) in found.lists.iter_mut().zip(ways) {
            if let Some(by) = by.filter(|by| post.found_by & by.bit() != 0) {
                *list = epoch.finder.get(number, by.0);
            }
        }
        let rows = found
            .numbers()
            .filter_map(|(number, _)| epoch.mandate(number));
        found.forms = rows.fold(0, |forms, row| forms | bit(row.form));
        found
    }
}

impl Epoch {
    pub(crate) fn take_mandates(&mut self, facts: &Facts) {
        let mut known: Vec<(u32, By, usize, &Mandate, Gathered)> =
            Vec::with_capacity(facts.mandates.len());
        for (place, mandate) in facts.mandates.iter().enumerate() {
            let Some(grantee) = self.post_of.get(&mandate.grantee) else {
                self.defect(&mandate.id, "the post that receives is not recorded");
                continue;
            };
            let reach = self.reach_of(mandate);
            let by = ways(&reach).next().unwrap_or(By::NOTHING);
            known.push((grantee, by, place, mandate, reach));
        }
        // One receiver's mandates lie side by side, and there those for the same word: a question is about these.
        known.sort_by_key(|(grantee, by, ..)| (*grantee, *by));
        let mut entries = Vec::with_capacity(known.len());
        let (mut givers, mut receivers) = (Vec::new(), Vec::new());
        let mut general = Vec::new();
        self.mandates.reserve_exact(known.len());
        self.mandate_ids.reserve_exact(known.len());
        for (grantee, _, place, mandate, reach) in known {
            let number = index(self.mandates.len());
            let agency = self.take_mandate(grantee, mandate, &reach);
            entries.extend(ways(&reach).map(|by| (grantee, by.0, number)));
            if let Some(row) = self.posts.get_mut(grantee as usize) {
                row.found_by |= ways(&reach).fold(0, |bits, by| bits | by.bit());
                row.handed.extend(&reach.papers);
            }
            if reach.papers.is_empty() {
                general.push((grantee, place, number));
                let home = self.post(grantee).map(|row| row.agency);
                let (list, whose) = match self.on_own_paper(mandate.form) {
                    true => (&mut receivers, home),
                    false => (&mut givers, agency),
                };
                list.extend(ways(&reach).filter_map(|by| Some((whose?, by.0, grantee))));
            }
        }
        // As recorded, whatever the order of the rows.
        general.sort_unstable();
        for (grantee, _, number) in general {
            if let Some(row) = self.posts.get_mut(grantee as usize) {
                row.received.push(number);
            }
        }
        self.finder = Stretches::of(entries);
        self.givers = Stretches::of(givers);
        self.receivers = Stretches::of(receivers);
        self.limits.shrink_to_fit();
        for row in &mut self.posts {
            row.received.shrink_to_fit();
            row.handed.shrink_to_fit();
        }
        for row in &mut self.agencies {
            row.receivers.sort_unstable();
            row.receivers.dedup();
        }
    }

    /// Takes one in and gives the agency of whoever gave it.
    fn take_mandate(&mut self, grantee: u32, mandate: &Mandate, reach: &Gathered) -> Option<u32> {
        let grantor = self.post_of.get(&mandate.grantor);
        if grantor.is_none() || mandate.valid.is_empty() {
            self.defect(
                &mandate.id,
                "the post that hands over is not recorded, or it ends before it begins",
            );
        }
        self.push_mandate(mandate, grantee, grantor, reach);
        let agency = grantor
            .and_then(|giver| self.post(giver))
            .map(|row| row.agency);
        if let Some(row) = agency.and_then(|agency| self.agencies.get_mut(agency as usize))
            && reach.papers.is_empty()
            && row.receivers.last() != Some(&grantee)
        {
            row.receivers.push(grantee);
        }
        agency
    }

    /// Limits as numbers. An agency that is not recorded stays a limit that nothing meets.
    fn reach_of(&mut self, mandate: &Mandate) -> Gathered {
        let known = |id: &Text| self.agency_of.get(id).copied().unwrap_or(u32::MAX);
        let agencies: Vec<u32> = mandate.reach.agencies.iter().map(known).collect();
        if agencies.contains(&u32::MAX) {
            self.defect(&mandate.id, "an agency it is limited to is not recorded");
        }
        let papers = mandate.reach.papers.iter();
        Gathered {
            papers: papers.map(|paper| self.papers.take(paper)).collect(),
            kinds: numbered(&mut self.words, &mandate.reach.kinds),
            fields: numbered(&mut self.words, &mandate.reach.fields),
            agencies,
        }
    }

    /// Whether every row of law for the form puts the act on the receiver's own paper: then nobody but a post of the paper's agency can
    /// act on it, and it is found by that agency.
    fn on_own_paper(&self, form: Form) -> bool {
        let mut rows = self.rules.rows.iter().filter(|row| row.form == Some(form));
        let own = |row: &Rule| row.ground == Ground::Mandate && row.paper == Paper::Grantee;
        rows.clone().next().is_some() && rows.all(own)
    }

    /// Posts that received something that could bear on a paper of this agency in the competence of that one, other than for single
    /// papers.
    pub(crate) fn receivers(
        &self,
        paper: u32,
        competence: u32,
        kind: Option<u32>,
        field: Option<u32>,
    ) -> Vec<u32> {
        let ways = [kind.map(By::kind), field.map(By::field), Some(By::NOTHING)];
        let mut posts = Vec::new();
        for by in ways.into_iter().flatten() {
            posts.extend(self.receivers.get(paper, by.0));
            posts.extend(self.givers.get(competence, by.0));
        }
        let home = |post: &u32| self.post(*post).is_some_and(|row| row.agency == paper);
        if paper != competence {
            posts.retain(home);
        }
        posts.sort_unstable();
        posts.dedup();
        posts
    }

    /// Mandates of a post for single papers.
    pub(crate) fn received_for(&self, post: u32, papers: &[Text]) -> Vec<u32> {
        let known = papers.iter().filter_map(|paper| self.papers.get(paper));
        let found = known.flat_map(|paper| self.finder.get(post, By::paper(paper).0));
        found.copied().collect()
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

/// By what a mandate of this reach is found.
fn ways(reach: &Gathered) -> impl Iterator<Item = By> + '_ {
    let (papers, kinds, fields) = (&reach.papers, &reach.kinds, &reach.fields);
    let kinds = kinds.iter().filter(|_| papers.is_empty());
    let fields = fields
        .iter()
        .filter(|_| papers.is_empty() && reach.kinds.is_empty());
    let nothing = papers.is_empty() && reach.kinds.is_empty() && reach.fields.is_empty();
    let papers = papers.iter().map(|paper| By::paper(*paper));
    papers
        .chain(kinds.map(|kind| By::kind(*kind)))
        .chain(fields.map(|field| By::field(*field)))
        .chain(nothing.then_some(By::NOTHING))
}

/// Words as numbers, in the order of the words, each once.
fn numbered(names: &mut Names, words: &[Text]) -> Vec<u32> {
    let mut sorted: Vec<&Text> = words.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.into_iter().map(|word| names.take(word)).collect()
}
