//! Whether authority may be given: what the law of that day has against a mandate that is about to be drafted.
//! Standard: Decree 30/2020/NĐ-CP Art. 13; Law 72/2025/QH15 Art. 14 and the law before it (rows in `policies/rules/`)
//! It must never call a draft lawful that no row of law allows.

use serde::{Deserialize, Serialize};

use crate::compile::Epoch;
use crate::facts::{Addressee, Reach, Role};
use crate::index::{PostRow, Time};
use crate::interval::Interval;
use crate::rules::{Against, Ground, Need, Objection, Pair, Relation, Rule};
use crate::vocabulary::Form;

/// What somebody is about to give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// In which manner.
    pub form: Form,
    /// Who gives.
    pub person: String,
    /// In which post.
    pub post: String,
    /// The agency whose competence it is.
    pub competence: String,
    /// The post that would receive.
    pub grantee: String,
    /// To whom it is addressed.
    #[serde(default)]
    pub addressee: Addressee,
    /// What it reaches.
    #[serde(default)]
    pub reach: Reach,
    /// From when to when.
    pub valid: Interval,
}

/// What stands against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objected<'r> {
    /// What is wrong.
    pub against: Against,
    /// The row that says so; none when nothing but the absence of a row does.
    pub row: Option<&'r Objection>,
}

const DAY: i64 = 86_400_000;

