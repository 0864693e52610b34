//! COSE keys of passkeys: ES256 and RS256, nothing else.
//! Standard: RFC 9052 §7, RFC 9053 §7.1.1 (EC2), RFC 8230 §4 (RSA), CTAP2 canonical CBOR.
//! It must never let the key's algorithm be chosen by anybody but the pinned key itself.

use crate::domain::Bytes;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::Verifier;

/// Why bytes are not a usable COSE key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoseError {
    /// Not canonical CBOR of a flat map with integer labels.
    #[error("not a COSE key")]
    Malformed,
    /// A key type, algorithm or curve that is not accepted.
    #[error("only ES256 on P-256 and RS256 with 2048 to 4096 bits are accepted")]
    Unsupported,
    /// Numbers that are no public key.
    #[error("the public key is not valid")]
    Invalid,
}

/// A passkey's public key with the one algorithm it may use.
#[derive(Debug, Clone)]
pub struct CoseKey {
    algorithm: CoseAlgorithm,
    key: PKey<Public>,
}

/// The two algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoseAlgorithm {
    /// ECDSA P-256 with SHA-256 (−7).
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (−257).
    Rs256,
}

#[derive(Debug, PartialEq, Eq)]
enum Member {
    Integer(i64),
    Bytes(Vec<u8>),
}

impl CoseKey {
    /// Reads a COSE_Key.
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseError> {
        let members = flat_map(bytes).ok_or(CoseError::Malformed)?;
        let integer = |label: i64| {
            members.iter().find_map(|(l, m)| match m {
                Member::Integer(value) if *l == label => Some(*value),
                _ => None,
            })
        };
        let octets = |label: i64| {
            members.iter().find_map(|(l, m)| match m {
                Member::Bytes(value) if *l == label => Some(value.as_slice()),
                _ => None,
            })
        };
        match (integer(1), integer(3), integer(-1)) {
            (Some(2), Some(-7), Some(1)) => {
                let (x, y) = octets(-2).zip(octets(-3)).ok_or(CoseError::Malformed)?;
                Self::es256(x, y)
            }
            (Some(3), Some(-257), None) => {
                let (n, e) = octets(-1).zip(octets(-2)).ok_or(CoseError::Malformed)?;
                Self::rs256(n, e)
            }
            _ => Err(CoseError::Unsupported),
        }
    }

    fn es256(x: &[u8], y: &[u8]) -> Result<Self, CoseError> {
        if x.len() != 32 || y.len() != 32 {
            return Err(CoseError::Malformed);
        }
        let key = (|| {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
            let (x, y) = (BigNum::from_slice(x)?, BigNum::from_slice(y)?);
            // Refuses points that are not on the curve.
            let key = EcKey::from_public_key_affine_coordinates(&group, &x, &y)?;
            key.check_key()?;
            let mut context = BigNumContext::new()?;
            if key.public_key().is_infinity(&group)
                || !key.public_key().is_on_curve(&group, &mut context)?
            {
                return Ok(None);
            }
            PKey::from_ec_key(key).map(Some)
        })()
        .map_err(|_: openssl::error::ErrorStack| CoseError::Invalid)?
        .ok_or(CoseError::Invalid)?;
        Ok(Self {
            algorithm: CoseAlgorithm::Es256,
            key,
        })
    }

    fn rs256(n: &[u8], e: &[u8]) -> Result<Self, CoseError> {
        let (n, e) = BigNum::from_slice(n)
            .and_then(|n| BigNum::from_slice(e).map(|e| (n, e)))
            .map_err(|_| CoseError::Invalid)?;
        if !(2048..=4096).contains(&n.num_bits()) {
            return Err(CoseError::Unsupported);
        }
        if !e.is_bit_set(0) || e.num_bits() < 2 || e.num_bits() > 32 || !n.is_bit_set(0) {
            return Err(CoseError::Invalid);
        }
        let key = Rsa::from_public_components(n, e)
            .and_then(PKey::from_rsa)
            .map_err(|_| CoseError::Invalid)?;
        Ok(Self {
            algorithm: CoseAlgorithm::Rs256,
            key,
        })
    }

    /// The algorithm fixed by this key.
    pub fn algorithm(&self) -> CoseAlgorithm {
        self.algorithm
    }

    /// Whether `signature` is this key's over `message`. Anything that does not parse is simply no signature.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let checked = || -> Result<bool, openssl::error::ErrorStack> {
            let mut verifier = Verifier::new(MessageDigest::sha256(), &self.key)?;
            if self.algorithm == CoseAlgorithm::Rs256 {
                verifier.set_rsa_padding(Padding::PKCS1)?;
            }
            verifier.verify_oneshot(signature, message)
        };
        checked().unwrap_or(false)
    }
}

/// A COSE_Key for an ES256 public key.
pub fn es256(x: &[u8; 32], y: &[u8; 32]) -> Bytes {
    let mut out = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    out.extend_from_slice(x);
    out.extend_from_slice(&[0x22, 0x58, 0x20]);
    out.extend_from_slice(y);
    Bytes(out)
}

