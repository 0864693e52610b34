//! A signed message as read.
//! Standard: RFC 5652 §3, §5.1, §5.3
//! It must never take more certificates or signers than its bounds, and never guess past a malformed part.

use super::attributes::SignedAttributes;
use crate::algorithm::{Hash, SignatureAlgorithm};
use crate::asn1::{
    Malformed, OCTET_STRING, Reader, SEQUENCE, SET, ber, constructed, primitive, read, write,
};
use crate::certificate::Certificate;
use crate::oids;
use const_oid::ObjectIdentifier;

const WHAT: &str = "CMS message";
/// Largest message that is read.
pub const LIMIT: usize = 64 * 1024 * 1024;
/// Most certificates in a message.
pub const MOST_CERTIFICATES: usize = 64;
/// Most signers of a message.
pub const MOST_SIGNERS: usize = 16;

/// How a signer is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerIdentifier {
    /// Issuer's name and serial number of his certificate.
    IssuerAndSerial {
        /// Bytes of the issuer's name.
        issuer: Vec<u8>,
        /// Serial number.
        serial: Vec<u8>,
    },
    /// Key identifier of his certificate.
    KeyId(Vec<u8>),
}

impl SignerIdentifier {
    /// Whether it names this certificate.
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                issuer == certificate.issuer() && serial == certificate.serial()
            }
            Self::KeyId(id) => certificate.key_id() == Some(id),
        }
    }
}

/// One signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerInfo {
    identifier: SignerIdentifier,
    digest: Hash,
    attributes: SignedAttributes,
    algorithm: SignatureAlgorithm,
    signature: Vec<u8>,
    time_stamps: Vec<Vec<u8>>,
    fields: Vec<Vec<u8>>,
    unsigned: Vec<Vec<u8>>,
}

impl SignerInfo {
    /// How the signer is named.
    pub const fn identifier(&self) -> &SignerIdentifier {
        &self.identifier
    }

    /// Hash of the content.
    pub const fn digest_algorithm(&self) -> Hash {
        self.digest
    }

    /// What was signed.
    pub const fn attributes(&self) -> &SignedAttributes {
        &self.attributes
    }

    /// Algorithm of the signature.
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Tokens of signature time stamps.
    pub fn time_stamps(&self) -> &[Vec<u8>] {
        &self.time_stamps
    }

    pub(super) fn fields_raw(&self) -> &[Vec<u8>] {
        &self.fields
    }

    pub(super) fn unsigned_raw(&self) -> &[Vec<u8>] {
        &self.unsigned
    }

    fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        const WHAT: &str = "CMS signer";
        let mut kept = Vec::new();
        let mut fields = Reader::new(WHAT, read::single(WHAT, raw, SEQUENCE)?.content);
        let version = fields.clone().small()?;
        kept.push(fields.element()?.raw.to_vec());
        let named = fields.element()?;
        kept.push(named.raw.to_vec());
        let identifier = match (named.tag, version) {
            (SEQUENCE, 1) => {
                let mut parts = Reader::new(WHAT, named.content);
                let issuer = parts.expect(SEQUENCE)?.raw.to_vec();
                let serial = parts.unsigned()?.to_vec();
                parts.finish()?;
                SignerIdentifier::IssuerAndSerial { issuer, serial }
            }
            (tag, 3) if tag == primitive(0) => SignerIdentifier::KeyId(named.content.to_vec()),
            _ => return Err(Malformed::new(WHAT, "identifier does not fit its version")),
        };
        let digest = fields.expect(SEQUENCE)?.raw;
        kept.push(digest.to_vec());
        let digest = Hash::read(WHAT, digest)?;
        let signed = fields
            .optional(constructed(0))?
            .ok_or(Malformed::new(WHAT, "no signed attributes"))?;
        kept.push(signed.raw.to_vec());
        let attributes = SignedAttributes::parse(&write::retag(SET, signed.raw.to_vec()))?;
        let algorithm = fields.expect(SEQUENCE)?.raw;
        kept.push(algorithm.to_vec());
        let algorithm = SignatureAlgorithm::read_in_cms(WHAT, algorithm, digest)?;
        let signature = fields.expect(OCTET_STRING)?;
        kept.push(signature.raw.to_vec());
        let mut time_stamps = Vec::new();
        let mut unsigned = Vec::new();
        if let Some(all) = fields.optional(constructed(1))? {
            for member in read::members(WHAT, all.content, 64)? {
                let mut parts =
                    Reader::new(WHAT, read::single(WHAT, member.raw, SEQUENCE)?.content);
                let oid = parts.oid()?;
                let values = parts.expect(SET)?;
                parts.finish()?;
                if oid == oids::SIGNATURE_TIME_STAMP {
                    for value in read::members(WHAT, values.content, 8)? {
                        time_stamps.push(value.raw.to_vec());
                    }
                }
                unsigned.push(member.raw.to_vec());
            }
        }
        fields.finish()?;
        Ok(Self {
            identifier,
            digest,
            attributes,
            algorithm,
            signature: signature.content.to_vec(),
            time_stamps,
            fields: kept,
            unsigned,
        })
    }
}

