//! Every request there is. What is not here cannot be asked for.

use crate::consent::{Assertion, Binding};
use crate::domain::{Algorithm, Bytes, Digest, Purpose};
use serde::{Deserialize, Serialize};

/// A request to the signer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// How the signer is.
    Health {},
    /// Makes a key.
    GenerateKey {
        /// Its only use.
        purpose: Purpose,
        /// Its algorithm.
        algorithm: Algorithm,
    },
    /// The public side of a key.
    PublicKey {
        /// Key id.
        key: String,
    },
    /// The newest keys.
    Keys {},
    /// Installs the certificate of a key.
    InstallCertificate {
        /// Key id.
        key: String,
        /// Certificate, DER.
        certificate: Bytes,
    },
    /// Signs a certificate of a profile loaded at start.
    SignCertificate {
        /// CA key.
        key: String,
        /// Profile name.
        profile: String,
        /// TBSCertificate, DER.
        tbs: Bytes,
    },
    /// Signs a CRL.
    SignCrl {
        /// CA key.
        key: String,
        /// TBSCertList, DER.
        tbs: Bytes,
    },
    /// Signs an OCSP response.
    SignOcsp {
        /// Responder key.
        key: String,
        /// ResponseData, DER.
        response_data: Bytes,
    },
    /// Makes a time stamp with the signer's own clock.
    SignTimestamp {
        /// TSA key.
        key: String,
        /// What is stamped.
        digest: Digest,
        /// The requester's nonce (big-endian integer).
        nonce: Option<Bytes>,
        /// Asked-for policy; none or another than ours is refused.
        policy: Option<String>,
        /// Whether to embed the TSA's certificate.
        cert_req: bool,
    },
    /// Asks for a nonce to put into a consent statement.
    OpenConsent {
        /// The key that shall sign.
        key: String,
    },
    /// A person signs.
    SignPerson(PersonSignature),
    /// An agency seals.
    SignSeal(SealSignature),
    /// A mailbox signs by machine.
    SignMailbox(MailboxSignature),
    /// Signs a checkpoint of the log.
    SignCheckpoint {
        /// Log key.
        key: String,
        /// Log origin.
        origin: String,
        /// Tree size.
        size: u64,
        /// Root hash.
        root: Bytes,
        /// RFC 6962 consistency proof from the last signed size.
        proof: Vec<Bytes>,
    },
    /// The last checkpoint signed.
    LastCheckpoint {
        /// Log key.
        key: String,
    },
    /// Pins the registrar's credential; allowed once.
    PinRegistrar {
        /// Credential id.
        credential_id: Bytes,
        /// COSE key.
        public_key: Bytes,
    },
    /// Pins a consent credential under the registrar's assertion.
    PinConsent {
        /// What is bound.
        binding: Binding,
        /// The registrar's assertion over it.
        registrar: Assertion,
    },
    /// Takes a consent credential off a key.
    UnpinConsent {
        /// Credential id.
        credential_id: Bytes,
        /// Key id.
        key: String,
        /// Why.
        reason: String,
    },
    /// The credentials pinned to a key.
    Credentials {
        /// Key id.
        key: String,
    },
    /// Notes that a signature was destroyed before anybody had it.
    DestroySignature {
        /// Key id.
        key: String,
        /// Digest of the CMS.
        signature: Digest,
        /// Why.
        reason: String,
    },
    /// Reads the journal.
    Journal {
        /// First index wanted.
        from: u64,
    },
}

impl Request {
    /// Its name on the wire and the key it concerns, for the journal.
    pub fn names(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Health {} => ("health", None),
            Self::GenerateKey { .. } => ("generate_key", None),
            Self::PublicKey { key } => ("public_key", Some(key)),
            Self::Keys {} => ("keys", None),
            Self::InstallCertificate { key, .. } => ("install_certificate", Some(key)),
            Self::SignCertificate { key, .. } => ("sign_certificate", Some(key)),
            Self::SignCrl { key, .. } => ("sign_crl", Some(key)),
            Self::SignOcsp { key, .. } => ("sign_ocsp", Some(key)),
            Self::SignTimestamp { key, .. } => ("sign_timestamp", Some(key)),
            Self::OpenConsent { key } => ("open_consent", Some(key)),
            Self::SignPerson(PersonSignature { key, .. }) => ("sign_person", Some(key)),
            Self::SignSeal(SealSignature { key, .. }) => ("sign_seal", Some(key)),
            Self::SignMailbox(MailboxSignature { key, .. }) => ("sign_mailbox", Some(key)),
            Self::SignCheckpoint { key, .. } => ("sign_checkpoint", Some(key)),
            Self::LastCheckpoint { key } => ("last_checkpoint", Some(key)),
            Self::PinRegistrar { .. } => ("pin_registrar", None),
            Self::PinConsent { binding, .. } => ("pin_consent", Some(&binding.key)),
            Self::UnpinConsent { key, .. } => ("unpin_consent", Some(key)),
            Self::Credentials { key } => ("credentials", Some(key)),
            Self::DestroySignature { key, .. } => ("destroy_signature", Some(key)),
            Self::Journal { .. } => ("journal", None),
        }
    }
}

/// What a person's signature needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonSignature {
    /// The person's key.
    pub key: String,
    /// Consent statement, canonical bytes.
    pub statement: Bytes,
    /// The person's assertion over it.
    pub assertion: Assertion,
    /// What is signed; must be what the statement names.
    pub digest: Digest,
    /// CA certificates to embed, DER.
    pub chain: Vec<Bytes>,
}

/// What a seal needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealSignature {
    /// The seal's key.
    pub key: String,
    /// Consent statement, canonical bytes.
    pub statement: Bytes,
    /// The clerk's assertion over it.
    pub assertion: Assertion,
    /// What is sealed; must be the first content of the statement.
    pub digest: Digest,
    /// The person's signature, CMS, DER (zero padding allowed).
    pub person_cms: Bytes,
    /// CA certificates to embed, DER.
    pub chain: Vec<Bytes>,
}

/// What a mailbox signature needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailboxSignature {
    /// The mailbox's key.
    pub key: String,
    /// Digest of the MIME entity.
    pub digest: Digest,
    /// Time of signing, UTC milliseconds.
    pub signing_time: i64,
    /// The From address; must be the key's.
    pub from: String,
    /// CA certificates to embed, DER.
    pub chain: Vec<Bytes>,
}
