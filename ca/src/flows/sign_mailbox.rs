//! A mailbox's machine signature on mail, for the relay.
//! Standard: RFC 8551 §3.5; RFC 5652 §5
//! It must never sign for another address than the certificate's.

use crate::domain::certificate::Holder;
use crate::flows::issue_certificate::{IssueCertificate, authority};
use crate::service::Ca;
use crate::store::certificates;
use platform::db;
use signer::client::ClientError;
use signer::domain::Digest;
use signer::wire::MailboxSignature;

/// No signature.
#[derive(Debug, thiserror::Error)]
pub enum SignMailbox {
    /// The mailbox has no certificate in force, or the appointment it rests on has ended.
    #[error("the mailbox {0} has no certificate in force")]
    NoCertificate(String),
    /// From differs from the mailbox.
    #[error("From {0} is not the mailbox's address")]
    From(String),
    /// The authority.
    #[error(transparent)]
    Authority(#[from] IssueCertificate),
    /// The signer.
    #[error(transparent)]
    Signer(#[from] ClientError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// CMS, detached, DER, over the SHA-256 digest of a MIME entity.
pub async fn run(
    ca: &Ca,
    address: &str,
    digest: &[u8; 32],
    signing_time: i64,
    from: &str,
) -> Result<Vec<u8>, SignMailbox> {
    if !from.eq_ignore_ascii_case(address) {
        return Err(SignMailbox::From(from.to_owned()));
    }
    let address = address.to_lowercase();
    let row = certificate(ca, &address)
        .await?
        .ok_or_else(|| SignMailbox::NoCertificate(address.clone()))?;
    let key = row
        .key_id
        .ok_or_else(|| SignMailbox::NoCertificate(address.clone()))?;
    let (_, issuing) = authority(ca, "issuing").await?;
    let signature = MailboxSignature {
        key,
        digest: Digest::sha256(digest),
        signing_time,
        from: address,
        chain: vec![issuing.der().into()],
    };
    Ok(ca.signer.sign_mailbox(signature).await?)
}

/// The mailbox's certificate, if it and what it rests on are in force now.
pub async fn certificate(
    ca: &Ca,
    address: &str,
) -> Result<Option<certificates::CertificateRow>, db::Error> {
    let now = ca.now();
    let mut conn = ca.ground.db.read().await?;
    let holder = Holder::Mailbox(address.to_lowercase());
    let Some(row) = certificates::in_force(&mut conn, &holder, now).await? else {
        return Ok(None);
    };
    if let Some(appointment) = &row.rests_on
        && !register::facts::appointment_in_force(&mut conn, appointment, now).await?
    {
        return Ok(None);
    }
    Ok(Some(row))
}
