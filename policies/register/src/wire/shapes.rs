//! What the interface answers: agencies, units, posts, people, appointments, assignments; instants in RFC 3339.

use platform::clock::rfc3339;
use serde::Serialize;

use crate::domain::facts::{
    AgencyFact, AppointmentFact, AssignmentFact, PersonAttributes, PostFact, UnitFact,
};

/// A page of a list; `next` is the `after` of the page that follows.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
}

/// An agency.
#[derive(Debug, Serialize)]
pub struct Agency {
    id: String,
    parent: Option<String>,
    code: String,
    name: String,
    short_name: String,
    kind: String,
    collective: bool,
    mail_domain: String,
    id_qcvn102: Option<String>,
    from: String,
    to: Option<String>,
}

impl From<AgencyFact> for Agency {
    fn from(fact: AgencyFact) -> Self {
        Self {
            id: fact.id,
            parent: fact.parent,
            code: fact.code,
            name: fact.name,
            short_name: fact.short_name,
            kind: fact.kind,
            collective: fact.collective,
            mail_domain: fact.mail_domain,
            id_qcvn102: fact.id_qcvn102,
            from: rfc3339(fact.from),
            to: fact.to.map(rfc3339),
        }
    }
}

/// A unit.
#[derive(Debug, Serialize)]
pub struct Unit {
    id: String,
    agency: String,
    number: String,
    name: String,
    own_seal: bool,
    from: String,
    to: Option<String>,
}

impl From<UnitFact> for Unit {
    fn from(fact: UnitFact) -> Self {
        Self {
            id: fact.id,
            agency: fact.agency,
            number: fact.number,
            name: fact.name,
            own_seal: fact.own_seal,
            from: rfc3339(fact.from),
            to: fact.to.map(rfc3339),
        }
    }
}

/// A post.
#[derive(Debug, Serialize)]
pub struct Post {
    id: String,
    agency: String,
    unit: Option<String>,
    code: String,
    title: String,
    standing: &'static str,
    deputy_of: Option<String>,
    capacities: Vec<String>,
    field: Option<String>,
    from: String,
    to: Option<String>,
}

impl From<PostFact> for Post {
    fn from(fact: PostFact) -> Self {
        Self {
            standing: fact.standing.as_str(),
            id: fact.id,
            agency: fact.agency,
            unit: fact.unit,
            code: fact.code,
            title: fact.title,
            deputy_of: fact.deputy_of,
            capacities: fact.capacities,
            field: fact.field,
            from: rfc3339(fact.from),
            to: fact.to.map(rfc3339),
        }
    }
}

/// A person. The personal number is in no answer.
#[derive(Debug, Serialize)]
pub struct Person {
    id: String,
    staff_no: String,
    full_name: String,
    surname: String,
    given_name: String,
    gender: Option<String>,
    birth_year: Option<i64>,
    username: String,
    email: Option<String>,
    phone: Option<String>,
}

impl From<PersonAttributes> for Person {
    fn from(known: PersonAttributes) -> Self {
        Self {
            birth_year: known
                .birth_date
                .and_then(|date| date.get(..4)?.parse().ok()),
            id: known.person,
            staff_no: known.staff_no,
            full_name: known.full_name,
            surname: known.surname,
            given_name: known.given_name,
            gender: known.gender,
            username: known.username,
            email: known.email,
            phone: known.phone,
        }
    }
}

/// An appointment.
#[derive(Debug, Serialize)]
pub struct Appointment {
    id: String,
    person: String,
    post: String,
    kind: &'static str,
    basis: String,
    from: String,
    to: Option<String>,
}

impl From<AppointmentFact> for Appointment {
    fn from(fact: AppointmentFact) -> Self {
        Self {
            kind: fact.kind.as_str(),
            id: fact.id,
            person: fact.person,
            post: fact.post,
            basis: fact.basis,
            from: rfc3339(fact.from),
            to: fact.to.map(rfc3339),
        }
    }
}

/// An assignment.
#[derive(Debug, Serialize)]
pub struct Assignment {
    id: String,
    kind: &'static str,
    post: String,
    agency: String,
    field: Option<String>,
    basis: String,
    from: String,
    to: Option<String>,
}

impl From<AssignmentFact> for Assignment {
    fn from(fact: AssignmentFact) -> Self {
        Self {
            kind: fact.kind.as_str(),
            id: fact.id,
            post: fact.post,
            agency: fact.agency,
            field: fact.field,
            basis: fact.basis,
            from: rfc3339(fact.from),
            to: fact.to.map(rfc3339),
        }
    }
}
