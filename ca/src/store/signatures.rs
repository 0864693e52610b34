//! Recorded signatures and seals, each with the decision it used.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub ADD = "INSERT INTO paper_signature (id, paper, revision, act, person, post, agency, capacity, block, certificate, decision_id, request, cms_sha256, signed_at, stamped_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    pub OF_PAPER = "SELECT id, paper, revision, act, person, post, agency, capacity, block, certificate, decision_id, request, cms_sha256, signed_at, stamped_at FROM paper_signature WHERE paper = $1 ORDER BY revision, id";
    pub BY_CMS = "SELECT id, paper, revision, act, person, post, agency, capacity, block, certificate, decision_id, request, cms_sha256, signed_at, stamped_at FROM paper_signature WHERE cms_sha256 = $1";
}

/// A recorded signature.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SignatureRow {
    /// Id.
    pub id: String,
    /// Paper.
    pub paper: String,
    /// Revision that carries it.
    pub revision: i64,
    /// `sign` or `seal`.
    pub act: String,
    /// Who consented.
    pub person: String,
    /// In which post.
    pub post: String,
    /// Agency of the paper.
    pub agency: String,
    /// Capacity.
    pub capacity: String,
    /// Block lines, one a line.
    pub block: String,
    /// Certificate.
    pub certificate: String,
    /// Decision used.
    pub decision_id: String,
    /// Request it came from.
    pub request: String,
    /// SHA-256 of the signature value in the CMS, hex.
    pub cms_sha256: String,
    /// Instant of the intent.
    pub signed_at: i64,
    /// Instant of the time stamp.
    pub stamped_at: i64,
}

/// Records a signature.
pub async fn add(tx: &mut Tx, row: &SignatureRow) -> Result<(), Error> {
    tx.execute(
        &ADD,
        (
            &row.id,
            &row.paper,
            row.revision,
            &row.act,
            &row.person,
            &row.post,
            &row.agency,
            &row.capacity,
            &row.block,
            &row.certificate,
            &row.decision_id,
            &row.request,
            &row.cms_sha256,
            row.signed_at,
            row.stamped_at,
        ),
    )
    .await
    .map(|_| ())
}

/// All of a paper.
pub async fn of_paper(conn: &mut Conn, paper: &str) -> Result<Vec<SignatureRow>, Error> {
    conn.all(&OF_PAPER, (paper,)).await
}

/// The record of a signature value.
pub async fn by_cms(conn: &mut Conn, cms_sha256: &str) -> Result<Option<SignatureRow>, Error> {
    conn.optional(&BY_CMS, (cms_sha256,)).await
}
