//! TLS identities of our listeners: certificate and sealed private key.

use platform::db::{Conn, Error, Tx};
use platform::secrets::columns::SealedColumn;

platform::statements! {
    pub SEALED_PAGE = "SELECT id AS place, id AS bound_to, private_key AS sealed FROM tls_identity WHERE id > $1 ORDER BY id LIMIT $2";
    pub SEAL_AGAIN = "UPDATE tls_identity SET private_key = $1 WHERE id = $2 AND private_key = $3";
    pub ADD = "INSERT INTO tls_identity (id, certificate, private_key, made_at) VALUES ($1, $2, $3, $4)";
    pub NEWEST = "SELECT t.id, t.certificate, t.private_key FROM tls_identity t JOIN certificate c ON c.id = t.certificate LEFT JOIN certificate_revocation r ON r.certificate = c.id WHERE c.holder = $1 AND c.not_after > $2 AND r.certificate IS NULL ORDER BY t.made_at DESC, t.id LIMIT 1";
}

/// Private keys.
pub static SEALED: SealedColumn = SealedColumn {
    table: "tls_identity",
    column: "private_key",
    page: &SEALED_PAGE,
    replace: &SEAL_AGAIN,
};

/// A stored identity.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TlsRow {
    /// Id; also the row name that the sealed key is bound to.
    pub id: String,
    /// Certificate.
    pub certificate: String,
    /// Sealed PKCS#8.
    pub private_key: Vec<u8>,
}

/// Adds an identity.
pub async fn add(tx: &mut Tx, row: &TlsRow, at: i64) -> Result<(), Error> {
    tx.execute(&ADD, (&row.id, &row.certificate, &row.private_key, at))
        .await
        .map(|_| ())
}

/// The newest identity of a name that is good after `after`.
pub async fn newest(conn: &mut Conn, holder: &str, after: i64) -> Result<Option<TlsRow>, Error> {
    conn.optional(&NEWEST, (holder, after)).await
}
