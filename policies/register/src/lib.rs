//! The register: agencies, units, posts, people, appointments, assignments, successions, seals; bitemporal; import and reading pages.
//! Standard: DESIGN §5 of this program; Decree 30/2020/NĐ-CP Art. 13 and 32 for posts and seals.
//! It must never overwrite a fact of authority, show staged rows, or list rows to a reader without a `Scope`.
//!
//! Map: `domain` pure types, text, plan of an import · `store` SQL by kind of record · `flows` one file per thing that happens ·
//! `http` reading pages · `rights` the only maker of `Scope` · `facts` what other services ask.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod domain;
pub mod facts;
pub mod flows;
pub mod rights;
pub mod store;

pub use store::{epoch, statements};

mod texts {
    #![allow(missing_docs)]
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
    /// The register's tables and views; after the ground floor's.
    pub MIGRATIONS = "register": ["0001_register"];
}
