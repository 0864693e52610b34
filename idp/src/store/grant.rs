//! Authorization grants, and the codes and refresh tokens that rest on them.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub INSERT = "INSERT INTO authorization_grant (id, client, session, account, person, post, appointment, scopes, acr, auth_time, nonce, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    pub FIND = "SELECT g.id AS id, g.client AS client, g.session AS session, g.account AS account, g.person AS person, g.post AS post, g.appointment AS appointment,
        g.scopes AS scopes, g.acr AS acr, g.auth_time AS auth_time, g.nonce AS nonce, g.created_at AS created_at
        FROM authorization_grant g JOIN account a ON a.id = g.account WHERE g.id = $1 AND g.revoked_at IS NULL AND a.state = 'active'";
    pub REVOKE = "UPDATE authorization_grant SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    pub REVOKE_OF_SESSION = "UPDATE authorization_grant SET revoked_at = $2 WHERE session = $1 AND revoked_at IS NULL";
    pub REVOKE_OF_ACCOUNT = "UPDATE authorization_grant SET revoked_at = $2 WHERE account = $1 AND revoked_at IS NULL";
    pub INSERT_CODE = "INSERT INTO authorization_code (digest, grant_id, redirect_uri, challenge, expires_at) VALUES ($1, $2, $3, $4, $5)";
    pub USE_CODE = "UPDATE authorization_code SET used_at = $2 WHERE digest = $1 AND used_at IS NULL RETURNING grant_id, redirect_uri, challenge, expires_at";
    pub GRANT_OF_CODE = "SELECT grant_id FROM authorization_code WHERE digest = $1";
    pub INSERT_REFRESH = "INSERT INTO refresh_token (digest, grant_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    pub USE_REFRESH = "UPDATE refresh_token SET used_at = $2 WHERE digest = $1 AND used_at IS NULL RETURNING grant_id, expires_at";
    pub FIND_REFRESH = "SELECT grant_id, expires_at, used_at FROM refresh_token WHERE digest = $1";
    pub OLD_CODES = "DELETE FROM authorization_code WHERE expires_at < $1";
}

/// A grant as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Grant {
    /// `grt_…`
    pub id: String,
    /// Client.
    pub client: String,
    /// Session it came from.
    pub session: String,
    /// Account.
    pub account: String,
    /// Person.
    pub person: String,
    /// Post it speaks for.
    pub post: Option<String>,
    /// Appointment that rests on.
    pub appointment: Option<String>,
    /// Scopes.
    pub scopes: String,
    /// How the person was recognised.
    pub acr: String,
    /// When.
    pub auth_time: i64,
    /// Echo for the ID token.
    pub nonce: Option<String>,
    /// When it was given.
    pub created_at: i64,
}

/// A code taken for exchange.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TakenCode {
    /// Grant.
    pub grant_id: String,
    /// Address it was sent to.
    pub redirect_uri: String,
    /// S256 challenge.
    pub challenge: String,
    /// End.
    pub expires_at: i64,
}

/// A refresh token taken for rotation.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TakenRefresh {
    /// Grant.
    pub grant_id: String,
    /// End.
    pub expires_at: i64,
}

/// A refresh token as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StoredRefresh {
    /// Grant.
    pub grant_id: String,
    /// End.
    pub expires_at: i64,
    /// When it was rotated.
    pub used_at: Option<i64>,
}

/// Adds a grant.
pub async fn insert(tx: &mut Tx, g: &Grant) -> Result<(), Error> {
    let row = (
        &g.id,
        &g.client,
        &g.session,
        &g.account,
        &g.person,
        &g.post,
        &g.appointment,
        &g.scopes,
        &g.acr,
        g.auth_time,
        &g.nonce,
        g.created_at,
    );
    tx.execute(&INSERT, row).await.map(|_| ())
}

/// A grant that is not revoked, of an account that is active.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<Grant>, Error> {
    conn.optional(&FIND, (id,)).await
}

/// Revokes one.
pub async fn revoke(tx: &mut Tx, id: &str, now: i64) -> Result<bool, Error> {
    Ok(tx.execute(&REVOKE, (id, now)).await? == 1)
}

/// Revokes those of a session.
pub async fn revoke_of_session(tx: &mut Tx, session: &str, now: i64) -> Result<u64, Error> {
    tx.execute(&REVOKE_OF_SESSION, (session, now)).await
}

/// Revokes those of an account.
pub async fn revoke_of_account(tx: &mut Tx, account: &str, now: i64) -> Result<u64, Error> {
    tx.execute(&REVOKE_OF_ACCOUNT, (account, now)).await
}

/// Adds a code.
pub async fn insert_code(
    tx: &mut Tx,
    digest: &[u8],
    grant: &str,
    redirect_uri: &str,
    challenge: &str,
    expires_at: i64,
) -> Result<(), Error> {
    tx.execute(
        &INSERT_CODE,
        (digest, grant, redirect_uri, challenge, expires_at),
    )
    .await
    .map(|_| ())
}

/// Takes a code; nothing when there is none or it was taken before.
pub async fn take_code(tx: &mut Tx, digest: &[u8], now: i64) -> Result<Option<TakenCode>, Error> {
    tx.optional(&USE_CODE, (digest, now)).await
}

/// The grant of a code, taken or not.
pub async fn grant_of_code(conn: &mut Conn, digest: &[u8]) -> Result<Option<String>, Error> {
    Ok(conn
        .optional::<(String,), _>(&GRANT_OF_CODE, (digest,))
        .await?
        .map(|(id,)| id))
}

/// Adds a refresh token.
pub async fn insert_refresh(
    tx: &mut Tx,
    digest: &[u8],
    grant: &str,
    now: i64,
    expires_at: i64,
) -> Result<(), Error> {
    tx.execute(&INSERT_REFRESH, (digest, grant, now, expires_at))
        .await
        .map(|_| ())
}

/// Takes a refresh token; nothing when there is none or it was taken before.
pub async fn take_refresh(
    tx: &mut Tx,
    digest: &[u8],
    now: i64,
) -> Result<Option<TakenRefresh>, Error> {
    tx.optional(&USE_REFRESH, (digest, now)).await
}

/// A refresh token, taken or not.
pub async fn find_refresh(conn: &mut Conn, digest: &[u8]) -> Result<Option<StoredRefresh>, Error> {
    conn.optional(&FIND_REFRESH, (digest,)).await
}

/// Removes codes that ended before this instant.
pub async fn remove_old_codes(tx: &mut Tx, before: i64) -> Result<u64, Error> {
    tx.execute(&OLD_CODES, (before,)).await
}
