//! Lists of the JSON interface: page by page in the order of ids, filtered; one row is a list with its id.

use platform::db::{Conn, Error};

use super::{agencies, people, posts, units};
use crate::domain::facts::{
    AgencyFact, AppointmentFact, AssignmentFact, PersonAttributes, PostFact, UnitFact,
};
use crate::domain::time::AsOf;
use crate::rights::Scope;
use crate::store::search::Query;

/// `''` filters nothing.
macro_rules! filter {
    ($column:literal, $parameter:literal) => {
        concat!(
            "(CAST(",
            $parameter,
            " AS TEXT) = '' OR ",
            $column,
            " = ",
            $parameter,
            ")"
        )
    };
}
/// After the last row of the page before, at most so many.
macro_rules! page {
    ($column:literal) => {
        concat!(
            filter!($column, "$4"),
            " AND ",
            $column,
            " > $5 ORDER BY ",
            $column,
            " LIMIT $6"
        )
    };
}
macro_rules! matches {
    ($column:literal, $parameter:literal) => {
        concat!(
            "(CAST(",
            $parameter,
            " AS TEXT) = '' OR ",
            $column,
            " LIKE ",
            $parameter,
            " ESCAPE '!') AND "
        )
    };
}

platform::statements! {
    pub AGENCIES = concat!("SELECT a.record, a.id, a.parent, a.code, a.name, a.short_name, a.kind, a.level, a.mail_domain, a.id_qcvn102, a.gso_code, a.valid_from, a.valid_to FROM known_agency a
        WHERE a.id IN ", covered!("$1"), " AND ", valid!("a", "$2"), " AND ", known!("a", "$3"), " AND ", matches!("a.search_key", "$7"), page!("a.id"));
    pub UNITS = concat!("SELECT u.record, u.id, u.agency, u.number, u.name, u.own_seal, u.valid_from, u.valid_to FROM known_unit u
        WHERE u.agency IN ", covered!("$1"), " AND ", valid!("u", "$2"), " AND ", known!("u", "$3"), " AND ", filter!("u.agency", "$7"), " AND ", page!("u.id"));
    pub POSTS = concat!("SELECT p.record, p.id, p.agency, p.unit, p.code, p.title, p.rank, p.standing, p.deputy_of, p.capacities, p.field, p.valid_from, p.valid_to FROM known_post p
        WHERE p.agency IN ", covered!("$1"), " AND ", valid!("p", "$2"), " AND ", known!("p", "$3"), " AND ", filter!("p.agency", "$7"), " AND ", matches!("p.search_key", "$8"), page!("p.id"));
    pub PEOPLE = concat!("SELECT a.record, a.person, a.staff_no, a.full_name, a.surname, a.given_name, a.gender, a.birth_date, a.username, a.email, a.phone, a.personal_number, a.personal_number_index FROM known_person_attribute a
        WHERE ", known!("a", "$3"), " AND EXISTS (SELECT 1 FROM known_appointment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$3"), " WHERE t.person = a.person AND ", known!("t", "$3"), " AND (CAST($7 AS TEXT) = '' OR (p.agency = $7 AND ", valid!("t", "$2"), ")) AND p.agency IN ", covered!("$1"), ")
          AND ", matches!("a.search_key", "$8"), page!("a.person"));
    pub APPOINTMENTS = concat!("SELECT t.record, t.id, t.person, t.post, t.kind, t.basis, t.valid_from, t.valid_to FROM known_appointment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$3"),
        " WHERE p.agency IN ", covered!("$1"), " AND ", known!("t", "$3"), " AND (CAST($2 AS BIGINT) = 0 OR (", valid!("t", "$2"), ")) AND ", filter!("t.person", "$7"), " AND ", filter!("t.post", "$8"), " AND ", filter!("p.agency", "$9"), " AND ", page!("t.id"));
    pub ASSIGNMENTS = concat!("SELECT t.record, t.id, t.kind, t.post, t.agency, t.field, t.basis, t.valid_from, t.valid_to FROM known_assignment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$3"),
        " WHERE p.agency IN ", covered!("$1"), " AND ", known!("t", "$3"), " AND (CAST($2 AS BIGINT) = 0 OR (", valid!("t", "$2"), ")) AND ", filter!("t.post", "$7"), " AND ", filter!("t.agency", "$8"), " AND ", page!("t.id"));
}

/// What of a list is asked for; empty texts filter nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// One row.
    pub id: String,
    /// After this id.
    pub after: String,
    /// At most so many.
    pub limit: i64,
    /// Of this agency.
    pub agency: String,
    /// Of this person.
    pub person: String,
    /// Of this post.
    pub post: String,
    /// Containing these words, accents optional.
    pub words: String,
}

impl Wanted {
    /// Just this one.
    pub fn one(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            limit: 1,
            ..Self::default()
        }
    }

    fn pattern(&self) -> String {
        Query::of(&self.words).map_or_else(String::new, |query| query.folded().to_owned())
    }
}

