//! Reads anchors, authorities under them and the newest lists into memory.
//! Standard: RFC 5280 §6.1.1 (inputs of path validation)
//! It must never take an authority as trusted because somebody sent it: only rows that an act of ours put there.

use crate::domain::certificate::AnchorKind;
use crate::domain::trust::{TrustSet, pki_kind};
use crate::store::{anchors, revocations};
use pki::asn1::Malformed;
use pki::certificate::Certificate;
use pki::crl::Crl;
use pki::path::Anchor;
use platform::db::{self, Db};

/// What is trusted could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadTrust {
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A stored certificate or list does not parse.
    #[error("stored trust data: {0}")]
    Malformed(#[from] Malformed),
    /// A stored kind is no word of ours.
    #[error("anchor kind {0} is not known")]
    Kind(String),
}

/// Loads everything.
pub async fn run(db: &Db) -> Result<TrustSet, LoadTrust> {
    let mut conn = db.read().await?;
    let mut set = TrustSet::default();
    for row in anchors::anchors(&mut conn).await? {
        let kind = AnchorKind::of(&row.kind).ok_or_else(|| LoadTrust::Kind(row.kind.clone()))?;
        set.anchors.push(Anchor {
            label: row.name,
            kind: pki_kind(kind),
            certificate: Certificate::parse(&row.certificate)?,
        });
    }
    for row in anchors::issuers(&mut conn).await? {
        let certificate = Certificate::parse(&row.certificate)?;
        if row.key_id.is_some()
            && let Some(list) = revocations::newest_list(&mut conn, &row.id).await?
        {
            set.lists.push(Crl::parse(&list.der)?);
        }
        if !certificate.is_self_issued() {
            set.intermediates.push(certificate);
        }
    }
    for row in anchors::foreign_lists(&mut conn).await? {
        set.lists.push(Crl::parse(&row.der)?);
    }
    Ok(set)
}
