//! Requests to sign or seal: prepared bytes, decision, consent and outcome.

use crate::domain::signing::RequestState;
use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub ADD = "INSERT INTO signing_request (id, paper, revision, act, person, post, capacity, certificate, key_id, decision, prepared, byte_range, digest, return_url, state, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'open', $15, $16)";
    pub OF_PERSON = "SELECT id, paper, revision, act, person, post, capacity, certificate, key_id, decision, prepared, byte_range, digest, return_url, state, outcome, statement, assertion, decision_id, created_at, expires_at, intended_at, finished_at FROM signing_request WHERE id = $1 AND person = $2";
    pub BY_ID = "SELECT id, paper, revision, act, person, post, capacity, certificate, key_id, decision, prepared, byte_range, digest, return_url, state, outcome, statement, assertion, decision_id, created_at, expires_at, intended_at, finished_at FROM signing_request WHERE id = $1";
    pub STUCK = "SELECT id, paper, revision, act, person, post, capacity, certificate, key_id, decision, prepared, byte_range, digest, return_url, state, outcome, statement, assertion, decision_id, created_at, expires_at, intended_at, finished_at FROM signing_request WHERE state = 'intended' AND intended_at <= $1 ORDER BY intended_at, id LIMIT $2";
    pub CLOSE_OTHERS = "UPDATE signing_request SET state = 'refused', outcome = 'superseded', finished_at = $3 WHERE paper = $1 AND id <> $2 AND state = 'open'";
    pub INTEND = "UPDATE signing_request SET state = 'intended', statement = $2, assertion = $3, decision_id = $4, decision = $5, intended_at = $6 WHERE id = $1 AND state = 'open'";
    pub FINISH = "UPDATE signing_request SET state = $3, outcome = $4, finished_at = $5 WHERE id = $1 AND state = $2";
    pub EXPIRED = "SELECT id, paper FROM signing_request WHERE state = 'open' AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2";
}

/// A request.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RequestRow {
    /// Id.
    pub id: String,
    /// Paper.
    pub paper: String,
    /// Revision that the new one is built on.
    pub revision: i64,
    /// `sign` or `seal`.
    pub act: String,
    /// Who is asked.
    pub person: String,
    /// In which post.
    pub post: String,
    /// In which capacity.
    pub capacity: String,
    /// Certificate that will appear.
    pub certificate: String,
    /// Key in the signer.
    pub key_id: String,
    /// The decision, JSON.
    pub decision: String,
    /// The document with room for the signature.
    pub prepared: Vec<u8>,
    /// The four numbers of the ByteRange, JSON.
    pub byte_range: String,
    /// SHA-256 over the signed ranges, hex.
    pub digest: String,
    /// Where the person goes back to.
    pub return_url: String,
    /// State.
    pub state: String,
    /// What came of it.
    pub outcome: Option<String>,
    /// The consent statement (JCS).
    pub statement: Option<String>,
    /// The passkey assertion, JSON.
    pub assertion: Option<String>,
    /// Decision used.
    pub decision_id: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// Until when it may be used.
    pub expires_at: i64,
    /// When consent was stored.
    pub intended_at: Option<i64>,
    /// When it ended.
    pub finished_at: Option<i64>,
}

/// Adds a request and closes others that wait for the same paper.
pub async fn add(tx: &mut Tx, row: &RequestRow) -> Result<(), Error> {
    tx.execute(
        &ADD,
        (
            &row.id,
            &row.paper,
            row.revision,
            &row.act,
            &row.person,
            &row.post,
            &row.capacity,
            &row.certificate,
            &row.key_id,
            &row.decision,
            &row.prepared,
            &row.byte_range,
            &row.digest,
            &row.return_url,
            row.created_at,
            row.expires_at,
        ),
    )
    .await?;
    tx.execute(&CLOSE_OTHERS, (&row.paper, &row.id, row.created_at))
        .await
        .map(|_| ())
}

/// The request, if it is this person's.
pub async fn of_person(
    conn: &mut Conn,
    id: &str,
    person: &str,
) -> Result<Option<RequestRow>, Error> {
    conn.optional(&OF_PERSON, (id, person)).await
}

/// By id, for the reconciliation.
pub async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<RequestRow>, Error> {
    conn.optional(&BY_ID, (id,)).await
}

/// Requests whose consent was stored at or before `before` and that did not end.
pub async fn stuck(conn: &mut Conn, before: i64, limit: i64) -> Result<Vec<RequestRow>, Error> {
    conn.all(&STUCK, (before, limit)).await
}

/// Open requests whose time is over.
pub async fn expired(
    conn: &mut Conn,
    now: i64,
    limit: i64,
) -> Result<Vec<(String, String)>, Error> {
    conn.all(&EXPIRED, (now, limit)).await
}

/// Consent as it is stored.
pub struct Consent<'a> {
    /// The statement (JCS).
    pub statement: &'a str,
    /// The assertion, JSON.
    pub assertion: &'a str,
    /// The decision used.
    pub decision_id: &'a str,
    /// The decision, JSON.
    pub decision: &'a str,
}

/// Stores the intent; false when the request is no longer open.
pub async fn intend(tx: &mut Tx, id: &str, consent: &Consent<'_>, at: i64) -> Result<bool, Error> {
    let changed = tx
        .execute(
            &INTEND,
            (
                id,
                consent.statement,
                consent.assertion,
                consent.decision_id,
                consent.decision,
                at,
            ),
        )
        .await?;
    Ok(changed == 1)
}

/// Ends a request; false when it is not in that state.
pub async fn finish(
    tx: &mut Tx,
    id: &str,
    from: RequestState,
    to: RequestState,
    outcome: &str,
    at: i64,
) -> Result<bool, Error> {
    let changed = tx
        .execute(&FINISH, (id, from.word(), to.word(), outcome, at))
        .await?;
    Ok(changed == 1)
}