/// A COSE_Key for an RS256 public key (big-endian modulus and exponent).
pub fn rs256(n: &[u8], e: &[u8]) -> Bytes {
    let mut out = vec![0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20];
    head(&mut out, 0x40, n.len());
    out.extend_from_slice(n);
    out.push(0x21);
    head(&mut out, 0x40, e.len());
    out.extend_from_slice(e);
    Bytes(out)
}

fn head(out: &mut Vec<u8>, major: u8, length: usize) {
    let wide = u16::try_from(length).unwrap_or(u16::MAX);
    match u8::try_from(wide) {
        Ok(short) if short < 24 => out.push(major | short),
        Ok(short) => out.extend_from_slice(&[major | 24, short]),
        Err(_) => {
            out.push(major | 25);
            out.extend_from_slice(&wide.to_be_bytes());
        }
    }
}

/// A flat CBOR map of integer labels to integers or byte strings: at most 8 members, labels not repeated, nothing after it.
fn flat_map(bytes: &[u8]) -> Option<Vec<(i64, Member)>> {
    let mut rest = bytes;
    let (major, count) = item(&mut rest)?;
    if major != 5 || count > 8 {
        return None;
    }
    let mut members: Vec<(i64, Member)> = Vec::new();
    for _ in 0..count {
        let label = integer(&mut rest)?;
        if members.iter().any(|(known, _)| *known == label) {
            return None;
        }
        let before = rest;
        let member = match item(&mut rest)? {
            (2, length) => {
                let (value, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                rest = after;
                Member::Bytes(value.to_vec())
            }
            (0 | 1, _) => {
                rest = before;
                Member::Integer(integer(&mut rest)?)
            }
            _ => return None,
        };
        members.push((label, member));
    }
    rest.is_empty().then_some(members)
}

fn integer(rest: &mut &[u8]) -> Option<i64> {
    match item(rest)? {
        (0, value) => i64::try_from(value).ok(),
        (1, value) => i64::try_from(value).ok().map(|v| -1 - v),
        _ => None,
    }
}

/// Head of a CBOR item: major type and shortest-form argument of at most two bytes.
fn item(rest: &mut &[u8]) -> Option<(u8, u64)> {
    let (first, after) = rest.split_first()?;
    let (major, short) = (first >> 5, first & 0x1f);
    let (value, after) = match short {
        0..=23 => (u64::from(short), after),
        24 => {
            let (value, after) = after.split_first()?;
            (*value >= 24).then_some((u64::from(*value), after))?
        }
        25 => {
            let (value, after) = after.split_first_chunk::<2>()?;
            let value = u16::from_be_bytes(*value);
            (value > 255).then_some((u64::from(value), after))?
        }
        _ => return None,
    };
    *rest = after;
    Some((major, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p256() -> ([u8; 32], [u8; 32]) {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = EcKey::generate(&group).unwrap();
        let mut context = BigNumContext::new().unwrap();
        let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        key.public_key()
            .affine_coordinates(&group, &mut x, &mut y, &mut context)
            .unwrap();
        (
            x.to_vec_padded(32).unwrap().try_into().unwrap(),
            y.to_vec_padded(32).unwrap().try_into().unwrap(),
        )
    }

    #[test]
    fn both_kinds_are_written_and_read() {
        let (x, y) = p256();
        assert_eq!(
            CoseKey::parse(&es256(&x, &y)).unwrap().algorithm(),
            CoseAlgorithm::Es256
        );
        let rsa = Rsa::generate(2048).unwrap();
        let key = rs256(&rsa.n().to_vec(), &rsa.e().to_vec());
        assert_eq!(
            CoseKey::parse(&key).unwrap().algorithm(),
            CoseAlgorithm::Rs256
        );
    }

    #[test]
    fn points_off_the_curve_weak_moduli_and_other_algorithms_are_refused() {
        let (x, mut y) = p256();
        y[31] ^= 1;
        assert_eq!(
            CoseKey::parse(&es256(&x, &y)).unwrap_err(),
            CoseError::Invalid
        );
        let rsa = Rsa::generate(1024).unwrap();
        let key = rs256(&rsa.n().to_vec(), &rsa.e().to_vec());
        assert_eq!(CoseKey::parse(&key).unwrap_err(), CoseError::Unsupported);
        let (x, y) = p256();
        let mut key = es256(&x, &y).0;
        key[4] = 0x27; // EdDSA
        assert_eq!(CoseKey::parse(&key).unwrap_err(), CoseError::Unsupported);
    }

    #[test]
    fn trailing_bytes_repeated_labels_and_cut_keys_are_refused() {
        let (x, y) = p256();
        let good = es256(&x, &y).0;
        for length in 0..good.len() {
            assert!(CoseKey::parse(&good[..length]).is_err(), "cut at {length}");
        }
        let mut longer = good.clone();
        longer.push(0);
        assert_eq!(CoseKey::parse(&longer).unwrap_err(), CoseError::Malformed);
        let mut repeated = good;
        repeated[0] = 0xa6;
        repeated.extend_from_slice(&[0x01, 0x02]);
        assert_eq!(CoseKey::parse(&repeated).unwrap_err(), CoseError::Malformed);
    }
}
