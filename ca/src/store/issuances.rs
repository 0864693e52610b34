//! Issuances: the intent is stored with its to-be-signed bytes before the key signs.

use crate::domain::issuance::{Approved, IssuanceState};
use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub ADD = "INSERT INTO issuance (id, issuer, serial, profile, holder_kind, holder, rests_on, key_id, email, state, tbs, approved_by, approved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'approved', $10, $11, $12)";
    pub FINISH = "UPDATE issuance SET state = $2, signed_at = $3, certificate = $4 WHERE id = $1 AND state = 'approved'";
    pub OPEN = "SELECT id, issuer, serial, profile, holder_kind, holder, rests_on, key_id, email, state, tbs, approved_by, approved_at FROM issuance WHERE state = 'approved' AND approved_at <= $1 ORDER BY approved_at, id LIMIT $2";
    pub BY_SERIAL = "SELECT id, issuer, serial, profile, holder_kind, holder, rests_on, key_id, email, state, tbs, approved_by, approved_at FROM issuance WHERE issuer = $1 AND serial = $2";
}

/// A stored issuance.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct IssuanceRow {
    /// Id.
    pub id: String,
    /// Issuing authority.
    pub issuer: String,
    /// Serial number, hex.
    pub serial: String,
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
    /// Mail address.
    pub email: Option<String>,
    /// `approved`, `signed`, `abandoned`.
    pub state: String,
    /// To-be-signed bytes.
    pub tbs: Vec<u8>,
    /// Who approved.
    pub approved_by: String,
    /// When.
    pub approved_at: i64,
}

/// Stores the intent.
pub async fn add(tx: &mut Tx, approved: &Approved, serial: &str, at: i64) -> Result<(), Error> {
    let r = approved.requested();
    tx.execute(
        &ADD,
        (
            &r.id,
            &r.issuer,
            serial,
            &r.profile,
            r.holder.kind(),
            r.holder.id(),
            &r.rests_on,
            &r.key_id,
            &r.email,
            approved.tbs(),
            approved.approved_by(),
            at,
        ),
    )
    .await
    .map(|_| ())
}

/// Ends an open issuance; false when it was ended before.
pub async fn finish(
    tx: &mut Tx,
    id: &str,
    state: IssuanceState,
    certificate: Option<&str>,
    at: i64,
) -> Result<bool, Error> {
    let changed = tx
        .execute(&FINISH, (id, state.word(), at, certificate))
        .await?;
    Ok(changed == 1)
}

/// Open issuances stored at or before `before`.
pub async fn open(conn: &mut Conn, before: i64, limit: i64) -> Result<Vec<IssuanceRow>, Error> {
    conn.all(&OPEN, (before, limit)).await
}

/// The issuance that reserved a serial.
pub async fn by_serial(
    conn: &mut Conn,
    issuer: &str,
    serial: &str,
) -> Result<Option<IssuanceRow>, Error> {
    conn.optional(&BY_SERIAL, (issuer, serial)).await
}
