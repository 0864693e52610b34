//! Every answer there is.

use crate::consent::PinnedCredential;
use crate::domain::{Bytes, KeyInfo, Refusal};
use crate::journal::Event;
use serde::{Deserialize, Serialize};

/// An answer of the signer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", content = "value", rename_all = "snake_case")]
pub enum Response {
    /// How the signer is.
    Health(Health),
    /// A key.
    Key(KeyInfo),
    /// Keys.
    Keys(Vec<KeyInfo>),
    /// A signed thing, whole, DER: certificate, CRL, OCSP response or CMS.
    Signed(Bytes),
    /// A time stamp.
    Timestamp(Timestamp),
    /// A nonce for a consent statement.
    Consent(OpenedConsent),
    /// A signed checkpoint.
    Checkpoint(Checkpoint),
    /// The last signed checkpoint.
    LastCheckpoint(Option<LastCheckpoint>),
    /// The credentials pinned to a key.
    Credentials(Vec<PinnedCredential>),
    /// Recorded, at this index of the journal.
    Recorded(u64),
    /// Lines of the journal.
    Journal(JournalPage),
    /// Nothing was signed or changed.
    Refused(Refusal),
}

/// How the signer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Keys held.
    pub keys: u64,
    /// Lines in the journal.
    pub journal: u64,
    /// Whether a registrar is pinned.
    pub registrar_pinned: bool,
    /// Whether it runs as a demo.
    pub demo: bool,
    /// Its clock, UTC milliseconds.
    pub now: i64,
}

/// A time stamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timestamp {
    /// TimeStampToken (CMS ContentInfo), DER.
    pub token: Bytes,
    /// Its serial number.
    pub serial: Bytes,
    /// genTime, UTC milliseconds.
    pub time: i64,
}

/// A nonce for one consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedConsent {
    /// The nonce.
    pub nonce: Bytes,
    /// When it ends, UTC milliseconds; the statement's `not_after` may be earlier, not later.
    pub not_after: i64,
}

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The whole signed note.
    pub note: String,
    /// Raw Ed25519 public key.
    pub public_key: Bytes,
}

/// The last checkpoint a log key signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCheckpoint {
    /// Log origin.
    pub origin: String,
    /// Tree size.
    pub size: u64,
    /// Root hash.
    pub root: Bytes,
}

/// Some lines of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalPage {
    /// The lines.
    pub entries: Vec<JournalEntry>,
    /// Where to go on, if there is more.
    pub next: Option<u64>,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Its index, from 0.
    pub index: u64,
    /// When, UTC milliseconds.
    pub at: i64,
    /// SHA-256 of the line before (32 zero bytes for the first).
    pub previous: Bytes,
    /// What happened.
    pub event: Event,
    /// SHA-256 of this line.
    pub hash: Bytes,
}
