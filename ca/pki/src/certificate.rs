//! A certificate as read: its bytes, its fields, its extensions.
//! Standard: RFC 5280 §4.1, §4.2
//! It must never answer from re-encoded bytes, and never read a certificate with two extensions of one kind.

use crate::algorithm::{Hash, SignatureAlgorithm};
use crate::asn1::{INTEGER, Malformed, Reader, SEQUENCE, constructed, read, time};
use crate::names::{AlternativeName, DistinguishedName};
use crate::signing::{self, SignatureProblem};
use const_oid::ObjectIdentifier;

pub mod extensions;

pub use extensions::{Extensions, KeyUsage};

const WHAT: &str = "certificate";
/// Largest certificate that is read.
pub const LIMIT: usize = 64 * 1024;

/// The to-be-signed part of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tbs {
    pub(crate) raw: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) serial_octets: usize,
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) algorithm_raw: Vec<u8>,
    pub(crate) issuer: DistinguishedName,
    pub(crate) issuer_raw: Vec<u8>,
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
    pub(crate) validity_raw: Vec<u8>,
    pub(crate) subject: DistinguishedName,
    pub(crate) subject_raw: Vec<u8>,
    pub(crate) spki: Vec<u8>,
    pub(crate) extensions: Extensions,
}

impl Tbs {
    /// Reads the to-be-signed part: version 3, without unique identifiers.
    pub fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        if raw.len() > LIMIT {
            return Err(Malformed::new(WHAT, "too large"));
        }
        let mut fields = Reader::new(WHAT, read::single(WHAT, raw, SEQUENCE)?.content);
        let version = Reader::new(WHAT, fields.expect(constructed(0))?.content).small()?;
        if version != 2 {
            return Err(Malformed::new(WHAT, "not version 3"));
        }
        let serial = fields.expect(INTEGER)?;
        let number = read::unsigned(serial.content).map_err(|why| Malformed::new(WHAT, why))?;
        if serial.content.len() > 20 || number == [0] {
            return Err(Malformed::new(WHAT, "serial number out of range"));
        }
        let algorithm_raw = fields.expect(SEQUENCE)?.raw;
        let issuer = fields.expect(SEQUENCE)?.raw;
        let validity = fields.expect(SEQUENCE)?;
        let mut times = Reader::new(WHAT, validity.content);
        let not_before = time::read(WHAT, &times.element()?)?;
        let not_after = time::read(WHAT, &times.element()?)?;
        times.finish()?;
        let subject = fields.expect(SEQUENCE)?.raw;
        let spki = fields.expect(SEQUENCE)?.raw;
        let extensions = Extensions::parse(fields.expect(constructed(3))?.content)?;
        fields.finish()?;
        Ok(Self {
            raw: raw.to_vec(),
            serial: number.to_vec(),
            serial_octets: serial.content.len(),
            algorithm: SignatureAlgorithm::read(WHAT, algorithm_raw)?,
            algorithm_raw: algorithm_raw.to_vec(),
            issuer: DistinguishedName::parse(issuer)?,
            issuer_raw: issuer.to_vec(),
            not_before,
            not_after,
            validity_raw: validity.raw.to_vec(),
            subject: DistinguishedName::parse(subject)?,
            subject_raw: subject.to_vec(),
            spki: spki.to_vec(),
            extensions,
        })
    }
}

