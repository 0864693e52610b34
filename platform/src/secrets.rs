//! Secrets at rest: sealed columns, blind indexes, and keys derived from one master key.
//! Standard: NIST SP 800-38D (AES-256-GCM), RFC 5869 (HKDF-SHA-256), RFC 2104 (HMAC-SHA-256).
//! It must never write a key anywhere but the 0600 master file, nor open a value in another row than it was sealed for.
pub mod columns;
pub mod master;
pub mod shares;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::random::Entropy;

const VERSION: u8 = 1;
const NONCE: usize = 12;

/// Why a secret could not be sealed, opened or loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not one of ours, cut, altered, or moved from another row.
    #[error("the sealed value does not open: it is damaged, or belongs to another row or key")]
    Opening,
    /// The key it names is not in the master file.
    #[error("the sealed value names key {0}, which the master key file does not hold")]
    UnknownKey(u32),
    /// The library refused.
    #[error("sealing failed")]
    Sealing,
    /// The file can be read by others.
    #[error("{path}: mode is {mode:o}; others can read the master key. Do: chmod 600 {path}")]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file is not what it should be.
    #[error("{path}, line {line}: expected `<key id> <64 hexadecimal digits>`")]
    Format {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// The disk refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
}

/// Seals and opens columns; makes blind indexes and purpose-bound MACs. Clones share the keys.
#[derive(Clone)]
pub struct Sealer(Arc<Keys>);

struct Keys {
    current: u32,
    by_id: BTreeMap<u32, Derived>,
    /// Blind indexes and form tokens stand on the first key: they must not change with a rotation.
    root: Prk,
    entropy: Entropy,
}

struct Derived {
    seal: LessSafeKey,
}

struct Length(usize);
impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(prk: &Prk, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0_u8; 32]);
    let done = prk
        .expand(info, Length(32))
        .and_then(|okm| okm.fill(out.as_mut()));
    if done.is_err() {
        // 32 bytes are far below HKDF's limit; reaching this means that the library is broken.
        tracing::error!("HKDF refused 32 bytes; ending");
        std::process::abort();
    }
    out
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer(current key {})", self.0.current)
    }
}

impl Sealer {
    /// From master keys by id; the highest id seals, all open.
    pub fn new(master: &BTreeMap<u32, [u8; 32]>, entropy: Entropy) -> Result<Self, Error> {
        let (Some((_, first)), Some((current, _))) =
            (master.first_key_value(), master.last_key_value())
        else {
            return Err(Error::Sealing);
        };
        let extract = |key: &[u8; 32]| Salt::new(HKDF_SHA256, b"antin-master-v1").extract(key);
        let mut by_id = BTreeMap::new();
        for (id, key) in master {
            let bytes = expand(&extract(key), &[b"column-seal"]);
            let seal = UnboundKey::new(&AES_256_GCM, bytes.as_ref())
                .map(LessSafeKey::new)
                .map_err(|_| Error::Sealing)?;
            by_id.insert(*id, Derived { seal });
        }
        Ok(Self(Arc::new(Keys {
            current: *current,
            by_id,
            root: extract(first),
            entropy,
        })))
    }

    /// Reads the master key file, or makes it (mode 0600) when it does not exist.
    pub fn load_or_create(path: &Path, entropy: Entropy) -> Result<Self, Error> {
        let keys = match master::read(path)? {
            Some(keys) => keys,
            None => master::create(path, &entropy)?,
        };
        Self::new(&keys.by_id(), entropy)
    }

    /// Seals a value for one column of one row: version ‖ key id ‖ nonce ‖ ciphertext and tag.
    pub fn seal(
        &self,
        table: &str,
        column: &str,
        row: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let keys = &self.0;
        let key = keys
            .by_id
            .get(&keys.current)
            .ok_or(Error::UnknownKey(keys.current))?;
        let nonce: [u8; NONCE] = keys.entropy.bytes();
        let mut body = plain.to_vec();
        key.seal
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place(table, column, row)),
                &mut body,
            )
            .map_err(|_| Error::Sealing)?;
        let mut out = Vec::with_capacity(1 + 4 + NONCE + body.len());
        out.push(VERSION);
        out.extend_from_slice(&keys.current.to_be_bytes());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&body);
        Ok(out)
    }

    /// Opens what was sealed for exactly this place.
    pub fn open(
        &self,
        table: &str,
        column: &str,
        row: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let (version, rest) = sealed.split_first().ok_or(Error::Opening)?;
        let (id, rest) = rest.split_first_chunk::<4>().ok_or(Error::Opening)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or(Error::Opening)?;
        if *version != VERSION {
            return Err(Error::Opening);
        }
        let id = u32::from_be_bytes(*id);
        let key = self.0.by_id.get(&id).ok_or(Error::UnknownKey(id))?;
        let mut body = Zeroizing::new(body.to_vec());
        let length = key
            .seal
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place(table, column, row)),
                &mut body,
            )
            .map_err(|_| Error::Opening)?
            .len();
        body.truncate(length);
        Ok(body)
    }

    /// The key under which a value is sealed, as it says itself.
    pub fn key_of(sealed: &[u8]) -> Option<u32> {
        let id = sealed.get(1..5)?;
        Some(u32::from_be_bytes(id.try_into().ok()?))
    }

    /// The key that seals.
    pub fn current(&self) -> u32 {
        self.0.current
    }

    /// Whether the value is sealed under an older key and should be sealed again.
    pub fn is_stale(&self, sealed: &[u8]) -> bool {
        sealed
            .get(1..5)
            .is_none_or(|id| id != self.0.current.to_be_bytes().as_slice())
    }

    /// A value to search a sealed column by: the same text of the same purpose gives the same 32 bytes.
    pub fn blind_index(&self, purpose: &str, text: &str) -> [u8; 32] {
        self.mac("blind-index", &[purpose.as_bytes(), text.as_bytes()])
    }

    /// A MAC under a key that exists for this purpose only; parts are framed by their lengths.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let key = self.derive(purpose);
        hmac(key.as_ref(), parts)
    }

    /// A 32-byte key for one purpose (JWT key wrapping, cursors, …).
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        expand(&self.0.root, &[b"purpose:", purpose.as_bytes()])
    }
}

