//! Issues a certificate: prepared, linted, approved, its intent stored, and only then signed; the signed bytes equal the linted ones.
//! Standard: RFC 5280 §4.1, §4.2; RFC 6962 (the event is a public leaf)
//! It must never let a key sign before the intent is on disk, and never record a certificate whose to-be-signed bytes differ.

use crate::domain::certificate::{AnchorKind, Holder};
use crate::domain::issuance::{IssuanceState, LintRefusal, Requested};
use crate::flows::load_trust::LoadTrust;
use crate::flows::{hex, sha256_hex};
use crate::service::Ca;
use crate::store::issuances::IssuanceRow;
use crate::store::{anchors, certificates, issuances, keys};
use pki::asn1::Malformed;
use pki::certificate::Certificate;
use pki::issue::{Issuer, Locations, NameConstraints, PrepareError, Request, prepare_tbs};
use pki::names::{AlternativeName, DistinguishedName};
use pki::profile::Profile;
use pki::signing::SignatureProblem;
use platform::audit::{Actor, Event};
use platform::{db, ids};
use serde_json::json;
use signer::client::ClientError;

/// What is asked for.
pub struct Order<'a> {
    /// `root` or `issuing`.
    pub issuer: &'a str,
    /// Profile.
    pub profile: &'a str,
    /// Whose.
    pub holder: Holder,
    /// What it rests on.
    pub rests_on: Option<String>,
    /// Key in the signer.
    pub key_id: Option<String>,
    /// Public key, DER.
    pub spki: &'a [u8],
    /// Subject.
    pub subject: DistinguishedName,
    /// Other names.
    pub alternative_names: Vec<AlternativeName>,
    /// How long, ms.
    pub lifetime: i64,
    /// Name constraints of an authority.
    pub permitted: Option<NameConstraints>,
}

