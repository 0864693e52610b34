//! Keys that sign tokens, and the public side that anybody may fetch.
//! Standard: RFC 7517 §4; RFC 7518 §3.3, §3.4, §6.2, §6.3
//! It must never let the algorithm be chosen by anything but the key itself.

use crate::domain::client::Algorithm;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use zeroize::Zeroizing;

/// A key could not be made, read or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("signing key is unusable")]
pub struct KeyError;

enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// A key pair with its name.
pub struct SigningKey {
    /// `kid`.
    pub id: String,
    pair: Pair,
}

/// Public parameters as JWK names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicParameters {
    /// `kty` EC on P-256.
    Ec {
        /// `x`
        x: Vec<u8>,
        /// `y`
        y: Vec<u8>,
    },
    /// `kty` RSA.
    Rsa {
        /// `n`
        n: Vec<u8>,
        /// `e`
        e: Vec<u8>,
    },
}

/// Makes a private key (PKCS#8).
pub fn generate(alg: Algorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    match alg {
        Algorithm::Es256 => {
            let der = EcdsaKeyPair::generate_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &SystemRandom::new(),
            )
            .map_err(|_| KeyError)?;
            Ok(Zeroizing::new(der.as_ref().to_vec()))
        }
        Algorithm::Rs256 => {
            let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
            let der = key.as_der().map_err(|_| KeyError)?;
            Ok(Zeroizing::new(der.as_ref().to_vec()))
        }
    }
}

impl SigningKey {
    /// Reads a private key.
    pub fn read(id: String, alg: Algorithm, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = match alg {
            Algorithm::Es256 => Pair::Ec(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                    .map_err(|_| KeyError)?,
            ),
            Algorithm::Rs256 => Pair::Rsa(Box::new(
                RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError)?,
            )),
        };
        Ok(Self { id, pair })
    }

    /// The one algorithm of this key.
    pub fn alg(&self) -> Algorithm {
        match self.pair {
            Pair::Ec(_) => Algorithm::Es256,
            Pair::Rsa(_) => Algorithm::Rs256,
        }
    }

    /// Signs as JOSE wants it.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(key) => key
                .sign(&random, message)
                .map(|s| s.as_ref().to_vec())
                .map_err(|_| KeyError),
            Pair::Rsa(key) => {
                let mut out = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut out)
                    .map_err(|_| KeyError)?;
                Ok(out)
            }
        }
    }

    /// Whether this key signed the message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.pair {
            Pair::Ec(key) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref())
                    .verify(message, signature)
                    .is_ok()
            }
            Pair::Rsa(key) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())
                    .verify(message, signature)
                    .is_ok()
            }
        }
    }

    /// The public side.
    pub fn public(&self) -> Result<PublicParameters, KeyError> {
        match &self.pair {
            Pair::Ec(key) => match key.public_key().as_ref().split_first() {
                Some((4, point)) if point.len() == 64 => {
                    let (x, y) = point.split_at(32);
                    Ok(PublicParameters::Ec {
                        x: x.to_vec(),
                        y: y.to_vec(),
                    })
                }
                _ => Err(KeyError),
            },
            Pair::Rsa(key) => {
                // RFC 8017 A.1.1: RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
                let (inner, _) = element(key.public_key().as_ref(), 0x30).ok_or(KeyError)?;
                let (n, rest) = element(inner, 0x02).ok_or(KeyError)?;
                let (e, _) = element(rest, 0x02).ok_or(KeyError)?;
                let bare = |i: &[u8]| {
                    i.iter()
                        .copied()
                        .skip_while(|b| *b == 0)
                        .collect::<Vec<u8>>()
                };
                Ok(PublicParameters::Rsa {
                    n: bare(n),
                    e: bare(e),
                })
            }
        }
    }
}

fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let count = usize::from(*length & 0x7f);
        if count > 2 {
            return None;
        }
        let (bytes, rest) = rest.split_at_checked(count)?;
        (
            bytes
                .iter()
                .fold(0_usize, |n, b| (n << 8) | usize::from(*b)),
            rest,
        )
    };
    rest.split_at_checked(length)
}

/// The keys in use: one that signs per algorithm, and those whose tokens are still read.
pub struct KeyRing {
    keys: Vec<SigningKey>,
}

impl KeyRing {
    /// From the database, newest first.
    pub fn new(keys: Vec<SigningKey>) -> Self {
        Self { keys }
    }

    /// The key that signs with this algorithm.
    pub fn signing(&self, alg: Algorithm) -> Result<&SigningKey, KeyError> {
        self.keys.iter().find(|k| k.alg() == alg).ok_or(KeyError)
    }

    /// The key of this `kid`.
    pub fn find(&self, kid: &str) -> Option<&SigningKey> {
        self.keys.iter().find(|k| k.id == kid)
    }

    /// All keys.
    pub fn iter(&self) -> impl Iterator<Item = &SigningKey> {
        self.keys.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_key_sign_verify_and_show_their_public_side() {
        for alg in Algorithm::ALL {
            let der = generate(alg).unwrap();
            let key = SigningKey::read("k".into(), alg, &der).unwrap();
            let signature = key.sign(b"message").unwrap();
            assert!(key.verifies(b"message", &signature));
            assert!(!key.verifies(b"messagf", &signature));
            let other = match alg {
                Algorithm::Es256 => Algorithm::Rs256,
                Algorithm::Rs256 => Algorithm::Es256,
            };
            assert!(SigningKey::read("k".into(), other, &der).is_err());
            match key.public().unwrap() {
                PublicParameters::Ec { x, y } => {
                    assert_eq!((x.len(), y.len(), signature.len()), (32, 32, 64))
                }
                PublicParameters::Rsa { n, e } => {
                    assert_eq!((n.len(), e, signature.len()), (256, vec![1, 0, 1], 256))
                }
            }
        }
    }
}
