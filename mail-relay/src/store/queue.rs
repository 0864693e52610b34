//! The queue: a message's row and one row per recipient, taken under lease.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub ADD_MESSAGE = "INSERT INTO mail_message (id, kind, reverse_path, submitter, appointment, size, digest, queued_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    pub ADD_RECIPIENT = "INSERT INTO mail_recipient (message, address, destination, state, attempts, not_before, leased_until, lease, last_reply, done_at)
        VALUES ($1, $2, $3, 'queued', 0, $4, 0, NULL, NULL, NULL)";
    pub MESSAGE = "SELECT id, kind, reverse_path, submitter, appointment, size, digest, queued_at FROM mail_message WHERE id = $1";
    pub TAKE = "UPDATE mail_recipient SET leased_until = $1, lease = $2, attempts = attempts + 1
        WHERE state = 'queued' AND not_before <= $3 AND leased_until <= $3 AND message || ' ' || address IN
            (SELECT message || ' ' || address FROM mail_recipient WHERE state = 'queued' AND not_before <= $3 AND leased_until <= $3 ORDER BY not_before LIMIT $4)
        RETURNING message, address, destination, attempts",
        postgres "UPDATE mail_recipient SET leased_until = $1, lease = $2, attempts = attempts + 1
        WHERE (message, address) IN
            (SELECT message, address FROM mail_recipient WHERE state = 'queued' AND not_before <= $3 AND leased_until <= $3 ORDER BY not_before LIMIT $4 FOR UPDATE SKIP LOCKED)
        RETURNING message, address, destination, attempts";
    pub ANY_DUE = "SELECT message FROM mail_recipient WHERE state = 'queued' AND not_before <= $1 AND leased_until <= $1 LIMIT 1";
    pub FINISH = "UPDATE mail_recipient SET state = $1, last_reply = $2, done_at = $3, lease = NULL, leased_until = 0 WHERE message = $4 AND address = $5 AND lease = $6 AND state = 'queued'";
    pub PUT_OFF = "UPDATE mail_recipient SET not_before = $1, last_reply = $2, lease = NULL, leased_until = 0 WHERE message = $3 AND address = $4 AND lease = $5 AND state = 'queued'";
    pub OPEN_OF_MESSAGE = "SELECT count(*) AS open FROM mail_recipient WHERE message = $1 AND state = 'queued'";
    pub WAITING = "SELECT r.message, r.address, r.destination, r.state, r.attempts, r.not_before, r.last_reply, m.reverse_path, m.queued_at, m.size
        FROM mail_recipient r JOIN mail_message m ON m.id = r.message WHERE r.state <> 'delivered' ORDER BY m.queued_at, r.message, r.address LIMIT $1";
    pub STANDING = "SELECT w.state, count(*) AS recipients, min(w.queued_at) AS oldest FROM
        (SELECT CASE WHEN r.leased_until > $1 THEN 'under_way' WHEN r.not_before > $1 THEN 'put_off' ELSE 'due' END AS state, m.queued_at
            FROM mail_recipient r JOIN mail_message m ON m.id = r.message WHERE r.state = 'queued') AS w GROUP BY w.state";
    pub WAITING_MESSAGES = "SELECT DISTINCT message FROM mail_recipient WHERE state = 'queued'";
    pub DELIVERED_SINCE = "SELECT count(*) AS delivered FROM mail_recipient WHERE state = 'delivered' AND done_at >= $1";
}

/// A message's row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct MessageRow {
    /// `msg_…`, also the name of its file.
    pub id: String,
    /// `submitted`, `received`, `notice`.
    pub kind: String,
    /// Envelope sender; none for the null reverse-path.
    pub reverse_path: Option<String>,
    /// Person who handed it in.
    pub submitter: Option<String>,
    /// Appointment that allowed it.
    pub appointment: Option<String>,
    /// Octets.
    pub size: i64,
    /// SHA-256 of the file.
    pub digest: Vec<u8>,
    /// When it was queued.
    pub queued_at: i64,
}

/// A recipient under lease.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Taken {
    /// Message.
    pub message: String,
    /// Recipient.
    pub address: String,
    /// `mailbox` or `next_hop`.
    pub destination: String,
    /// Tries, this one included.
    pub attempts: i64,
}