/// A message as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedMessage {
    content_type: ObjectIdentifier,
    content: Option<Vec<u8>>,
    certificates: Vec<Certificate>,
    signers: Vec<SignerInfo>,
    parts: Vec<Vec<u8>>,
}

impl SignedMessage {
    /// Reads ContentInfo with SignedData; strict DER, at least one signer. Certificates we cannot read are passed over.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        if der.len() > LIMIT {
            return Err(Malformed::new(WHAT, "too large"));
        }
        let mut outer = Reader::new(WHAT, read::single(WHAT, der, SEQUENCE)?.content);
        if outer.oid()? != oids::SIGNED_DATA {
            return Err(Malformed::new(WHAT, "not signed data"));
        }
        let explicit = outer.expect(constructed(0))?;
        outer.finish()?;
        let mut fields = Reader::new(
            WHAT,
            read::single(WHAT, explicit.content, SEQUENCE)?.content,
        );
        let mut parts = Vec::new();
        let version = fields.clone().small()?;
        if !(1..=5).contains(&version) {
            return Err(Malformed::new(WHAT, "unknown version"));
        }
        parts.push(fields.element()?.raw.to_vec());
        parts.push(fields.expect(SET)?.raw.to_vec());
        let encapsulated = fields.expect(SEQUENCE)?;
        parts.push(encapsulated.raw.to_vec());
        let mut inner = Reader::new(WHAT, encapsulated.content);
        let content_type = inner.oid()?;
        let content = match inner.optional(constructed(0))? {
            None => None,
            Some(element) => Some(
                read::single(WHAT, element.content, OCTET_STRING)?
                    .content
                    .to_vec(),
            ),
        };
        inner.finish()?;
        let mut certificates = Vec::new();
        if let Some(all) = fields.optional(constructed(0))? {
            for member in read::members(WHAT, all.content, MOST_CERTIFICATES)? {
                if member.tag == SEQUENCE {
                    certificates.extend(Certificate::parse(member.raw));
                }
            }
            parts.push(all.raw.to_vec());
        }
        if let Some(lists) = fields.optional(constructed(1))? {
            parts.push(lists.raw.to_vec());
        }
        let mut signers = Vec::new();
        for member in read::members(WHAT, fields.expect(SET)?.content, MOST_SIGNERS)? {
            signers.push(SignerInfo::parse(member.raw)?);
        }
        fields.finish()?;
        if signers.is_empty() {
            return Err(Malformed::new(WHAT, "nobody signed"));
        }
        Ok(Self {
            content_type,
            content,
            certificates,
            signers,
            parts,
        })
    }

    /// The same for a message of another program, which may be BER on the outside: lengths are made definite first, values stay.
    pub fn parse_foreign(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::parse(&ber::to_der(bytes)?)
    }

    /// Type of the content.
    pub const fn content_type(&self) -> ObjectIdentifier {
        self.content_type
    }

    /// The content, if it is inside.
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// Certificates in it, not trusted.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Signers.
    pub fn signers(&self) -> &[SignerInfo] {
        &self.signers
    }

    /// Hash with which a signer digested the content.
    pub fn digest_algorithm(&self, index: usize) -> Option<Hash> {
        self.signers.get(index).map(SignerInfo::digest_algorithm)
    }

    pub(super) fn parts_raw(&self) -> &[Vec<u8>] {
        &self.parts
    }
}
