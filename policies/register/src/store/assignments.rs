//! Assignments: fields of work and custody of seals.

use platform::db::{Conn, Error, Tx};

use crate::domain::facts::AssignmentFact;
use crate::domain::time::{AsOf, position};
use crate::domain::words::AssignmentKind;

macro_rules! columns {
    () => {
        "SELECT a.record, a.id, a.kind, a.post, a.agency, a.field, a.basis, a.valid_from, a.valid_to FROM known_assignment a "
    };
}

platform::statements! {
    pub SNAPSHOT = concat!(columns!(), "WHERE ", known!("a", "$1"), " ORDER BY a.agency, a.post, a.valid_from, a.id, a.record");
    pub FIND = concat!(columns!(), "WHERE a.id = $1 AND ", known!("a", "$2"));
    pub OF_POST = concat!(columns!(), "WHERE a.post = $1 AND ", known!("a", "$2"), " ORDER BY a.valid_from, a.id");
    pub IN_FORCE = concat!("SELECT COUNT(*) AS n FROM known_assignment a WHERE a.kind = $1 AND a.post = $2 AND a.agency = $3 AND ", valid!("a", "$4"), " AND ", known!("a", "$5"));
    pub KEPT_BY = concat!("SELECT a.agency FROM known_assignment a WHERE a.kind = 'seal_custody' AND a.post = $1 AND ", valid!("a", "$2"), " AND ", known!("a", "$3"), " ORDER BY a.agency");
    pub KEEPERS = concat!("SELECT a.post FROM known_assignment a WHERE a.kind = 'seal_custody' AND a.agency = $1 AND ", valid!("a", "$2"), " AND ", known!("a", "$3"), " ORDER BY a.post");
    pub INSERT = "INSERT INTO assignment (record, id, kind, post, agency, field, basis, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    pub CLOSE = "UPDATE assignment SET closed_by = $2 WHERE record = $1 AND closed_by IS NULL";
}

pub(crate) async fn snapshot(
    conn: &mut Conn,
    known: Option<i64>,
) -> Result<Vec<AssignmentFact>, Error> {
    conn.all(&SNAPSHOT, (position(known),)).await
}

pub(crate) async fn find(
    conn: &mut Conn,
    id: &str,
    known: Option<i64>,
) -> Result<Option<AssignmentFact>, Error> {
    conn.optional(&FIND, (id, position(known))).await
}

pub(crate) async fn of_post(
    conn: &mut Conn,
    post: &str,
    known: Option<i64>,
) -> Result<Vec<AssignmentFact>, Error> {
    conn.all(&OF_POST, (post, position(known))).await
}

pub(crate) async fn in_force(
    conn: &mut Conn,
    kind: AssignmentKind,
    post: &str,
    agency: &str,
    as_of: AsOf,
) -> Result<bool, Error> {
    let (n,): (i64,) = conn
        .one(
            &IN_FORCE,
            (kind.as_str(), post, agency, as_of.at, as_of.position()),
        )
        .await?;
    Ok(n > 0)
}

/// Agencies whose seal a post keeps.
pub(crate) async fn kept_by(
    conn: &mut Conn,
    post: &str,
    as_of: AsOf,
) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn
        .all(&KEPT_BY, (post, as_of.at, as_of.position()))
        .await?;
    Ok(rows.into_iter().map(|(agency,)| agency).collect())
}

/// Posts that keep the seal of an agency.
pub(crate) async fn keepers(
    conn: &mut Conn,
    agency: &str,
    as_of: AsOf,
) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn
        .all(&KEEPERS, (agency, as_of.at, as_of.position()))
        .await?;
    Ok(rows.into_iter().map(|(post,)| post).collect())
}

pub(crate) async fn insert(
    tx: &mut Tx,
    a: &AssignmentFact,
    recorded_by: &str,
) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            &a.record,
            &a.id,
            a.kind.as_str(),
            &a.post,
            &a.agency,
            &a.field,
            &a.basis,
            a.from,
            a.to,
            recorded_by,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn close(tx: &mut Tx, record: &str, event: &str) -> Result<bool, Error> {
    Ok(tx.execute(&CLOSE, (record, event)).await? == 1)
}
