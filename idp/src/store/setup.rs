//! The code of the first set-up.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub INSERT = "INSERT INTO setup_code (id, digest, expires_at, tries) VALUES ($1, $2, $3, $4)";
    pub CLOSE_OTHERS = "UPDATE setup_code SET used_at = $1 WHERE used_at IS NULL";
    pub OPEN = "SELECT id, digest, expires_at, tries FROM setup_code WHERE used_at IS NULL AND tries > 0 AND expires_at > $1 ORDER BY expires_at DESC LIMIT 1";
    pub TAKE_TRY = "UPDATE setup_code SET tries = tries - 1 WHERE id = $1 AND tries > 0";
    pub USE = "UPDATE setup_code SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND tries > 0 AND expires_at > $2";
}

/// An open set-up code.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SetUpCode {
    /// Its selector.
    pub id: String,
    /// Hash of the secret part.
    pub digest: Vec<u8>,
    /// End.
    pub expires_at: i64,
    /// Wrong entries left.
    pub tries: i64,
}

/// Adds a code and closes those before it.
pub async fn insert(
    tx: &mut Tx,
    id: &str,
    digest: &[u8],
    expires_at: i64,
    tries: i64,
    now: i64,
) -> Result<(), Error> {
    tx.execute(&CLOSE_OTHERS, (now,)).await?;
    tx.execute(&INSERT, (id, digest, expires_at, tries))
        .await
        .map(|_| ())
}

/// The open code, if there is one.
pub async fn open(conn: &mut Conn, now: i64) -> Result<Option<SetUpCode>, Error> {
    conn.optional(&OPEN, (now,)).await
}

/// Counts a wrong entry.
pub async fn take_try(tx: &mut Tx, id: &str) -> Result<(), Error> {
    tx.execute(&TAKE_TRY, (id,)).await.map(|_| ())
}

/// Uses the code; false when somebody else did.
pub async fn consume(tx: &mut Tx, id: &str, now: i64) -> Result<bool, Error> {
    Ok(tx.execute(&USE, (id, now)).await? == 1)
}
