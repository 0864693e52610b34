//! Certification in one process with a real signer on a socket of its own, on both engines; openssl is the judge of what leaves the house.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod authenticator;
mod government;
mod http;
mod papers;
mod schema;
mod status;
mod world;
