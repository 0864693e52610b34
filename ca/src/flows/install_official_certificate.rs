//! Installs a certificate that another authority issued for a key in our signer.
//! Standard: RFC 5280 §6.1; Decree 23/2025/NĐ-CP Art. 13 (the title stands in the certificate)
//! It must never install a certificate of another key, or one that no anchor of public duty reaches.

use crate::domain::trust::kind_of;
use crate::flows::hex;
use crate::service::Ca;
use crate::store::certificates::{self, CertificateRow};
use crate::store::{anchors, keys};
use pki::asn1::Malformed;
use pki::certificate::Certificate;
use pki::path::{self, PathProblem, Revocation, Usage};
use platform::audit::{Actor, Event};
use platform::{db, ids};
use serde_json::json;
use signer::client::ClientError;

/// The certificate was not installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallOfficialCertificate {
    /// No such key of ours.
    #[error("the signer holds no such key")]
    Key,
    /// Another key's certificate.
    #[error("the certificate is of another key")]
    OtherKey,
    /// It does not parse.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// No good path.
    #[error("no good path to an anchor: {0}")]
    Path(#[from] PathProblem),
    /// The anchor is ours: not an official certificate.
    #[error("the certificate is not of public duty")]
    NotOfficial,
    /// Its authority is not in our table.
    #[error("its authority is not known")]
    Issuer,
    /// The signer.
    #[error(transparent)]
    Signer(#[from] ClientError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Installs; the id of the certificate. A certificate that is installed already keeps its id.
pub async fn run(
    ca: &Ca,
    key_id: &str,
    der: &[u8],
    actor: &Actor,
) -> Result<String, InstallOfficialCertificate> {
    let certificate = Certificate::parse(der)?;
    let mut conn = ca.ground.db.read().await?;
    let key = keys::by_key(&mut conn, key_id)
        .await?
        .ok_or(InstallOfficialCertificate::Key)?;
    let fingerprint = hex(&certificate.fingerprint());
    if let Some(known) = certificates::by_fingerprint(&mut conn, &fingerprint).await? {
        return Ok(known.id);
    }
    if certificate.spki() != key.spki {
        return Err(InstallOfficialCertificate::OtherKey);
    }
    let trust = ca.trust();
    let now = ca.now();
    let revocation = Revocation {
        crls: &trust.lists,
        ocsp: &[],
        required: false,
    };
    let trusted = path::validate(
        &certificate,
        &trust.intermediates,
        &trust.anchors,
        now,
        Usage::DocumentSigning,
        &revocation,
    )?;
    if kind_of(trusted.kind) != crate::domain::certificate::AnchorKind::PublicDuty {
        return Err(InstallOfficialCertificate::NotOfficial);
    }
    let issuer = issuer_of(&mut conn, &certificate)
        .await?
        .ok_or(InstallOfficialCertificate::Issuer)?;
    drop(conn);
    let row = CertificateRow {
        id: ids::new("crt", &ca.ground.entropy),
        issuer: issuer.id,
        serial: hex(certificate.serial()),
        anchor: issuer.anchor,
        profile: "official".into(),
        holder_kind: key.holder_kind,
        holder: key.holder,
        rests_on: key.rests_on,
        key_id: Some(key.key_id),
        subject: certificate.subject_name().to_string(),
        email: certificate.emails().first().map(|e| (*e).to_owned()),
        fingerprint,
        der: der.to_vec(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        revoked_at: None,
        reason: None,
    };
    ca.signer.install_certificate(key_id, der.to_vec()).await?;
    let event = Event::new("official_certificate_installed", now, actor.clone(), &ca.ground.entropy)
        .about("certificate", &row.id)
        .detail(json!({"holder_kind": row.holder_kind, "holder": row.holder, "serial": row.serial, "fingerprint": row.fingerprint}));
    let (row, event) = (&row, &event);
    ca.ground
        .db
        .write(|mut tx| async move {
            certificates::add(&mut tx, row, now).await?;
            Ok::<_, db::Error>(tx.commit(event.clone(), row.id.clone()))
        })
        .await
        .map_err(Into::into)
}

async fn issuer_of(
    conn: &mut db::Conn,
    certificate: &Certificate,
) -> Result<Option<anchors::IssuerRow>, InstallOfficialCertificate> {
    for row in anchors::issuers(conn).await? {
        if certificate
            .verify_issued_by(&Certificate::parse(&row.certificate)?)
            .is_ok()
        {
            return Ok(Some(row));
        }
    }
    Ok(None)
}
