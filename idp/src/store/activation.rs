//! Activation codes: one open code per account.

use platform::db::{Conn, Error, Tx};
use platform::secrets::columns::SealedColumn;

platform::statements! {
    pub SEALED_PAGE = "SELECT selector AS place, account AS bound_to, pending_totp AS sealed FROM activation WHERE selector > $1 AND pending_totp IS NOT NULL ORDER BY selector LIMIT $2";
    pub SEAL_AGAIN = "UPDATE activation SET pending_totp = $1 WHERE selector = $2 AND pending_totp = $3";
    pub INSERT = "INSERT INTO activation (selector, account, digest, expires_at, tries) VALUES ($1, $2, $3, $4, $5)";
    pub CLOSE_OTHERS = "UPDATE activation SET used_at = $2, pending_password = NULL, pending_totp = NULL WHERE account = $1 AND used_at IS NULL";
    pub FIND = "SELECT selector, account, digest, expires_at, tries, used_at, pending_password, pending_totp FROM activation WHERE selector = $1";
    pub TAKE_TRY = "UPDATE activation SET tries = tries - 1 WHERE selector = $1 AND tries > 0";
    pub USE = "UPDATE activation SET used_at = $2, pending_password = NULL, pending_totp = NULL WHERE selector = $1 AND used_at IS NULL AND tries > 0 AND expires_at > $2";
    pub KEEP_PENDING = "UPDATE activation SET pending_password = $2, pending_totp = $3 WHERE selector = $1 AND used_at IS NULL";
}

/// Secrets of phone codes that are not confirmed yet: sealed for the place they will have.
pub static SEALED: SealedColumn = SealedColumn {
    table: "totp",
    column: "secret",
    page: &SEALED_PAGE,
    replace: &SEAL_AGAIN,
};

/// An activation code as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Activation {
    /// Finds it.
    pub selector: String,
    /// Account it activates.
    pub account: String,
    /// Hash of the secret part.
    pub digest: Vec<u8>,
    /// End.
    pub expires_at: i64,
    /// Wrong entries left.
    pub tries: i64,
    /// When it was used or replaced.
    pub used_at: Option<i64>,
    /// Password hash chosen in the first half.
    pub pending_password: Option<String>,
    /// Sealed TOTP secret shown in the first half.
    pub pending_totp: Option<Vec<u8>>,
}

impl Activation {
    /// Whether it can still be used.
    pub fn is_open(&self, now: i64) -> bool {
        self.used_at.is_none() && self.tries > 0 && self.expires_at > now
    }
}

/// Adds a code and closes those before it.
pub async fn insert(
    tx: &mut Tx,
    selector: &str,
    account: &str,
    digest: &[u8],
    expires_at: i64,
    tries: i64,
    now: i64,
) -> Result<(), Error> {
    tx.execute(&CLOSE_OTHERS, (account, now)).await?;
    tx.execute(&INSERT, (selector, account, digest, expires_at, tries))
        .await
        .map(|_| ())
}

/// By selector.
pub async fn find(conn: &mut Conn, selector: &str) -> Result<Option<Activation>, Error> {
    conn.optional(&FIND, (selector,)).await
}

/// Counts a wrong entry.
pub async fn take_try(tx: &mut Tx, selector: &str) -> Result<(), Error> {
    tx.execute(&TAKE_TRY, (selector,)).await.map(|_| ())
}

/// Uses the code; false when somebody else did.
pub async fn consume(tx: &mut Tx, selector: &str, now: i64) -> Result<bool, Error> {
    Ok(tx.execute(&USE, (selector, now)).await? == 1)
}

/// Remembers the first half of an activation by password.
pub async fn keep_pending(
    tx: &mut Tx,
    selector: &str,
    password: &str,
    totp: &[u8],
) -> Result<bool, Error> {
    Ok(tx
        .execute(&KEEP_PENDING, (selector, password, totp))
        .await?
        == 1)
}
