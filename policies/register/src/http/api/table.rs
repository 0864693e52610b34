//! The operations of the interface.

use crate::domain::administration::{Need, READING};
use crate::domain::words::{Kind, Verb};

/// One operation.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// As in the router.
    pub path: &'static str,
    /// What it needs.
    pub need: Need,
    /// Its name for generated clients.
    pub id: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Parameters of the query, by their names in the document.
    pub query: &'static [&'static str],
    /// Schema of the body.
    pub body: Option<&'static str>,
    /// Schema of the answer.
    pub answer: &'static str,
    /// Whether the answer is a page of a list.
    pub list: bool,
    /// Status of the answer, and what it says.
    pub good: (&'static str, &'static str),
}

const fn list(
    path: &'static str,
    need: Need,
    id: &'static str,
    summary: &'static str,
    query: &'static [&'static str],
    answer: &'static str,
) -> Operation {
    Operation {
        method: "GET",
        path,
        need,
        id,
        summary,
        query,
        body: None,
        answer,
        list: true,
        good: ("200", "Found"),
    }
}

const fn one(
    path: &'static str,
    need: Need,
    id: &'static str,
    summary: &'static str,
    query: &'static [&'static str],
    answer: &'static str,
) -> Operation {
    Operation {
        list: false,
        ..list(path, need, id, summary, query, answer)
    }
}

const fn act(
    path: &'static str,
    need: Need,
    id: &'static str,
    summary: &'static str,
    body: &'static str,
    answer: &'static str,
) -> Operation {
    Operation {
        method: "POST",
        body: Some(body),
        list: false,
        good: ("201", "Recorded"),
        ..list(path, need, id, summary, &[], answer)
    }
}

const DELIVERIES: Need = crate::flows::read_list::NEED;
const PEOPLE: Need = (Verb::See, Kind::Person);
const POSTS: Need = (Verb::See, Kind::Post);
const APPOINTMENTS: Need = (Verb::See, Kind::Appointment);
const ASSIGNMENTS: Need = (Verb::See, Kind::Assignment);
const RECORD_PEOPLE: Need = (Verb::Record, Kind::Person);
const APPOINT: Need = (Verb::Record, Kind::Appointment);
const ASSIGN: Need = (Verb::Record, Kind::Assignment);

/// Everything there is.
pub const OPERATIONS: &[Operation] = &[
    list(
        "/api/register/agencies",
        READING,
        "listAgencies",
        "Agencies of the caller's reach, in the order of ids",
        &["limit", "after", "q", "at"],
        "Agency",
    ),
    one(
        "/api/register/agencies/{id}",
        READING,
        "seeAgency",
        "An agency as it stands at an instant",
        &["at"],
        "Agency",
    ),
    list(
        "/api/register/units",
        (Verb::See, Kind::Unit),
        "listUnits",
        "Units inside agencies",
        &["limit", "after", "agency", "at"],
        "Unit",
    ),
    one(
        "/api/register/units/{id}",
        (Verb::See, Kind::Unit),
        "seeUnit",
        "A unit as it stands at an instant",
        &["at"],
        "Unit",
    ),
    list(
        "/api/register/posts",
        POSTS,
        "listPosts",
        "Posts",
        &["limit", "after", "q", "agency", "at"],
        "Post",
    ),
    one(
        "/api/register/posts/{id}",
        POSTS,
        "seePost",
        "A post as it stands at an instant",
        &["at"],
        "Post",
    ),
    list(
        "/api/register/people",
        PEOPLE,
        "listPeople",
        "People who hold or held a post; with an agency, those who hold one there at the instant",
        &["limit", "after", "q", "agency", "at"],
        "Person",
    ),
    one(
        "/api/register/people/{id}",
        PEOPLE,
        "seePerson",
        "A person",
        &[],
        "Person",
    ),
    act(
        "/api/register/people",
        RECORD_PEOPLE,
        "recordPerson",
        "Records a person whom the register does not know yet",
        "NewPerson",
        "Recorded",
    ),
    act(
        "/api/register/people/{id}/corrections",
        RECORD_PEOPLE,
        "correctPerson",
        "Corrects what names a person: the old record is closed",
        "Correction",
        "Person",
    ),
    list(
        "/api/register/appointments",
        APPOINTMENTS,
        "listAppointments",
        "Appointments, past and future ones too unless an instant is given",
        &["limit", "after", "person", "post", "agency", "at"],
        "Appointment",
    ),
    one(
        "/api/register/appointments/{id}",
        APPOINTMENTS,
        "seeAppointment",
        "An appointment",
        &[],
        "Appointment",
    ),
    act(
        "/api/register/appointments",
        APPOINT,
        "recordAppointment",
        "Appoints a person to a post: in full, acting, in charge or concurrently",
        "NewAppointment",
        "Appointment",
    ),
    act(
        "/api/register/appointments/{id}/end",
        APPOINT,
        "endAppointment",
        "Ends an appointment at an instant",
        "End",
        "Appointment",
    ),
    act(
        "/api/register/appointments/{id}/suspensions",
        APPOINT,
        "suspendAppointment",
        "Suspends an appointment for a time",
        "NewSuspension",
        "Appointment",
    ),
    list(
        "/api/register/assignments",
        ASSIGNMENTS,
        "listAssignments",
        "Fields of work and custody of seals",
        &["limit", "after", "post", "agency", "at"],
        "Assignment",
    ),
    one(
        "/api/register/assignments/{id}",
        ASSIGNMENTS,
        "seeAssignment",
        "An assignment",
        &[],
        "Assignment",
    ),
    act(
        "/api/register/assignments",
        ASSIGN,
        "recordAssignment",
        "Assigns a field to a deputy, or a seal to a clerk",
        "NewAssignment",
        "Assignment",
    ),
    act(
        "/api/register/assignments/{id}/end",
        ASSIGN,
        "endAssignment",
        "Ends an assignment at an instant",
        "End",
        "Assignment",
    ),
    Operation {
        query: &["effective", "complete", "key"],
        good: ("202", "Taken"),
        ..act(
            "/api/register/feeds/{id}/deliveries",
            DELIVERIES,
            "deliverList",
            "Delivers the officials of a source as a SCIM list of users; it becomes a list that is judged like any other",
            "ScimList",
            "Delivered",
        )
    },
    one(
        "/api/register/deliveries/{id}",
        DELIVERIES,
        "seeDelivery",
        "The difference report of a delivery: what it meant when it came, and what is still to be decided",
        &[],
        "DeliveryReport",
    ),
];
