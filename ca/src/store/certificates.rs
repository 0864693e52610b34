//! The certificate table: ours and those of others that our people, seals and mailboxes use.

use crate::domain::certificate::Holder;
use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub ADD = "INSERT INTO certificate (id, issuer, serial, anchor, profile, holder_kind, holder, rests_on, key_id, subject, email, fingerprint, der, not_before, not_after, installed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    pub BY_ID = "SELECT c.id, c.issuer, c.serial, c.anchor, c.profile, c.holder_kind, c.holder, c.rests_on, c.key_id, c.subject, c.email, c.fingerprint, c.der, c.not_before, c.not_after, r.revoked_at, r.reason FROM certificate c LEFT JOIN certificate_revocation r ON r.certificate = c.id WHERE c.id = $1";
    pub BY_FINGERPRINT = "SELECT c.id, c.issuer, c.serial, c.anchor, c.profile, c.holder_kind, c.holder, c.rests_on, c.key_id, c.subject, c.email, c.fingerprint, c.der, c.not_before, c.not_after, r.revoked_at, r.reason FROM certificate c LEFT JOIN certificate_revocation r ON r.certificate = c.id WHERE c.fingerprint = $1";
    pub OF_HOLDER = "SELECT c.id, c.issuer, c.serial, c.anchor, c.profile, c.holder_kind, c.holder, c.rests_on, c.key_id, c.subject, c.email, c.fingerprint, c.der, c.not_before, c.not_after, r.revoked_at, r.reason FROM certificate c LEFT JOIN certificate_revocation r ON r.certificate = c.id WHERE c.holder_kind = $1 AND c.holder = $2 ORDER BY c.not_before DESC, c.id DESC";
    pub BY_SERIAL = "SELECT c.id, c.issuer, c.serial, c.anchor, c.profile, c.holder_kind, c.holder, c.rests_on, c.key_id, c.subject, c.email, c.fingerprint, c.der, c.not_before, c.not_after, r.revoked_at, r.reason FROM certificate c LEFT JOIN certificate_revocation r ON r.certificate = c.id WHERE c.issuer = $1 AND c.serial = $2";
    pub BY_END = "SELECT c.id, c.issuer, c.serial, c.anchor, c.profile, c.holder_kind, c.holder, c.rests_on, c.key_id, c.subject, c.email, c.fingerprint, c.not_before, c.not_after, r.revoked_at, r.reason, a.kind AS anchor_kind, i.name AS issuer_name FROM certificate c JOIN anchor a ON a.id = c.anchor JOIN issuer i ON i.id = c.issuer LEFT JOIN certificate_revocation r ON r.certificate = c.id WHERE c.not_after >= $1 ORDER BY c.not_after, c.id LIMIT $2";
    pub LINE = "SELECT c.id, c.issuer, c.serial, c.anchor, c.profile, c.holder_kind, c.holder, c.rests_on, c.key_id, c.subject, c.email, c.fingerprint, c.not_before, c.not_after, r.revoked_at, r.reason, a.kind AS anchor_kind, i.name AS issuer_name FROM certificate c JOIN anchor a ON a.id = c.anchor JOIN issuer i ON i.id = c.issuer LEFT JOIN certificate_revocation r ON r.certificate = c.id WHERE c.id = $1";
    pub ENDS = "SELECT c.holder_kind, c.not_after, r.revoked_at FROM certificate c LEFT JOIN certificate_revocation r ON r.certificate = c.id WHERE c.not_after >= $1 AND c.not_after < $2";
}

