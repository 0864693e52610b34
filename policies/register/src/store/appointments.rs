//! Appointments and their suspensions.

use platform::db::{Conn, Error, Tx};

use crate::domain::facts::{AppointmentFact, SuspensionFact};
use crate::domain::time::{AsOf, position};
use crate::domain::words::AppointmentKind;
use crate::rights::Scope;

macro_rules! columns {
    () => {
        "SELECT a.record, a.id, a.person, a.post, a.kind, a.basis, a.valid_from, a.valid_to FROM known_appointment a "
    };
}
/// No suspension covers the instant.
macro_rules! unsuspended {
    ($at:literal, $position:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM known_suspension x WHERE x.appointment = a.id AND ",
            valid!("x", $at),
            " AND ",
            known!("x", $position),
            ")"
        )
    };
}
/// An appointment in words: post, agency and unit beside it.
macro_rules! held {
    ($at:literal, $position:literal) => {
        concat!(
            "SELECT a.id AS appointment, a.kind, a.basis, a.valid_from, a.valid_to, p.id AS post, p.title, p.code, p.rank, p.field, g.id AS agency, g.code AS agency_code, g.name AS agency_name, g.short_name AS agency_short_name, u.name AS unit_name
             FROM known_appointment a
             JOIN known_post p ON p.id = a.post AND ", known!("p", $position), "
             JOIN known_agency g ON g.id = p.agency AND ", valid!("g", $at), " AND ", known!("g", $position), "
             LEFT JOIN known_unit u ON u.id = p.unit AND ", known!("u", $position)
        )
    };
}

platform::statements! {
    pub SNAPSHOT = concat!(columns!(), "WHERE ", known!("a", "$1"), " ORDER BY a.valid_from, a.id, a.record");
    pub SNAPSHOT_SUSPENSIONS = concat!("SELECT x.record, x.id, x.appointment, x.reason, x.valid_from, x.valid_to FROM known_suspension x WHERE ", known!("x", "$1"), " ORDER BY x.valid_from, x.id, x.record");
    pub FIND = concat!(columns!(), "WHERE a.id = $1 AND ", known!("a", "$2"));
    pub IN_FORCE = concat!("SELECT COUNT(*) AS n FROM known_appointment a WHERE a.id = $1 AND ", valid!("a", "$2"), " AND ", known!("a", "$3"), " AND ", unsuspended!("$2", "$3"));
    pub OF_POST = concat!(columns!(), "WHERE a.post = $1 AND ", known!("a", "$2"), " ORDER BY a.valid_from");
    pub HELD_BY = concat!(held!("$2", "$3"), " WHERE a.person = $1 AND ", valid!("a", "$2"), " AND ", known!("a", "$3"), " AND ", unsuspended!("$2", "$3"),
        " ORDER BY CASE a.kind WHEN 'concurrent' THEN 1 ELSE 0 END, p.rank, a.valid_from, a.id");
    pub HISTORY = concat!(held!("$2", "$3"), " WHERE a.person = $1 AND ", known!("a", "$3"), " AND p.agency IN ", covered!("$4"), " ORDER BY a.valid_from DESC, a.id");
    pub AGENCIES_OF = concat!("SELECT DISTINCT p.agency FROM known_appointment a JOIN known_post p ON p.id = a.post AND ", known!("p", "$2"), " WHERE a.person = $1 AND ", known!("a", "$2"), " ORDER BY p.agency");
    pub INSERT = "INSERT INTO appointment (record, id, person, post, kind, basis, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// Many rows at once, as a JSON array.
    pub INSERT_ALL = "INSERT INTO appointment (record, id, person, post, kind, basis, valid_from, valid_to, recorded_by) SELECT json_extract(r.value, '$.record'), json_extract(r.value, '$.id'), json_extract(r.value, '$.person'), json_extract(r.value, '$.post'), json_extract(r.value, '$.kind'), json_extract(r.value, '$.basis'), json_extract(r.value, '$.from'), json_extract(r.value, '$.to'), $2 FROM json_each($1) r",
        postgres "INSERT INTO appointment (record, id, person, post, kind, basis, valid_from, valid_to, recorded_by) SELECT x.\"record\", x.\"id\", x.\"person\", x.\"post\", x.\"kind\", x.\"basis\", x.\"from\", x.\"to\", $2 FROM jsonb_to_recordset(CAST(CAST($1 AS TEXT) AS JSONB)) AS x(\"record\" TEXT, \"id\" TEXT, \"person\" TEXT, \"post\" TEXT, \"kind\" TEXT, \"basis\" TEXT, \"from\" BIGINT, \"to\" BIGINT)";
    /// Whoever is appointed is found in the agency of the post. A post never changes its agency, so that this is the only time.
    pub SPREAD_PHRASES = "INSERT INTO agency_phrase (agency, phrase, person, record) SELECT DISTINCT p.agency, w.phrase, w.person, w.record FROM json_each($1) r JOIN post p ON p.id = json_extract(r.value, '$.post') JOIN person_attribute a ON a.person = json_extract(r.value, '$.person') JOIN person_phrase w ON w.record = a.record WHERE true ON CONFLICT (agency, phrase, person, record) DO NOTHING",
        postgres "INSERT INTO agency_phrase (agency, phrase, person, record) SELECT DISTINCT p.agency, w.phrase, w.person, w.record FROM jsonb_to_recordset(CAST(CAST($1 AS TEXT) AS JSONB)) AS x(\"post\" TEXT, \"person\" TEXT) JOIN post p ON p.id = x.\"post\" JOIN person_attribute a ON a.person = x.\"person\" JOIN person_phrase w ON w.record = a.record ON CONFLICT (agency, phrase, person, record) DO NOTHING";
    pub CLOSE = "UPDATE appointment SET closed_by = $2 WHERE record = $1 AND closed_by IS NULL";
    pub INSERT_SUSPENSION = "INSERT INTO suspension (record, id, appointment, reason, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

/// An appointment with its post, agency and unit in words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct HeldPost {
    /// `apt_…`
    pub appointment: String,
    /// In which way.
    pub kind: AppointmentKind,
    /// Decision or list.
    pub basis: String,
    /// `pst_…`
    pub post: String,
    /// Title of the post.
    pub title: String,
    /// Code of the kind of post.
    pub code: String,
    /// Rank.
    pub rank: i64,
    /// Field of the seat.
    pub field: Option<String>,
    /// `agy_…`
    pub agency: String,
    /// Code of the agency.
    pub agency_code: String,
    /// Its name.
    pub agency_name: String,
    /// Its short name.
    pub agency_short_name: String,
    /// The unit's name.
    pub unit_name: Option<String>,
    /// First instant.
    #[sqlx(rename = "valid_from")]
    pub from: i64,
    /// First instant after it.
    #[sqlx(rename = "valid_to")]
    pub to: Option<i64>,
}

