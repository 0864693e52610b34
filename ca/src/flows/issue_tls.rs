//! Issues a listener its TLS certificate; the key stays in process, sealed, for at most 90 days.
//! Standard: RFC 5280 §4.2.1.6, §4.2.1.12; RFC 9525 §6.3
//! It must never write the private key unsealed.

use crate::domain::certificate::Holder;
use crate::flows::issue_certificate::{self, IssueCertificate, Order, authority, subject};
use crate::service::Ca;
use crate::store::{certificates, tls};
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use pki::names::AlternativeName;
use platform::audit::{Actor, Event};
use platform::clock::DAY;
use platform::{db, ids, secrets};
use serde_json::json;

/// A listener's identity.
#[derive(Clone)]
pub struct TlsIdentity {
    /// Certificate and issuing CA, PEM.
    pub chain_pem: String,
    /// Private key, PKCS#8 DER.
    pub private_key_pkcs8: Vec<u8>,
}

/// No identity.
#[derive(Debug, thiserror::Error)]
pub enum IssueTls {
    /// No name was given.
    #[error("a listener needs a name")]
    NoName,
    /// The certificate.
    #[error(transparent)]
    Issue(#[from] IssueCertificate),
    /// The key.
    #[error("key: {0}")]
    Key(#[from] openssl::error::ErrorStack),
    /// Sealing.
    #[error(transparent)]
    Seal(#[from] secrets::Error),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

const DAYS: i64 = 89;
const RENEW_DAYS: i64 = 30;

/// Finds the identity for these names, or makes it.
pub async fn run(ca: &Ca, names: &[&str], actor: &Actor) -> Result<TlsIdentity, IssueTls> {
    let first = names.first().ok_or(IssueTls::NoName)?;
    let holder = names.join(" ");
    let mut conn = ca.ground.db.read().await?;
    let after = ca.now() + RENEW_DAYS * DAY;
    if let Some(found) = tls::newest(&mut conn, &holder, after).await? {
        let certificate = certificates::by_id(&mut conn, &found.certificate)
            .await?
            .ok_or(db::Error::NotFound)?;
        drop(conn);
        let sealer = &ca.ground.sealer;
        let key = sealer.open("tls_identity", "private_key", &found.id, &found.private_key)?;
        return identity(ca, &certificate.der, key.to_vec()).await;
    }
    drop(conn);
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let spki = key.public_key_to_der()?;
    let order = Order {
        issuer: "issuing",
        profile: "tls",
        holder: Holder::Service(holder),
        rests_on: None,
        key_id: None,
        spki: &spki,
        subject: subject(ca, None, first),
        alternative_names: names
            .iter()
            .map(|name| AlternativeName::Dns((*name).to_owned()))
            .collect(),
        lifetime: DAYS * DAY,
        permitted: None,
    };
    let certificate = issue_certificate::run(ca, order, actor).await?;
    keep(ca, &certificate, &key.private_key_to_pkcs8()?, actor).await
}

async fn keep(
    ca: &Ca,
    certificate: &str,
    pkcs8: &[u8],
    actor: &Actor,
) -> Result<TlsIdentity, IssueTls> {
    let (now, entropy) = (ca.now(), &ca.ground.entropy);
    let id = ids::new("tls", entropy);
    let sealed = ca
        .ground
        .sealer
        .seal("tls_identity", "private_key", &id, pkcs8)?;
    let row = tls::TlsRow {
        id,
        certificate: certificate.to_owned(),
        private_key: sealed,
    };
    let event = Event::new("tls_identity_made", now, actor.clone(), entropy)
        .about("certificate", certificate)
        .detail(json!({"identity": row.id}));
    let (row, event) = (&row, &event);
    ca.ground
        .db
        .write(|mut tx| async move {
            tls::add(&mut tx, row, now).await?;
            Ok::<_, db::Error>(tx.commit(event.clone(), ()))
        })
        .await?;
    let certificate = certificates::by_id(&mut ca.ground.db.read().await?, certificate)
        .await?
        .ok_or(db::Error::NotFound)?;
    identity(ca, &certificate.der, pkcs8.to_vec()).await
}

async fn identity(ca: &Ca, der: &[u8], pkcs8: Vec<u8>) -> Result<TlsIdentity, IssueTls> {
    let (_, issuing) = authority(ca, "issuing").await?;
    Ok(TlsIdentity {
        chain_pem: [
            pki::pem::encode("CERTIFICATE", der),
            pki::pem::encode("CERTIFICATE", issuing.der()),
        ]
        .concat(),
        private_key_pkcs8: pkcs8,
    })
}