impl Epoch {
    /// Everything that stands against giving this at `at`, gravest first; empty when the law has nothing against it. Who gives and who receives
    /// is asked for the day it is given; the law is that of the day on which it would begin, when that is later.
    pub fn objections(&self, grant: &Grant, at: i64) -> Vec<Objected<'_>> {
        let law = at.max(grant.valid.from);
        let mut found: Vec<Against> = Vec::new();
        let post = |id: &str| {
            let number = self.post_of.get(id)?;
            Some((number, self.post(number)?))
        };
        let (giver, receiver) = (post(&grant.post), post(&grant.grantee));
        let person = self.people.get(grant.person.as_str());
        let held_by = |row: &PostRow| {
            let held = self.held(row).iter();
            held.filter(|held| held.valid.contains(at))
                .map(|held| held.person)
                .collect::<Vec<_>>()
        };
        let holds =
            giver.is_some_and(|(_, row)| person.is_some_and(|one| held_by(row).contains(&one)));
        if !holds {
            found.push(Against::NotHolder);
        }
        match receiver {
            None => found.push(Against::Vacant),
            Some((_, row)) => {
                let holders = held_by(row);
                if holders.is_empty() && grant.addressee == Addressee::Post {
                    found.push(Against::Vacant);
                }
                if person.is_some_and(|one| holders.contains(&one)) {
                    found.push(Against::SelfGrant);
                }
            }
        }
        let rows: Vec<&Rule> = self.rows_for(grant.form, law).collect();
        if rows.is_empty() {
            found.push(Against::NoLaw);
        } else if let Some((giver, row)) = giver {
            self.power(grant, giver, row, at, &mut found);
        }
        if let (Some(giver), Some(receiver)) = (giver, receiver)
            && !rows.is_empty()
        {
            let fits = |pair: &&Pair| self.pair_fits(pair, giver, receiver, law);
            let fitting: Vec<&Pair> = rows
                .iter()
                .flat_map(|row| &row.pairs)
                .filter(fits)
                .collect();
            // What the collective gives to its own head is given by many, not by him to himself.
            if fitting.iter().any(|pair| pair.to == Relation::OwnHead) {
                found.retain(|against| *against != Against::SelfGrant);
            }
            let deputy = receiver.1.role == Role::Deputy
                && giver.1.role == Role::Head
                && receiver.1.agency == giver.1.agency;
            if deputy && fitting.is_empty() {
                found.push(Against::ToDeputy);
            } else if fitting.is_empty() {
                found.push(Against::OutsideStructure);
            } else if !fitting.iter().any(|pair| pair.addressee == grant.addressee) {
                found.push(Against::WrongAddressee);
            }
        }
        self.contents(grant, &rows, (at, law), &mut found);
        found.sort_unstable();
        found.dedup();
        found
            .into_iter()
            .filter_map(|against| self.objected(grant, against, law))
            .collect()
    }

    /// Posts to which the post could give in this form at `at`, in the order they were recorded.
    pub fn receivers_in(&self, form: Form, post: &str, at: i64) -> Vec<&crate::Text> {
        let number = self.post_of.get(post);
        let Some(giver) = number.and_then(|number| Some((number, self.post(number)?))) else {
            return Vec::new();
        };
        let rows: Vec<&Rule> = self.rows_for(form, at).collect();
        let fits = |receiver: &(u32, &PostRow)| {
            let mut pairs = rows.iter().flat_map(|row| &row.pairs);
            receiver.1.valid.contains(at)
                && pairs.any(|pair| self.pair_fits(pair, giver, *receiver, at))
        };
        (0u32..)
            .zip(&self.posts)
            .filter(fits)
            .map(|(_, row)| &row.id)
            .collect()
    }

    /// How the law of `at` addresses what the giver gives this receiver: to the post or to its agency.
    pub fn addressee_in(
        &self,
        form: Form,
        post: &str,
        grantee: &str,
        at: i64,
    ) -> Option<Addressee> {
        let row = |id: &str| {
            let number = self.post_of.get(id)?;
            Some((number, self.post(number)?))
        };
        let (giver, receiver) = (row(post)?, row(grantee)?);
        let mut pairs = self.rows_for(form, at).flat_map(|row| &row.pairs);
        pairs
            .find(|pair| self.pair_fits(pair, giver, receiver, at))
            .map(|pair| pair.addressee)
    }

    /// The law of `at` that lets something be given in this form: document and clause.
    pub fn basis_in(&self, form: Form, at: i64) -> Option<String> {
        let row = self.rows_for(form, at).next()?;
        Some(format!("{}, {}", row.document, row.clause))
    }

    /// Whether the law of `at` binds what is given in this form to the person who gives it.
    pub fn binds_giver(&self, form: Form, at: i64) -> bool {
        self.rows_for(form, at)
            .any(|row| row.tenure == crate::Tenure::Person)
    }

    /// The signature block that the receiver would sign with.
    pub fn block_in(&self, form: Form, post: &str, grantee: &str, at: i64) -> Vec<String> {
        let row = |id: &str| self.post_of.get(id).and_then(|number| self.post(number));
        let (Some(giver), Some(receiver)) = (row(post), row(grantee)) else {
            return Vec::new();
        };
        let whose = self.rows_for(form, at).map(|row| match row.paper {
            crate::Paper::Grantor => (row, giver.agency),
            crate::Paper::Grantee => (row, receiver.agency),
        });
        // As whoever holds the receiving post now would sign; for a vacant one, as a full holder.
        let mut held = self
            .held(receiver)
            .iter()
            .filter(|held| held.valid.contains(at));
        let kind = held
            .next()
            .map_or(crate::AppointmentKind::Full, |held| held.kind);
        let addressee = self.addressee_in(form, post, grantee, at);
        let mut found = whose.filter_map(|(row, agency)| {
            let agency = self.agency(agency)?;
            let right = |block: &&crate::Block| {
                block.regime.is_none_or(|one| one == agency.regime)
                    && (block.appointments.is_empty() || block.appointments.contains(&kind))
                    && block.addressee.is_none_or(|one| Some(one) == addressee)
            };
            Some(self.fill_block(
                row.blocks.iter().find(right)?,
                Some(agency),
                Some(giver),
                Some(giver),
                Some(receiver),
            ))
        });
        found.next().unwrap_or_default()
    }

    fn rows_for(&self, form: Form, at: i64) -> impl Iterator<Item = &Rule> {
        let rows = self.rules.rows.iter();
        rows.filter(move |row| row.form == Some(form) && row.valid.contains(at))
    }

    /// Whether the giver has himself what he would give: as the head of the agency, or as what the form is given inside of.
    fn power(&self, grant: &Grant, giver: u32, post: &PostRow, at: i64, found: &mut Vec<Against>) {
        let competence = self.agency_of.get(grant.competence.as_str()).copied();
        let head = competence == Some(post.agency) && post.role == Role::Head;
        let under = self
            .rows_for(grant.form, at)
            .find_map(|row| match row.ground {
                Ground::UnderMandate => row.under,
                _ => None,
            });
        let papers = self.received_for(giver, &grant.reach.papers);
        let numbers = post.received.iter().copied().chain(papers);
        let mut carrying = numbers.filter_map(|number| {
            let row = self.mandate(number)?;
            let from = self.post(row.grantor()?)?.agency;
            let now = self.time_of_mandate(number, row, at) == Time::Now;
            let theirs = row.grantee == giver && Some(from) == competence;
            (theirs && now && !row.is_void()).then_some(row)
        });
        match under {
            Some(form) => {
                let inside = carrying.any(|row| {
                    let kinds = self.limits_of(row).kinds;
                    row.form == form
                        && !grant.reach.kinds.is_empty()
                        && grant.reach.kinds.iter().all(|kind| {
                            self.words
                                .get(kind)
                                .is_some_and(|kind| kinds.contains(&kind))
                        })
                });
                if !inside {
                    found.push(Against::BeyondPower);
                }
            }
            None if head => {}
            None if carrying.next().is_some() => found.push(Against::Onward),
            None => found.push(Against::BeyondPower),
        }
    }

    fn contents(
        &self,
        grant: &Grant,
        rows: &[&Rule],
        (at, law): (i64, i64),
        found: &mut Vec<Against>,
    ) {
        let reach = &grant.reach;
        let content =
            !(reach.papers.is_empty() && reach.kinds.is_empty() && reach.fields.is_empty());
        for need in rows.iter().flat_map(|row| &row.needs) {
            match need {
                Need::Papers if reach.papers.is_empty() => found.push(Against::NoPaper),
                Need::Kinds if reach.kinds.is_empty() => found.push(Against::NoKinds),
                Need::Content if !content => found.push(Against::NoContent),
                Need::End if grant.valid.to.is_none() => found.push(Against::NoEnd),
                _ => {}
            }
        }
        let excluded = |row: &&Rule| {
            reach
                .kinds
                .iter()
                .any(|kind| row.excluded_kinds.iter().any(|one| *kind == **one))
        };
        if rows.iter().any(excluded) {
            found.push(Against::KindExcluded);
        }
        if grant.valid.from < at {
            found.push(Against::Backdated);
        }
        let longest = self
            .objection(grant.form, Against::TooLong, law)
            .and_then(|row| row.days);
        let length = grant.valid.end().saturating_sub(grant.valid.from);
        if grant.valid.to.is_some() && longest.is_some_and(|days| length > days.saturating_mul(DAY))
        {
            found.push(Against::TooLong);
        }
    }

    fn objection(&self, form: Form, against: Against, at: i64) -> Option<&Objection> {
        let rows = self.rules.objections.iter();
        let mut rows = rows.filter(|row| row.when == against && row.valid.contains(at));
        rows.clone()
            .find(|row| row.form == Some(form))
            .or_else(|| rows.find(|row| row.form.is_none()))
    }

    /// What stands against it, with its row. A length is only what a row makes of it; all else counts without one.
    fn objected(&self, grant: &Grant, against: Against, at: i64) -> Option<Objected<'_>> {
        let row = self.objection(grant.form, against, at);
        (row.is_some() || against != Against::TooLong).then_some(Objected { against, row })
    }
}