/// Agencies of the scope as they stand at an instant.
pub async fn agencies(
    conn: &mut Conn,
    scope: &Scope,
    wanted: &Wanted,
    as_of: AsOf,
) -> Result<Vec<AgencyFact>, Error> {
    let rows: Vec<agencies::Row> = conn
        .all(
            &AGENCIES,
            (
                scope.agencies(),
                as_of.at,
                as_of.position(),
                &wanted.id,
                &wanted.after,
                wanted.limit,
                wanted.pattern(),
            ),
        )
        .await?;
    Ok(rows.into_iter().map(AgencyFact::from).collect())
}

/// Units of agencies of the scope.
pub async fn units(
    conn: &mut Conn,
    scope: &Scope,
    wanted: &Wanted,
    as_of: AsOf,
) -> Result<Vec<UnitFact>, Error> {
    let rows: Vec<units::Row> = conn
        .all(
            &UNITS,
            (
                scope.agencies(),
                as_of.at,
                as_of.position(),
                &wanted.id,
                &wanted.after,
                wanted.limit,
                &wanted.agency,
            ),
        )
        .await?;
    Ok(rows.into_iter().map(UnitFact::from).collect())
}

/// Posts of agencies of the scope.
pub async fn posts(
    conn: &mut Conn,
    scope: &Scope,
    wanted: &Wanted,
    as_of: AsOf,
) -> Result<Vec<PostFact>, Error> {
    let rows: Vec<posts::Row> = conn
        .all(
            &POSTS,
            (
                scope.agencies(),
                as_of.at,
                as_of.position(),
                &wanted.id,
                &wanted.after,
                wanted.limit,
                &wanted.agency,
                wanted.pattern(),
            ),
        )
        .await?;
    Ok(rows.into_iter().map(PostFact::from).collect())
}

/// People who hold or held a post in the scope; with an agency, those who hold one there at the instant.
pub async fn people(
    conn: &mut Conn,
    scope: &Scope,
    wanted: &Wanted,
    as_of: AsOf,
) -> Result<Vec<PersonAttributes>, Error> {
    let rows: Vec<people::AttributesRow> = conn
        .all(
            &PEOPLE,
            (
                scope.agencies(),
                as_of.at,
                as_of.position(),
                &wanted.id,
                &wanted.after,
                wanted.limit,
                &wanted.agency,
                wanted.pattern(),
            ),
        )
        .await?;
    Ok(rows.into_iter().map(PersonAttributes::from).collect())
}

/// Appointments to posts of the scope; `at` narrows them to those valid then.
pub async fn appointments(
    conn: &mut Conn,
    scope: &Scope,
    wanted: &Wanted,
    at: Option<i64>,
) -> Result<Vec<AppointmentFact>, Error> {
    conn.all(
        &APPOINTMENTS,
        (
            scope.agencies(),
            at.unwrap_or(0),
            i64::MAX,
            &wanted.id,
            &wanted.after,
            wanted.limit,
            &wanted.person,
            &wanted.post,
            &wanted.agency,
        ),
    )
    .await
}

/// Assignments to posts of the scope; `at` narrows them to those valid then.
pub async fn assignments(
    conn: &mut Conn,
    scope: &Scope,
    wanted: &Wanted,
    at: Option<i64>,
) -> Result<Vec<AssignmentFact>, Error> {
    conn.all(
        &ASSIGNMENTS,
        (
            scope.agencies(),
            at.unwrap_or(0),
            i64::MAX,
            &wanted.id,
            &wanted.after,
            wanted.limit,
            &wanted.post,
            &wanted.agency,
        ),
    )
    .await
}
