//! The signer: the only code that holds private keys; a process of its own with a store of its own.
//! Standard: RFC 5280, RFC 5652, RFC 6960, RFC 3161, RFC 6962 §2.1, WebAuthn Level 3 §7.2, RFC 8785 (clauses in the modules).
//! It must never sign bytes a caller chose: requests are typed, and consent, profile, clock and log history are judged here.
//!
//! Map: [`domain`] words · [`consent`] statement, assertion, binding (pure; pages use it too) · [`wire`] frames, requests, answers ·
//! [`journal`] the hash-chained file · `store` sealed keys, and the state that the journal's lines add up to · `flows` one file per thing that is signed or recorded ·
//! `server` the socket · [`client`] what others call · [`run`] the process.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod client;
pub mod config;
pub mod consent;
pub mod domain;
mod flows;
pub mod journal;
mod server;
mod store;
pub mod wire;

pub use config::{Config, KeyEncryptionKey};
pub use flows::OpenError;
pub use server::{RunError, run};
pub use store::copy::{Copied, CopyError, copy, heads, moved_on, open_once};
