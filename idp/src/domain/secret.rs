//! Secrets that travel (session handles, codes, tokens): random text outside, SHA-256 inside.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::random::Entropy;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A fresh secret of 256 bits with a prefix that scanners recognise.
pub fn fresh(prefix: &str, entropy: &Entropy) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(entropy.bytes::<32>()))
}

/// What is stored of a secret.
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Whether a presented secret is the stored one, in constant time.
pub fn matches(presented: &str, stored: &[u8]) -> bool {
    digest(presented).as_slice().ct_eq(stored).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_matches_its_digest_and_nothing_near_it() {
        let entropy = Entropy::seeded(1);
        let one = fresh("ses_", &entropy);
        let two = fresh("ses_", &entropy);
        assert_ne!(one, two);
        assert!(one.len() > 46 && one.starts_with("ses_"));
        let stored = digest(&one);
        assert!(matches(&one, &stored));
        assert!(!matches(&two, &stored));
        assert!(!matches(&one, stored.get(..31).unwrap()));
        assert!(!matches("", &stored));
    }
}