/// One certificate with its revocation, if any.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CertificateRow {
    /// Id.
    pub id: String,
    /// Issuing authority.
    pub issuer: String,
    /// Serial number, hex.
    pub serial: String,
    /// Anchor above.
    pub anchor: String,
    /// Profile, or `official` for a foreign one.
    pub profile: String,
    /// Kind of holder.
    pub holder_kind: String,
    /// Holder within the kind.
    pub holder: String,
    /// Appointment, assignment or mandate it rests on.
    pub rests_on: Option<String>,
    /// Key in the signer.
    pub key_id: Option<String>,
    /// Subject, RFC 4514.
    pub subject: String,
    /// Mail address in it.
    pub email: Option<String>,
    /// SHA-256 of the DER, hex.
    pub fingerprint: String,
    /// DER.
    pub der: Vec<u8>,
    /// Start.
    pub not_before: i64,
    /// End.
    pub not_after: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// A line of the page by expiry.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LineRow {
    /// Id.
    pub id: String,
    /// Issuing authority.
    pub issuer: String,
    /// Serial number, hex.
    pub serial: String,
    /// Anchor above.
    pub anchor: String,
    /// Profile.
    pub profile: String,
    /// Kind of holder.
    pub holder_kind: String,
    /// Holder within the kind.
    pub holder: String,
    /// What it rests on.
    pub rests_on: Option<String>,
    /// Key in the signer.
    pub key_id: Option<String>,
    /// Subject, RFC 4514.
    pub subject: String,
    /// Mail address in it.
    pub email: Option<String>,
    /// SHA-256 of the DER, hex.
    pub fingerprint: String,
    /// Start.
    pub not_before: i64,
    /// End.
    pub not_after: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// Kind of the anchor.
    pub anchor_kind: String,
    /// Name of the issuing authority.
    pub issuer_name: String,
}

/// End of one certificate, for the chart.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EndRow {
    /// Kind of holder.
    pub holder_kind: String,
    /// End.
    pub not_after: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// Adds a certificate; its revocation fields are not written here.
pub async fn add(tx: &mut Tx, row: &CertificateRow, at: i64) -> Result<(), Error> {
    tx.execute(
        &ADD,
        (
            &row.id,
            &row.issuer,
            &row.serial,
            &row.anchor,
            &row.profile,
            &row.holder_kind,
            &row.holder,
            &row.rests_on,
            &row.key_id,
            &row.subject,
            &row.email,
            &row.fingerprint,
            &row.der,
            row.not_before,
            row.not_after,
            at,
        ),
    )
    .await
    .map(|_| ())
}

/// By id.
pub async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<CertificateRow>, Error> {
    conn.optional(&BY_ID, (id,)).await
}

/// By SHA-256 of the DER.
pub async fn by_fingerprint(
    conn: &mut Conn,
    fingerprint: &str,
) -> Result<Option<CertificateRow>, Error> {
    conn.optional(&BY_FINGERPRINT, (fingerprint,)).await
}

/// By authority and serial.
pub async fn by_serial(
    conn: &mut Conn,
    issuer: &str,
    serial: &str,
) -> Result<Option<CertificateRow>, Error> {
    conn.optional(&BY_SERIAL, (issuer, serial)).await
}

/// All of a holder, newest first.
pub async fn of_holder(conn: &mut Conn, holder: &Holder) -> Result<Vec<CertificateRow>, Error> {
    conn.all(&OF_HOLDER, (holder.kind(), holder.id())).await
}

/// The holder's certificate that is in force at `at`, newest first.
pub async fn in_force(
    conn: &mut Conn,
    holder: &Holder,
    at: i64,
) -> Result<Option<CertificateRow>, Error> {
    let all = of_holder(conn, holder).await?;
    Ok(all.into_iter().find(|c| {
        c.not_before <= at && at <= c.not_after && c.revoked_at.is_none_or(|end| at < end)
    }))
}

/// Lines by expiry from `from`, first the one that ends first.
pub async fn by_end(conn: &mut Conn, from: i64, limit: i64) -> Result<Vec<LineRow>, Error> {
    conn.all(&BY_END, (from, limit)).await
}

/// One line.
pub async fn line(conn: &mut Conn, id: &str) -> Result<Option<LineRow>, Error> {
    conn.optional(&LINE, (id,)).await
}

/// Ends between two instants.
pub async fn ends(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<EndRow>, Error> {
    conn.all(&ENDS, (from, to)).await
}
