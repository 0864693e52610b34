//! Every answer there is.

use crate::consent::PinnedCredential;
use crate::domain::{
    Bytes, Checkpoint, KeyInfo, LastCheckpoint, OpenedConsent, Refusal, Timestamp,
};
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
