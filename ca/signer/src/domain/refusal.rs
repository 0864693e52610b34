//! Why the signer did not sign: a code for programs, a sentence for operators.

use serde::{Deserialize, Serialize};

/// The reason, from a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// Bytes that cannot be read as what they claim to be.
    Malformed,
    /// No such key.
    UnknownKey,
    /// The key exists for another purpose.
    WrongPurpose,
    /// The algorithm is not made for this purpose.
    AlgorithmNotAllowed,
    /// The key has no certificate yet.
    NoCertificate,
    /// The certificate is not of this key, or changes what may not change.
    CertificateMismatch,
    /// The key's certificate is not valid now.
    CertificateNotValid,
    /// No profile of this name was loaded at start.
    UnknownProfile,
    /// The to-be-signed bytes do not fit the profile.
    ProfileMismatch,
    /// The to-be-signed bytes name another issuer or responder.
    IssuerMismatch,
    /// A serial number too short, negative or too long.
    SerialWeak,
    /// A number or instant that goes back.
    NotMonotonic,
    /// Time stamps or signing times too far from the signer's clock.
    Clock,
    /// The statement is not canonical JSON of the known shape.
    StatementMalformed,
    /// The statement is for another purpose.
    StatementPurpose,
    /// The statement names another key.
    StatementKey,
    /// The statement has expired.
    StatementExpired,
    /// The statement would live longer than two minutes.
    StatementTooLong,
    /// The nonce is not ours, was used, has expired or belongs to another key.
    NonceUnknown,
    /// The credential is not pinned to this key.
    CredentialUnknown,
    /// The pin is not yet in force.
    CredentialNotYet,
    /// The client data is not of an assertion.
    AssertionType,
    /// The challenge is not that of the statement.
    Challenge,
    /// A foreign origin.
    Origin,
    /// Another relying party.
    RelyingParty,
    /// The authenticator saw nobody (UP off).
    UserPresence,
    /// The authenticator verified nobody (UV off).
    UserVerification,
    /// The assertion's signature does not verify.
    AssertionSignature,
    /// The authenticator's counter did not grow.
    AssertionCounter,
    /// The digest is not the one consented to.
    DigestMismatch,
    /// The person's signature that a seal needs is missing or not valid.
    PersonSignature,
    /// The address is not the key's.
    AddressMismatch,
    /// The checkpoint is not consistent with the last one signed.
    LogInconsistent,
    /// A registrar is already pinned.
    RegistrarPinned,
    /// No registrar is pinned.
    RegistrarMissing,
    /// The binding is for another person, was used before, or is of no known shape.
    BindingInvalid,
    /// Too many open consents.
    Limit,
    /// Known, but not done (yet).
    Unsupported,
    /// Something failed inside; details are in the signer's own log.
    Internal,
}

impl RefusalCode {
    /// The code as it stands on the wire.
    pub fn as_str(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// A refusal: nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Reason.
    pub code: RefusalCode,
    /// What exactly was wrong.
    pub detail: String,
}

impl Refusal {
    /// A refusal with its reason.
    pub fn new(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

impl From<pki::signing::SigningError> for Refusal {
    fn from(error: pki::signing::SigningError) -> Self {
        tracing::error!(%error, "a key could not sign");
        Self::new(RefusalCode::Internal, "the key could not sign")
    }
}

impl From<openssl::error::ErrorStack> for Refusal {
    fn from(error: openssl::error::ErrorStack) -> Self {
        tracing::error!(%error, "cryptographic library failed");
        Self::new(RefusalCode::Internal, "the cryptographic library failed")
    }
}
