//! Algorithms: their identifiers on the wire, and a table of which may be made and accepted until when.
//! Standard: RFC 4055, RFC 5758, RFC 5480, RFC 8702, FIPS 180-4, FIPS 202
//! It must never accept MD5, SHA-1, RSA below 2048 bits or an algorithm the table does not list.

use crate::asn1::{Malformed, NULL, Reader, SEQUENCE, constructed, read, write};
use crate::oids;
use const_oid::ObjectIdentifier;
use openssl::hash::MessageDigest;

pub mod table;

pub use table::Table;

/// Hash functions that may appear in what we make or accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA3-256.
    #[serde(rename = "sha3-256")]
    Sha3_256,
    /// SHA3-384.
    #[serde(rename = "sha3-384")]
    Sha3_384,
    /// SHA3-512.
    #[serde(rename = "sha3-512")]
    Sha3_512,
}

/// A digest under way.
pub struct Hasher(openssl::hash::Hasher);

impl Hasher {
    /// More bytes.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), DigestFailed> {
        self.0.update(bytes).map_err(|_| DigestFailed)
    }

    /// The digest.
    pub fn finish(mut self) -> Result<Vec<u8>, DigestFailed> {
        Ok(self.0.finish().map_err(|_| DigestFailed)?.to_vec())
    }
}

/// The cryptographic library refused to hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library refused to hash")]
pub struct DigestFailed;

impl Hash {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
    ];

    /// Digest of bytes; empty only if the cryptographic library refuses, which no comparison accepts.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        use sha2::Digest as _;
        match self {
            Self::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
            Self::Sha384 => sha2::Sha384::digest(bytes).to_vec(),
            Self::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
            _ => openssl::hash::hash(self.message_digest(), bytes)
                .map(|digest| digest.to_vec())
                .unwrap_or_default(),
        }
    }

    /// Starts a digest over bytes that come in pieces.
    pub fn hasher(self) -> Result<Hasher, DigestFailed> {
        openssl::hash::Hasher::new(self.message_digest())
            .map(Hasher)
            .map_err(|_| DigestFailed)
    }

    /// Octets of a digest.
    pub const fn len(self) -> usize {
        match self {
            Self::Sha256 | Self::Sha3_256 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 => 64,
        }
    }

    /// A digest is never empty.
    pub const fn is_empty(self) -> bool {
        false
    }

    /// Short name: `sha256`, `sha3-256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Sha3_256 => "sha3-256",
            Self::Sha3_384 => "sha3-384",
            Self::Sha3_512 => "sha3-512",
        }
    }

    /// The hash of this short name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.name() == name)
    }

    /// Its object identifier.
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => oids::SHA256,
            Self::Sha384 => oids::SHA384,
            Self::Sha512 => oids::SHA512,
            Self::Sha3_256 => oids::SHA3_256,
            Self::Sha3_384 => oids::SHA3_384,
            Self::Sha3_512 => oids::SHA3_512,
        }
    }

    /// The hash of this object identifier.
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.oid() == *oid)
    }

    /// AlgorithmIdentifier with parameters absent (RFC 5754 §2).
    pub fn to_der(self) -> Vec<u8> {
        write::sequence(&[write::oid(&self.oid())])
    }

    pub(crate) fn message_digest(self) -> MessageDigest {
        match self {
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
            Self::Sha3_256 => MessageDigest::sha3_256(),
            Self::Sha3_384 => MessageDigest::sha3_384(),
            Self::Sha3_512 => MessageDigest::sha3_512(),
        }
    }

    /// Reads an AlgorithmIdentifier of a hash; parameters absent or NULL.
    pub fn read(what: &'static str, raw: &[u8]) -> Result<Self, Malformed> {
        let (oid, parameters) = identifier(what, raw)?;
        if parameters.is_some_and(|bytes| bytes != [NULL, 0]) {
            return Err(Malformed::new(what, "hash with parameters"));
        }
        Self::from_oid(&oid).ok_or(Malformed::new(what, "hash is not accepted"))
    }
}

/// Signature schemes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// ECDSA.
    Ecdsa,
    /// RSASSA-PSS with MGF1 of the same hash and a salt of its length.
    RsaPss,
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
}

/// A scheme with its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SignatureAlgorithm {
    /// Scheme.
    pub scheme: Scheme,
    /// Hash.
    pub hash: Hash,
}

