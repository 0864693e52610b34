//! Facts and rules made into one immutable index: people, posts and papers as numbers, everything a question needs one step away.

use std::collections::HashMap;

use crate::facts::{AppointmentKind, AssignmentKind, Facts, Role};
use crate::interval::Interval;
use crate::rules::{Regime, Rules};
use crate::text::Text;

/// One published state of authority; answers from it never change.
#[derive(Debug)]
pub struct Epoch {
    pub(crate) number: i64,
    pub(crate) rules: Rules,
    pub(crate) people: HashMap<Text, u32>,
    pub(crate) post_of: HashMap<Text, u32>,
    pub(crate) agency_of: HashMap<Text, u32>,
    pub(crate) papers: HashMap<Text, Vec<u32>>,
    pub(crate) agencies: Vec<AgencyRow>,
    pub(crate) posts: Vec<PostRow>,
    pub(crate) appointments: Vec<AppointmentRow>,
    pub(crate) held_by: Vec<Vec<u32>>,
    pub(crate) assignments: Vec<AssignmentRow>,
    pub(crate) mandates: Vec<MandateRow>,
    pub(crate) seals: Vec<SealRow>,
    pub(crate) names: Vec<Text>,
    defects: Vec<Defect>,
}

/// A recorded fact that cannot be used; acts that would rest on it are refused with `error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Id of the fact.
    pub fact: Text,
    /// What is wrong with it.
    pub reason: &'static str,
}

#[derive(Debug)]
pub(crate) struct AgencyRow {
    pub(crate) id: Text,
    pub(crate) regime: Regime,
    pub(crate) collective: Text,
    pub(crate) valid: Interval,
    pub(crate) heads: Vec<u32>,
    pub(crate) deputies: Vec<u32>,
    pub(crate) seals: Vec<u32>,
    pub(crate) given: Vec<u32>,
}

#[derive(Debug)]
pub(crate) struct PostRow {
    pub(crate) id: Text,
    pub(crate) agency: u32,
    pub(crate) title: Text,
    pub(crate) capitals: Text,
    pub(crate) role: Role,
    pub(crate) valid: Interval,
    pub(crate) holders: Vec<u32>,
    pub(crate) assigned: Vec<u32>,
    pub(crate) handed: Vec<Text>,
}

#[derive(Debug)]
pub(crate) struct AppointmentRow {
    pub(crate) id: Text,
    pub(crate) person: u32,
    pub(crate) post: u32,
    pub(crate) kind: AppointmentKind,
    pub(crate) instrument: Option<Text>,
    pub(crate) valid: Interval,
}

#[derive(Debug)]
pub(crate) struct AssignmentRow {
    pub(crate) id: Text,
    pub(crate) agency: u32,
    pub(crate) grantee: u32,
    pub(crate) gives: AssignmentKind,
    pub(crate) instrument: Option<Text>,
    pub(crate) recorded: Interval,
    pub(crate) broken: bool,
}

#[derive(Debug)]
pub(crate) struct MandateRow {
    pub(crate) id: Text,
    pub(crate) grantor: Option<u32>,
    pub(crate) grantee: u32,
    pub(crate) instrument: Text,
    pub(crate) paper: Text,
    pub(crate) recorded: Interval,
    pub(crate) broken: bool,
}

#[derive(Debug)]
pub(crate) struct SealRow {
    pub(crate) id: Text,
    pub(crate) valid: Interval,
}

impl Epoch {
    /// Compiles one epoch. Facts that cannot be used are listed in [`Epoch::defects`] and never widen an answer.
    pub fn compile(number: i64, facts: &Facts, rules: &Rules) -> Self {
        let mut epoch = Self {
            number,
            rules: rules.clone(),
            people: HashMap::new(),
            post_of: HashMap::new(),
            agency_of: HashMap::new(),
            papers: HashMap::new(),
            agencies: Vec::new(),
            posts: Vec::new(),
            appointments: Vec::new(),
            held_by: Vec::new(),
            assignments: Vec::new(),
            mandates: Vec::new(),
            seals: Vec::new(),
            names: Vec::new(),
            defects: Vec::new(),
        };
        epoch.take_agencies(facts);
        epoch.take_posts(facts);
        epoch.take_appointments(facts);
        epoch.take_assignments(facts);
        epoch.take_mandates(facts);
        epoch.take_seals(facts);
        epoch
    }

