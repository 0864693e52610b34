//! Answers status questions live: good, revoked, or unknown for what was never issued.
//! Standard: RFC 6960 §2.1, §2.2, §4.2; RFC 9919; RFC 9654 (nonce)
//! It must never say good of a serial that is not in the certificate table, and never answer for another issuer.

use crate::domain::certificate::{Holder, RevocationReason};
use crate::flows::hex;
use crate::flows::issue_certificate::{IssueCertificate, authority};
use crate::flows::publish_list::list_reason;
use crate::service::Ca;
use crate::store::certificates;
use pki::asn1::Malformed;
use pki::certificate::Certificate;
use pki::ocsp::{CertId, Refusal, Request, Single, Status};
use platform::db;
use signer::client::ClientError;

/// The most certificates one question may name.
const MOST: usize = 16;

/// No answer could be made; the caller is told `tryLater` or `internalError`.
#[derive(Debug, thiserror::Error)]
pub enum AnswerStatus {
    /// The authority.
    #[error(transparent)]
    Authority(#[from] IssueCertificate),
    /// The responder has no certificate in force.
    #[error("the status responder has no certificate in force")]
    NoResponder,
    /// A stored certificate does not parse.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The signer.
    #[error(transparent)]
    Signer(#[from] ClientError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// The OCSPResponse, DER, to an OCSPRequest, DER.
pub async fn run(ca: &Ca, request: &[u8]) -> Vec<u8> {
    let Ok(request) = Request::parse(request) else {
        return pki::ocsp::refusal(Refusal::MalformedRequest);
    };
    if request.certificates().is_empty() || request.certificates().len() > MOST {
        return pki::ocsp::refusal(Refusal::MalformedRequest);
    }
    match answer(ca, &request).await {
        Ok(Some(response)) => response,
        Ok(None) => pki::ocsp::refusal(Refusal::Unauthorized),
        Err(error @ (AnswerStatus::Signer(_) | AnswerStatus::Db(_))) => {
            tracing::warn!(%error, "status answer put off");
            pki::ocsp::refusal(Refusal::TryLater)
        }
        Err(error) => {
            tracing::error!(%error, "status answer failed");
            pki::ocsp::refusal(Refusal::InternalError)
        }
    }
}

async fn answer(ca: &Ca, request: &Request) -> Result<Option<Vec<u8>>, AnswerStatus> {
    let (_, issuing) = authority(ca, "issuing").await?;
    if !request.certificates().iter().any(|id| id.matches(&issuing)) {
        return Ok(None);
    }
    let now = ca.now() / 1000 * 1000;
    let mut conn = ca.ground.db.read().await?;
    let holder = Holder::Service("ocsp".into());
    let responder = certificates::in_force(&mut conn, &holder, now)
        .await?
        .ok_or(AnswerStatus::NoResponder)?;
    let key = responder.key_id.ok_or(AnswerStatus::NoResponder)?;
    let mut singles = Vec::new();
    for id in request.certificates() {
        singles.push(Single {
            id: id.clone(),
            status: status(&mut conn, &issuing, id).await?,
            this_update: now,
            next_update: Some(now + ca.config.status_lifetime),
        });
    }
    drop(conn);
    let responder = Certificate::parse(&responder.der)?;
    let data = pki::ocsp::response_data(&responder, now, &singles, request.nonce());
    Ok(Some(ca.signer.sign_ocsp(&key, data).await?))
}

async fn status(
    conn: &mut db::Conn,
    issuing: &Certificate,
    id: &CertId,
) -> Result<Status, AnswerStatus> {
    if !id.matches(issuing) {
        return Ok(Status::Unknown);
    }
    let row = certificates::by_serial(conn, "issuing", &hex(id.serial())).await?;
    Ok(match row {
        None => Status::Unknown,
        Some(row) => match row.revoked_at {
            None => Status::Good,
            Some(at) => Status::Revoked {
                at,
                reason: row
                    .reason
                    .as_deref()
                    .and_then(RevocationReason::of)
                    .map(list_reason),
            },
        },
    })
}