impl SignatureAlgorithm {
    /// ECDSA with SHA-256: the default.
    pub const ECDSA_SHA256: Self = Self::new(Scheme::Ecdsa, Hash::Sha256);
    /// ECDSA with SHA-384.
    pub const ECDSA_SHA384: Self = Self::new(Scheme::Ecdsa, Hash::Sha384);
    /// ECDSA with SHA-512.
    pub const ECDSA_SHA512: Self = Self::new(Scheme::Ecdsa, Hash::Sha512);
    /// RSASSA-PSS with SHA-256.
    pub const PSS_SHA256: Self = Self::new(Scheme::RsaPss, Hash::Sha256);
    /// RSASSA-PSS with SHA-384.
    pub const PSS_SHA384: Self = Self::new(Scheme::RsaPss, Hash::Sha384);
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub const PKCS1_SHA256: Self = Self::new(Scheme::RsaPkcs1, Hash::Sha256);

    /// A scheme with its hash.
    pub const fn new(scheme: Scheme, hash: Hash) -> Self {
        Self { scheme, hash }
    }

    fn oid(self) -> ObjectIdentifier {
        match (self.scheme, self.hash) {
            (Scheme::RsaPss, _) => oids::RSASSA_PSS,
            (Scheme::Ecdsa, Hash::Sha256) => oids::ECDSA_SHA256,
            (Scheme::Ecdsa, Hash::Sha384) => oids::ECDSA_SHA384,
            (Scheme::Ecdsa, Hash::Sha512) => oids::ECDSA_SHA512,
            (Scheme::Ecdsa, Hash::Sha3_256) => oids::ECDSA_SHA3_256,
            (Scheme::Ecdsa, Hash::Sha3_384) => oids::ECDSA_SHA3_384,
            (Scheme::Ecdsa, Hash::Sha3_512) => oids::ECDSA_SHA3_512,
            (Scheme::RsaPkcs1, Hash::Sha256) => oids::RSA_SHA256,
            (Scheme::RsaPkcs1, Hash::Sha384) => oids::RSA_SHA384,
            (Scheme::RsaPkcs1, Hash::Sha512) => oids::RSA_SHA512,
            (Scheme::RsaPkcs1, Hash::Sha3_256) => oids::RSA_SHA3_256,
            (Scheme::RsaPkcs1, Hash::Sha3_384) => oids::RSA_SHA3_384,
            (Scheme::RsaPkcs1, Hash::Sha3_512) => oids::RSA_SHA3_512,
        }
    }

    /// AlgorithmIdentifier: no parameters for ECDSA (RFC 5758 §3.2), NULL for PKCS#1 v1.5, RSASSA-PSS-params for PSS (RFC 4055 §3.1).
    pub fn to_der(self) -> Vec<u8> {
        let oid = write::oid(&self.oid());
        match self.scheme {
            Scheme::Ecdsa => write::sequence(&[oid]),
            Scheme::RsaPkcs1 => write::sequence(&[oid, write::null()]),
            Scheme::RsaPss => {
                let hash = write::sequence(&[write::oid(&self.hash.oid()), write::null()]);
                let mask = write::sequence(&[write::oid(&oids::MGF1), hash.clone()]);
                let parameters = write::sequence(&[
                    write::explicit(0, &hash),
                    write::explicit(1, &mask),
                    write::explicit(2, &write::small(self.hash.len() as u64)),
                ]);
                write::sequence(&[oid, parameters])
            }
        }
    }

    /// Reads an AlgorithmIdentifier of a signature.
    pub fn read(what: &'static str, raw: &[u8]) -> Result<Self, Malformed> {
        let (oid, parameters) = identifier(what, raw)?;
        if oid == oids::RSASSA_PSS {
            return pss(what, parameters);
        }
        for scheme in [Scheme::Ecdsa, Scheme::RsaPkcs1] {
            for hash in Hash::ALL {
                let algorithm = Self::new(scheme, hash);
                if algorithm.oid() == oid {
                    return match (scheme, parameters) {
                        (Scheme::Ecdsa, None) => Ok(algorithm),
                        (Scheme::RsaPkcs1, Some([NULL, 0])) => Ok(algorithm),
                        _ => Err(Malformed::new(what, "wrong algorithm parameters")),
                    };
                }
            }
        }
        Err(Malformed::new(what, "signature algorithm is not accepted"))
    }

    /// In CMS an RSA signature may be named by rsaEncryption alone, with the hash beside it (RFC 3370 §3.2).
    pub fn read_in_cms(what: &'static str, raw: &[u8], digest: Hash) -> Result<Self, Malformed> {
        let (oid, parameters) = identifier(what, raw)?;
        if oid == oids::RSA_ENCRYPTION {
            return match parameters {
                Some([NULL, 0]) => Ok(Self::new(Scheme::RsaPkcs1, digest)),
                _ => Err(Malformed::new(what, "wrong algorithm parameters")),
            };
        }
        Self::read(what, raw)
    }
}

