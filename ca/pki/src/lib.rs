//! Public-key structures of the trust backbone: certificates, revocation, time stamps and signed messages, as bytes in and bytes out.
//! Standard: RFC 5280, RFC 6960, RFC 3161, RFC 5652, RFC 5035, ETSI EN 319 122-1
//! It must never touch a file, a socket, a clock or a random source: what it needs comes as arguments.
//!
//! The map: [`asn1`] reads and writes DER · [`algorithm`] and [`signing`] say what may sign and do the arithmetic · [`names`], [`certificate`] read ·
//! [`profile`] → [`issue`] → [`lint`] → `assemble` issue · [`crl`], [`ocsp`] revoke · [`timestamp`] dates · [`cms`] signs and verifies messages ·
//! [`path`] judges a certificate at an instant · [`pem`] is the text form.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod algorithm;
pub mod asn1;
pub mod certificate;
pub mod cms;
pub mod crl;
pub mod issue;
pub mod lint;
pub mod names;
pub mod ocsp;
pub mod oids;
pub mod path;
pub mod pem;
pub mod profile;
pub mod signing;
pub mod timestamp;

#[cfg(test)]
mod tests;

pub use asn1::Malformed;
pub use const_oid::ObjectIdentifier;
