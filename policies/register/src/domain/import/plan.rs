//! The plan of an import: which records to add and which to close so that the register says what the files say.
//! It must never overwrite: what differs is closed and written anew; what agrees is left alone, so that a second run plans nothing.

use std::collections::{BTreeMap, BTreeSet};

use platform::ids;
use platform::random::Entropy;

use super::fault::{Cause, File};
use super::rows::{AgencyRow, Rows, UnitRow};
use super::table::Faults;
use crate::domain::facts::{
    AgencyFact, AppointmentFact, AssignmentFact, Facts, MailForward, Mailbox, PersonAttributes,
    PostFact, SealFact, SuccessionFact, SuspensionFact, UnitFact,
};
use crate::domain::words::is_collective;

/// One record to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// A version of an agency.
    Agency(AgencyFact),
    /// A unit.
    Unit(UnitFact),
    /// A post.
    Post(PostFact),
    /// A new opaque person.
    Person(String),
    /// What names a person; the personal number is still to be sealed.
    Attributes(PersonAttributes),
    /// An appointment.
    Appointment(AppointmentFact),
    /// A time in which an appointment is not in force.
    Suspension(SuspensionFact),
    /// An assignment.
    Assignment(AssignmentFact),
    /// A seal.
    Seal(SealFact),
    /// An address.
    Mailbox(Mailbox),
    /// An old address that goes to another for a time.
    Forward(MailForward),
    /// What took over what.
    Succession(SuccessionFact),
}

impl Operation {
    /// The key of the record; a person has none beside its id.
    pub fn record(&self) -> Option<&str> {
        match self {
            Self::Agency(fact) => Some(&fact.record),
            Self::Unit(fact) => Some(&fact.record),
            Self::Post(fact) => Some(&fact.record),
            Self::Person(_) => None,
            Self::Attributes(fact) => Some(&fact.record),
            Self::Appointment(fact) => Some(&fact.record),
            Self::Assignment(fact) => Some(&fact.record),
            Self::Seal(fact) => Some(&fact.record),
            Self::Suspension(fact) => Some(&fact.record),
            Self::Mailbox(fact) => Some(&fact.record),
            Self::Forward(fact) => Some(&fact.record),
            Self::Succession(fact) => Some(&fact.record),
        }
    }

    /// The same content under another key.
    pub fn under(mut self, record: String) -> Self {
        match &mut self {
            Self::Agency(fact) => fact.record = record,
            Self::Unit(fact) => fact.record = record,
            Self::Post(fact) => fact.record = record,
            Self::Person(_) => {}
            Self::Attributes(fact) => fact.record = record,
            Self::Appointment(fact) => fact.record = record,
            Self::Assignment(fact) => fact.record = record,
            Self::Seal(fact) => fact.record = record,
            Self::Suspension(fact) => fact.record = record,
            Self::Mailbox(fact) => fact.record = record,
            Self::Forward(fact) => fact.record = record,
            Self::Succession(fact) => fact.record = record,
        }
        self
    }
}

/// A record to close when the change-set is published.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Closing {
    /// Its table.
    pub fact: &'static str,
    /// Its key.
    pub record: String,
}

/// What the files hold and what changes, for the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Agencies in the file.
    pub agencies: usize,
    /// Officials in the file.
    pub officials: usize,
    /// Records the plan adds.
    pub added: usize,
    /// Records the plan closes.
    pub closed: usize,
    /// New people among them.
    pub people: usize,
    /// New posts among them.
    pub posts: usize,
    /// New appointments among them.
    pub appointments: usize,
}

/// What an import would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// Records to add, in this order.
    pub operations: Vec<Operation>,
    /// Records to close.
    pub closings: Vec<Closing>,
    /// For the report.
    pub counts: Counts,
}

impl Plan {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.closings.is_empty()
    }
}

/// What the register knows now.
#[derive(Debug, Default)]
pub struct Existing {
    /// Facts of authority.
    pub facts: Facts,
    /// Personal attributes in force.
    pub people: Vec<PersonAttributes>,
    /// Addresses in force.
    pub mailboxes: Vec<Mailbox>,
    /// Staff number and name for signing in of everybody who was ever recorded, taken back or not: neither is given to another.
    pub ever: Vec<(String, String)>,
}

/// The work under way; `officials.rs` and `seats.rs` carry on with it.
pub(super) struct Planner<'a> {
    pub(super) rows: &'a Rows,
    pub(super) existing: &'a Existing,
    pub(super) entropy: &'a Entropy,
    pub(super) blind: &'a dyn Fn(&str) -> Vec<u8>,
    pub(super) plan: Plan,
    pub(super) agencies: BTreeMap<String, AgencyFact>,
    pub(super) units: BTreeMap<(String, String), UnitFact>,
}