fn pss(what: &'static str, parameters: Option<&[u8]>) -> Result<SignatureAlgorithm, Malformed> {
    let raw = parameters.ok_or(Malformed::new(what, "PSS without parameters"))?;
    let mut fields = Reader::new(what, read::single(what, raw, SEQUENCE)?.content);
    let hash = Hash::read(what, fields.expect(constructed(0))?.content)?;
    let (mask, mask_hash) = identifier(what, fields.expect(constructed(1))?.content)?;
    let mask_hash = Hash::read(what, mask_hash.unwrap_or_default())?;
    let salt = Reader::new(what, fields.expect(constructed(2))?.content).small()?;
    if let Some(trailer) = fields.optional(constructed(3))?
        && Reader::new(what, trailer.content).small()? != 1
    {
        return Err(Malformed::new(what, "PSS trailer field"));
    }
    fields.finish()?;
    if mask != oids::MGF1 || mask_hash != hash {
        return Err(Malformed::new(what, "PSS mask does not fit its hash"));
    }
    if salt != hash.len() as u64 {
        return Err(Malformed::new(what, "PSS salt does not fit its hash"));
    }
    Ok(SignatureAlgorithm::new(Scheme::RsaPss, hash))
}

/// Kinds of public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// RSA with so many bits.
    Rsa(u32),
}

impl KeyKind {
    /// Kind of a SubjectPublicKeyInfo; uncompressed points of the right length, RSA with an odd exponent above 2¹⁶.
    pub fn of_spki(spki: &[u8]) -> Result<Self, Malformed> {
        const WHAT: &str = "public key";
        let mut fields = Reader::new(WHAT, read::single(WHAT, spki, SEQUENCE)?.content);
        let (oid, parameters) = identifier(WHAT, fields.expect(SEQUENCE)?.raw)?;
        let key = fields.bits()?;
        fields.finish()?;
        if oid == oids::EC_PUBLIC_KEY {
            let curve = Reader::new(WHAT, parameters.unwrap_or_default()).oid()?;
            let (kind, length) = match curve {
                oids::P256 => (Self::P256, 65),
                oids::P384 => (Self::P384, 97),
                oids::P521 => (Self::P521, 133),
                _ => return Err(Malformed::new(WHAT, "curve is not accepted")),
            };
            if key.len() != length || key.first() != Some(&4) {
                return Err(Malformed::new(WHAT, "point is not uncompressed"));
            }
            return Ok(kind);
        }
        if oid != oids::RSA_ENCRYPTION || parameters != Some(&[NULL, 0]) {
            return Err(Malformed::new(WHAT, "kind of key is not accepted"));
        }
        let mut numbers = Reader::new(WHAT, read::single(WHAT, key, SEQUENCE)?.content);
        let modulus = numbers.unsigned()?;
        let exponent = numbers.small()?;
        numbers.finish()?;
        if exponent % 2 == 0 || exponent < 65_537 {
            return Err(Malformed::new(WHAT, "RSA exponent is not accepted"));
        }
        if modulus.last().is_none_or(|last| last % 2 == 0) {
            return Err(Malformed::new(WHAT, "RSA modulus is even"));
        }
        let zeros = modulus.first().map_or(0, |first| first.leading_zeros());
        Ok(Self::Rsa(modulus.len() as u32 * 8 - zeros))
    }

    /// Short name in tables and profiles: `p256`, `rsa`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::P521 => "p521",
            Self::Rsa(_) => "rsa",
        }
    }

    /// Bits that size it.
    pub const fn bits(self) -> u32 {
        match self {
            Self::P256 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
            Self::Rsa(bits) => bits,
        }
    }

    /// What we sign with such a key.
    pub const fn default_algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::P256 => SignatureAlgorithm::ECDSA_SHA256,
            Self::P384 => SignatureAlgorithm::ECDSA_SHA384,
            Self::P521 => SignatureAlgorithm::ECDSA_SHA512,
            Self::Rsa(_) => SignatureAlgorithm::PSS_SHA256,
        }
    }
}

/// Object identifier and raw parameters of an AlgorithmIdentifier.
pub(crate) fn identifier<'a>(
    what: &'static str,
    raw: &'a [u8],
) -> Result<(ObjectIdentifier, Option<&'a [u8]>), Malformed> {
    let mut fields = Reader::new(what, read::single(what, raw, SEQUENCE)?.content);
    let oid = fields.oid()?;
    let parameters = if fields.is_empty() {
        None
    } else {
        Some(fields.element()?.raw)
    };
    fields.finish()?;
    Ok((oid, parameters))
}
