//! The register from outside its crate: import, time machine, rights, pages and crashes, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod bad_input;
mod bitemporal;
mod crash;
mod flows;
mod import;
mod pages;
mod schema;
mod scope;
mod support;
mod vectors;
