//! The journal: one line per use, change or refusal, chained by hash, authenticated, on disk before any answer.
//! Standard: FIPS 180-4 (SHA-256 chain), RFC 2104 (HMAC per line); the format is ours.
//! It must never let an answer out before its line is durable, nor start over a chain that does not hold.

mod chain;
mod event;

pub use chain::{Journal, JournalError, Line};
pub use event::{Artefact, Event};
