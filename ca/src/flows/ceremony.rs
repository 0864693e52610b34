//! The ceremony: root and issuing CA, time-stamping authority and status responder, each once; a second run finds what is there and renews what ends.
//! Standard: RFC 5280 §4.2.1.9, §4.2.1.10; RFC 6960 §4.2.2.2; RFC 3161 §2.3
//! It must never make a second root, and never put a private key anywhere but into the signer.

use crate::domain::certificate::Holder;
use crate::flows::issue_certificate::{self, IssueCertificate, Order, key_of, subject};
use crate::flows::publish_list::{self, PublishList};
use crate::service::Ca;
use crate::store::certificates;
use platform::audit::Actor;
use platform::clock::DAY;
use platform::db;
use signer::domain::{Algorithm, Purpose};

/// What stands after the ceremony, DER.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// Root.
    pub root: Vec<u8>,
    /// Issuing CA.
    pub issuing: Vec<u8>,
    /// Time-stamping authority.
    pub tsa: Vec<u8>,
    /// Status responder.
    pub ocsp: Vec<u8>,
}

/// The ceremony stopped.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// A certificate.
    #[error(transparent)]
    Issue(#[from] IssueCertificate),
    /// A list.
    #[error(transparent)]
    List(#[from] PublishList),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

struct Step {
    service: &'static str,
    issuer: &'static str,
    purpose: Purpose,
    algorithm: Algorithm,
    common_name: &'static str,
    days: i64,
    renew_days: i64,
}

fn steps() -> [Step; 4] {
    let step = |service, issuer, purpose, algorithm, common_name, days, renew_days| Step {
        service,
        issuer,
        purpose,
        algorithm,
        common_name,
        days,
        renew_days,
    };
    let (p256, p384) = (Algorithm::EcdsaP256, Algorithm::EcdsaP384);
    [
        step(
            "root",
            "root",
            Purpose::CaRoot,
            p384,
            "CA gốc nội bộ của tỉnh",
            7300,
            0,
        ),
        step(
            "issuing",
            "root",
            Purpose::CaIssuing,
            p256,
            "CA cấp phát nội bộ của tỉnh",
            3650,
            0,
        ),
        step(
            "tsa",
            "issuing",
            Purpose::Tsa,
            p256,
            "Dấu thời gian của tỉnh",
            1800,
            365,
        ),
        step(
            "ocsp",
            "issuing",
            Purpose::Ocsp,
            p256,
            "Trả lời trạng thái chứng thư của tỉnh",
            85,
            30,
        ),
    ]
}

/// Holds the ceremony, or finds it held.
pub async fn run(ca: &Ca, actor: &Actor) -> Result<Ceremony, CeremonyError> {
    let mut made = Vec::new();
    for step in steps() {
        made.push(stand(ca, &step, actor).await?);
    }
    for authority in ["root", "issuing"] {
        publish_list::if_due(ca, authority).await?;
    }
    let mut made = made.into_iter();
    let mut next = || made.next().unwrap_or_default();
    Ok(Ceremony {
        root: next(),
        issuing: next(),
        tsa: next(),
        ocsp: next(),
    })
}

async fn stand(ca: &Ca, step: &Step, actor: &Actor) -> Result<Vec<u8>, CeremonyError> {
    let holder = Holder::Service(step.service.into());
    let soon = ca.now() + step.renew_days * DAY;
    let mut conn = ca.ground.db.read().await?;
    if let Some(found) = certificates::in_force(&mut conn, &holder, ca.now()).await?
        && found.not_after > soon
    {
        return Ok(found.der);
    }
    drop(conn);
    let key = key_of(
        ca,
        &holder,
        step.purpose.clone(),
        step.algorithm,
        None,
        actor,
    )
    .await?;
    let order = Order {
        issuer: step.issuer,
        profile: step.service,
        holder: holder.clone(),
        rests_on: None,
        key_id: Some(key.key_id.clone()),
        spki: &key.spki,
        subject: subject(ca, None, step.common_name),
        alternative_names: Vec::new(),
        lifetime: step.days * DAY,
        permitted: None,
    };
    let id = issue_certificate::run(ca, order, actor).await?;
    let row = certificates::by_id(&mut ca.ground.db.read().await?, &id).await?;
    Ok(row.ok_or(db::Error::NotFound)?.der)
}