/// A row of the queue page.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    /// Message.
    pub message: String,
    /// Recipient.
    pub address: String,
    /// `mailbox` or `next_hop`.
    pub destination: String,
    /// `queued` or `failed`.
    pub state: String,
    /// Tries.
    pub attempts: i64,
    /// Next try.
    pub not_before: i64,
    /// What was last said.
    pub last_reply: Option<String>,
    /// Envelope sender.
    pub reverse_path: Option<String>,
    /// Since when.
    pub queued_at: i64,
    /// Octets.
    pub size: i64,
}

/// Writes a message with its recipients and their destinations.
pub async fn insert(
    tx: &mut Tx,
    message: &MessageRow,
    recipients: &[(String, &'static str)],
) -> Result<(), Error> {
    let m = message;
    tx.execute(
        &ADD_MESSAGE,
        (
            &m.id,
            &m.kind,
            m.reverse_path.as_deref(),
            m.submitter.as_deref(),
            m.appointment.as_deref(),
            m.size,
            &m.digest,
            m.queued_at,
        ),
    )
    .await?;
    for (address, destination) in recipients {
        tx.execute(&ADD_RECIPIENT, (&m.id, address, *destination, m.queued_at))
            .await?;
    }
    Ok(())
}

/// One message.
pub async fn message(conn: &mut Conn, id: &str) -> Result<Option<MessageRow>, Error> {
    conn.optional(&MESSAGE, (id,)).await
}

/// Whether anything is due, asked before a unit is opened.
pub async fn any_due(conn: &mut Conn, now: i64) -> Result<bool, Error> {
    let due: Option<(String,)> = conn.optional(&ANY_DUE, (now,)).await?;
    Ok(due.is_some())
}

/// Takes what is due under a lease.
pub async fn take(
    tx: &mut Tx,
    lease: &str,
    now: i64,
    until: i64,
    most: i64,
) -> Result<Vec<Taken>, Error> {
    tx.all(&TAKE, (until, lease, now, most)).await
}

/// Ends a recipient as `delivered` or `failed`; false when the lease was lost.
pub async fn finish(
    tx: &mut Tx,
    taken: &Taken,
    lease: &str,
    state: &'static str,
    reply: &str,
    at: i64,
) -> Result<bool, Error> {
    Ok(tx
        .execute(
            &FINISH,
            (state, reply, at, &taken.message, &taken.address, lease),
        )
        .await?
        == 1)
}

/// Puts a recipient off; false when the lease was lost.
pub async fn put_off(
    tx: &mut Tx,
    taken: &Taken,
    lease: &str,
    not_before: i64,
    reply: &str,
) -> Result<bool, Error> {
    Ok(tx
        .execute(
            &PUT_OFF,
            (not_before, reply, &taken.message, &taken.address, lease),
        )
        .await?
        == 1)
}

/// Recipients of a message that still wait.
pub async fn open(conn: &mut Conn, message: &str) -> Result<i64, Error> {
    let (open,): (i64,) = conn.one(&OPEN_OF_MESSAGE, (message,)).await?;
    Ok(open)
}

/// What waits or failed, oldest first. Callers hold the province-wide scope (see `http::queue`).
pub async fn waiting(
    conn: &mut Conn,
    _scope: &register::rights::Scope,
    most: i64,
) -> Result<Vec<Waiting>, Error> {
    conn.all(&WAITING, (most,)).await
}

/// States of the queue: due, being tried, put off.
pub const STATES: [&str; 3] = ["due", "under_way", "put_off"];

/// How many recipients wait in each of [`STATES`], and since when the oldest: figures only, nobody's mail.
pub async fn standing(conn: &mut Conn, now: i64) -> Result<Vec<(String, i64, i64)>, Error> {
    conn.all(&STANDING, (now,)).await
}

/// Ids of messages that wait: each must have its file in the spool.
pub async fn waiting_messages(conn: &mut Conn) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn.all(&WAITING_MESSAGES, ()).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// How many were delivered since an instant.
pub async fn delivered_since(
    conn: &mut Conn,
    _scope: &register::rights::Scope,
    since: i64,
) -> Result<i64, Error> {
    let (count,): (i64,) = conn.one(&DELIVERED_SINCE, (since,)).await?;
    Ok(count)
}
