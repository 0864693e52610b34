//! Sealing of private keys at rest.
//! Standard: NIST SP 800-38D (AES-256-GCM, 96-bit random nonce), FIPS 198-1 (HMAC to derive the journal's key).
//! It must never open bytes under another key id, purpose or algorithm than they were sealed for.

use crate::config::{EntropyFn, KeyEncryptionKey};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use zeroize::Zeroizing;

/// What is wrong with the key-encryption key or with sealed bytes.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// The file cannot be read or made.
    #[error("key-encryption key {place}: {cause}")]
    File {
        /// Where it should be.
        place: String,
        /// What happened.
        cause: std::io::Error,
    },
    /// Others may read it.
    #[error("key-encryption key {0} may be read by others; set its mode to 0600")]
    Open(String),
    /// Absent, although there are keys sealed under it.
    #[error("key-encryption key {0} is missing, and there are keys sealed under it")]
    Missing(String),
    /// Not 64 hexadecimal digits.
    #[error("key-encryption key {0} is not 64 hexadecimal digits")]
    Shape(String),
    /// Sealed bytes that do not open.
    #[error("a sealed key does not open under this key-encryption key")]
    Unsealable,
}

/// The key-encryption key, loaded.
pub struct KeyEncryption {
    key: LessSafeKey,
    journal: Zeroizing<[u8; 32]>,
    entropy: EntropyFn,
}

impl KeyEncryption {
    /// Loads the key; `may_make` says that nothing is sealed yet, so an absent file may be made.
    pub fn load(
        source: &KeyEncryptionKey,
        may_make: bool,
        entropy: EntropyFn,
    ) -> Result<Self, SealingError> {
        let (place, text) = match source {
            KeyEncryptionKey::Environment(name) => {
                let text = std::env::var(name).map_err(|_| SealingError::Missing(name.clone()))?;
                (name.clone(), Zeroizing::new(text))
            }
            KeyEncryptionKey::File(path) => {
                let place = path.display().to_string();
                let failed = |cause| SealingError::File {
                    place: place.clone(),
                    cause,
                };
                match std::fs::metadata(path) {
                    Ok(meta) if meta.permissions().mode() & 0o077 != 0 => {
                        return Err(SealingError::Open(place));
                    }
                    Ok(_) => {}
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound && may_make => {
                        let mut fresh = Zeroizing::new([0u8; 32]);
                        entropy(fresh.as_mut());
                        let text = Zeroizing::new(data_encoding::HEXLOWER.encode(fresh.as_ref()));
                        let mut file = std::fs::OpenOptions::new()
                            .write(true)
                            .create_new(true)
                            .mode(0o600)
                            .open(path)
                            .map_err(failed)?;
                        file.write_all(text.as_bytes()).map_err(failed)?;
                        file.sync_all().map_err(failed)?;
                    }
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                        return Err(SealingError::Missing(place));
                    }
                    Err(e) => return Err(failed(e)),
                }
                let text = Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?);
                (place, text)
            }
        };
        let bytes = data_encoding::HEXLOWER_PERMISSIVE
            .decode(text.trim().as_bytes())
            .ok()
            .map(Zeroizing::new)
            .filter(|b| b.len() == 32)
            .ok_or_else(|| SealingError::Shape(place.clone()))?;
        let unbound =
            UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| SealingError::Shape(place))?;
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, &bytes),
            b"antin-signer-journal-v1",
        );
        let mut journal = Zeroizing::new([0u8; 32]);
        for (to, from) in journal.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        Ok(Self {
            key: LessSafeKey::new(unbound),
            journal,
            entropy,
        })
    }

    /// The key that authenticates journal lines.
    pub fn journal_key(&self) -> &[u8; 32] {
        &self.journal
    }

    /// nonce ‖ ciphertext ‖ tag.
    pub fn seal(&self, about: &[u8], secret: &[u8]) -> Result<Vec<u8>, SealingError> {
        let mut nonce = [0u8; NONCE_LEN];
        (self.entropy)(&mut nonce);
        let mut body = secret.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(about),
                &mut body,
            )
            .map_err(|_| SealingError::Unsealable)?;
        let mut sealed = nonce.to_vec();
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] made for the same `about`.
    pub fn open(&self, about: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let (nonce, body) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(SealingError::Unsealable)?;
        let mut body = Zeroizing::new(body.to_vec());
        let length = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(about),
                &mut body,
            )
            .map_err(|_| SealingError::Unsealable)?
            .len();
        body.truncate(length);
        Ok(body)
    }
}
