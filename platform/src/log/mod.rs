//! The append-only log: events get their place after commit, the tree grows in tiles, heads are signed by another process.
//! Standard: RFC 6962 §2.1; C2SP tlog-tiles, tlog-checkpoint, signed-note.
//! It must never sign by itself, renumber an event, or say more of a committed leaf than its hash.
pub mod audit_trail;
pub mod http;
pub mod leaf;
pub mod note;
mod sequencer;
pub mod store;
pub mod tiles;
pub mod tree;

#[cfg(test)]
mod tests;

pub use audit_trail::{Broken, Report, check_not_older, export, verify_database, verify_export};
pub use note::{Checkpoint, SignedNote, VerifierKey};
pub use sequencer::{
    CheckpointSigner, Error, InclusionProof, Log, Opening, ProofRefused, SignerRefused,
};