/// table ‖ 0x1f ‖ column ‖ 0x1f ‖ row: the additional data that ties a sealed value to its place.
fn place(table: &str, column: &str, row: &str) -> Vec<u8> {
    [table, column, row].join("\u{1f}").into_bytes()
}

/// HMAC-SHA-256 over parts, each preceded by its length.
pub fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length, so this cannot fail; an all-zero MAC would never compare equal by accident.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// SHA-256 of a token or code: what the database stores instead of it.
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Compares in constant time.
pub fn equal(one: &[u8], two: &[u8]) -> bool {
    one.ct_eq(two).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn sealer(ids: &[u32]) -> Sealer {
        let master = ids.iter().map(|id| (*id, [*id as u8; 32])).collect();
        Sealer::new(&master, Entropy::seeded(1)).unwrap()
    }

    #[test]
    fn a_value_opens_only_in_the_place_it_was_sealed_for() {
        let sealer = sealer(&[1]);
        let sealed = sealer.seal("account", "totp", "acc_1", b"secret").unwrap();
        assert_eq!(
            sealer
                .open("account", "totp", "acc_1", &sealed)
                .unwrap()
                .as_slice(),
            b"secret"
        );
        for (table, column, row) in [
            ("account", "totp", "acc_2"),
            ("account", "mail", "acc_1"),
            ("device", "totp", "acc_1"),
        ] {
            assert!(sealer.open(table, column, row, &sealed).is_err());
        }
        for cut in 0..sealed.len() {
            assert!(
                sealer
                    .open("account", "totp", "acc_1", &sealed[..cut])
                    .is_err()
            );
        }
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(
                sealer.open("account", "totp", "acc_1", &altered).is_err(),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn rotation_keeps_old_values_and_blind_indexes_readable() {
        let (old, new) = (sealer(&[1]), sealer(&[1, 2]));
        let sealed = old.seal("t", "c", "r", b"x").unwrap();
        assert_eq!(new.open("t", "c", "r", &sealed).unwrap().as_slice(), b"x");
        assert!(new.is_stale(&sealed) && !old.is_stale(&sealed));
        assert_eq!(old.blind_index("cccd", "1"), new.blind_index("cccd", "1"));
        assert_ne!(old.blind_index("cccd", "1"), old.blind_index("phone", "1"));
        let newer = new.seal("t", "c", "r", b"x").unwrap();
        assert!(matches!(
            old.open("t", "c", "r", &newer),
            Err(Error::UnknownKey(2))
        ));
    }

    #[test]
    fn the_master_file_is_made_once_for_its_owner_only_and_refused_when_others_can_read_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let first = Sealer::load_or_create(&path, Entropy::system()).unwrap();
        let second = Sealer::load_or_create(&path, Entropy::system()).unwrap();
        assert_eq!(first.blind_index("a", "b"), second.blind_index("a", "b"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            Sealer::load_or_create(&path, Entropy::system()),
            Err(Error::Mode { mode: 0o640, .. })
        ));
    }

    #[test]
    fn hmac_agrees_with_rfc_4231_test_case_2_on_the_framed_message() {
        // RFC 4231 §4.3 key "Jefe"; our framing puts the length before each part, so the oracle is the plain HMAC of it.
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(b"Jefe").unwrap();
        mac.update(&28_u64.to_be_bytes());
        mac.update(b"what do ya want for nothing?");
        let expected: [u8; 32] = mac.finalize().into_bytes().into();
        assert_eq!(hmac(b"Jefe", &[b"what do ya want for nothing?"]), expected);
        assert_ne!(hmac(b"k", &[b"ab", b"c"]), hmac(b"k", &[b"a", b"bc"]));
    }
}
