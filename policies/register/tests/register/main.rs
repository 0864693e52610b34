//! The register from outside its crate: import, time machine, rights, pages and crashes, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod administration;
mod api;
mod bad_input;
mod bitemporal;
mod crash;
mod deliveries;
mod feed;
mod flows;
mod forms;
mod found;
mod import;
mod lists;
mod merger;
mod notices;
mod pages;
mod pages_plans;
mod plan_properties;
mod plan_rights;
mod plans;
mod routes;
mod schema;
mod scope;
mod site;
mod support;
mod trees;
mod vectors;
