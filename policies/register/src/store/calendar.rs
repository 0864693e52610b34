//! Changes ahead: what begins and what ends in a stretch of days, from the facts that are recorded already.

use platform::db::{Conn, Error};

use crate::domain::time::AsOf;
use crate::rights::Scope;

/// Shown at once.
const MOST: i64 = 500;

/// One line per beginning or end of a kind of fact.
macro_rules! appointments {
    ($column:literal, $begins:literal) => {
        concat!(
            "SELECT 'appointment' AS what, CAST(", $begins, " AS BIGINT) AS begins, t.", $column, " AS at, t.id, t.person, t.post, p.title, p.field, t.kind AS word FROM known_appointment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$4"),
            " WHERE p.agency IN ", covered!("$1"), " AND ", known!("t", "$4"), " AND t.", $column, " > $2 AND t.", $column, " <= $3"
        )
    };
}
macro_rules! assignments {
    ($column:literal, $begins:literal) => {
        concat!(
            "SELECT 'assignment' AS what, CAST(", $begins, " AS BIGINT) AS begins, t.", $column, " AS at, t.id, '' AS person, t.post, p.title, COALESCE(t.field, p.field) AS field, t.kind AS word FROM known_assignment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$4"),
            " WHERE p.agency IN ", covered!("$1"), " AND ", known!("t", "$4"), " AND t.", $column, " > $2 AND t.", $column, " <= $3"
        )
    };
}
macro_rules! suspensions {
    ($column:literal, $begins:literal) => {
        concat!(
            "SELECT 'suspension' AS what, CAST(", $begins, " AS BIGINT) AS begins, x.", $column, " AS at, t.id, t.person, t.post, p.title, p.field, x.reason AS word FROM known_suspension x JOIN known_appointment t ON t.id = x.appointment AND ", known!("t", "$4"),
            " JOIN known_post p ON p.id = t.post AND ", known!("p", "$4"), " WHERE p.agency IN ", covered!("$1"), " AND ", known!("x", "$4"), " AND x.", $column, " > $2 AND x.", $column, " <= $3"
        )
    };
}

platform::statements! {
    pub AHEAD = concat!("SELECT w.what, w.begins, w.at, w.id, w.person, w.post, w.title, w.field, w.word FROM (", appointments!("valid_from", "1"), " UNION ALL ", appointments!("valid_to", "0"), " UNION ALL ", assignments!("valid_from", "1"), " UNION ALL ", assignments!("valid_to", "0"),
        " UNION ALL ", suspensions!("valid_from", "1"), " UNION ALL ", suspensions!("valid_to", "0"), ") w ORDER BY w.at, w.id, w.begins LIMIT $5");
}

/// A change ahead.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Change {
    /// `appointment`, `assignment` or `suspension`.
    pub what: String,
    /// 1 when it begins, 0 when it ends.
    pub begins: i64,
    /// When.
    pub at: i64,
    /// The appointment or assignment.
    pub id: String,
    /// Who; empty for an assignment.
    pub person: String,
    /// Which post.
    pub post: String,
    /// Its title.
    pub title: String,
    /// Field of the seat, or the one assigned.
    pub field: Option<String>,
    /// Kind of appointment or assignment, or the reason of the suspension.
    pub word: String,
}

/// Changes of the scope after `as_of.at`, up to and with `until`.
pub async fn ahead(
    conn: &mut Conn,
    scope: &Scope,
    as_of: AsOf,
    until: i64,
) -> Result<Vec<Change>, Error> {
    conn.all(
        &AHEAD,
        (scope.agencies(), as_of.at, until, as_of.position(), MOST),
    )
    .await
}
