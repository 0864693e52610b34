//! What signing gives back, where it is more than bytes.

use super::Bytes;
use serde::{Deserialize, Serialize};

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
