//! Opens consents and judges them: the statement, the nonce in it, the passkey over it.
//! Standard: WebAuthn Level 3 §7.2
//! It must never accept a nonce twice, whether or not what came with it was good.

use super::Signer;
use crate::consent::cose::CoseKey;
use crate::consent::{
    Assertion, ConsentPurpose, ConsentStatement, LIFETIME_MS, PinnedCredential, challenge, webauthn,
};
use crate::domain::{Bytes, Digest, OpenedConsent, Purpose, Refusal, RefusalCode};
use crate::journal::{Artefact, Event};
use pki::cms::{CapacityBasis, ConsentEvidence};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most nonces open at once, for all keys and for one.
const MOST_OPEN: usize = 10_000;
const MOST_OPEN_FOR_A_KEY: usize = 16;
/// Clocks of browsers play no part: the statement's end is the signer's own.
const NONCE_LENGTH: usize = 32;

/// Nonces given out and not yet used; they do not outlive the process.
#[derive(Default)]
pub(super) struct OpenConsents(Mutex<HashMap<Bytes, Open>>);

struct Open {
    key: String,
    not_after: i64,
}

/// A consent that was judged and found good.
pub(super) struct Consented {
    pub(super) statement: ConsentStatement,
    pub(super) pin: PinnedCredential,
    raw: Bytes,
    assertion: Assertion,
    counter: u32,
}

impl OpenConsents {
    fn open(&self, nonce: Bytes, key: &str, now: i64) -> Result<i64, Refusal> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST_OPEN {
            open.retain(|_, one| one.not_after >= now);
        }
        if open.len() >= MOST_OPEN {
            return Err(Refusal::new(
                RefusalCode::Limit,
                "too many consents are open; wait two minutes",
            ));
        }
        let of_key = open.values().filter(|one| one.key == key).count();
        if of_key >= MOST_OPEN_FOR_A_KEY {
            // The oldest of the same key gives way: nobody else is touched.
            let oldest = open
                .iter()
                .filter(|(_, one)| one.key == key)
                .min_by_key(|(_, one)| one.not_after)
                .map(|(nonce, _)| nonce.clone());
            if let Some(oldest) = oldest {
                open.remove(&oldest);
            }
        }
        let not_after = now.saturating_add(LIFETIME_MS);
        open.insert(
            nonce,
            Open {
                key: key.to_owned(),
                not_after,
            },
        );
        Ok(not_after)
    }

    /// Takes the nonce out, whatever comes after.
    fn take(&self, nonce: &Bytes, key: &str, now: i64) -> Result<(), Refusal> {
        let taken = {
            let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            open.remove(nonce)
        };
        match taken {
            Some(one) if one.key == key && one.not_after >= now => Ok(()),
            _ => Err(Refusal::new(
                RefusalCode::NonceUnknown,
                "the nonce was not given for this key, has ended, or was used",
            )),
        }
    }
}

impl Signer {
    /// Gives a nonce for one consent to the use of a key.
    pub fn open_consent(&self, key: &str) -> Result<OpenedConsent, Refusal> {
        self.key(key, |purpose| {
            matches!(purpose, Purpose::Person { .. } | Purpose::Seal { .. })
        })?;
        let nonce = Bytes(self.random::<NONCE_LENGTH>().to_vec());
        let not_after = self.consents.open(nonce.clone(), key, self.now())?;
        Ok(OpenedConsent { nonce, not_after })
    }

