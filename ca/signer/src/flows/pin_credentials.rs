//! Pins passkeys: the registrar's once, people's under the registrar's own assertion.
//! Standard: WebAuthn Level 3 §7.2 for the registrar's assertion; RFC 8785 for the binding it covers.
//! It must never pin for a key a person who is not the key's, nor use one assertion of the registrar twice.

use super::Signer;
use crate::consent::cose::CoseKey;
use crate::consent::{Assertion, Binding, webauthn};
use crate::domain::{Bytes, Purpose, Refusal, RefusalCode};
use crate::journal::Event;

impl Signer {
    /// Pins the registrar's credential, when none is pinned.
    pub fn pin_registrar(&self, credential_id: Bytes, public_key: Bytes) -> Result<u64, Refusal> {
        check_credential(&credential_id, &public_key)?;
        self.store.commit(self.now(), |state| {
            if state.registrar().is_some() {
                return Err(Refusal::new(
                    RefusalCode::RegistrarPinned,
                    "a registrar is pinned already",
                ));
            }
            Ok(Event::RegistrarPinned {
                credential_id,
                public_key,
            })
        })
    }

    /// Pins a consent credential.
    pub fn pin_consent(&self, binding: Binding, assertion: Assertion) -> Result<u64, Refusal> {
        check_credential(&binding.credential_id, &binding.public_key)?;
        if binding.person.is_empty() || binding.person.len() > 200 {
            return Err(invalid("the binding names no person"));
        }
        let challenge = binding
            .challenge()
            .map_err(|error| invalid(&error.to_string()))?;
        let (registrar, last_counter) = {
            let state = self.store.state();
            let registrar = state.registrar().cloned().ok_or_else(|| {
                Refusal::new(RefusalCode::RegistrarMissing, "no registrar is pinned")
            })?;
            let counter = state.counter(&registrar.credential_id);
            (registrar, counter)
        };
        if registrar.credential_id != assertion.credential_id {
            return Err(Refusal::new(
                RefusalCode::CredentialUnknown,
                "the binding is not asserted by the registrar's passkey",
            ));
        }
        let cose =
            CoseKey::parse(&registrar.public_key).map_err(|error| invalid(&error.to_string()))?;
        let counter = webauthn::verify(
            &self.relying_party,
            &cose,
            &challenge,
            last_counter,
            &assertion,
        )?;
        self.store.commit(self.now(), |state| {
            match &state.key(&binding.key)?.info.purpose {
                Purpose::Person { person } if *person == binding.person => {}
                Purpose::Person { .. } => {
                    return Err(invalid("the key is another person's"));
                }
                Purpose::Seal { .. } => {}
                _ => {
                    return Err(Refusal::new(
                        RefusalCode::WrongPurpose,
                        "nobody consents to the use of this key",
                    ));
                }
            }
            if state.binding_was_used(&challenge) {
                return Err(invalid("this binding was used before"));
            }
            if state.pin(&binding.key, &binding.credential_id).is_some() {
                return Err(invalid("this passkey is bound to this key already"));
            }
            if state.any_pin(&binding.credential_id).is_some_and(|other| {
                other.binding.person != binding.person
                    || other.binding.public_key != binding.public_key
            }) {
                return Err(invalid("this passkey is bound to somebody else"));
            }
            let last = state.counter(&assertion.credential_id);
            if (counter != 0 || last != 0) && counter <= last {
                return Err(Refusal::new(
                    RefusalCode::AssertionCounter,
                    "the registrar's counter was used",
                ));
            }
            Ok(Event::ConsentPinned {
                binding,
                registrar: assertion,
                counter,
            })
        })
    }

    /// Takes a consent credential off a key.
    pub fn unpin_consent(
        &self,
        credential_id: Bytes,
        key: &str,
        reason: &str,
    ) -> Result<u64, Refusal> {
        if reason.is_empty() || reason.len() > 1000 {
            return Err(super::malformed("a reason is needed"));
        }
        self.store.commit(self.now(), |state| {
            state.key(key)?;
            if state.pin(key, &credential_id).is_none() {
                return Err(Refusal::new(
                    RefusalCode::CredentialUnknown,
                    "this passkey is not bound to this key",
                ));
            }
            Ok(Event::ConsentUnpinned {
                credential_id,
                key: key.to_owned(),
                reason: reason.to_owned(),
            })
        })
    }
}

fn check_credential(credential_id: &Bytes, public_key: &Bytes) -> Result<(), Refusal> {
    if credential_id.is_empty() || credential_id.len() > 1023 {
        return Err(invalid("a credential id has 1 to 1023 bytes"));
    }
    CoseKey::parse(public_key)
        .map(|_| ())
        .map_err(|error| invalid(&error.to_string()))
}

fn invalid(detail: &str) -> Refusal {
    Refusal::new(RefusalCode::BindingInvalid, detail)
}
