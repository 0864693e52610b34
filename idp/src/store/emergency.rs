//! Officers' codes for an emergency.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub INSERT = "INSERT INTO emergency_code (selector, printing, account, digest, made_at, tries) VALUES ($1, $2, $3, $4, $5, $6)";
    pub CLOSE_ALL = "UPDATE emergency_code SET closed_at = $1 WHERE closed_at IS NULL";
    pub OPEN = "SELECT selector, printing, account, digest FROM emergency_code WHERE selector = $1 AND closed_at IS NULL AND tries > 0";
    pub COUNT_OPEN = "SELECT COUNT(*) AS n, MIN(made_at) AS made_at FROM emergency_code WHERE closed_at IS NULL AND tries > 0";
    pub TAKE_TRY = "UPDATE emergency_code SET tries = tries - 1 WHERE selector = $1 AND tries > 0 AND closed_at IS NULL";
    pub CLOSE_PAIR = "UPDATE emergency_code SET closed_at = $3 WHERE selector IN ($1, $2) AND closed_at IS NULL AND tries > 0";
}

/// A code that can still be used.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EmergencyCode {
    /// Finds it.
    pub selector: String,
    /// Those printed together.
    pub printing: String,
    /// The officer's account.
    pub account: String,
    /// Hash of the secret part.
    pub digest: Vec<u8>,
}

/// Adds a code.
pub async fn insert(tx: &mut Tx, code: &EmergencyCode, tries: i64, now: i64) -> Result<(), Error> {
    let row = (
        &code.selector,
        &code.printing,
        &code.account,
        &code.digest,
        now,
        tries,
    );
    tx.execute(&INSERT, row).await.map(|_| ())
}

/// Ends every code.
pub async fn close_all(tx: &mut Tx, now: i64) -> Result<(), Error> {
    tx.execute(&CLOSE_ALL, (now,)).await.map(|_| ())
}

/// A code by its selector.
pub async fn open(conn: &mut Conn, selector: &str) -> Result<Option<EmergencyCode>, Error> {
    conn.optional(&OPEN, (selector,)).await
}

/// How many codes can be used, and when the oldest of them was printed.
pub async fn count_open(conn: &mut Conn) -> Result<(i64, Option<i64>), Error> {
    conn.one(&COUNT_OPEN, ()).await
}

/// Counts a wrong entry.
pub async fn take_try(tx: &mut Tx, selector: &str) -> Result<(), Error> {
    tx.execute(&TAKE_TRY, (selector,)).await.map(|_| ())
}

/// Uses two codes; false when one of them cannot be used any more.
pub async fn close_pair(tx: &mut Tx, one: &str, other: &str, now: i64) -> Result<bool, Error> {
    Ok(tx.execute(&CLOSE_PAIR, (one, other, now)).await? == 2)
}
