//! The binding of a passkey to a person and a key, which a registrar asserts over.

use super::canonical::{CanonicalError, canonical};
use crate::domain::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Whose passkey may consent to the use of which key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Credential id of the passkey.
    pub credential_id: Bytes,
    /// Its public key: a COSE_Key in CBOR.
    pub public_key: Bytes,
    /// The person (`psn_…`).
    pub person: String,
    /// The key (`key_…`).
    pub key: String,
    /// From when on, UTC milliseconds.
    pub not_before: i64,
}

impl Binding {
    /// The canonical bytes.
    pub fn to_jcs(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(self)
    }

    /// The registrar's WebAuthn challenge: SHA-256("antin-binding-v1" ‖ JCS(binding)).
    pub fn challenge(&self) -> Result<[u8; 32], CanonicalError> {
        let mut hash = Sha256::new();
        hash.update(b"antin-binding-v1");
        hash.update(self.to_jcs()?);
        Ok(hash.finalize().into())
    }
}

/// A binding in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedCredential {
    /// What was bound.
    pub binding: Binding,
    /// The registrar's assertion over it.
    pub registrar: super::Assertion,
    /// When it was pinned, UTC milliseconds.
    pub pinned_at: i64,
}
