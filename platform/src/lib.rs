//! The ground floor on which every service stands: database, log, HTTP edge, pages, time, randomness, secrets.
//! Standard: each module names its own (RFC 6962 and C2SP in `log`, RFC 9457 in `problem`).
//! It must never know a service: what it needs of one comes through a port that the composition root wires.
//!
//! `db` statements, reads, units of work · `migrations` paired schema steps · `audit` events · `log` the append-only log ·
//! `jobs` outbox · `edge` HTTP server · `pages` page shell · `caller` who asks · `notices` what waits to be read · `problem` API errors · `i18n` texts ·
//! `backup` `config` `telemetry` `clock` `random` `ids` `secrets` `data_dir` · `ground` what every service state holds.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod audit;
pub mod backup;
pub mod caller;
pub mod clock;
pub mod config;
pub mod data_dir;
pub mod db;
pub mod edge;
mod ground;
pub mod i18n;
pub mod ids;
pub mod jobs;
pub mod log;
pub mod migrations;
pub mod notices;
pub mod pages;
pub mod problem;
pub mod random;
pub mod secrets;
pub mod telemetry;
#[doc(hidden)]
pub mod testing;

pub use ground::Ground;

/// Every statement of the ground floor, for the prepare-all test.
pub fn statements() -> Vec<&'static db::Statement> {
    [audit::ALL, log::store::ALL, jobs::ALL, db::bench::ALL].concat()
}
