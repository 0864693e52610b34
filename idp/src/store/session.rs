//! Sessions, and the post chosen in each for each client.

use crate::domain::session::{Assurance, Session};
use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub INSERT = "INSERT INTO session (id, digest, account, person, acr, auth_time, last_seen, device) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
    pub BY_DIGEST = "SELECT s.id AS id, s.account AS account, s.person AS person, s.acr AS acr, s.auth_time AS auth_time, s.last_seen AS last_seen, s.device AS device
        FROM session s JOIN account a ON a.id = s.account WHERE s.digest = $1 AND s.ended_at IS NULL AND a.state = 'active'";
    pub BY_ID = "SELECT s.id AS id, s.account AS account, s.person AS person, s.acr AS acr, s.auth_time AS auth_time, s.last_seen AS last_seen, s.device AS device
        FROM session s JOIN account a ON a.id = s.account WHERE s.id = $1 AND s.ended_at IS NULL AND a.state = 'active'";
    pub OF_ACCOUNT = "SELECT id, account, person, acr, auth_time, last_seen, device FROM session WHERE account = $1 AND ended_at IS NULL ORDER BY last_seen DESC, id";
    pub SEEN = "UPDATE session SET last_seen = $2 WHERE id = $1 AND last_seen < $2";
    pub RENEW = "UPDATE session SET digest = $3, acr = $4, auth_time = $5, last_seen = $5 WHERE id = $1 AND account = $2 AND ended_at IS NULL";
    pub END = "UPDATE session SET ended_at = $3 WHERE id = $1 AND account = $2 AND ended_at IS NULL";
    pub END_ALL = "UPDATE session SET ended_at = $2 WHERE account = $1 AND ended_at IS NULL";
    pub POST = "SELECT post, appointment FROM session_post WHERE session = $1 AND client = $2";
    pub SET_POST = "INSERT INTO session_post (session, client, post, appointment, chosen_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (session, client) DO UPDATE SET post = excluded.post, appointment = excluded.appointment, chosen_at = excluded.chosen_at";
}

/// A session as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StoredSession {
    /// `ses_…`, the `sid` of tokens.
    pub id: String,
    /// Account.
    pub account: String,
    /// Person.
    pub person: String,
    acr: String,
    /// When the person proved himself.
    pub auth_time: i64,
    /// Last request.
    pub last_seen: i64,
    /// What the browser calls itself, shortened.
    pub device: String,
}

impl StoredSession {
    /// As the domain sees it; a row with an unknown `acr` is no session.
    pub fn session(&self) -> Option<Session> {
        Some(Session {
            id: self.id.clone(),
            account: self.account.clone(),
            person: self.person.clone(),
            assurance: Assurance::from_acr(&self.acr)?,
            auth_time: self.auth_time,
        })
    }
}

/// The post chosen in a session for a client.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ChosenPost {
    /// `pst_…`
    pub post: String,
    /// `apt_…` it rests on.
    pub appointment: String,
}

/// Opens a session.
pub async fn insert(
    tx: &mut Tx,
    session: &Session,
    digest: &[u8],
    device: &str,
) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            &session.id,
            digest,
            &session.account,
            &session.person,
            session.assurance.acr(),
            session.auth_time,
            device,
        ),
    )
    .await
    .map(|_| ())
}

/// Gives an open session a new handle after its person proved himself again; false when it is not open any more.
pub async fn renew(tx: &mut Tx, session: &Session, digest: &[u8]) -> Result<bool, Error> {
    let row = (
        &session.id,
        &session.account,
        digest,
        session.assurance.acr(),
        session.auth_time,
    );
    Ok(tx.execute(&RENEW, row).await? == 1)
}

/// By the hash of its handle, while it is not ended and its account is active.
pub async fn by_digest(conn: &mut Conn, digest: &[u8]) -> Result<Option<StoredSession>, Error> {
    conn.optional(&BY_DIGEST, (digest,)).await
}

/// By `sid`, while it is not ended and its account is active.
pub async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<StoredSession>, Error> {
    conn.optional(&BY_ID, (id,)).await
}

/// All open sessions of an account.
pub async fn of_account(conn: &mut Conn, account: &str) -> Result<Vec<StoredSession>, Error> {
    conn.all(&OF_ACCOUNT, (account,)).await
}

/// Notes a request.
pub async fn seen(tx: &mut Tx, id: &str, now: i64) -> Result<(), Error> {
    tx.execute(&SEEN, (id, now)).await.map(|_| ())
}

/// Ends a session of this account.
pub async fn end(tx: &mut Tx, id: &str, account: &str, now: i64) -> Result<bool, Error> {
    Ok(tx.execute(&END, (id, account, now)).await? == 1)
}

/// Ends all sessions of an account.
pub async fn end_all(tx: &mut Tx, account: &str, now: i64) -> Result<u64, Error> {
    tx.execute(&END_ALL, (account, now)).await
}

/// The chosen post.
pub async fn post(
    conn: &mut Conn,
    session: &str,
    client: &str,
) -> Result<Option<ChosenPost>, Error> {
    conn.optional(&POST, (session, client)).await
}

/// Chooses a post.
pub async fn set_post(
    tx: &mut Tx,
    session: &str,
    client: &str,
    chosen: &ChosenPost,
    now: i64,
) -> Result<(), Error> {
    tx.execute(
        &SET_POST,
        (session, client, &chosen.post, &chosen.appointment, now),
    )
    .await
    .map(|_| ())
}
