//! Anchors of trust and the certification authorities under them, ours and others'.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub ADD_ANCHOR = "INSERT INTO anchor (id, kind, name, certificate, fingerprint, added_at) VALUES ($1, $2, $3, $4, $5, $6)";
    pub ANCHORS = "SELECT id, kind, name, certificate, fingerprint, added_at FROM anchor ORDER BY added_at, id";
    pub OWN = "SELECT id FROM anchor WHERE kind = 'own' ORDER BY added_at, id LIMIT 1";
    pub ADD_ISSUER = "INSERT INTO issuer (id, anchor, key_id, name, certificate, fingerprint, list_url, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    pub ISSUERS = "SELECT id, anchor, key_id, name, certificate, fingerprint, list_url FROM issuer ORDER BY added_at, id";
    pub ISSUER = "SELECT id, anchor, key_id, name, certificate, fingerprint, list_url FROM issuer WHERE id = $1";
    pub KEEP_LIST = "INSERT INTO foreign_list (issuer, this_update, next_update, der, fetched_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (issuer) DO UPDATE SET this_update = excluded.this_update, next_update = excluded.next_update, der = excluded.der, fetched_at = excluded.fetched_at WHERE excluded.this_update >= foreign_list.this_update";
    pub FOREIGN_LISTS = "SELECT issuer, this_update, next_update, der, fetched_at FROM foreign_list ORDER BY issuer";
}

/// An anchor.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AnchorRow {
    /// Id.
    pub id: String,
    /// `own`, `public_duty` or `public`.
    pub kind: String,
    /// Name shown.
    pub name: String,
    /// DER.
    pub certificate: Vec<u8>,
    /// SHA-256 of the DER, hex.
    pub fingerprint: String,
    /// When it was added.
    pub added_at: i64,
}

/// A certification authority under an anchor.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct IssuerRow {
    /// Id: `root`, `issuing`, or `iss_…` for others'.
    pub id: String,
    /// Anchor above it.
    pub anchor: String,
    /// Our key in the signer.
    pub key_id: Option<String>,
    /// Name shown.
    pub name: String,
    /// DER.
    pub certificate: Vec<u8>,
    /// SHA-256 of the DER, hex.
    pub fingerprint: String,
    /// Where its revocation list is, if it is not ours.
    pub list_url: Option<String>,
}

/// A foreign authority's newest list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ForeignListRow {
    /// Which authority.
    pub issuer: String,
    /// thisUpdate.
    pub this_update: i64,
    /// nextUpdate.
    pub next_update: i64,
    /// DER.
    pub der: Vec<u8>,
    /// When we got it.
    pub fetched_at: i64,
}

/// Adds an anchor.
pub async fn add_anchor(tx: &mut Tx, row: &AnchorRow) -> Result<(), Error> {
    tx.execute(
        &ADD_ANCHOR,
        (
            &row.id,
            &row.kind,
            &row.name,
            &row.certificate,
            &row.fingerprint,
            row.added_at,
        ),
    )
    .await
    .map(|_| ())
}

/// All anchors.
pub async fn anchors(conn: &mut Conn) -> Result<Vec<AnchorRow>, Error> {
    conn.all(&ANCHORS, ()).await
}

/// Our own anchor, once the ceremony has made it.
pub async fn own(conn: &mut Conn) -> Result<Option<String>, Error> {
    let row: Option<(String,)> = conn.optional(&OWN, ()).await?;
    Ok(row.map(|(id,)| id))
}

/// Adds an authority.
pub async fn add_issuer(tx: &mut Tx, row: &IssuerRow, at: i64) -> Result<(), Error> {
    tx.execute(
        &ADD_ISSUER,
        (
            &row.id,
            &row.anchor,
            &row.key_id,
            &row.name,
            &row.certificate,
            &row.fingerprint,
            &row.list_url,
            at,
        ),
    )
    .await
    .map(|_| ())
}

/// All authorities.
pub async fn issuers(conn: &mut Conn) -> Result<Vec<IssuerRow>, Error> {
    conn.all(&ISSUERS, ()).await
}

/// One authority.
pub async fn issuer(conn: &mut Conn, id: &str) -> Result<Option<IssuerRow>, Error> {
    conn.optional(&ISSUER, (id,)).await
}

/// Keeps a foreign list unless a newer one is kept already.
pub async fn keep_list(tx: &mut Tx, row: &ForeignListRow) -> Result<bool, Error> {
    let changed = tx
        .execute(
            &KEEP_LIST,
            (
                &row.issuer,
                row.this_update,
                row.next_update,
                &row.der,
                row.fetched_at,
            ),
        )
        .await?;
    Ok(changed == 1)
}

/// All foreign lists.
pub async fn foreign_lists(conn: &mut Conn) -> Result<Vec<ForeignListRow>, Error> {
    conn.all(&FOREIGN_LISTS, ()).await
}
