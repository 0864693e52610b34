//! Revocations and the lists that publish them.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub ADD = "INSERT INTO certificate_revocation (certificate, issuer, serial, reason, revoked_at, person, post, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    pub OF_ISSUER = "SELECT r.serial, r.reason, r.revoked_at, c.not_after FROM certificate_revocation r JOIN certificate c ON c.id = r.certificate WHERE r.issuer = $1 ORDER BY r.revoked_at, r.serial";
    pub ADD_LIST = "INSERT INTO revocation_list (issuer, number, this_update, next_update, der) VALUES ($1, $2, $3, $4, $5)";
    pub NEWEST_LIST = "SELECT issuer, number, this_update, next_update, der FROM revocation_list WHERE issuer = $1 ORDER BY number DESC LIMIT 1";
    pub DROP_OLD_LISTS = "DELETE FROM revocation_list WHERE issuer = $1 AND number < $2";
}

/// A revocation.
#[derive(Debug, Clone)]
pub struct Revocation<'a> {
    /// Certificate.
    pub certificate: &'a str,
    /// Its authority.
    pub issuer: &'a str,
    /// Its serial, hex.
    pub serial: &'a str,
    /// RFC 5280 reason.
    pub reason: &'a str,
    /// Instant.
    pub at: i64,
    /// Who revoked.
    pub person: &'a str,
    /// In which post.
    pub post: Option<&'a str>,
    /// Words for the file.
    pub note: &'a str,
}

/// A line of a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RevokedRow {
    /// Serial, hex.
    pub serial: String,
    /// Reason.
    pub reason: String,
    /// Instant.
    pub revoked_at: i64,
    /// When the certificate would have ended.
    pub not_after: i64,
}

/// A published list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ListRow {
    /// Authority.
    pub issuer: String,
    /// CRL number.
    pub number: i64,
    /// thisUpdate.
    pub this_update: i64,
    /// nextUpdate.
    pub next_update: i64,
    /// DER.
    pub der: Vec<u8>,
}

/// Records a revocation; `Conflict` when it was revoked before.
pub async fn add(tx: &mut Tx, r: &Revocation<'_>) -> Result<(), Error> {
    tx.execute(
        &ADD,
        (
            r.certificate,
            r.issuer,
            r.serial,
            r.reason,
            r.at,
            r.person,
            r.post,
            r.note,
        ),
    )
    .await
    .map(|_| ())
}

/// Everything an authority has revoked.
pub async fn of_issuer(conn: &mut Conn, issuer: &str) -> Result<Vec<RevokedRow>, Error> {
    conn.all(&OF_ISSUER, (issuer,)).await
}

/// Stores a list; `Conflict` when another process published this number.
pub async fn add_list(tx: &mut Tx, row: &ListRow) -> Result<(), Error> {
    tx.execute(
        &ADD_LIST,
        (
            &row.issuer,
            row.number,
            row.this_update,
            row.next_update,
            &row.der,
        ),
    )
    .await
    .map(|_| ())
}

/// The newest list of an authority.
pub async fn newest_list(conn: &mut Conn, issuer: &str) -> Result<Option<ListRow>, Error> {
    conn.optional(&NEWEST_LIST, (issuer,)).await
}

/// Drops lists below a number.
pub async fn drop_old_lists(tx: &mut Tx, issuer: &str, below: i64) -> Result<u64, Error> {
    tx.execute(&DROP_OLD_LISTS, (issuer, below)).await
}
