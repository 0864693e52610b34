//! The demo province: data, a look-alike Government CA, an e-office as relying application, and the story that uses them over real protocols.
//! Standard: none of its own; it is a client of the others.
//! It must never reach into the services it visits: what it asserts comes over the wire or from files.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]
#![allow(
    clippy::result_large_err,
    reason = "errors of the demo are made once and end its run"
)]

pub mod authenticator;
pub mod browser;
pub mod eoffice;
pub mod government_ca;
pub mod papers;
pub mod story;

/// The register's files as they lie in `data/`: agencies, units, posts, officials.
pub const REGISTER_FILES: [&[u8]; 4] = [
    include_bytes!("../data/agencies.csv"),
    include_bytes!("../data/internal_units.csv"),
    include_bytes!("../data/posts.csv"),
    include_bytes!("../data/officials_6000.csv"),
];
