//! S/MIME on exact bytes: splits a message by byte ranges, builds multipart/signed around its body, and judges what comes back.
//! Standard: RFC 8551 §3.5.3; RFC 1847 §2.1; RFC 8550 §3
//! It must never re-serialise a part that is signed or was signed.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod mime;
pub mod sender;
pub mod sign;
pub mod verify;
