//! Facts and rules made into one immutable index: people, posts and papers as numbers, everything a question needs one step away.

use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::facts::{Appointment, Assignment, AssignmentKind, Facts, Role};
use crate::horizon::Turns;
use crate::index::{AgencyRow, AppointmentRow, AssignmentRow, Gives, PostRow, SealRow};
use crate::interval::Interval;
use crate::mandates::MandateRow;
use crate::numbers::{Names, Near, Stretches};
use crate::rows::LawRow;
use crate::rules::{Regime, Rules};
use crate::text::Text;
use crate::vocabulary::Action;

/// One published state of authority; answers from it never change.
#[derive(Debug)]
pub struct Epoch {
    pub(crate) number: i64,
    pub(crate) rules: Rules,
    /// When the law for each act turns.
    pub(crate) turns: [Turns; Action::ALL.len()],
    pub(crate) people: Names,
    pub(crate) post_of: Names,
    pub(crate) agency_of: FxHashMap<Text, u32>,
    /// Papers that mandates name.
    pub(crate) papers: Names,
    /// Kinds of paper and fields of work that mandates and assignments name.
    pub(crate) words: Names,
    pub(crate) instruments: Names,
    pub(crate) agencies: Vec<AgencyRow>,
    pub(crate) posts: Vec<PostRow>,
    pub(crate) appointments: Vec<AppointmentRow>,
    pub(crate) assignments: Vec<AssignmentRow>,
    pub(crate) mandates: Vec<MandateRow>,
    pub(crate) mandate_ids: Vec<Text>,
    pub(crate) limits: Vec<u32>,
    pub(crate) pauses: FxHashMap<u32, Box<[Interval]>>,
    /// Mandates by the post that received them and by what they are found.
    pub(crate) finder: Stretches,
    /// Posts that received, by the agency that gave and by what.
    pub(crate) givers: Stretches,
    /// Posts that received what is used on their own agency's paper, by that agency and by what.
    pub(crate) receivers: Stretches,
    by_action: [Vec<LawRow>; Action::ALL.len()],
    pub(crate) seals: Vec<SealRow>,
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

impl Epoch {
    /// Compiles one epoch. Facts that cannot be used are listed in [`Epoch::defects`] and never widen an answer.
    pub fn compile(number: i64, facts: &Facts, rules: &Rules) -> Self {
        let mut epoch = Self {
            number,
            rules: rules.clone(),
            turns: Turns::of(rules),
            people: Names::default(),
            post_of: Names::default(),
            agency_of: FxHashMap::default(),
            papers: Names::default(),
            words: Names::default(),
            instruments: Names::default(),
            agencies: Vec::new(),
            posts: Vec::new(),
            appointments: Vec::new(),
            assignments: Vec::new(),
            mandates: Vec::new(),
            mandate_ids: Vec::new(),
            limits: Vec::new(),
            pauses: FxHashMap::default(),
            finder: Stretches::default(),
            givers: Stretches::default(),
            receivers: Stretches::default(),
            by_action: Default::default(),
            seals: Vec::new(),
            defects: Vec::new(),
        };
        for (list, action) in epoch.by_action.iter_mut().zip(Action::ALL) {
            let rows = (0u16..).zip(&rules.rows);
            list.extend(
                rows.filter(|(_, row)| row.actions.contains(action))
                    .map(|(position, row)| LawRow::of(position, row)),
            );
        }
        epoch.take_agencies(facts);
        epoch.take_tree(facts);
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

    /// The rows of law that give the act, in their order.
    pub(crate) fn rows_of(&self, action: Action) -> &[LawRow] {
        self.by_action
            .get(action as usize)
            .map_or(&[], Vec::as_slice)
    }

    pub(crate) fn defect(&mut self, fact: &Text, reason: &'static str) {
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
                kind: agency.kind.clone(),
                name: agency.name.clone(),
                valid: agency.valid,
                above: Vec::new(),
                edges: Box::default(),
                heads: Vec::new(),
                deputies: Vec::new(),
                receivers: Vec::new(),
                seals: Vec::new(),
                given: Vec::new(),
            });
        }
    }

    fn take_tree(&mut self, facts: &Facts) {
        for agency in &facts.agencies {
            for edge in &agency.above {
                let above = self.agency_of.get(&edge.agency).copied();
                let own = self.agency_of.get(&agency.id).copied();
                let (Some(above), Some(own)) = (above, own) else {
                    self.defect(&agency.id, "an agency above it is not recorded");
                    continue;
                };
                if let Some(row) = self.agencies.get_mut(own as usize) {
                    row.above.push((above, edge.valid));
                }
            }
        }
        for number in 0..index(self.agencies.len()) {
            let mut edges: Vec<Interval> = Vec::new();
            self.walk_up(number, &mut |edge| {
                if !edge.is_empty() && !edges.contains(edge) {
                    edges.push(*edge);
                }
            });
            if let Some(row) = self.agencies.get_mut(number as usize) {
                row.edges = edges.into();
            }
        }
    }

    fn take_posts(&mut self, facts: &Facts) {
        for post in &facts.posts {
            if self.post_of.get(&post.id).is_some() {
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
                Role::UnitHead | Role::UnitDeputy | Role::Other => {}
            }
            let valid = post.valid.meet(&row.valid);
            self.post_of.take(&post.id);
            self.posts.push(PostRow {
                id: post.id.clone(),
                agency,
                title: post.title.clone(),
                capitals: capitals(&post.title),
                role: post.role,
                unit: post.unit.clone(),
                valid,
                found_by: 0,
                holders: 0..0,
                assigned: 0..0,
                in_full: OnceLock::new(),
                received: Vec::new(),
                handed: Vec::new(),
            });
        }
    }

    fn take_appointments(&mut self, facts: &Facts) {
        let mut known: Vec<(u32, &Appointment)> = Vec::with_capacity(facts.appointments.len());
        for appointment in &facts.appointments {
            let Some(post) = self.post_of.get(&appointment.post) else {
                self.defect(&appointment.id, "its post is not recorded");
                continue;
            };
            if appointment.valid.is_empty() {
                self.defect(&appointment.id, "it ends before it begins");
                continue;
            }
            known.push((post, appointment));
        }
        // The appointments to a post lie side by side, and so do the assignments to it.
        known.sort_by_key(|(post, _)| *post);
        for (post, appointment) in known {
            let person = self.people.take(&appointment.person);
            let number = index(self.appointments.len());
            let Some(row) = self.posts.get_mut(post as usize) else {
                continue;
            };
            widen(&mut row.holders, number);
            self.appointments.push(AppointmentRow {
                id: appointment.id.clone(),
                person,
                name: Near::of(&appointment.person),
                post,
                kind: appointment.kind,
                instrument: appointment.instrument.clone(),
                valid: appointment.valid.meet(&row.valid),
            });
        }
    }

    fn take_assignments(&mut self, facts: &Facts) {
        let mut known: Vec<(u32, &Assignment)> = Vec::with_capacity(facts.assignments.len());
        for assignment in &facts.assignments {
            match self.post_of.get(&assignment.grantee) {
                Some(grantee) => known.push((grantee, assignment)),
                None => self.defect(&assignment.id, "the post that receives is not recorded"),
            }
        }
        known.sort_by_key(|(grantee, _)| *grantee);
        for (grantee, assignment) in known {
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
                widen(&mut row.assigned, number);
            }
            if let Some(row) = agency.and_then(|agency| self.agencies.get_mut(agency as usize)) {
                row.given.push(number);
            }
            self.assignments.push(AssignmentRow {
                id: assignment.id.clone(),
                agency: agency.unwrap_or(u32::MAX),
                grantee,
                gives: match &assignment.gives {
                    AssignmentKind::Field { field } => Gives::Field(self.words.take(field)),
                    AssignmentKind::SealCustody => Gives::SealCustody,
                    AssignmentKind::Copies => Gives::Copies,
                },
                instrument: assignment.instrument.clone(),
                recorded: assignment.valid,
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
}

/// Takes the next number into a stretch of numbers.
fn widen(stretch: &mut Range<u32>, number: u32) {
    if stretch.start == stretch.end {
        stretch.start = number;
    }
    stretch.end = number.saturating_add(1);
}

pub(crate) fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn capitals(title: &str) -> Text {
    title.to_uppercase().into()
}
