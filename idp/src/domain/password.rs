//! Passwords: one spelling for each, and a slow hash of it.
//! Standard: RFC 8265 §4.2 (OpaqueString, its NFC rule); RFC 9106 §4 (Argon2id); NIST SP 800-63B §3.1.1.2
//! It must never keep, log or compare a password in clear, nor run without the bound on hashes at once.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const LENGTH: usize = 32;
/// Shortest password in characters.
pub const SHORTEST: usize = 12;
const LONGEST: usize = 256;

/// A password in the one spelling that is hashed.
pub struct Password(Zeroizing<String>);

/// Why a text is no acceptable password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`SHORTEST`] characters.
    #[error("password is shorter than 12 characters")]
    TooShort,
    /// More than 256 characters.
    #[error("password is longer than 256 characters")]
    TooLong,
    /// Control characters.
    #[error("password holds control characters")]
    Control,
    /// The account's name, one repeated character, or a run that everybody tries first.
    #[error("password is one of those tried first")]
    Common,
}

impl Password {
    /// Reads a typed password: other spaces become U+0020, then NFC; no case folding, no trimming.
    pub fn read(typed: &str) -> Result<Self, PasswordError> {
        if typed.len() > LONGEST * 8 {
            return Err(PasswordError::TooLong);
        }
        let spaced = typed.chars().map(|c| match c {
            '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}' => ' ',
            other => other,
        });
        let text = Zeroizing::new(spaced.nfc().collect::<String>());
        if text.chars().any(char::is_control) {
            return Err(PasswordError::Control);
        }
        if text.chars().count() > LONGEST {
            return Err(PasswordError::TooLong);
        }
        Ok(Self(text))
    }

    /// Reads a password that somebody wants to use from now on.
    pub fn choose(typed: &str, username: &str) -> Result<Self, PasswordError> {
        let password = Self::read(typed)?;
        if password.0.chars().count() < SHORTEST {
            return Err(PasswordError::TooShort);
        }
        let lower = Zeroizing::new(password.0.to_lowercase());
        let distinct: std::collections::BTreeSet<char> = lower.chars().collect();
        let run = lower.as_bytes().windows(2).all(|pair| match pair {
            [a, b] => *b == a.wrapping_add(1) || *b == a.wrapping_sub(1) || a == b,
            _ => true,
        });
        let mut rest = Zeroizing::new(lower.replace(username, ""));
        for word in ["matkhau", "password", "123456789", "qwertyuiop", "admin"] {
            *rest = rest.replace(word, "");
        }
        if distinct.len() < 5 || run || rest.chars().count() < 4 {
            return Err(PasswordError::Common);
        }
        Ok(password)
    }
}

/// Hashes passwords, never more at once than there are cores.
#[derive(Clone)]
pub struct PasswordHasher {
    places: Arc<Semaphore>,
    nobody: Arc<str>,
}

/// The hash could not be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("password hash could not be computed")]
pub struct HashError;

impl PasswordHasher {
    /// A hasher for this many cores.
    pub fn new(cores: usize) -> Self {
        let nobody = format!(
            "{}{}${}",
            prefix(),
            STANDARD_NO_PAD.encode([7_u8; 16]),
            STANDARD_NO_PAD.encode([0_u8; LENGTH])
        );
        Self {
            places: Arc::new(Semaphore::new(cores.max(1))),
            nobody: nobody.into(),
        }
    }

    /// The stored form (PHC string) of a password under this salt.
    pub async fn hash(&self, password: Password, salt: [u8; 16]) -> Result<String, HashError> {
        let out = self.run(password, salt.to_vec()).await?;
        Ok(format!(
            "{}{}${}",
            prefix(),
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(*out)
        ))
    }

    /// Whether the password is the stored one. Without a stored one the same work is done, and the answer is no.
    pub async fn verify(
        &self,
        password: Password,
        stored: Option<&str>,
    ) -> Result<bool, HashError> {
        let (salt, expected) = parse(stored.unwrap_or(&self.nobody)).ok_or(HashError)?;
        let found = self.run(password, salt).await?;
        let same: bool = found.ct_eq(expected.as_slice()).into();
        Ok(same && stored.is_some())
    }

    async fn run(
        &self,
        password: Password,
        salt: Vec<u8>,
    ) -> Result<Zeroizing<[u8; LENGTH]>, HashError> {
        let place = Arc::clone(&self.places)
            .acquire_owned()
            .await
            .map_err(|_| HashError)?;
        tokio::task::spawn_blocking(move || {
            let _place = place;
            let params =
                Params::new(MEMORY_KIB, PASSES, LANES, Some(LENGTH)).map_err(|_| HashError)?;
            let mut out = Zeroizing::new([0_u8; LENGTH]);
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(password.0.as_bytes(), &salt, out.as_mut())
                .map_err(|_| HashError)?;
            Ok(out)
        })
        .await
        .map_err(|_| HashError)?
    }
}

fn prefix() -> String {
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")
}

fn parse(stored: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let (salt, hash) = stored.strip_prefix(prefix().as_str())?.split_once('$')?;
    Some((
        STANDARD_NO_PAD.decode(salt).ok()?,
        STANDARD_NO_PAD.decode(hash).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_however_its_marks_were_composed_and_no_other_does() {
        let hasher = PasswordHasher::new(1);
        let stored = hasher
            .hash(Password::read("Đường về nhà 1975").unwrap(), [1; 16])
            .await
            .unwrap();
        let decomposed: String = "Đường về nhà 1975".nfd().collect();
        assert_ne!(decomposed, "Đường về nhà 1975");
        assert!(
            hasher
                .verify(Password::read(&decomposed).unwrap(), Some(&stored))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify(Password::read("đường về nhà 1975").unwrap(), Some(&stored))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify(Password::read("Duong ve nha 1975").unwrap(), Some(&stored))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn nobody_has_a_password_even_if_the_stand_in_matched() {
        let hasher = PasswordHasher::new(1);
        assert!(
            !hasher
                .verify(Password::read("x").unwrap(), None)
                .await
                .unwrap()
        );
        assert!(
            hasher
                .verify(Password::read("x").unwrap(), Some("plain"))
                .await
                .is_err()
        );
    }

    #[test]
    fn passwords_tried_first_are_refused() {
        for (typed, why) in [
            ("ngắn", PasswordError::TooShort),
            ("aaaaaaaaaaaaa", PasswordError::Common),
            ("abcdefghijklmnop", PasswordError::Common),
            ("thinhndthinhnd1", PasswordError::Common),
            ("matkhau123456789", PasswordError::Common),
            ("tab\tinside it now", PasswordError::Control),
        ] {
            assert_eq!(
                Password::choose(typed, "thinhnd").err(),
                Some(why),
                "{typed}"
            );
        }
        assert_eq!(
            Password::choose(&"á".repeat(257), "x").err(),
            Some(PasswordError::TooLong)
        );
        assert!(Password::choose("bốn chữ rời rạc", "thinhnd").is_ok());
    }
}
