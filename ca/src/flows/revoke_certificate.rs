//! Revokes a certificate of ours: one commit, then the list; status answers read the commit.
//! Standard: RFC 5280 §5.3.1; RFC 6960 §2.2
//! It must never let anybody but a registrar of the holder's agency revoke, and never undo a revocation.

use crate::domain::certificate::{Holder, RevocationReason};
use crate::flows::publish_list::{self, PublishList};
use crate::service::Ca;
use crate::store::{certificates, revocations};
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::db;
use register::domain::words::{Kind, Verb};
use register::rights;
use serde_json::json;

/// Nothing was revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeCertificate {
    /// No such certificate.
    #[error("there is no such certificate")]
    NotFound,
    /// The caller is no registrar for it.
    #[error("the caller is no registrar for this holder")]
    NotRegistrar,
    /// It is another authority's; that one revokes.
    #[error("this certificate is not ours to revoke")]
    NotOurs,
    /// It was revoked before.
    #[error("it was revoked before")]
    Already,
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Revokes on a registrar's order. The list follows; `Err` of the list does not undo the revocation.
pub async fn run(
    ca: &Ca,
    certificate: &str,
    reason: RevocationReason,
    note: &str,
    caller: &Caller,
) -> Result<Option<PublishList>, RevokeCertificate> {
    let mut conn = ca.ground.db.read().await?;
    let row = certificates::by_id(&mut conn, certificate)
        .await?
        .ok_or(RevokeCertificate::NotFound)?;
    if !may_revoke(&mut conn, &row, caller, ca.now()).await? {
        return Err(RevokeCertificate::NotRegistrar);
    }
    drop(conn);
    if row.issuer != "issuing" && row.issuer != "root" {
        return Err(RevokeCertificate::NotOurs);
    }
    if row.revoked_at.is_some() {
        return Err(RevokeCertificate::Already);
    }
    let now = ca.now();
    let at = now / 1000 * 1000;
    let event = Event::new(
        "certificate_revoked",
        now,
        Actor::of(caller),
        &ca.ground.entropy,
    )
    .about("certificate", certificate)
    .detail(
        json!({"issuer": row.issuer, "serial": row.serial, "reason": reason.word(), "note": note}),
    );
    let (row, event) = (&row, &event);
    ca.ground
        .db
        .write(|mut tx| async move {
            let revocation = revocations::Revocation {
                certificate: &row.id,
                issuer: &row.issuer,
                serial: &row.serial,
                reason: reason.word(),
                at,
                person: &caller.person,
                post: caller.post.as_deref(),
                note,
            };
            match revocations::add(&mut tx, &revocation).await {
                Err(db::Error::Conflict(_)) => Err(RevokeCertificate::Already),
                Err(error) => Err(error.into()),
                Ok(()) => Ok(tx.commit(event.clone(), ())),
            }
        })
        .await?;
    Ok(publish_list::run(ca, &row.issuer).await.err())
}

/// Registrars of the province revoke everything; registrars of an agency what belongs to it or to people whose posts are in it.
pub async fn may_revoke(
    conn: &mut db::Conn,
    row: &certificates::CertificateRow,
    caller: &Caller,
    now: i64,
) -> Result<bool, db::Error> {
    let need = (Verb::Revoke, Kind::Certificate);
    if rights::may(conn, &caller.person, need, None, now).await? {
        return Ok(true);
    }
    let mut agencies = Vec::new();
    match Holder::of(&row.holder_kind, &row.holder) {
        Some(Holder::Agency(agency)) => agencies.push(agency),
        Some(Holder::Person(person)) => {
            let posts = register::facts::posts_of(conn, &person, now).await?;
            agencies.extend(posts.into_iter().map(|post| post.agency));
        }
        Some(Holder::Post(post)) => {
            let post = register::facts::post(conn, &post, now).await?;
            agencies.extend(post.map(|post| post.agency));
        }
        Some(Holder::Mailbox(address)) => {
            let mailbox = register::facts::mailbox(conn, &address, now).await?;
            agencies.extend(mailbox.map(|mailbox| mailbox.agency));
        }
        Some(Holder::Service(_)) | None => {}
    }
    for agency in &agencies {
        if rights::may(conn, &caller.person, need, Some(agency), now).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
