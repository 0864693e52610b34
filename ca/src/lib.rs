//! Certification: our authorities, certificates and their status, time stamps, papers signed with consent, and verification.
//! Standard: RFC 5280, RFC 6960, RFC 3161, ETSI EN 319 142-1 (PAdES B-T); each flow names its clauses.
//! It must never hold a private key of a CA, a person, a seal or a mailbox, and never sign what the authority did not allow.
//!
//! Map: `domain` states and transitions · `store` SQL, one file per aggregate · `flows` one file per thing that happens (`ceremony`,
//! `issue_certificate`, `revoke_certificate`, `answer_status`, `stamp_time`, `submit_paper`, `request_signature`, `give_consent`, `number_paper`,
//! `request_seal`, `verify_document`, `bind_passkey`, `reconcile`) · `wire` JSON of the papers interface and of verification · `http` pages and
//! addresses · `jobs` lists, reconciliation, foreign lists · `desk` what `policies` asks of papers.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod config;
pub mod desk;
pub mod domain;
pub mod flows;
pub mod http;
pub mod jobs;
pub mod passkeys;
pub mod service;
pub mod store;
pub mod wire;

pub use config::Config;
pub use desk::Desk;
pub use http::{ROUTES, STATUS_ROUTES, router, status_router};
pub use jobs::start_jobs;
pub use passkeys::{Passkey, PasskeyDirectory, PasskeyDirectoryError};
pub use service::{Ca, StartError};

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
/// Texts of pages and verdicts, Vietnamese and English.
pub use texts::TEXTS;

platform::migrations! {
    /// Tables of this crate; after those of `register` and `policies`.
    pub MIGRATIONS = "ca": ["0001_certification", "0002_papers"];
}

/// Columns of this crate that hold sealed values.
pub static SEALED: [&platform::secrets::columns::SealedColumn; 1] = [&store::tls::SEALED];

/// Every SQL text of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<&'static platform::db::Statement> {
    [
        store::anchors::ALL,
        store::bindings::ALL,
        store::certificates::ALL,
        store::issuances::ALL,
        store::keys::ALL,
        store::numbers::ALL,
        store::papers::ALL,
        store::requests::ALL,
        store::revocations::ALL,
        store::signatures::ALL,
        store::tls::ALL,
    ]
    .concat()
}