pub(crate) async fn snapshot(
    conn: &mut Conn,
    known: Option<i64>,
) -> Result<Vec<AppointmentFact>, Error> {
    conn.all(&SNAPSHOT, (position(known),)).await
}

pub(crate) async fn suspensions(
    conn: &mut Conn,
    known: Option<i64>,
) -> Result<Vec<SuspensionFact>, Error> {
    conn.all(&SNAPSHOT_SUSPENSIONS, (position(known),)).await
}

pub(crate) async fn find(
    conn: &mut Conn,
    id: &str,
    known: Option<i64>,
) -> Result<Option<AppointmentFact>, Error> {
    conn.optional(&FIND, (id, position(known))).await
}

pub(crate) async fn in_force(conn: &mut Conn, id: &str, as_of: AsOf) -> Result<bool, Error> {
    let (n,): (i64,) = conn
        .one(&IN_FORCE, (id, as_of.at, as_of.position()))
        .await?;
    Ok(n > 0)
}

pub(crate) async fn of_post(
    conn: &mut Conn,
    post: &str,
    known: Option<i64>,
) -> Result<Vec<AppointmentFact>, Error> {
    conn.all(&OF_POST, (post, position(known))).await
}

pub(crate) async fn held_by(
    conn: &mut Conn,
    person: &str,
    as_of: AsOf,
) -> Result<Vec<HeldPost>, Error> {
    conn.all(&HELD_BY, (person, as_of.at, as_of.position()))
        .await
}

/// What a person held over time in agencies of the scope, the newest first; agencies under the name they bear at `as_of.at`.
pub async fn history(
    conn: &mut Conn,
    scope: &Scope,
    person: &str,
    as_of: AsOf,
) -> Result<Vec<HeldPost>, Error> {
    conn.all(
        &HISTORY,
        (person, as_of.at, as_of.position(), scope.agencies()),
    )
    .await
}

/// Every agency in which a person holds, held or will hold a post.
pub(crate) async fn agencies_of(conn: &mut Conn, person: &str) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn.all(&AGENCIES_OF, (person, i64::MAX)).await?;
    Ok(rows.into_iter().map(|(agency,)| agency).collect())
}

pub(crate) async fn insert(
    tx: &mut Tx,
    a: &AppointmentFact,
    recorded_by: &str,
) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            &a.record,
            &a.id,
            &a.person,
            &a.post,
            a.kind.as_str(),
            &a.basis,
            a.from,
            a.to,
            recorded_by,
        ),
    )
    .await?;
    tx.execute(&SPREAD_PHRASES, (super::as_rows(&[a])?,))
        .await?;
    Ok(())
}

pub(crate) async fn insert_all(
    tx: &mut Tx,
    all: &[&AppointmentFact],
    recorded_by: &str,
) -> Result<(), Error> {
    let rows = super::as_rows(all)?;
    tx.execute(&INSERT_ALL, (&rows, recorded_by)).await?;
    tx.execute(&SPREAD_PHRASES, (&rows,)).await?;
    Ok(())
}

pub(crate) async fn close(tx: &mut Tx, record: &str, event: &str) -> Result<bool, Error> {
    Ok(tx.execute(&CLOSE, (record, event)).await? == 1)
}

pub(crate) async fn insert_suspension(
    tx: &mut Tx,
    s: &SuspensionFact,
    recorded_by: &str,
) -> Result<(), Error> {
    tx.execute(
        &INSERT_SUSPENSION,
        (
            &s.record,
            &s.id,
            &s.appointment,
            &s.reason,
            s.from,
            s.to,
            recorded_by,
        ),
    )
    .await?;
    Ok(())
}
