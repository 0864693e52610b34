//! Words of the signer: bytes on the wire, keys and their purpose, what the journal records, why something was refused.

mod answer;
mod bytes;
mod key;
mod refusal;

pub use answer::{Checkpoint, LastCheckpoint, OpenedConsent, Timestamp};
pub use bytes::Bytes;
pub use key::{Algorithm, Digest, DigestAlgorithm, KeyInfo, Purpose};
pub use refusal::{Refusal, RefusalCode};