    /// The number of the state of authority it was compiled from.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// Facts that could not be used.
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }

    /// The rules it answers by.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// How many posts, appointments, assignments and mandates it holds.
    pub fn size(&self) -> (usize, usize, usize, usize) {
        (
            self.posts.len(),
            self.appointments.len(),
            self.assignments.len(),
            self.mandates.len(),
        )
    }

    /// Title of a post, and its agency's id.
    pub fn title_of(&self, post: &str) -> Option<(&str, &str)> {
        let row = self.post(*self.post_of.get(post)?)?;
        Some((&row.title, &self.agency(row.agency)?.id))
    }

    /// The deputies of the post's agency that exist at `at`, when the post is its head.
    pub fn deputies_of(&self, head: &str, at: i64) -> Vec<&Text> {
        let row = self.post_of.get(head).and_then(|number| self.post(*number));
        let Some(row) = row.filter(|row| row.role == Role::Head) else {
            return Vec::new();
        };
        let deputies = self
            .agency(row.agency)
            .map_or(&[][..], |agency| &agency.deputies);
        let rows = deputies.iter().filter_map(|number| self.post(*number));
        rows.filter(|post| post.valid.contains(at))
            .map(|post| &post.id)
            .collect()
    }

    /// Fields of work that the agency has given to anybody at any time, in order.
    pub fn fields_of(&self, agency: &str) -> Vec<Text> {
        let row = self
            .agency_of
            .get(agency)
            .and_then(|number| self.agency(*number));
        let given = row.map_or(&[][..], |row| &row.given);
        let rows = given.iter().filter_map(|number| self.assignment(*number));
        let mut fields: Vec<Text> = rows
            .filter_map(|row| match &row.gives {
                AssignmentKind::Field { field } => Some(field.clone()),
                _ => None,
            })
            .collect();
        fields.sort();
        fields.dedup();
        fields
    }

    /// What a post is in its agency.
    pub fn role_of(&self, post: &str) -> Option<Role> {
        Some(self.post(*self.post_of.get(post)?)?.role)
    }

    /// Name of the collective in capitals, when the agency works as one.
    pub fn collective_of(&self, agency: &str) -> Option<&str> {
        let row = self.agency(*self.agency_of.get(agency)?)?;
        (row.regime == Regime::Collective).then_some(&*row.collective)
    }

    /// Who holds a post at `at`, with the appointment.
    pub fn holders(&self, post: &str, at: i64) -> Vec<(&Text, &Text)> {
        let row = self.post_of.get(post).and_then(|number| self.post(*number));
        let numbers = row.map_or(&[][..], |row| &row.holders);
        let rows = numbers
            .iter()
            .filter_map(|number| self.appointment(*number));
        rows.filter(|held| held.valid.contains(at))
            .filter_map(|held| Some((self.name(held.person)?, &held.id)))
            .collect()
    }

    fn defect(&mut self, fact: &Text, reason: &'static str) {
        self.defects.push(Defect {
            fact: fact.clone(),
            reason,
        });
    }

    fn take_agencies(&mut self, facts: &Facts) {
        for agency in &facts.agencies {
            if self.agency_of.contains_key(&agency.id) {
                self.defect(&agency.id, "the agency is recorded twice");
                continue;
            }
            self.agency_of
                .insert(agency.id.clone(), index(self.agencies.len()));
            self.agencies.push(AgencyRow {
                id: agency.id.clone(),
                regime: match agency.collective {
                    Some(_) => Regime::Collective,
                    None => Regime::Single,
                },
                collective: capitals(agency.collective.as_deref().unwrap_or_default()),
                valid: agency.valid,
                heads: Vec::new(),
                deputies: Vec::new(),
                seals: Vec::new(),
                given: Vec::new(),
            });
        }
    }

    fn take_posts(&mut self, facts: &Facts) {
        for post in &facts.posts {
            if self.post_of.contains_key(&post.id) {
                self.defect(&post.id, "the post is recorded twice");
                continue;
            }
            let Some(&agency) = self.agency_of.get(&post.agency) else {
                self.defect(&post.id, "its agency is not recorded");
                continue;
            };
            let Some(row) = self.agencies.get_mut(agency as usize) else {
                continue;
            };
            let number = index(self.posts.len());
            match post.role {
                Role::Head => row.heads.push(number),
                Role::Deputy => row.deputies.push(number),
                Role::Other => {}
            }
            let valid = post.valid.meet(&row.valid);
            self.post_of.insert(post.id.clone(), number);
            self.posts.push(PostRow {
                id: post.id.clone(),
                agency,
                title: post.title.clone(),
                capitals: capitals(&post.title),
                role: post.role,
                valid,
                holders: Vec::new(),
                assigned: Vec::new(),
                handed: Vec::new(),
            });
        }
    }

    fn take_appointments(&mut self, facts: &Facts) {
        for appointment in &facts.appointments {
            let Some(&post) = self.post_of.get(&appointment.post) else {
                self.defect(&appointment.id, "its post is not recorded");
                continue;
            };
            if appointment.valid.is_empty() {
                self.defect(&appointment.id, "it ends before it begins");
                continue;
            }
            let next = index(self.held_by.len());
            let person = *self
                .people
                .entry(appointment.person.clone())
                .or_insert(next);
            if person == next {
                self.held_by.push(Vec::new());
                self.names.push(appointment.person.clone());
            }
            let number = index(self.appointments.len());
            let Some(row) = self.posts.get_mut(post as usize) else {
                continue;
            };
            row.holders.push(number);
            if let Some(held) = self.held_by.get_mut(person as usize) {
                held.push(number);
            }
            self.appointments.push(AppointmentRow {
                id: appointment.id.clone(),
                person,
                post,
                kind: appointment.kind,
                instrument: appointment.instrument.clone(),
                valid: appointment.valid.meet(&row.valid),
            });
        }
    }

    fn take_assignments(&mut self, facts: &Facts) {
        for assignment in &facts.assignments {
            let Some(&grantee) = self.post_of.get(&assignment.grantee) else {
                self.defect(&assignment.id, "the post that receives is not recorded");
                continue;
            };
            let agency = self.agency_of.get(&assignment.agency).copied();
            let broken = agency.is_none() || assignment.valid.is_empty();
            if broken {
                self.defect(
                    &assignment.id,
                    "its agency is not recorded, or it ends before it begins",
                );
            }
            let number = index(self.assignments.len());
            if let Some(row) = self.posts.get_mut(grantee as usize) {
                row.assigned.push(number);
            }
            if let Some(row) = agency.and_then(|agency| self.agencies.get_mut(agency as usize)) {
                row.given.push(number);
            }
            self.assignments.push(AssignmentRow {
                id: assignment.id.clone(),
                agency: agency.unwrap_or(u32::MAX),
                grantee,
                gives: assignment.gives.clone(),
                instrument: assignment.instrument.clone(),
                recorded: assignment.valid,
                broken,
            });
        }
    }

    fn take_mandates(&mut self, facts: &Facts) {
        for mandate in &facts.mandates {
            let Some(&grantee) = self.post_of.get(&mandate.grantee) else {
                self.defect(&mandate.id, "the post that receives is not recorded");
                continue;
            };
            let grantor = self.post_of.get(&mandate.grantor).copied();
            let broken = grantor.is_none() || mandate.valid.is_empty();
            if broken {
                self.defect(
                    &mandate.id,
                    "the post that hands over is not recorded, or it ends before it begins",
                );
            }
            let number = index(self.mandates.len());
            if let Some(row) = self.posts.get_mut(grantee as usize) {
                row.handed.push(mandate.paper.clone());
            }
            self.papers
                .entry(mandate.paper.clone())
                .or_default()
                .push(number);
            self.mandates.push(MandateRow {
                id: mandate.id.clone(),
                grantor,
                grantee,
                instrument: mandate.instrument.clone(),
                paper: mandate.paper.clone(),
                recorded: mandate.valid,
                broken,
            });
        }
    }

    fn take_seals(&mut self, facts: &Facts) {
        for seal in &facts.seals {
            let agency = self.agency_of.get(&seal.agency).copied();
            let Some(row) = agency.and_then(|agency| self.agencies.get_mut(agency as usize)) else {
                self.defect(&seal.id, "its agency is not recorded");
                continue;
            };
            row.seals.push(index(self.seals.len()));
            self.seals.push(SealRow {
                id: seal.id.clone(),
                valid: seal.valid.meet(&row.valid),
            });
        }
    }

    pub(crate) fn post(&self, number: u32) -> Option<&PostRow> {
        self.posts.get(number as usize)
    }

    pub(crate) fn agency(&self, number: u32) -> Option<&AgencyRow> {
        self.agencies.get(number as usize)
    }

    pub(crate) fn appointment(&self, number: u32) -> Option<&AppointmentRow> {
        self.appointments.get(number as usize)
    }

    pub(crate) fn assignment(&self, number: u32) -> Option<&AssignmentRow> {
        self.assignments.get(number as usize)
    }

    pub(crate) fn mandate(&self, number: u32) -> Option<&MandateRow> {
        self.mandates.get(number as usize)
    }

    pub(crate) fn seal(&self, number: u32) -> Option<&SealRow> {
        self.seals.get(number as usize)
    }

    pub(crate) fn name(&self, person: u32) -> Option<&Text> {
        self.names.get(person as usize)
    }
}

fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn capitals(title: &str) -> Text {
    title.to_uppercase().into()
}