/// Compares rows with the register. `blind` is the index of personal numbers. With faults the plan must not be used.
pub fn plan(
    rows: &Rows,
    existing: &Existing,
    entropy: &Entropy,
    blind: &dyn Fn(&str) -> Vec<u8>,
    faults: &mut Faults,
    warnings: &mut Faults,
) -> Plan {
    let mut planner = Planner {
        rows,
        existing,
        entropy,
        blind,
        plan: Plan::default(),
        agencies: BTreeMap::new(),
        units: BTreeMap::new(),
    };
    planner.agencies(faults);
    planner.units();
    planner.officials(faults, warnings);
    let mut plan = planner.plan;
    plan.counts.agencies = rows.agencies.len();
    plan.counts.officials = rows.officials.len();
    plan.counts.added = plan.operations.len();
    plan.counts.closed = plan.closings.len();
    for operation in &plan.operations {
        match operation {
            Operation::Person(_) => plan.counts.people += 1,
            Operation::Post(_) => plan.counts.posts += 1,
            Operation::Appointment(_) => plan.counts.appointments += 1,
            _ => {}
        }
    }
    plan
}

impl Planner<'_> {
    pub(super) fn id(&self, prefix: &str) -> String {
        ids::new(prefix, self.entropy)
    }

    pub(super) fn add(&mut self, operation: Operation) {
        self.plan.operations.push(operation);
    }

    pub(super) fn close(&mut self, fact: &'static str, record: &str) {
        self.plan.closings.push(Closing {
            fact,
            record: record.to_string(),
        });
    }

    /// Agencies by code: existing ones keep their id; a difference is a correction or a new version.
    fn agencies(&mut self, faults: &mut Faults) {
        let mut current: BTreeMap<&str, &AgencyFact> = BTreeMap::new();
        for agency in &self.existing.facts.agencies {
            match current.get(agency.code.as_str()) {
                Some(known) if known.from >= agency.from => {}
                _ => {
                    current.insert(&agency.code, agency);
                }
            }
        }
        let mut ids: BTreeMap<&str, String> = current
            .iter()
            .map(|(code, agency)| (*code, agency.id.clone()))
            .collect();
        for row in &self.rows.agencies {
            if !ids.contains_key(row.code.as_str()) {
                ids.insert(&row.code, self.id("agy"));
            }
        }
        self.check_tree(&current, faults);
        for row in &self.rows.agencies {
            let parent = match &row.parent_code {
                Some(code) => match ids.get(code.as_str()) {
                    Some(id) => Some(id.clone()),
                    None => {
                        faults.add(
                            File::Agencies,
                            row.line,
                            "parent_code",
                            Cause::UnknownAgency(code.clone()),
                        );
                        continue;
                    }
                },
                None => None,
            };
            let Some(id) = ids.get(row.code.as_str()).cloned() else {
                continue;
            };
            let wanted = self.wanted_agency(row, id, parent);
            if !self.is_past(row) {
                let known = current.get(row.code.as_str()).copied();
                self.version(row, known, &wanted, faults);
            }
            self.agencies.insert(row.code.clone(), wanted);
        }
        for (code, agency) in current {
            self.agencies
                .entry(code.to_string())
                .or_insert_with(|| agency.clone());
        }
    }

    /// Whether the row repeats what a body was before the register ended or renamed it: an old list revives nothing.
    fn is_past(&self, row: &AgencyRow) -> bool {
        row.to.is_none()
            && self.existing.facts.agencies.iter().any(|known| {
                known.to.is_some()
                    && known.code == row.code
                    && known.name == row.name
                    && known.kind == row.kind
                    && known.from == row.from
            })
    }

    fn wanted_agency(&self, row: &AgencyRow, id: String, parent: Option<String>) -> AgencyFact {
        AgencyFact {
            record: self.id("rcd"),
            id,
            parent,
            code: row.code.clone(),
            name: row.name.clone(),
            short_name: row.short_name.clone(),
            kind: row.kind.clone(),
            collective: is_collective(&row.kind),
            level: row.level,
            mail_domain: row.mail_domain.clone(),
            id_qcvn102: row.id_qcvn102.clone(),
            gso_code: row.gso_code.clone(),
            from: row.from,
            to: row.to,
        }
    }

    /// Adds the version the file wants, when the register says something else.
    fn version(
        &mut self,
        row: &AgencyRow,
        known: Option<&AgencyFact>,
        wanted: &AgencyFact,
        faults: &mut Faults,
    ) {
        let Some(known) = known else {
            self.add(Operation::Agency(wanted.clone()));
            return;
        };
        let same = AgencyFact {
            record: wanted.record.clone(),
            ..known.clone()
        } == *wanted;
        if same {
            return;
        }
        if wanted.from < known.from {
            let since = platform::clock::format_date(known.from);
            faults.add(
                File::Agencies,
                row.line,
                "valid_from",
                Cause::NotAfter(since),
            );
            return;
        }
        self.close("agency", &known.record);
        if wanted.from > known.from && known.to.is_none_or(|to| to > wanted.from) {
            self.add(Operation::Agency(AgencyFact {
                record: self.id("rcd"),
                to: Some(wanted.from),
                ..known.clone()
            }));
        }
        self.add(Operation::Agency(wanted.clone()));
    }

    /// Exactly one agency without a parent, and no circle.
    fn check_tree(&self, current: &BTreeMap<&str, &AgencyFact>, faults: &mut Faults) {
        let code_of: BTreeMap<&str, &str> = current
            .iter()
            .map(|(code, a)| (a.id.as_str(), *code))
            .collect();
        let mut parents: BTreeMap<&str, Option<&str>> = current
            .iter()
            .filter(|(_, a)| a.to.is_none())
            .map(|(code, a)| {
                (
                    *code,
                    a.parent.as_deref().and_then(|id| code_of.get(id).copied()),
                )
            })
            .collect();
        for row in self.rows.agencies.iter().filter(|row| !self.is_past(row)) {
            parents.insert(&row.code, row.parent_code.as_deref());
        }
        let roots: Vec<&str> = parents
            .iter()
            .filter(|(_, p)| p.is_none())
            .map(|(code, _)| *code)
            .collect();
        if roots.len() != 1 && !self.rows.agencies.is_empty() && !parents.is_empty() {
            faults.add(
                File::Agencies,
                1,
                "parent_code",
                Cause::BadTree(roots.join(", ")),
            );
        }
        for row in &self.rows.agencies {
            let mut above = BTreeSet::new();
            let mut code = row.code.as_str();
            while let Some(Some(parent)) = parents.get(code) {
                if !above.insert(*parent) {
                    faults.add(
                        File::Agencies,
                        row.line,
                        "parent_code",
                        Cause::BadTree(row.code.clone()),
                    );
                    return;
                }
                code = parent;
            }
        }
    }

    /// Every agency of the file gets the units of its kind.
    fn units(&mut self) {
        let mut known: BTreeMap<(String, String), UnitFact> = BTreeMap::new();
        for unit in &self.existing.facts.units {
            known.insert((unit.agency.clone(), unit.number.clone()), unit.clone());
        }
        let mut by_kind: BTreeMap<&str, Vec<&UnitRow>> = BTreeMap::new();
        let rows = self.rows;
        for row in &rows.units {
            by_kind.entry(&row.agency_kind).or_default().push(row);
        }
        for row in &rows.agencies {
            let Some(agency) = self.agencies.get(&row.code).cloned() else {
                continue;
            };
            self.agency_seal(&agency);
            for unit in by_kind.get(row.kind.as_str()).into_iter().flatten() {
                let key = (agency.id.clone(), unit.number.clone());
                let fact = self.unit(&agency, unit, known.get(&key));
                if unit.own_seal {
                    self.unit_seal(&fact);
                }
                known.insert(key, fact);
            }
        }
        self.units = known;
    }

    fn unit(&mut self, agency: &AgencyFact, row: &UnitRow, known: Option<&UnitFact>) -> UnitFact {
        if let Some(known) = known {
            if known.name == row.name && known.own_seal == row.own_seal {
                return known.clone();
            }
            self.close("unit", &known.record);
        }
        let fact = UnitFact {
            record: self.id("rcd"),
            id: known.map_or_else(|| self.id("unt"), |k| k.id.clone()),
            agency: agency.id.clone(),
            number: row.number.clone(),
            name: row.name.clone(),
            own_seal: row.own_seal,
            from: known.map_or(agency.from, |k| k.from),
            to: known.and_then(|k| k.to),
        };
        self.add(Operation::Unit(fact.clone()));
        fact
    }

    fn agency_seal(&mut self, agency: &AgencyFact) {
        let has = self
            .existing
            .facts
            .seals
            .iter()
            .any(|seal| seal.agency == agency.id && seal.unit.is_none());
        if !has {
            self.seal(agency.id.clone(), None, &agency.name, agency.from);
        }
    }

    fn unit_seal(&mut self, unit: &UnitFact) {
        let has = self
            .existing
            .facts
            .seals
            .iter()
            .any(|seal| seal.unit.as_deref() == Some(unit.id.as_str()));
        if !has {
            self.seal(
                unit.agency.clone(),
                Some(unit.id.clone()),
                &unit.name,
                unit.from,
            );
        }
    }

    fn seal(&mut self, agency: String, unit: Option<String>, name: &str, from: i64) {
        let seal = SealFact {
            record: self.id("rcd"),
            id: self.id("sea"),
            agency,
            unit,
            name: name.to_string(),
            from,
            to: None,
        };
        self.add(Operation::Seal(seal));
    }
}
