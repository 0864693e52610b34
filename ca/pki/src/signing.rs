//! Making and checking signatures over whole to-be-signed bytes.
//! Standard: FIPS 186-5 §6, RFC 8017 §8
//! It must never let one algorithm's signature pass as another's, and never accept an ECDSA signature in another encoding than DER.

use crate::algorithm::{KeyKind, Scheme, SignatureAlgorithm};
use crate::asn1::{Reader, SEQUENCE, read};
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer as DigestSigner, Verifier};

/// A key that signs: in this process, in the signer process, in a token.
pub trait Signer: Send + Sync {
    /// The algorithm of its signatures.
    fn algorithm(&self) -> SignatureAlgorithm;
    /// DER of its SubjectPublicKeyInfo.
    fn spki(&self) -> &[u8];
    /// Signs a whole message; ECDSA results are DER.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError>;
}

/// A signature was not made.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The key does not fit the algorithm.
    #[error("the key does not fit the algorithm")]
    Mismatch,
    /// The key could not be read.
    #[error("the private key could not be read")]
    Key,
    /// The cryptographic library refused.
    #[error("the cryptographic library refused: {0}")]
    Library(#[from] openssl::error::ErrorStack),
    /// The holder of the key refused.
    #[error("the holder of the key refused: {0}")]
    Refused(String),
}

/// Why a signature is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureProblem {
    /// The public key is not one we accept.
    #[error("public key not accepted: {0}")]
    Key(&'static str),
    /// The key is of another kind than the algorithm.
    #[error("the key is of another kind than the algorithm")]
    Mismatch,
    /// The arithmetic says no.
    #[error("the signature does not fit the bytes")]
    Wrong,
}

/// A key held by OpenSSL in this process.
pub struct OpensslSigner {
    key: PKey<Private>,
    spki: Vec<u8>,
    algorithm: SignatureAlgorithm,
}

impl OpensslSigner {
    /// With a stated algorithm.
    pub fn new(key: PKey<Private>, algorithm: SignatureAlgorithm) -> Result<Self, SigningError> {
        let spki = key.public_key_to_der()?;
        let kind = KeyKind::of_spki(&spki).map_err(|_| SigningError::Key)?;
        if !fits(algorithm, kind) {
            return Err(SigningError::Mismatch);
        }
        Ok(Self {
            key,
            spki,
            algorithm,
        })
    }

    /// With the default algorithm of its key.
    pub fn with_default(key: PKey<Private>) -> Result<Self, SigningError> {
        let spki = key.public_key_to_der()?;
        let kind = KeyKind::of_spki(&spki).map_err(|_| SigningError::Key)?;
        Self::new(key, kind.default_algorithm())
    }

    /// From PKCS#8 DER.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SigningError> {
        Self::with_default(PKey::private_key_from_pkcs8(der).map_err(|_| SigningError::Key)?)
    }

    /// From PEM.
    pub fn from_pem(pem: &[u8]) -> Result<Self, SigningError> {
        Self::with_default(PKey::private_key_from_pem(pem).map_err(|_| SigningError::Key)?)
    }
}

impl std::fmt::Debug for OpensslSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpensslSigner")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Signer for OpensslSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let digest = self.algorithm.hash.message_digest();
        let mut signer = DigestSigner::new(digest, &self.key)?;
        match self.algorithm.scheme {
            Scheme::Ecdsa => {}
            Scheme::RsaPkcs1 => signer.set_rsa_padding(Padding::PKCS1)?,
            Scheme::RsaPss => {
                signer.set_rsa_padding(Padding::PKCS1_PSS)?;
                signer.set_rsa_mgf1_md(digest)?;
                signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            }
        }
        Ok(signer.sign_oneshot_to_vec(message)?)
    }
}

/// Checks a signature over a whole message. Strength is not judged here: see [`crate::algorithm::Table`].
pub fn verify(
    spki: &[u8],
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureProblem> {
    let kind = KeyKind::of_spki(spki).map_err(|malformed| SignatureProblem::Key(malformed.why))?;
    if !fits(algorithm, kind) {
        return Err(SignatureProblem::Mismatch);
    }
    if algorithm.scheme == Scheme::Ecdsa && !is_der_pair(signature) {
        return Err(SignatureProblem::Wrong);
    }
    let key = PKey::public_key_from_der(spki)
        .map_err(|_| SignatureProblem::Key("the cryptographic library refuses it"))?;
    match arithmetic(&key, algorithm, message, signature) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(SignatureProblem::Wrong),
    }
}

