//! Makes a person's or a seal's key in the signer, for an official certificate of another authority.
//! Standard: Decree 30/2020/NĐ-CP Art. 32 (seal keys are handed to the văn thư, own keys stay with the person)
//! It must never make a second key for the same holder.

use crate::domain::certificate::Holder;
use crate::flows::issue_certificate::{IssueCertificate, key_of};
use crate::service::Ca;
use platform::audit::Actor;
use signer::domain::{Algorithm, Purpose};

/// A key that waits for its certificate.
#[derive(Debug, Clone)]
pub struct PreparedKey {
    /// Key in the signer.
    pub key_id: String,
    /// Public key, DER.
    pub spki: Vec<u8>,
}

/// No key.
#[derive(Debug, thiserror::Error)]
pub enum PrepareKey {
    /// Only people and agencies hold official certificates.
    #[error("a {0} holds no official certificate")]
    Holder(&'static str),
    /// Making it.
    #[error(transparent)]
    Make(#[from] IssueCertificate),
}

/// Makes the key, or finds it.
pub async fn run(
    ca: &Ca,
    holder: &Holder,
    rests_on: Option<&str>,
    actor: &Actor,
) -> Result<PreparedKey, PrepareKey> {
    let purpose = match holder {
        Holder::Person(person) => Purpose::Person {
            person: person.clone(),
        },
        Holder::Agency(agency) => Purpose::Seal {
            agency: agency.clone(),
        },
        other => return Err(PrepareKey::Holder(other.kind())),
    };
    let row = key_of(ca, holder, purpose, Algorithm::EcdsaP256, rests_on, actor).await?;
    Ok(PreparedKey {
        key_id: row.key_id,
        spki: row.spki,
    })
}
