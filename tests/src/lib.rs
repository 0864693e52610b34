//! What the black-box tests share: a running demo province, foreign tools, and a browser.
//! Standard: none; the tests that use it name theirs.
//! It must never look into the program: it starts the binary, speaks protocols, reads files the province gave out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "test support: a failure here is a failed test, and says where"
)]

pub mod chrome;
pub mod province;
pub mod tools;