/// No certificate was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueCertificate {
    /// No such profile.
    #[error("profile {0} is not known")]
    Profile(String),
    /// The issuing authority is not set up.
    #[error("authority {0} is not set up")]
    Issuer(String),
    /// Preparing.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The linter.
    #[error(transparent)]
    Lint(#[from] LintRefusal),
    /// The signer.
    #[error(transparent)]
    Signer(#[from] ClientError),
    /// What the signer sent does not parse.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// What the signer sent is not signed by the authority.
    #[error(transparent)]
    Signature(#[from] SignatureProblem),
    /// What the signer sent is another certificate.
    #[error("the signed bytes are not the approved bytes")]
    Differs,
    /// The issuance was ended by somebody else meanwhile.
    #[error("this issuance has ended")]
    Ended,
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// Reading what is trusted again.
    #[error(transparent)]
    Trust(#[from] LoadTrust),
}

/// Issues; the id of the certificate.
pub async fn run(ca: &Ca, order: Order<'_>, actor: &Actor) -> Result<String, IssueCertificate> {
    let now = ca.now();
    let profile = Profile::built_in(order.profile)
        .ok_or_else(|| IssueCertificate::Profile(order.profile.to_owned()))?;
    let itself = order.holder == Holder::Service("root".into());
    let issuer = if itself {
        let algorithm = pki::algorithm::KeyKind::of_spki(order.spki)?.default_algorithm();
        Issuer::itself(&order.subject, order.spki, algorithm)?
    } else {
        Issuer::of(&authority(ca, order.issuer).await?.1)?
    };
    let entropy = &ca.ground.entropy;
    let request = Request {
        profile: &profile,
        issuer: &issuer,
        subject: order.subject.clone(),
        alternative_names: order.alternative_names.clone(),
        spki: order.spki,
        serial: entropy.bytes(),
        not_before: whole_second(now - 300_000),
        not_after: whole_second(now + order.lifetime),
        locations: locations(ca, order.issuer, itself, order.profile),
        permitted: order.permitted.clone(),
    };
    let prepared = prepare_tbs(&request)?;
    let serial = serial_of(&request.serial);
    let requested = Requested {
        id: ids::new("isn", entropy),
        issuer: order.issuer.to_owned(),
        profile: order.profile.to_owned(),
        holder: order.holder.clone(),
        rests_on: order.rests_on.clone(),
        key_id: order.key_id.clone(),
        email: email(&order.alternative_names),
    };
    let approved = requested
        .prepared(serial, prepared)
        .linted(&profile, &issuer)?
        .approved(name_of(actor));
    let (approved, event) = (
        &approved,
        Event::new("certificate_approved", now, actor.clone(), entropy)
            .about("issuance", &approved.requested().id)
            .detail(json!({"profile": order.profile, "holder": order.holder, "serial": hex(approved.serial()),
                "tbs_sha256": sha256_hex(approved.tbs())})),
    );
    let event = &event;
    let row: IssuanceRow = ca
        .ground
        .db
        .write(|mut tx| async move {
            issuances::add(&mut tx, approved, &hex(approved.serial()), now).await?;
            let row = issuances::by_serial(
                &mut tx,
                &approved.requested().issuer,
                &hex(approved.serial()),
            )
            .await?
            .ok_or(db::Error::NotFound)?;
            Ok::<_, db::Error>(tx.commit(event.clone(), row))
        })
        .await?;
    sign_and_record(ca, &row).await
}

/// Signs what was approved and records the certificate; also what the reconciliation calls after a crash.
pub async fn sign_and_record(ca: &Ca, row: &IssuanceRow) -> Result<String, IssueCertificate> {
    let now = ca.now();
    let itself = row.holder_kind == "service" && row.holder == "root";
    let (issuer_key, issuer_certificate) = if itself {
        let key = row
            .key_id
            .clone()
            .ok_or_else(|| IssueCertificate::Issuer(row.issuer.clone()))?;
        (key, None)
    } else {
        let (key, certificate) = authority(ca, &row.issuer).await?;
        (key, Some(certificate))
    };
    let der = ca
        .signer
        .sign_certificate(&issuer_key, &row.profile, row.tbs.clone())
        .await?;
    let certificate = Certificate::parse(&der)?;
    if certificate.tbs() != row.tbs {
        return Err(IssueCertificate::Differs);
    }
    certificate.verify_issued_by(issuer_certificate.as_ref().unwrap_or(&certificate))?;
    let id = record(ca, row, &certificate, now).await?;
    if let Some(key) = &row.key_id {
        ca.signer.install_certificate(key, der).await?;
    }
    if certificate.is_ca() {
        ca.refresh_trust().await?;
    }
    Ok(id)
}

async fn record(
    ca: &Ca,
    row: &IssuanceRow,
    certificate: &Certificate,
    now: i64,
) -> Result<String, IssueCertificate> {
    let entropy = &ca.ground.entropy;
    let anchor = anchors::own(&mut ca.ground.db.read().await?).await?;
    let anchor = anchor.unwrap_or_else(|| ids::new("anc", entropy));
    let id = ids::new("crt", entropy);
    let stored = certificates::CertificateRow {
        id: id.clone(),
        issuer: row.issuer.clone(),
        serial: row.serial.clone(),
        anchor: anchor.clone(),
        profile: row.profile.clone(),
        holder_kind: row.holder_kind.clone(),
        holder: row.holder.clone(),
        rests_on: row.rests_on.clone(),
        key_id: row.key_id.clone(),
        subject: certificate.subject_name().to_string(),
        email: row.email.clone(),
        fingerprint: hex(&certificate.fingerprint()),
        der: certificate.der().to_vec(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        revoked_at: None,
        reason: None,
    };
    let event = Event::public(
        "certificate_issued",
        now,
        Actor::System("certification"),
        entropy,
    )
    .about("certificate", &id)
    .detail(json!({"issuer": row.issuer, "serial": row.serial, "profile": row.profile, "fingerprint": stored.fingerprint}));
    let (stored, event, anchor) = (&stored, &event, &anchor);
    ca.ground
        .db
        .write(|mut tx| async move {
            if certificate.is_ca() {
                add_authority(&mut tx, row, stored, anchor, now).await?;
            }
            certificates::add(&mut tx, stored, now).await?;
            let ended = issuances::finish(
                &mut tx,
                &row.id,
                IssuanceState::Signed,
                Some(&stored.id),
                now,
            )
            .await?;
            if !ended {
                return Err(IssueCertificate::Ended);
            }
            Ok(tx.commit(event.clone(), ()))
        })
        .await?;
    Ok(id)
}

async fn add_authority(
    tx: &mut db::Tx,
    row: &IssuanceRow,
    stored: &certificates::CertificateRow,
    anchor: &str,
    now: i64,
) -> Result<(), db::Error> {
    if row.holder == "root" {
        let anchor = anchors::AnchorRow {
            id: anchor.to_owned(),
            kind: AnchorKind::Own.word().to_owned(),
            name: stored.subject.clone(),
            certificate: stored.der.clone(),
            fingerprint: stored.fingerprint.clone(),
            added_at: now,
        };
        anchors::add_anchor(tx, &anchor).await?;
    }
    let issuer = anchors::IssuerRow {
        id: row.holder.clone(),
        anchor: anchor.to_owned(),
        key_id: row.key_id.clone(),
        name: stored.subject.clone(),
        certificate: stored.der.clone(),
        fingerprint: stored.fingerprint.clone(),
        list_url: None,
    };
    anchors::add_issuer(tx, &issuer, now).await
}

/// Key and certificate of an authority of ours.
pub async fn authority(ca: &Ca, id: &str) -> Result<(String, Certificate), IssueCertificate> {
    let row = anchors::issuer(&mut ca.ground.db.read().await?, id).await?;
    let row = row.ok_or_else(|| IssueCertificate::Issuer(id.to_owned()))?;
    let key = row
        .key_id
        .ok_or_else(|| IssueCertificate::Issuer(id.to_owned()))?;
    Ok((key, Certificate::parse(&row.certificate)?))
}

/// The holder's key in the signer; made when there is none.
pub async fn key_of(
    ca: &Ca,
    holder: &Holder,
    purpose: signer::domain::Purpose,
    algorithm: signer::domain::Algorithm,
    rests_on: Option<&str>,
    actor: &Actor,
) -> Result<keys::KeyRow, IssueCertificate> {
    if let Some(row) = keys::of_holder(&mut ca.ground.db.read().await?, holder).await? {
        return Ok(row);
    }
    let made = ca.signer.generate_key(purpose, algorithm).await?;
    let now = ca.now();
    let row = keys::KeyRow {
        key_id: made.key,
        holder_kind: holder.kind().to_owned(),
        holder: holder.id().to_owned(),
        rests_on: rests_on.map(str::to_owned),
        spki: made.public_key.0,
    };
    let event = Event::new("key_made", now, actor.clone(), &ca.ground.entropy)
        .about("key", &row.key_id)
        .detail(
            json!({"holder": holder, "rests_on": rests_on, "spki_sha256": sha256_hex(&row.spki)}),
        );
    let (row, event) = (&row, &event);
    ca.ground
        .db
        .write(|mut tx| async move {
            keys::add(&mut tx, row, now).await?;
            Ok::<_, db::Error>(tx.commit(event.clone(), row.clone()))
        })
        .await
        .map_err(Into::into)
}

/// Subject with the province's own words in front of the common name.
pub fn subject(ca: &Ca, organisation: Option<&str>, common_name: &str) -> DistinguishedName {
    use pki::names::Attr;
    let short = |text: &str| text.chars().take(64).collect::<String>();
    let mut name = DistinguishedName::new()
        .with(Attr::Country, "VN")
        .with(Attr::StateOrProvince, &ca.config.state)
        .with(
            Attr::Organization,
            &short(organisation.unwrap_or(&ca.config.organisation)),
        );
    if let Some(unit) = &ca.config.organisational_unit {
        name = name.with(Attr::OrganizationalUnit, &short(unit));
    }
    name.with(Attr::CommonName, &short(common_name))
}

fn locations(ca: &Ca, issuer: &str, itself: bool, profile: &str) -> Locations {
    if itself {
        return Locations::default();
    }
    let base = ca.status_address();
    let responder = profile == "ocsp";
    Locations {
        crl: if responder {
            Vec::new()
        } else {
            vec![format!("{base}/crl/{issuer}.crl")]
        },
        ocsp: if responder || issuer == "root" {
            Vec::new()
        } else {
            vec![format!("{base}/ocsp")]
        },
        ca_issuers: vec![format!("{base}/ca/{issuer}.cer")],
    }
}

fn email(names: &[AlternativeName]) -> Option<String> {
    names.iter().find_map(|name| match name {
        AlternativeName::Email(address) => Some(address.clone()),
        _ => None,
    })
}

/// The serial as `prepare_tbs` writes it: positive and long.
fn serial_of(random: &[u8; 16]) -> Vec<u8> {
    let mut serial = random.to_vec();
    if let Some(first) = serial.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    serial
}

fn whole_second(ms: i64) -> i64 {
    ms.div_euclid(1000) * 1000
}

fn name_of(actor: &Actor) -> String {
    match actor {
        Actor::Person { person, .. } => person.clone(),
        Actor::System(name) => (*name).to_owned(),
        Actor::Anonymous => "nobody".to_owned(),
    }
}