    /// Judges a consent to the use of `key` for `purpose`.
    pub(super) fn consented(
        &self,
        key: &str,
        purpose: ConsentPurpose,
        raw: &Bytes,
        assertion: &Assertion,
    ) -> Result<Consented, Refusal> {
        use RefusalCode as Code;
        let now = self.now();
        let statement = ConsentStatement::parse(raw)
            .map_err(|error| Refusal::new(Code::StatementMalformed, error.to_string()))?;
        self.consents.take(&statement.nonce, key, now)?;
        if statement.purpose == ConsentPurpose::Batch {
            return Err(Refusal::new(
                Code::Unsupported,
                "batches are not signed yet",
            ));
        }
        if statement.purpose != purpose {
            return Err(Refusal::new(
                Code::StatementPurpose,
                "the statement consents to something else",
            ));
        }
        if statement.key != key {
            return Err(Refusal::new(
                Code::StatementKey,
                "the statement is for another key",
            ));
        }
        if statement.not_after < now {
            return Err(Refusal::new(
                Code::StatementExpired,
                "the consent has expired; ask again",
            ));
        }
        if statement.not_after > now.saturating_add(LIFETIME_MS) {
            return Err(Refusal::new(
                Code::StatementTooLong,
                "the statement would live longer than two minutes",
            ));
        }
        let (pin, last_counter) = {
            let state = self.store.state();
            let pin = state.pin(key, &assertion.credential_id).cloned();
            (pin, state.counter(&assertion.credential_id))
        };
        let pin = pin.ok_or_else(|| {
            Refusal::new(
                Code::CredentialUnknown,
                "this passkey is not bound to this key",
            )
        })?;
        if pin.binding.not_before > now {
            return Err(Refusal::new(
                Code::CredentialNotYet,
                "the binding of this passkey is not yet in force",
            ));
        }
        let cose = CoseKey::parse(&pin.binding.public_key)
            .map_err(|error| Refusal::new(Code::BindingInvalid, error.to_string()))?;
        let counter = webauthn::verify(
            &self.relying_party,
            &cose,
            &challenge(raw),
            last_counter,
            assertion,
        )?;
        Ok(Consented {
            statement,
            pin,
            raw: raw.clone(),
            assertion: assertion.clone(),
            counter,
        })
    }

    /// Records that a consent was used; refuses when its passkey was taken off or its counter used since it was judged.
    pub(super) fn record_consent(
        &self,
        consented: &Consented,
        what: Artefact,
        digest: &Digest,
        cms: &[u8],
    ) -> Result<u64, Refusal> {
        let Consented {
            statement,
            assertion,
            counter,
            ..
        } = consented;
        self.store.commit(self.now(), |state| {
            let pin = state
                .pin(&statement.key, &assertion.credential_id)
                .ok_or_else(|| {
                    Refusal::new(
                        RefusalCode::CredentialUnknown,
                        "this passkey was taken off the key",
                    )
                })?;
            let last = state.counter(&assertion.credential_id);
            if (*counter != 0 || last != 0) && *counter <= last {
                return Err(Refusal::new(
                    RefusalCode::AssertionCounter,
                    "the authenticator's counter was used",
                ));
            }
            Ok(Event::ConsentSigned {
                key: statement.key.clone(),
                what,
                person: pin.binding.person.clone(),
                credential_id: assertion.credential_id.clone(),
                counter: *counter,
                statement_sha256: super::sha256(&consented.raw),
                digest: digest.clone(),
                cms_sha256: super::sha256(cms),
            })
        })
    }
}

impl Consented {
    /// What the signature will say of capacity and basis: the statement's own words.
    pub(super) fn capacity(&self) -> CapacityBasis {
        CapacityBasis {
            capacity: self.statement.capacity.clone(),
            post: self.statement.post.clone(),
            basis: self.statement.basis.clone(),
            agency: self.statement.agency.clone(),
            decision: self.statement.decision.clone(),
        }
    }

    /// The evidence that will travel inside the signature.
    pub(super) fn evidence(&self) -> Result<ConsentEvidence, Refusal> {
        let binding = crate::consent::canonical(&self.pin)
            .map_err(|error| Refusal::new(RefusalCode::BindingInvalid, error.to_string()))?;
        Ok(ConsentEvidence {
            statement: self.raw.0.clone(),
            authenticator_data: self.assertion.authenticator_data.0.clone(),
            client_data_json: self.assertion.client_data_json.0.clone(),
            signature: self.assertion.signature.0.clone(),
            credential_key: self.pin.binding.public_key.0.clone(),
            binding,
        })
    }
}
