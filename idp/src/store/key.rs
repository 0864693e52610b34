//! Signing keys, sealed.

use platform::db::{Conn, Error, Tx};
use platform::secrets::columns::SealedColumn;

platform::statements! {
    pub SEALED_PAGE = "SELECT id AS place, id AS bound_to, private AS sealed FROM signing_key WHERE id > $1 ORDER BY id LIMIT $2";
    pub SEAL_AGAIN = "UPDATE signing_key SET private = $1 WHERE id = $2 AND private = $3";
    pub INSERT = "INSERT INTO signing_key (id, alg, private, created_at) VALUES ($1, $2, $3, $4)";
    pub ALL_KEYS = "SELECT id, alg, private FROM signing_key WHERE retired_at IS NULL ORDER BY created_at DESC, id";
}

/// Private halves.
pub static SEALED: SealedColumn = SealedColumn {
    table: "signing_key",
    column: "private",
    page: &SEALED_PAGE,
    replace: &SEAL_AGAIN,
};

/// A key as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StoredKey {
    /// `kid`
    pub id: String,
    /// JOSE algorithm.
    pub alg: String,
    /// Sealed PKCS#8.
    pub private: Vec<u8>,
}

/// Adds a key.
pub async fn insert(
    tx: &mut Tx,
    id: &str,
    alg: &str,
    private: &[u8],
    now: i64,
) -> Result<(), Error> {
    tx.execute(&INSERT, (id, alg, private, now))
        .await
        .map(|_| ())
}

/// All keys whose tokens are read, newest first.
pub async fn all(conn: &mut Conn) -> Result<Vec<StoredKey>, Error> {
    conn.all(&ALL_KEYS, ()).await
}
