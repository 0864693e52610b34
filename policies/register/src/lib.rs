//! The register: agencies, units, posts, people, appointments, assignments, successions, seals; bitemporal; import, reorganisations, pages.
//! Standard: Decree 30/2020/NĐ-CP Art. 13 and 32 for posts and seals.
//! It must never overwrite a fact of authority, show staged rows, or list rows to a reader without a `Scope`.
//!
//! Map: `domain` pure types, text, plans of imports and reorganisations · `store` SQL by kind of record · `flows` one file per thing that happens ·
//! `http` pages, administration, lists, plans, JSON interface · `wire` its shapes · `jobs` clearing away · `rules/carry_over.csv` what a
//! reorganisation carries over ·
//! `data` roles and notices · `rights` the only maker of `Scope` · `facts` what other services ask.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod bench;
pub mod domain;
pub mod facts;
pub mod flows;
pub mod http;
pub mod jobs;
pub mod rights;
pub mod store;
mod wire;

pub use flows::read_notices::Notices;
pub use http::{ROUTES, Register, admin, api, router};
pub use store::epoch;

/// Every statement of the register.
pub fn statements() -> Vec<&'static platform::db::Statement> {
    [store::statements().as_slice(), bench::ALL].concat()
}

/// Columns of this crate that hold sealed values.
pub static SEALED: [&platform::secrets::columns::SealedColumn; 2] =
    [&store::people::SEALED, &store::lists::SEALED];

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
    /// The register's tables and views; after the ground floor's.
    pub MIGRATIONS = "register": [
        "0001_register",
        "0002_lists",
        "0003_reorganisation",
        "0004_administration",
        "0005_phrases",
        "0006_feed",
        "0007_agency_phrases",
        "0008_notices"
    ];
}

/// A fault of an import in words: file, line, column, cause and remedy.
pub fn fault_text(fault: &domain::import::RowFault, lang: platform::i18n::Lang) -> String {
    let t = platform::i18n::Tongue::new(lang, &TEXTS);
    let (key, (a, b)) = (fault.cause.key(), fault.cause.values());
    let values = [("a", a.as_str()), ("b", b.as_str())];
    let cause = t.with(&format!("fault-{key}"), &values);
    let remedy = t.with(&format!("fault-{key}-remedy"), &values);
    let line = fault.line.to_string();
    let place = if fault.column.is_empty() {
        "fault-where-row"
    } else {
        "fault-where"
    };
    t.with(
        place,
        &[
            ("file", fault.file.name()),
            ("line", line.as_str()),
            ("column", fault.column.as_str()),
            ("cause", cause.as_str()),
            ("remedy", remedy.as_str()),
        ],
    )
}
