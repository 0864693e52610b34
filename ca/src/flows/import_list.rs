//! Takes in the newest revocation list of somebody else's authority.
//! Standard: RFC 5280 §6.3.3
//! It must never keep a list that its authority did not sign, and never let an older list replace a newer one.

use crate::flows::load_trust::LoadTrust;
use crate::flows::sha256_hex;
use crate::service::Ca;
use crate::store::anchors::{self, ForeignListRow};
use pki::asn1::Malformed;
use pki::certificate::Certificate;
use pki::crl::Crl;
use platform::audit::{Actor, Event};
use platform::db;
use serde_json::json;

/// The list was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportList {
    /// It does not parse.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// No authority that we know signed it.
    #[error("no known authority signed this list")]
    UnknownIssuer,
    /// It says it was made in the future.
    #[error("the list is dated in the future")]
    Future,
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// Reading what is trusted again.
    #[error(transparent)]
    Trust(#[from] LoadTrust),
}

/// Takes a list; false when the one we have is as new.
pub async fn run(ca: &Ca, der: &[u8]) -> Result<bool, ImportList> {
    let list = Crl::parse(der)?;
    let now = ca.now();
    if list.this_update() > now + 300_000 {
        return Err(ImportList::Future);
    }
    let mut conn = ca.ground.db.read().await?;
    let issuers = anchors::issuers(&mut conn).await?;
    let kept = anchors::foreign_lists(&mut conn).await?;
    drop(conn);
    let mut signer = None;
    for issuer in issuers.into_iter().filter(|issuer| issuer.key_id.is_none()) {
        if list
            .verify(&Certificate::parse(&issuer.certificate)?)
            .is_ok()
        {
            signer = Some(issuer);
            break;
        }
    }
    let issuer = signer.ok_or(ImportList::UnknownIssuer)?;
    if kept
        .iter()
        .any(|old| old.issuer == issuer.id && old.this_update >= list.this_update())
    {
        return Ok(false);
    }
    let row = ForeignListRow {
        issuer: issuer.id.clone(),
        this_update: list.this_update(),
        next_update: list.next_update().unwrap_or(list.this_update()),
        der: der.to_vec(),
        fetched_at: now,
    };
    let event = Event::public(
        "foreign_list_kept",
        now,
        Actor::System("certification"),
        &ca.ground.entropy,
    )
    .about("authority", &issuer.id)
    .detail(json!({"sha256": sha256_hex(der), "entries": list.entries().len()}));
    let (row, event) = (&row, &event);
    ca.ground
        .db
        .write(|mut tx| async move {
            anchors::keep_list(&mut tx, row).await?;
            Ok::<_, db::Error>(tx.commit(event.clone(), ()))
        })
        .await?;
    ca.refresh_trust().await?;
    Ok(true)
}
