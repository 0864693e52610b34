//! What the journal records: each change of state, each use of a key, each refusal.

use crate::consent::{Assertion, Binding};
use crate::domain::{Algorithm, Bytes, Digest, Purpose, RefusalCode};
use serde::{Deserialize, Serialize};

/// One line of the journal. State (pins, certificates, counters, last checkpoints) is what these lines add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The signer started on this store.
    Started {
        /// Whether it runs as a demo, where nothing separates it from its callers.
        demo: bool,
    },
    /// A torn last line was cut off; nothing in it was ever answered.
    Recovered {
        /// Bytes cut off.
        bytes: u64,
    },
    /// A key that was never answered for was removed.
    UnfinishedKeyRemoved {
        /// Its id.
        key: String,
    },
    /// A key was made.
    KeyGenerated {
        /// Its id.
        key: String,
        /// Its use.
        purpose: Purpose,
        /// Its algorithm.
        algorithm: Algorithm,
        /// SubjectPublicKeyInfo, DER.
        public_key: Bytes,
    },
    /// A certificate was installed for a key.
    CertificateInstalled {
        /// The key.
        key: String,
        /// The certificate, DER.
        certificate: Bytes,
    },
    /// The registrar's credential was pinned.
    RegistrarPinned {
        /// Credential id.
        credential_id: Bytes,
        /// COSE key.
        public_key: Bytes,
    },
    /// A consent credential was pinned to a key.
    ConsentPinned {
        /// What was bound.
        binding: Binding,
        /// The registrar's assertion over it.
        registrar: Assertion,
        /// The registrar's counter after it.
        counter: u32,
    },
    /// A consent credential was taken off a key.
    ConsentUnpinned {
        /// Credential id.
        credential_id: Bytes,
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// A certificate, CRL, OCSP response or time stamp was signed.
    Signed {
        /// The key.
        key: String,
        /// What it was.
        what: Artefact,
        /// SHA-256 of the to-be-signed bytes.
        tbs_sha256: Bytes,
    },
    /// A person or a clerk consented and the signature was made.
    ConsentSigned {
        /// The key.
        key: String,
        /// What it was.
        what: Artefact,
        /// Who consented.
        person: String,
        /// With which credential.
        credential_id: Bytes,
        /// Its counter.
        counter: u32,
        /// SHA-256 of the statement.
        statement_sha256: Bytes,
        /// What was signed.
        digest: Digest,
        /// SHA-256 of the CMS.
        cms_sha256: Bytes,
    },
    /// A mailbox signed by machine.
    MailSigned {
        /// The key.
        key: String,
        /// What was signed.
        digest: Digest,
        /// SHA-256 of the CMS.
        cms_sha256: Bytes,
    },
    /// A checkpoint of the log was signed.
    CheckpointSigned {
        /// The key.
        key: String,
        /// Log origin.
        origin: String,
        /// Tree size.
        size: u64,
        /// Root hash.
        root: Bytes,
    },
    /// A signature was destroyed before anybody had it.
    SignatureDestroyed {
        /// The key.
        key: String,
        /// Digest of the CMS.
        signature: Digest,
        /// Why.
        reason: String,
    },
    /// Nothing was signed or changed.
    Refused {
        /// What was asked.
        request: String,
        /// Of which key.
        key: Option<String>,
        /// Reason.
        code: RefusalCode,
        /// In words.
        detail: String,
    },
}

/// Kinds of signed things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Artefact {
    /// A certificate, with its profile.
    Certificate {
        /// Profile name.
        profile: String,
    },
    /// A CRL.
    Crl {
        /// CRL number.
        number: u64,
    },
    /// An OCSP response.
    OcspResponse,
    /// A time stamp.
    TimeStamp {
        /// Serial number as hexadecimal.
        serial: String,
    },
    /// A person's signature.
    PersonSignature,
    /// A seal.
    Seal,
}
