//! Mandates: records that are closed and followed, never changed.

use platform::db::{Conn, Error, Tx};

use crate::domain::instrument::Mandate;

platform::statements! {
    pub KNOWN = "SELECT record, id, instrument, citation, grantor, grantee, paper, valid_from, valid_to FROM known_mandate
        WHERE recorded_at < $1 AND closed_at >= $1 ORDER BY id";
    pub CURRENT = "SELECT record, id, instrument, citation, grantor, grantee, paper, valid_from, valid_to FROM mandate
        WHERE id = $1 AND closed_by IS NULL";
    pub OF_POST = "SELECT record, id, instrument, citation, grantor, grantee, paper, valid_from, valid_to FROM mandate
        WHERE (grantor = $1 OR grantee = $1) AND closed_by IS NULL AND valid_to > $2 ORDER BY valid_to, id LIMIT 50";
    pub INSERT = "INSERT INTO mandate (record, id, instrument, citation, grantor, grantee, paper, valid_from, valid_to, recorded_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    pub CLOSE = "UPDATE mandate SET closed_by = $2 WHERE record = $1 AND closed_by IS NULL";
}

/// Every mandate as known at a size of the log; `None` is all that is committed.
pub async fn known(conn: &mut Conn, known: Option<i64>) -> Result<Vec<Mandate>, Error> {
    conn.all(&KNOWN, (known.unwrap_or(i64::MAX),)).await
}

/// The open record of one mandate.
pub async fn current(conn: &mut Conn, id: &str) -> Result<Option<Mandate>, Error> {
    conn.optional(&CURRENT, (id,)).await
}

/// What one post has handed over or received and is not over. Only for the holder of that post: the caller's own post is the scope.
pub async fn of_post(conn: &mut Conn, post: &str, now: i64) -> Result<Vec<Mandate>, Error> {
    conn.all(&OF_POST, (post, now)).await
}

/// Writes a record made true by the event.
pub async fn insert(tx: &mut Tx, mandate: &Mandate, event: &str) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            &mandate.record,
            &mandate.id,
            &mandate.instrument,
            &mandate.citation,
            &mandate.grantor,
            &mandate.grantee,
            &mandate.paper,
            mandate.valid_from,
            mandate.valid_to,
            event,
        ),
    )
    .await
    .map(|_| ())
}

/// Closes a record; false when it was closed already.
pub async fn close(tx: &mut Tx, record: &str, event: &str) -> Result<bool, Error> {
    Ok(tx.execute(&CLOSE, (record, event)).await? == 1)
}