fn arithmetic(
    key: &PKey<openssl::pkey::Public>,
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, openssl::error::ErrorStack> {
    let digest = algorithm.hash.message_digest();
    let mut verifier = Verifier::new(digest, key)?;
    match algorithm.scheme {
        Scheme::Ecdsa => {}
        Scheme::RsaPkcs1 => verifier.set_rsa_padding(Padding::PKCS1)?,
        Scheme::RsaPss => {
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_mgf1_md(digest)?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
    }
    verifier.verify_oneshot(signature, message)
}

fn fits(algorithm: SignatureAlgorithm, kind: KeyKind) -> bool {
    matches!(
        (algorithm.scheme, kind),
        (Scheme::Ecdsa, KeyKind::P256 | KeyKind::P384 | KeyKind::P521)
            | (Scheme::RsaPss | Scheme::RsaPkcs1, KeyKind::Rsa(_))
    )
}

/// Ecdsa-Sig-Value with minimal, positive, non-zero r and s (RFC 3279 §2.2.3).
fn is_der_pair(signature: &[u8]) -> bool {
    let pair = || -> Result<bool, crate::Malformed> {
        const WHAT: &str = "ECDSA signature";
        let mut numbers = Reader::new(WHAT, read::single(WHAT, signature, SEQUENCE)?.content);
        let (r, s) = (numbers.unsigned()?, numbers.unsigned()?);
        numbers.finish()?;
        Ok(r != [0] && s != [0])
    };
    pair().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::Hash;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::nid::Nid;
    use openssl::rsa::Rsa;

    fn ec(curve: Nid) -> PKey<Private> {
        PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(curve).unwrap()).unwrap())
            .unwrap()
    }

    #[test]
    fn every_algorithm_verifies_its_own_signature_and_no_other_message() {
        let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        for hash in Hash::ALL {
            for (scheme, key) in [
                (Scheme::Ecdsa, ec(Nid::X9_62_PRIME256V1)),
                (Scheme::Ecdsa, ec(Nid::SECP384R1)),
                (Scheme::Ecdsa, ec(Nid::SECP521R1)),
                (Scheme::RsaPss, rsa.clone()),
                (Scheme::RsaPkcs1, rsa.clone()),
            ] {
                let algorithm = SignatureAlgorithm::new(scheme, hash);
                let signer = OpensslSigner::new(key, algorithm).unwrap();
                let signature = signer.sign(b"message").unwrap();
                assert_eq!(
                    verify(signer.spki(), algorithm, b"message", &signature),
                    Ok(())
                );
                assert_eq!(
                    verify(signer.spki(), algorithm, b"massage", &signature),
                    Err(SignatureProblem::Wrong)
                );
                assert_eq!(
                    SignatureAlgorithm::read("algorithm", &algorithm.to_der()).unwrap(),
                    algorithm
                );
            }
        }
    }

    #[test]
    fn a_pss_signature_is_not_a_pkcs1_signature() {
        let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let signer = OpensslSigner::new(rsa, SignatureAlgorithm::PSS_SHA256).unwrap();
        let signature = signer.sign(b"m").unwrap();
        assert_eq!(
            verify(
                signer.spki(),
                SignatureAlgorithm::PKCS1_SHA256,
                b"m",
                &signature
            ),
            Err(SignatureProblem::Wrong)
        );
        assert_eq!(
            verify(
                signer.spki(),
                SignatureAlgorithm::ECDSA_SHA256,
                b"m",
                &signature
            ),
            Err(SignatureProblem::Mismatch)
        );
    }

    #[test]
    fn ecdsa_signatures_of_zero_or_with_padding_are_refused() {
        let signer = OpensslSigner::with_default(ec(Nid::X9_62_PRIME256V1)).unwrap();
        for bad in [
            &b"\x30\x06\x02\x01\x00\x02\x01\x00"[..],
            b"\x30\x06\x02\x01\x01\x02\x01\x00",
            b"\x30\x00",
            b"",
            b"\x30\x08\x02\x02\x00\x01\x02\x02\x00\x01",
        ] {
            assert_eq!(
                verify(signer.spki(), signer.algorithm(), b"m", bad),
                Err(SignatureProblem::Wrong)
            );
        }
        let mut padded = signer.sign(b"m").unwrap();
        padded.push(0);
        assert_eq!(
            verify(signer.spki(), signer.algorithm(), b"m", &padded),
            Err(SignatureProblem::Wrong)
        );
    }

    #[test]
    fn weak_and_odd_keys_are_refused() {
        let small = Rsa::generate(1024).unwrap();
        let spki = PKey::from_rsa(small).unwrap().public_key_to_der().unwrap();
        assert_eq!(KeyKind::of_spki(&spki).unwrap(), KeyKind::Rsa(1024));
        assert!(!crate::algorithm::Table::built_in().may_accept(
            SignatureAlgorithm::PKCS1_SHA256,
            KeyKind::Rsa(1024),
            0
        ));
        let point = ec(Nid::X9_62_PRIME256V1).public_key_to_der().unwrap();
        let mut off_curve = point.clone();
        *off_curve.last_mut().unwrap() ^= 1;
        assert_eq!(
            verify(
                &off_curve,
                SignatureAlgorithm::ECDSA_SHA256,
                b"m",
                &[0x30, 6, 2, 1, 1, 2, 1, 1]
            ),
            Err(SignatureProblem::Key(
                "the cryptographic library refuses it"
            ))
        );
        let secp256k1 = ec(Nid::SECP256K1).public_key_to_der().unwrap();
        assert!(KeyKind::of_spki(&secp256k1).is_err());
        assert!(KeyKind::of_spki(&point[..point.len() - 1]).is_err());
    }
}
