//! Makes a key for one purpose, seals it, records it, and only then says its id.
//! Standard: FIPS 186-5 (ECDSA P-256 and P-384, Ed25519), by the cryptographic library.
//! It must never answer with a key that is not on disk and in the journal.

use super::Signer;
use crate::domain::{Algorithm, KeyInfo, Purpose, Refusal, RefusalCode};
use crate::journal::Event;
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;

impl Signer {
    /// Makes a key.
    pub fn generate_key(&self, purpose: Purpose, algorithm: Algorithm) -> Result<KeyInfo, Refusal> {
        if !purpose.admits(algorithm) {
            return Err(Refusal::new(
                RefusalCode::AlgorithmNotAllowed,
                "this algorithm is not made for this purpose",
            ));
        }
        let name = match &purpose {
            Purpose::Person { person: name }
            | Purpose::Seal { agency: name }
            | Purpose::Mailbox { address: name } => Some(name),
            _ => None,
        };
        let nameless = |name: &String| {
            name.is_empty() || name.len() > 254 || name.chars().any(char::is_control)
        };
        if name.is_some_and(nameless) {
            return Err(super::malformed("whose key it is must be said"));
        }
        let private = match algorithm {
            Algorithm::EcdsaP256 => elliptic(Nid::X9_62_PRIME256V1)?,
            Algorithm::EcdsaP384 => elliptic(Nid::SECP384R1)?,
            Algorithm::Ed25519 => PKey::generate_ed25519()?,
        };
        let public_key = private.public_key_to_der()?;
        let key = format!(
            "key_{}",
            data_encoding::BASE32_NOPAD
                .encode(&self.random::<16>())
                .to_ascii_lowercase()
        );
        self.store
            .keys()
            .insert(&key, &purpose, algorithm, &private, &public_key)
            .map_err(|error| {
                tracing::error!(%error, "a key could not be stored");
                Refusal::new(RefusalCode::Internal, "the key could not be stored")
            })?;
        self.store.commit(self.now(), |_| {
            Ok(Event::KeyGenerated {
                key: key.clone(),
                purpose,
                algorithm,
                public_key: public_key.into(),
            })
        })?;
        Ok(self.store.state().key(&key)?.info.clone())
    }
}

fn elliptic(curve: Nid) -> Result<PKey<openssl::pkey::Private>, openssl::error::ErrorStack> {
    let group = EcGroup::from_curve_name(curve)?;
    PKey::from_ec_key(EcKey::generate(&group)?)
}
