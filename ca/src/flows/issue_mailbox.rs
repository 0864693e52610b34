//! Issues a mailbox its certificate: a machine signature of the relay, of the province's own use.
//! Standard: RFC 8550 §2.3, §4.4
//! It must never name a person's authority: a mailbox signs mail, not papers.

use crate::domain::certificate::Holder;
use crate::flows::issue_certificate::{self, IssueCertificate, Order, key_of, subject};
use crate::service::Ca;
use crate::store::certificates;
use pki::names::AlternativeName;
use platform::audit::Actor;
use platform::clock::DAY;
use signer::domain::{Algorithm, Purpose};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct MailboxOrder {
    /// Address, lower case.
    pub address: String,
    /// Name of the mailbox.
    pub display_name: String,
    /// Agency.
    pub organisation: String,
    /// Appointment it rests on, for a person's own mailbox.
    pub rests_on: Option<String>,
}

const DAYS: i64 = 390;
const RENEW_DAYS: i64 = 30;

/// Issues, or finds one that is good for another month; the id of the certificate.
pub async fn run(ca: &Ca, order: &MailboxOrder, actor: &Actor) -> Result<String, IssueCertificate> {
    let holder = Holder::Mailbox(order.address.clone());
    let mut conn = ca.ground.db.read().await?;
    if let Some(found) = certificates::in_force(&mut conn, &holder, ca.now()).await?
        && found.not_after > ca.now() + RENEW_DAYS * DAY
    {
        return Ok(found.id);
    }
    drop(conn);
    let purpose = Purpose::Mailbox {
        address: order.address.clone(),
    };
    let key = key_of(
        ca,
        &holder,
        purpose,
        Algorithm::EcdsaP256,
        order.rests_on.as_deref(),
        actor,
    )
    .await?;
    let order = Order {
        issuer: "issuing",
        profile: "mailbox",
        holder,
        rests_on: order.rests_on.clone(),
        key_id: Some(key.key_id.clone()),
        spki: &key.spki,
        subject: subject(ca, Some(&order.organisation), &order.display_name),
        alternative_names: vec![AlternativeName::Email(order.address.clone())],
        lifetime: DAYS * DAY,
        permitted: None,
    };
    issue_certificate::run(ca, order, actor).await
}
