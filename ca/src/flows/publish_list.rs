//! Publishes a revocation list of one of our authorities: when something was revoked, and before the last one grows old.
//! Standard: RFC 5280 §5.1, §5.2.1, §5.2.3
//! It must never give a number twice, and never drop an entry before one list after its expiry has shown it.

use crate::domain::certificate::RevocationReason;
use crate::flows::issue_certificate::{IssueCertificate, authority};
use crate::flows::load_trust::LoadTrust;
use crate::flows::sha256_hex;
use crate::service::Ca;
use crate::store::revocations::{self, ListRow};
use pki::asn1::Malformed;
use pki::crl::{Entry, List, Reason};
use pki::issue::Issuer;
use platform::audit::{Actor, Event};
use platform::db;
use serde_json::json;
use signer::client::ClientError;

/// No list was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishList {
    /// The authority.
    #[error(transparent)]
    Authority(#[from] IssueCertificate),
    /// The list could not be encoded or does not parse.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The list could not be made.
    #[error(transparent)]
    List(#[from] pki::crl::CrlError),
    /// A stored serial or reason is broken.
    #[error("stored revocation {0} cannot be read")]
    Stored(String),
    /// The signer.
    #[error(transparent)]
    Signer(#[from] ClientError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// Reading what is trusted again.
    #[error(transparent)]
    Trust(#[from] LoadTrust),
}

/// Publishes unless the newest list is young.
pub async fn if_due(ca: &Ca, issuer: &str) -> Result<bool, PublishList> {
    let newest = revocations::newest_list(&mut ca.ground.db.read().await?, issuer).await?;
    let due = newest.is_none_or(|list| list.this_update + ca.config.list_interval <= ca.now());
    if due {
        run(ca, issuer).await?;
    }
    Ok(due)
}

/// Publishes a list now; its number.
pub async fn run(ca: &Ca, issuer: &str) -> Result<i64, PublishList> {
    loop {
        // When another process took the number meanwhile, its list may miss what was just revoked: publish the next.
        if let Some(number) = publish(ca, issuer).await? {
            ca.refresh_trust().await?;
            return Ok(number);
        }
    }
}

async fn publish(ca: &Ca, issuer: &str) -> Result<Option<i64>, PublishList> {
    let (key, certificate) = authority(ca, issuer).await?;
    let now = ca.now();
    let mut conn = ca.ground.db.read().await?;
    let newest = revocations::newest_list(&mut conn, issuer).await?;
    let mut entries = Vec::new();
    for row in revocations::of_issuer(&mut conn, issuer).await? {
        let shown_after_end = newest
            .as_ref()
            .is_some_and(|list| list.this_update > row.not_after);
        if shown_after_end {
            continue;
        }
        let serial = data_encoding::HEXLOWER
            .decode(row.serial.as_bytes())
            .map_err(|_| PublishList::Stored(row.serial.clone()))?;
        let reason = RevocationReason::of(&row.reason).map(list_reason);
        entries.push(Entry {
            serial,
            revoked_at: row.revoked_at,
            reason,
        });
    }
    drop(conn);
    // Seconds since 1970 keep the number growing even when a crash lost the one that the signer has seen.
    let number = newest.map_or(1, |list| list.number + 1).max(now / 1000);
    let list = List {
        issuer: &Issuer::of(&certificate)?,
        number: u64::try_from(number).unwrap_or_default(),
        this_update: now / 1000 * 1000,
        next_update: (now + ca.config.list_lifetime) / 1000 * 1000,
        entries: &entries,
    };
    let tbs = pki::crl::prepare_tbs(&list)?;
    let der = ca.signer.sign_crl(&key, tbs).await?;
    let row = ListRow {
        issuer: issuer.to_owned(),
        number,
        this_update: list.this_update,
        next_update: list.next_update,
        der,
    };
    let stored = store(ca, &row, entries.len()).await?;
    Ok(stored.then_some(number))
}

async fn store(ca: &Ca, row: &ListRow, entries: usize) -> Result<bool, PublishList> {
    let event = Event::public(
        "revocation_list_published",
        row.this_update,
        Actor::System("certification"),
        &ca.ground.entropy,
    )
    .about("authority", &row.issuer)
    .detail(json!({"number": row.number, "entries": entries, "sha256": sha256_hex(&row.der)}));
    let event = &event;
    let stored = ca
        .ground
        .db
        .write(|mut tx| async move {
            revocations::add_list(&mut tx, row).await?;
            revocations::drop_old_lists(&mut tx, &row.issuer, row.number - 1).await?;
            Ok(tx.commit(event.clone(), ()))
        })
        .await;
    match stored {
        Ok(()) => Ok(true),
        Err(db::Error::Conflict(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The reason as lists and status answers have it.
pub(crate) fn list_reason(reason: RevocationReason) -> Reason {
    match reason {
        RevocationReason::KeyCompromise => Reason::KeyCompromise,
        RevocationReason::AffiliationChanged => Reason::AffiliationChanged,
        RevocationReason::Superseded => Reason::Superseded,
        RevocationReason::CessationOfOperation => Reason::CessationOfOperation,
        RevocationReason::PrivilegeWithdrawn => Reason::PrivilegeWithdrawn,
    }
}
