//! What people prove themselves with: passwords, TOTP secrets, passkeys.

use platform::db::{Conn, Error, Tx};
use platform::secrets::columns::SealedColumn;

platform::statements! {
    pub SEALED_PAGE = "SELECT account AS place, account AS bound_to, secret AS sealed FROM totp WHERE account > $1 ORDER BY account LIMIT $2";
    pub SEAL_AGAIN = "UPDATE totp SET secret = $1 WHERE account = $2 AND secret = $3";
    pub SET_PASSWORD = "INSERT INTO password (account, hash, set_at) VALUES ($1, $2, $3)
        ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at";
    pub SET_TOTP = "INSERT INTO totp (account, secret, last_step, set_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, last_step = excluded.last_step, set_at = excluded.set_at";
    pub FACTORS = "SELECT p.hash AS hash, t.secret AS secret, t.last_step AS last_step FROM password p JOIN totp t ON t.account = p.account WHERE p.account = $1";
    pub USE_STEP = "UPDATE totp SET last_step = $2 WHERE account = $1 AND (last_step IS NULL OR last_step < $2)";
    pub INSERT_PASSKEY = "INSERT INTO passkey (credential_id, account, label, stored, created_at) VALUES ($1, $2, $3, $4, $5)";
    pub FIND_PASSKEY = "SELECT credential_id, account, label, stored, created_at, last_used FROM passkey WHERE credential_id = $1";
    pub PASSKEYS = "SELECT credential_id, account, label, stored, created_at, last_used FROM passkey WHERE account = $1 ORDER BY created_at, credential_id";
    pub TOUCH_PASSKEY = "UPDATE passkey SET stored = $2, last_used = $3 WHERE credential_id = $1";
    pub REMOVE_PASSKEY = "DELETE FROM passkey WHERE credential_id = $1 AND account = $2";
}

/// Secrets of phone codes.
pub static SEALED: SealedColumn = SealedColumn {
    table: "totp",
    column: "secret",
    page: &SEALED_PAGE,
    replace: &SEAL_AGAIN,
};

/// Password hash and TOTP secret of an account that signs in by both.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Factors {
    /// PHC string.
    pub hash: String,
    /// Sealed.
    pub secret: Vec<u8>,
    /// Last step that was used.
    pub last_step: Option<i64>,
}

/// A passkey as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StoredPasskey {
    /// Credential id.
    pub credential_id: Vec<u8>,
    /// Account.
    pub account: String,
    /// What its owner calls it.
    pub label: String,
    /// Serialised by `webauthn-rs`.
    pub stored: String,
    /// When it was enrolled.
    pub created_at: i64,
    /// When it last signed in.
    pub last_used: Option<i64>,
}

/// Sets password and TOTP secret.
pub async fn set_factors(
    tx: &mut Tx,
    account: &str,
    hash: &str,
    totp: &[u8],
    step: i64,
    now: i64,
) -> Result<(), Error> {
    tx.execute(&SET_PASSWORD, (account, hash, now)).await?;
    tx.execute(&SET_TOTP, (account, totp, step, now))
        .await
        .map(|_| ())
}

/// Password hash and TOTP secret.
pub async fn factors(conn: &mut Conn, account: &str) -> Result<Option<Factors>, Error> {
    conn.optional(&FACTORS, (account,)).await
}

/// Uses up a TOTP step; false when it, or a later one, was used already.
pub async fn use_step(tx: &mut Tx, account: &str, step: i64) -> Result<bool, Error> {
    Ok(tx.execute(&USE_STEP, (account, step)).await? == 1)
}

/// Adds a passkey.
pub async fn insert_passkey(
    tx: &mut Tx,
    credential_id: &[u8],
    account: &str,
    label: &str,
    stored: &str,
    now: i64,
) -> Result<(), Error> {
    tx.execute(
        &INSERT_PASSKEY,
        (credential_id, account, label, stored, now),
    )
    .await
    .map(|_| ())
}

/// By credential id.
pub async fn find_passkey(
    conn: &mut Conn,
    credential_id: &[u8],
) -> Result<Option<StoredPasskey>, Error> {
    conn.optional(&FIND_PASSKEY, (credential_id,)).await
}

/// All passkeys of an account.
pub async fn passkeys(conn: &mut Conn, account: &str) -> Result<Vec<StoredPasskey>, Error> {
    conn.all(&PASSKEYS, (account,)).await
}

/// Notes a use.
pub async fn touch_passkey(
    tx: &mut Tx,
    credential_id: &[u8],
    stored: &str,
    now: i64,
) -> Result<(), Error> {
    tx.execute(&TOUCH_PASSKEY, (credential_id, stored, now))
        .await
        .map(|_| ())
}

/// Removes a passkey of this account.
pub async fn remove_passkey(
    tx: &mut Tx,
    credential_id: &[u8],
    account: &str,
) -> Result<bool, Error> {
    Ok(tx
        .execute(&REMOVE_PASSKEY, (credential_id, account))
        .await?
        == 1)
}
