//! Consent credentials waiting for the registrar, pinned or refused.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub ADD = "INSERT INTO consent_binding (id, person, key_id, credential_id, public_key, label, state, requested_at) VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7) ON CONFLICT (key_id, credential_id) DO NOTHING";
    pub PENDING = "SELECT id, person, key_id, credential_id, public_key, label, state, requested_at, decided_at, registrar FROM consent_binding WHERE state = 'pending' ORDER BY requested_at, id LIMIT $1";
    pub BY_ID = "SELECT id, person, key_id, credential_id, public_key, label, state, requested_at, decided_at, registrar FROM consent_binding WHERE id = $1";
    pub PINNED = "SELECT id, person, key_id, credential_id, public_key, label, state, requested_at, decided_at, registrar FROM consent_binding WHERE person = $1 AND key_id = $2 AND state = 'pinned' ORDER BY requested_at, id";
    pub ADD_REGISTRAR = "INSERT INTO registrar_credential (credential_id, person, pinned_at) VALUES ($1, $2, $3)";
    pub REGISTRAR = "SELECT credential_id, person FROM registrar_credential ORDER BY pinned_at LIMIT 1";
    pub DECIDE = "UPDATE consent_binding SET state = $2, decided_at = $3, registrar = $4, evidence = $5 WHERE id = $1 AND state = 'pending'";
}

/// A binding.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BindingRow {
    /// Id.
    pub id: String,
    /// Whose passkey.
    pub person: String,
    /// Key in the signer that it may unlock.
    pub key_id: String,
    /// Credential id, base64url.
    pub credential_id: String,
    /// COSE_Key.
    pub public_key: Vec<u8>,
    /// What the person calls the device.
    pub label: String,
    /// `pending`, `pinned`, `refused`.
    pub state: String,
    /// When it was asked.
    pub requested_at: i64,
    /// When it was decided.
    pub decided_at: Option<i64>,
    /// By whom.
    pub registrar: Option<String>,
}

/// Asks; false when the credential is known already.
pub async fn add(tx: &mut Tx, row: &BindingRow) -> Result<bool, Error> {
    let changed = tx
        .execute(
            &ADD,
            (
                &row.id,
                &row.person,
                &row.key_id,
                &row.credential_id,
                &row.public_key,
                &row.label,
                row.requested_at,
            ),
        )
        .await?;
    Ok(changed == 1)
}

/// Those that wait.
pub async fn pending(conn: &mut Conn, limit: i64) -> Result<Vec<BindingRow>, Error> {
    conn.all(&PENDING, (limit,)).await
}

/// By id.
pub async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<BindingRow>, Error> {
    conn.optional(&BY_ID, (id,)).await
}

/// Credentials of a person that may unlock a key.
pub async fn pinned(conn: &mut Conn, person: &str, key_id: &str) -> Result<Vec<BindingRow>, Error> {
    conn.all(&PINNED, (person, key_id)).await
}

/// Records the registrar's credential that the signer has pinned.
pub async fn add_registrar(
    tx: &mut Tx,
    credential_id: &str,
    person: &str,
    at: i64,
) -> Result<(), Error> {
    tx.execute(&ADD_REGISTRAR, (credential_id, person, at))
        .await
        .map(|_| ())
}

/// The registrar's credential and person.
pub async fn registrar(conn: &mut Conn) -> Result<Option<(String, String)>, Error> {
    conn.optional(&REGISTRAR, ()).await
}

/// Decides; false when it was decided before.
pub async fn decide(
    tx: &mut Tx,
    id: &str,
    state: &str,
    at: i64,
    registrar: &str,
    evidence: Option<&str>,
) -> Result<bool, Error> {
    let changed = tx
        .execute(&DECIDE, (id, state, at, registrar, evidence))
        .await?;
    Ok(changed == 1)
}
