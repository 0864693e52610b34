//! Adds somebody else's anchor with the authorities under it.
//! Standard: RFC 5280 §6.1.1 (d); Law 20/2023/QH15 Art. 22 (kinds of signature)
//! It must never take an authority that the anchor did not certify.

use crate::domain::certificate::AnchorKind;
use crate::flows::hex;
use crate::flows::load_trust::LoadTrust;
use crate::service::Ca;
use crate::store::anchors::{self, AnchorRow, IssuerRow};
use pki::asn1::Malformed;
use pki::certificate::Certificate;
use pki::signing::SignatureProblem;
use platform::audit::{Actor, Event};
use platform::{db, ids};
use serde_json::json;

/// What is added.
#[derive(Debug, Clone)]
pub struct NewAnchor {
    /// Under what law.
    pub kind: AnchorKind,
    /// Name shown.
    pub name: String,
    /// Root, DER.
    pub root: Vec<u8>,
    /// Where the root's list is.
    pub root_list_url: Option<String>,
    /// Authorities under it, DER, each with the address of its list.
    pub authorities: Vec<(Vec<u8>, Option<String>)>,
}

/// Nothing was added.
#[derive(Debug, thiserror::Error)]
pub enum AddAnchor {
    /// A certificate does not parse.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A certificate is not signed by the root.
    #[error("not signed by the root: {0}")]
    Signature(#[from] SignatureProblem),
    /// A certificate is no authority's.
    #[error("{0} is no certification authority")]
    NotAuthority(String),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// Reading what is trusted again.
    #[error(transparent)]
    Trust(#[from] LoadTrust),
}

/// Adds; false when the anchor was there already.
pub async fn run(ca: &Ca, new: &NewAnchor, actor: &Actor) -> Result<bool, AddAnchor> {
    let root = Certificate::parse(&new.root)?;
    root.verify_issued_by(&root)?;
    let fingerprint = hex(&root.fingerprint());
    let known = anchors::anchors(&mut ca.ground.db.read().await?).await?;
    if known.iter().any(|row| row.fingerprint == fingerprint) {
        return Ok(false);
    }
    let (now, entropy) = (ca.now(), &ca.ground.entropy);
    let anchor = AnchorRow {
        id: ids::new("anc", entropy),
        kind: new.kind.word().to_owned(),
        name: new.name.clone(),
        certificate: new.root.clone(),
        fingerprint: fingerprint.clone(),
        added_at: now,
    };
    let mut issuers = vec![issuer(ca, &anchor, &root, new.root_list_url.clone())?];
    for (der, list_url) in &new.authorities {
        let certificate = Certificate::parse(der)?;
        certificate.verify_issued_by(&root)?;
        issuers.push(issuer(ca, &anchor, &certificate, list_url.clone())?);
    }
    let event = Event::public("anchor_added", now, Actor::System("certification"), entropy)
        .about("anchor", &anchor.id)
        .detail(json!({"kind": new.kind.word(), "fingerprint": fingerprint}));
    let order =
        Event::new("anchor_ordered", now, actor.clone(), entropy).about("anchor", &anchor.id);
    let (anchor, issuers, event, order) = (&anchor, &issuers, &event, &order);
    ca.ground
        .db
        .write(|mut tx| async move {
            anchors::add_anchor(&mut tx, anchor).await?;
            for row in issuers {
                anchors::add_issuer(&mut tx, row, now).await?;
            }
            Ok::<_, db::Error>(tx.commit(event.clone(), ()).and(order.clone()))
        })
        .await?;
    ca.refresh_trust().await?;
    Ok(true)
}

fn issuer(
    ca: &Ca,
    anchor: &AnchorRow,
    certificate: &Certificate,
    list_url: Option<String>,
) -> Result<IssuerRow, AddAnchor> {
    let name = certificate.subject_name().to_string();
    if !certificate.is_ca() {
        return Err(AddAnchor::NotAuthority(name));
    }
    Ok(IssuerRow {
        id: ids::new("cax", &ca.ground.entropy),
        anchor: anchor.id.clone(),
        key_id: None,
        name,
        certificate: certificate.der().to_vec(),
        fingerprint: hex(&certificate.fingerprint()),
        list_url,
    })
}
