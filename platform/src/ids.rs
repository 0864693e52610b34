//! Opaque prefixed identifiers: 128 random bits in base32, never reused, never derived from anything.
use data_encoding::BASE32_NOPAD;

use crate::random::Entropy;

/// `psn` gives `psn_` and 26 characters of `a–z2–7`.
pub fn new(prefix: &str, entropy: &Entropy) -> String {
    let mut id = String::with_capacity(prefix.len() + 27);
    id.push_str(prefix);
    id.push('_');
    let mut body = BASE32_NOPAD.encode(&entropy.bytes::<16>());
    body.make_ascii_lowercase();
    id.push_str(&body);
    id
}

/// Whether the text has the form of an id with this prefix (a cheap refusal before a query).
pub fn is(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .is_some_and(|body| {
            body.len() == 26
                && body
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte))
        })
}

/// A secret for a link, a code or a token: 256 random bits, base64url without padding.
pub fn secret(entropy: &Entropy) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&entropy.bytes::<32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_prefix_and_26_characters_and_is_recognised() {
        let entropy = Entropy::seeded(1);
        let id = new("psn", &entropy);
        assert_eq!(id.len(), 30);
        assert!(is("psn", &id));
        assert!(!is("agy", &id));
        assert!(!is("psn", "psn_short"));
        assert!(!is("psn", &id.to_uppercase()));
        assert_ne!(id, new("psn", &entropy));
    }
}
