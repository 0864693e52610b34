//! Authority as a service: mandates and their instruments, decisions with their chain, the questions people and applications ask.
//! Standard: Decree 30/2020/NĐ-CP Art. 13, 25–27, 32 (rows in `rules/`); OpenID AuthZEN Authorization API 1.0
//! It must never copy a right: what is allowed is derived, each time, from facts in force at the instant asked about.
//!
//! Map: `authority` (the published epoch) · `desk` (what is needed of the papers' desk) · `wording` (decisions in words) ·
//! `domain` (instrument, drafting rows, facts for the engine) · `flows` (draft, activate, end; decide, use, recall, replay; evaluate and search for applications) ·
//! `store` · `wire` (AuthZEN, refusals) · `http` (pages and endpoints) · `jobs` (following the epoch) · `rules/` (the law as data).

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod authority;
pub mod config;
mod desk;
mod domain;
pub mod flows;
pub mod http;
pub mod jobs;
mod store;
pub mod wire;
mod wording;

use std::sync::Arc;

use axum::extract::FromRef;
use platform::Ground;
use platform::db::Statement;

pub use authority::{Authority, AuthorityError, Decided};
pub use desk::{
    DeskError, DeskFuture, INSTRUMENT_KIND, InstrumentText, NewPaper, PaperDesk, PaperFacts,
};
pub use domain::drafting::{Fault, Unlawful};
pub use domain::instrument::{Clause, Instrument, Mandate, Pause, State};
pub use engine;
pub use http::{ROUTES, router};
pub use wording::{LinkWords, Words};

mod texts {
    #![allow(missing_docs, reason = "made by the macro")]
    fluent_templates::static_loader! {
        pub static TEXTS = {
            locales: "./locales",
            fallback_language: "vi",
            customise: |bundle| bundle.set_use_isolating(false),
        };
    }
}
pub use texts::TEXTS;

platform::migrations! {
    /// The tables of this service; after the register's.
    pub MIGRATIONS = "policies": ["0001_policies", "0002_mandates"];
}

/// Every statement, for the prepare-all test.
pub fn statements() -> Vec<&'static Statement> {
    [
        store::decisions::ALL,
        store::instruments::ALL,
        store::mandates::ALL,
    ]
    .concat()
}

/// The service.
pub struct Policies {
    ground: Ground,
    authority: Authority,
    desk: Arc<dyn PaperDesk>,
    config: config::Config,
}

impl Policies {
    /// Puts the service together.
    pub fn new(
        ground: Ground,
        authority: Authority,
        desk: Arc<dyn PaperDesk>,
        config: config::Config,
    ) -> Self {
        Self {
            ground,
            authority,
            desk,
            config,
        }
    }

    /// The authority it answers from.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }
}

/// What handlers get.
#[derive(Clone)]
pub(crate) struct Service(pub(crate) Arc<Policies>);

impl FromRef<Service> for Ground {
    fn from_ref(service: &Service) -> Self {
        service.0.ground.clone()
    }
}
