//! Keys the signer made for us: services, mailboxes, people and seals, one for each holder.

use crate::domain::certificate::Holder;
use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub ADD = "INSERT INTO signer_key (key_id, holder_kind, holder, rests_on, spki, made_at) VALUES ($1, $2, $3, $4, $5, $6)";
    pub OF_HOLDER = "SELECT key_id, holder_kind, holder, rests_on, spki FROM signer_key WHERE holder_kind = $1 AND holder = $2";
    pub CONSENTING = "SELECT key_id, holder_kind, holder, rests_on, spki FROM signer_key WHERE holder_kind IN ('person', 'agency') ORDER BY made_at, key_id";
    pub BY_KEY = "SELECT key_id, holder_kind, holder, rests_on, spki FROM signer_key WHERE key_id = $1";
}

/// A key in the signer.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KeyRow {
    /// Key in the signer.
    pub key_id: String,
    /// Kind of holder.
    pub holder_kind: String,
    /// Whose.
    pub holder: String,
    /// The appointment it rests on.
    pub rests_on: Option<String>,
    /// Public key, DER.
    pub spki: Vec<u8>,
}

/// Adds a key.
pub async fn add(tx: &mut Tx, row: &KeyRow, at: i64) -> Result<(), Error> {
    tx.execute(
        &ADD,
        (
            &row.key_id,
            &row.holder_kind,
            &row.holder,
            &row.rests_on,
            &row.spki,
            at,
        ),
    )
    .await
    .map(|_| ())
}

/// The holder's key.
pub async fn of_holder(conn: &mut Conn, holder: &Holder) -> Result<Option<KeyRow>, Error> {
    conn.optional(&OF_HOLDER, (holder.kind(), holder.id()))
        .await
}

/// By key id.
pub async fn by_key(conn: &mut Conn, key_id: &str) -> Result<Option<KeyRow>, Error> {
    conn.optional(&BY_KEY, (key_id,)).await
}

/// Keys that a person's consent unlocks: people's and seals'.
pub async fn consenting(conn: &mut Conn) -> Result<Vec<KeyRow>, Error> {
    conn.all(&CONSENTING, ()).await
}
