//! The rule rows shipped with the program, read once, with their digest.

use std::sync::OnceLock;

use data_encoding::HEXLOWER;
use engine::{RuleError, Rules};
use sha2::{Digest, Sha256};

/// The files beside this crate, in the order they are read.
const FILES: &[(&str, &str)] = &[
    ("own.toml", include_str!("../../rules/own.toml")),
    ("kt_field.toml", include_str!("../../rules/kt_field.toml")),
    ("kt_case.toml", include_str!("../../rules/kt_case.toml")),
    ("tl.toml", include_str!("../../rules/tl.toml")),
    ("tuq.toml", include_str!("../../rules/tuq.toml")),
    ("uq.toml", include_str!("../../rules/uq.toml")),
    (
        "objections.toml",
        include_str!("../../rules/drafting/objections.toml"),
    ),
    ("seal.toml", include_str!("../../rules/seal.toml")),
    ("copy.toml", include_str!("../../rules/copy.toml")),
];

/// The signing law as rows.
pub fn rules() -> Result<Rules, RuleError> {
    Rules::parse(FILES)
}

/// SHA-256 over names and texts of the rule files: a stored decision names the rows it was made by.
pub fn digest() -> &'static str {
    static DIGEST: OnceLock<String> = OnceLock::new();
    DIGEST.get_or_init(|| {
        let mut hash = Sha256::new();
        for (name, text) in FILES {
            for part in [name, text] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        HEXLOWER.encode(&hash.finalize())
    })
}
