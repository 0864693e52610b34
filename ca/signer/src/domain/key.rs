//! Keys: what each may be used for and by which algorithm it signs.

use super::Bytes;
use serde::{Deserialize, Serialize};

/// The only use a key has; fixed when the key is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Purpose {
    /// The root: signs its own certificate, issuing CAs and its CRL.
    CaRoot,
    /// An issuing CA: signs certificates and CRLs.
    CaIssuing,
    /// A time-stamping authority.
    Tsa,
    /// An OCSP responder.
    Ocsp,
    /// A person's key; used only with that person's own consent.
    Person {
        /// Opaque id (`psn_…`).
        person: String,
    },
    /// An agency's seal; used only with a clerk's consent after a person signed.
    Seal {
        /// Opaque id (`agy_…`).
        agency: String,
    },
    /// A mailbox: signs mail by machine.
    Mailbox {
        /// The address.
        address: String,
    },
    /// Evidence records of the relay.
    Evidence,
    /// Checkpoints of the log.
    Log,
}

impl Purpose {
    /// Whether `algorithm` may carry this purpose.
    pub fn admits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Log => algorithm == Algorithm::Ed25519,
            Self::CaRoot => matches!(algorithm, Algorithm::EcdsaP256 | Algorithm::EcdsaP384),
            _ => algorithm == Algorithm::EcdsaP256,
        }
    }

    /// Whether this is a certification authority.
    pub fn is_ca(&self) -> bool {
        matches!(self, Self::CaRoot | Self::CaIssuing)
    }
}

/// Algorithms keys are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    EcdsaP256,
    /// ECDSA on P-384 with SHA-384 (root only).
    EcdsaP384,
    /// Ed25519 (log only).
    Ed25519,
}

/// Digest algorithms for contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DigestAlgorithm {
    /// SHA-256.
    #[serde(rename = "sha-256")]
    Sha256,
    /// SHA-384.
    #[serde(rename = "sha-384")]
    Sha384,
    /// SHA-512.
    #[serde(rename = "sha-512")]
    Sha512,
}

impl DigestAlgorithm {
    /// Length of a digest in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// A digest with its algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// How it was computed.
    pub algorithm: DigestAlgorithm,
    /// Its value.
    pub value: Bytes,
}

impl Digest {
    /// A SHA-256 digest.
    pub fn sha256(value: &[u8; 32]) -> Self {
        Self {
            algorithm: DigestAlgorithm::Sha256,
            value: Bytes(value.to_vec()),
        }
    }

    /// Whether the value has the length its algorithm gives.
    pub fn is_well_formed(&self) -> bool {
        self.value.len() == self.algorithm.length()
    }
}

/// The public side of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyInfo {
    /// Opaque id (`key_…`).
    pub key: String,
    /// Its only use.
    pub purpose: Purpose,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// SubjectPublicKeyInfo, DER.
    pub public_key: Bytes,
    /// The certificate installed for it, DER.
    pub certificate: Option<Bytes>,
    /// When it was made, UTC milliseconds.
    pub created_at: i64,
}
