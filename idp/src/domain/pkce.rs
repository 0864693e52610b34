//! Proof Key for Code Exchange: the code is good only in the hands that asked for it.
//! Standard: RFC 7636 §4.1, §4.2, §4.6
//! It must never accept the method `plain`, nor a verifier where no challenge was given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A well-formed S256 challenge: 43 characters of base64url that decode to 32 bytes.
pub fn is_challenge(text: &str) -> bool {
    text.len() == 43
        && URL_SAFE_NO_PAD
            .decode(text)
            .is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether this verifier made that challenge.
pub fn verifies(verifier: &str, challenge: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
        return false;
    }
    let made = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    made.as_bytes().ct_eq(challenge.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_verifies() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(is_challenge(challenge));
        assert!(verifies(verifier, challenge));
        assert!(!verifies(verifier, verifier));
        assert!(!verifies(challenge, challenge));
        assert!(!verifies(&verifier.replace('d', "e"), challenge));
    }

    #[test]
    fn malformed_challenges_and_verifiers_are_refused() {
        for bad in ["", "short", &"=".repeat(43), &"a".repeat(44)] {
            assert!(!is_challenge(bad), "{bad}");
        }
        for bad in [
            "",
            &"a".repeat(42),
            &"a".repeat(129),
            &"á".repeat(43),
            &" ".repeat(43),
        ] {
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(bad.as_bytes()));
            assert!(!verifies(bad, &challenge), "{bad}");
        }
    }
}
