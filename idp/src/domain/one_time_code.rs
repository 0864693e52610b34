//! Codes that a person types once: easy letters outside, hash inside, few tries.

use crate::domain::secret;
use platform::random::Entropy;

/// Wrong entries after which a code is dead.
pub const TRIES: i64 = 5;
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// A code in two parts: `selector` finds it, `secret` proves it.
pub struct OneTimeCode {
    /// Finds the row; not secret.
    pub selector: String,
    /// 130 bits, compared by hash.
    pub secret: String,
}

impl OneTimeCode {
    /// A fresh code.
    pub fn fresh(entropy: &Entropy) -> Self {
        let bytes: [u8; 32] = entropy.bytes();
        let letters: String = bytes
            .iter()
            .filter_map(|b| LETTERS.get(usize::from(*b & 31)).map(|l| char::from(*l)))
            .collect();
        let (selector, secret) = letters.split_at(6);
        Self {
            selector: selector.to_owned(),
            secret: secret.to_owned(),
        }
    }

    /// Reads what a person typed: groups, spaces, capitals and look-alike letters are forgiven.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 200 {
            return None;
        }
        let mut letters = String::with_capacity(32);
        for c in typed.chars() {
            let c = match c.to_ascii_lowercase() {
                '-' | ' ' | '\u{a0}' | '\t' | '\r' | '\n' => continue,
                'i' | 'l' | '1' => 'j',
                'o' => '0',
                other => other,
            };
            if !LETTERS.contains(&u8::try_from(c).ok()?) {
                return None;
            }
            letters.push(c);
        }
        if letters.len() != 32 {
            return None;
        }
        let (selector, secret) = letters.split_at(6);
        Some(Self {
            selector: selector.to_owned(),
            secret: secret.to_owned(),
        })
    }

    /// As it is printed: groups of four.
    pub fn show(&self) -> String {
        let all: Vec<char> = self.selector.chars().chain(self.secret.chars()).collect();
        all.chunks(4)
            .map(|c| c.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join("-")
    }

    /// What is stored of the secret part.
    pub fn digest(&self) -> Vec<u8> {
        secret::digest(&self.secret)
    }

    /// Whether the secret part is the stored one, in constant time.
    pub fn matches(&self, stored: &[u8]) -> bool {
        secret::matches(&self.secret, stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_being_typed_by_hand() {
        let code = OneTimeCode::fresh(&Entropy::seeded(7));
        let shown = code.show();
        assert_eq!(shown.len(), 39);
        for typed in [
            shown.clone(),
            shown.to_uppercase(),
            shown.replace('-', " "),
            shown.replace('j', "1"),
        ] {
            let read = OneTimeCode::parse(&typed).unwrap();
            assert_eq!(read.selector, code.selector);
            assert!(read.matches(&code.digest()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_not_read_as_one() {
        for typed in ["", "abc", "đ", &"a".repeat(33), &"a".repeat(5000), "-----"] {
            assert!(OneTimeCode::parse(typed).is_none(), "{typed}");
        }
        let other = OneTimeCode::fresh(&Entropy::seeded(8));
        let code = OneTimeCode::fresh(&Entropy::seeded(7));
        assert!(!other.matches(&code.digest()));
    }
}
