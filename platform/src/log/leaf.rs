//! The two kinds of leaf in their final format.
//! Standard: none; RFC 6962 §2.1 hashes these bytes as leaf data, C2SP tlog-tiles carries them as entries.
//! It must never put a word about a person into a leaf without the salted commitment around it.
//!
//! committed: `antin committed leaf v1\n` ‖ SHA-256(`antin commitment v1\n` ‖ salt[32] ‖ body)
//! public:    `antin public leaf v1\n` ‖ body
use sha2::{Digest, Sha256};

const COMMITTED: &[u8] = b"antin committed leaf v1\n";
const PUBLIC: &[u8] = b"antin public leaf v1\n";
const COMMITMENT: &[u8] = b"antin commitment v1\n";

/// The leaf of an event that may name people. Destroying the salt makes the rest say nothing about the body.
pub fn committed(salt: &[u8; 32], body: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(COMMITMENT);
    hash.update(salt);
    hash.update(body.as_bytes());
    [COMMITTED, hash.finalize().as_slice()].concat()
}

/// The leaf of an event that everybody may read.
pub fn public(body: &str) -> Vec<u8> {
    [PUBLIC, body.as_bytes()].concat()
}

/// Whether a leaf is what body and salt say it is.
pub fn matches(leaf: &[u8], is_public: bool, body: &str, salt: Option<&[u8]>) -> bool {
    if is_public {
        return leaf == public(body);
    }
    salt.and_then(|salt| <&[u8; 32]>::try_from(salt).ok())
        .is_some_and(|salt| leaf == committed(salt, body))
}

/// Whether the bytes have one of the two forms at all.
pub fn is_well_formed(leaf: &[u8], is_public: bool) -> bool {
    if is_public {
        leaf.starts_with(PUBLIC)
    } else {
        leaf.strip_prefix(COMMITTED)
            .is_some_and(|rest| rest.len() == 32)
    }
}
