//! Who works in agencies on a day, one row an appointment, and what of him lies outside a scope.

use platform::db::{Conn, Error};

use crate::domain::time::AsOf;
use crate::rights::Scope;

platform::statements! {
    pub WITHIN = concat!("SELECT t.person, a.staff_no, a.full_name, a.username, a.sort_key, p.title, p.rank, t.kind = 'concurrent' AS beside, g.id AS agency, g.code AS agency_code, g.name AS agency_name, g.level,
          COALESCE(u.number, '') AS unit_number, COALESCE(u.name, '') AS unit_name
        FROM known_post p
        JOIN known_appointment t ON t.post = p.id AND ", valid!("t", "$3"), " AND ", known!("t", "$4"), "
        JOIN known_person_attribute a ON a.person = t.person AND ", known!("a", "$4"), "
        JOIN known_agency g ON g.id = p.agency AND ", valid!("g", "$3"), " AND ", known!("g", "$4"), "
        LEFT JOIN known_unit u ON u.id = p.unit AND ", valid!("u", "$3"), " AND ", known!("u", "$4"), "
        WHERE p.agency IN ", covered!("$1"), " AND p.agency IN ", covered!("$2"), " AND ", valid!("p", "$3"), " AND ", known!("p", "$4"), "
          AND NOT EXISTS (SELECT 1 FROM known_suspension x WHERE x.appointment = t.id AND ", valid!("x", "$3"), " AND ", known!("x", "$4"), ")
        ORDER BY t.person, p.rank, t.id");
    pub ELSEWHERE = concat!("SELECT DISTINCT t.person FROM known_appointment t JOIN known_post p ON p.id = t.post AND (p.valid_to IS NULL OR p.valid_to > $3) AND ", known!("p", "$4"), "
        WHERE ", known!("t", "$4"), " AND (t.valid_to IS NULL OR t.valid_to > $3) AND p.agency NOT IN ", covered!("$1"), "
          AND t.person IN (SELECT h.person FROM known_appointment h JOIN known_post q ON q.id = h.post AND ", valid!("q", "$3"), " AND ", known!("q", "$4"), " WHERE ", known!("h", "$4"), " AND ", valid!("h", "$3"), " AND q.agency IN ", covered!("$2"), ")
        ORDER BY t.person");
}

/// An appointment in force, with the person, the unit and the agency in words.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) person: String,
    pub(crate) staff_no: String,
    pub(crate) full_name: String,
    pub(crate) username: String,
    pub(crate) sort_key: Vec<u8>,
    pub(crate) title: String,
    pub(crate) rank: i64,
    pub(crate) beside: bool,
    pub(crate) agency: String,
    pub(crate) agency_code: String,
    pub(crate) agency_name: String,
    pub(crate) level: i64,
    pub(crate) unit_number: String,
    pub(crate) unit_name: String,
}

/// Appointments in force in these agencies (ids with blanks between them), as far as the scope covers them.
pub(crate) async fn within(
    conn: &mut Conn,
    scope: &Scope,
    agencies: &str,
    as_of: AsOf,
) -> Result<Vec<Row>, Error> {
    conn.all(
        &WITHIN,
        (scope.agencies(), agencies, as_of.at, as_of.position()),
    )
    .await
}

/// Those who work in these agencies and have or will have an appointment outside the scope.
pub(crate) async fn elsewhere(
    conn: &mut Conn,
    scope: &Scope,
    agencies: &str,
    as_of: AsOf,
) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn
        .all(
            &ELSEWHERE,
            (scope.agencies(), agencies, as_of.at, as_of.position()),
        )
        .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}