/// A signed certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: Tbs,
    signature: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate; strict DER, version 3, at most 64 KiB.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        if der.len() > LIMIT {
            return Err(Malformed::new(WHAT, "too large"));
        }
        let mut fields = Reader::new(WHAT, read::single(WHAT, der, SEQUENCE)?.content);
        let tbs = Tbs::parse(fields.expect(SEQUENCE)?.raw)?;
        let algorithm = fields.expect(SEQUENCE)?.raw;
        let signature = fields.bits()?.to_vec();
        fields.finish()?;
        if algorithm != tbs.algorithm_raw {
            return Err(Malformed::new(
                WHAT,
                "signature algorithms inside and outside differ",
            ));
        }
        Ok(Self {
            der: der.to_vec(),
            tbs,
            signature,
        })
    }

    /// Its bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The signed bytes.
    pub fn tbs(&self) -> &[u8] {
        &self.tbs.raw
    }

    /// The fields of the signed part.
    pub const fn fields(&self) -> &Tbs {
        &self.tbs
    }

    /// Serial number, big-endian without leading zeros.
    pub fn serial(&self) -> &[u8] {
        &self.tbs.serial
    }

    /// Bytes of the issuer's name.
    pub fn issuer(&self) -> &[u8] {
        &self.tbs.issuer_raw
    }

    /// Bytes of the subject's name.
    pub fn subject(&self) -> &[u8] {
        &self.tbs.subject_raw
    }

    /// The issuer's name.
    pub const fn issuer_name(&self) -> &DistinguishedName {
        &self.tbs.issuer
    }

    /// The subject's name.
    pub const fn subject_name(&self) -> &DistinguishedName {
        &self.tbs.subject
    }

    /// First instant of validity.
    pub const fn not_before(&self) -> i64 {
        self.tbs.not_before
    }

    /// Last second of validity.
    pub const fn not_after(&self) -> i64 {
        self.tbs.not_after
    }

    /// Whether an instant lies in the validity, whose last second counts whole (RFC 5280 §4.1.2.5).
    pub const fn is_valid_at(&self, at: i64) -> bool {
        at >= self.tbs.not_before && at < self.tbs.not_after + 1000
    }

    /// Bytes of the SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        &self.tbs.spki
    }

    /// Subject key identifier.
    pub fn key_id(&self) -> Option<&[u8]> {
        self.tbs.extensions.subject_key_id.as_deref()
    }

    /// Authority key identifier.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.tbs.extensions.authority_key_id.as_deref()
    }

    /// Subject alternative names.
    pub fn alternative_names(&self) -> &[AlternativeName] {
        &self.tbs.extensions.alternative_names
    }

    /// Mail addresses among the alternative names.
    pub fn emails(&self) -> Vec<&str> {
        self.alternative_names()
            .iter()
            .filter_map(|name| match name {
                AlternativeName::Email(address) => Some(address.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Key usage.
    pub const fn key_usage(&self) -> Option<KeyUsage> {
        self.tbs.extensions.key_usage
    }

    /// Extended key usage.
    pub fn extended_key_usage(&self) -> Option<&[ObjectIdentifier]> {
        self.tbs.extensions.extended_key_usage.as_deref()
    }

    /// Whether it is a CA's.
    pub const fn is_ca(&self) -> bool {
        self.tbs.extensions.is_ca
    }

    /// Most intermediate certificates that may follow.
    pub const fn path_length(&self) -> Option<u64> {
        self.tbs.extensions.path_length
    }

    /// Certificate policies.
    pub fn policies(&self) -> &[ObjectIdentifier] {
        &self.tbs.extensions.policies
    }

    /// Where its CRL is.
    pub fn crl_urls(&self) -> &[String] {
        &self.tbs.extensions.crl_urls
    }

    /// Where its OCSP responder is.
    pub fn ocsp_urls(&self) -> &[String] {
        &self.tbs.extensions.ocsp_urls
    }

    /// Where its issuer's certificate is.
    pub fn ca_issuer_urls(&self) -> &[String] {
        &self.tbs.extensions.ca_issuer_urls
    }

    /// Whether it is exempt from revocation checks as an OCSP responder's.
    pub const fn has_ocsp_nocheck(&self) -> bool {
        self.tbs.extensions.ocsp_nocheck
    }

    /// Algorithm of its signature.
    pub const fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.tbs.algorithm
    }

    /// Its signature value.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Whether subject and issuer are the same name.
    pub fn is_self_issued(&self) -> bool {
        self.issuer() == self.subject()
    }

    /// Whether this certificate's signature was made with the issuer's key.
    pub fn verify_issued_by(&self, issuer: &Self) -> Result<(), SignatureProblem> {
        signing::verify(
            issuer.spki(),
            self.tbs.algorithm,
            &self.tbs.raw,
            &self.signature,
        )
    }

    /// SHA-256 of its bytes.
    pub fn fingerprint(&self) -> [u8; 32] {
        use sha2::Digest as _;
        sha2::Sha256::digest(&self.der).into()
    }

    /// SHA-1 of its public key bits: the key identifier of RFC 5280 §4.2.1.2 (1), also used by OCSP.
    pub fn key_hash(&self) -> Vec<u8> {
        key_bits(&self.tbs.spki).map_or_else(|_| Vec::new(), sha1)
    }

    /// Digest of its bytes.
    pub fn digest(&self, hash: Hash) -> Vec<u8> {
        hash.digest(&self.der)
    }
}

/// The subjectPublicKey bits of a SubjectPublicKeyInfo.
pub(crate) fn key_bits(spki: &[u8]) -> Result<&[u8], Malformed> {
    let mut fields = Reader::new(
        "public key",
        read::single("public key", spki, SEQUENCE)?.content,
    );
    fields.expect(SEQUENCE)?;
    fields.bits()
}

/// SHA-1, for identifiers only (never a signature).
pub(crate) fn sha1(bytes: &[u8]) -> Vec<u8> {
    openssl::sha::sha1(bytes).to_vec()
}
