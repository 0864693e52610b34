//! Time stamps: requests read, tokens made and judged.
//! Standard: RFC 3161 §2.4, RFC 5816 (signing certificate V2)
//! It must never stamp what it cannot describe, and never trust a token over other bytes.

use crate::algorithm::Hash;
use crate::asn1::{
    BOOLEAN, INTEGER, Malformed, OBJECT_IDENTIFIER, Reader, SEQUENCE, constructed, read, write,
};
use crate::certificate::Certificate;
use crate::cms::{self, SignedAttributes};
use crate::signing::{Signer, SigningError};
use const_oid::ObjectIdentifier;

mod token;
mod tst_info;

pub use token::{Response, Token, TokenProblem, VerifiedToken};
pub use tst_info::TstInfo;

const WHAT: &str = "time-stamp request";
/// Largest request that is read.
pub const REQUEST_LIMIT: usize = 16 * 1024;

/// Digest of what is stamped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imprint {
    /// Its hash.
    pub hash: Hash,
    /// Its value.
    pub value: Vec<u8>,
}

impl Imprint {
    /// Digest of bytes.
    pub fn of(hash: Hash, bytes: &[u8]) -> Self {
        Self {
            hash,
            value: hash.digest(bytes),
        }
    }

    /// Its DER (MessageImprint).
    pub fn to_der(&self) -> Vec<u8> {
        let algorithm = write::sequence(&[write::oid(&self.hash.oid()), write::null()]);
        write::sequence(&[algorithm, write::octets(&self.value)])
    }

    pub(crate) fn parse(what: &'static str, raw: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Reader::new(what, read::single(what, raw, SEQUENCE)?.content);
        let hash = Hash::read(what, fields.expect(SEQUENCE)?.raw)?;
        let value = fields.octets()?.to_vec();
        fields.finish()?;
        if value.len() != hash.len() {
            return Err(Malformed::new(
                what,
                "imprint has another length than its hash",
            ));
        }
        Ok(Self { hash, value })
    }
}

/// A request as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    imprint: Imprint,
    policy: Option<ObjectIdentifier>,
    nonce: Option<Vec<u8>>,
    wants_certificate: bool,
}

impl Request {
    /// Reads a request; what is wrong with it becomes an answer by [`Failure::of`].
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        if der.len() > REQUEST_LIMIT {
            return Err(Malformed::new(WHAT, "too large"));
        }
        let mut fields = Reader::new(WHAT, read::single(WHAT, der, SEQUENCE)?.content);
        if fields.small()? != 1 {
            return Err(Malformed::new(WHAT, "not version 1"));
        }
        let imprint = Imprint::parse(WHAT, fields.expect(SEQUENCE)?.raw)?;
        let policy = match fields.peek() {
            Some(OBJECT_IDENTIFIER) => Some(fields.oid()?),
            _ => None,
        };
        let nonce = match fields.peek() {
            Some(INTEGER) => Some(fields.unsigned()?.to_vec()),
            _ => None,
        };
        if nonce.as_ref().is_some_and(|nonce| nonce.len() > 64) {
            return Err(Malformed::new(WHAT, "nonce is too long"));
        }
        let wants_certificate = match fields.peek() {
            Some(BOOLEAN) => fields.boolean()?,
            _ => false,
        };
        if fields.optional(constructed(0))?.is_some() {
            return Err(Malformed::new(WHAT, UNACCEPTED_EXTENSION));
        }
        fields.finish()?;
        Ok(Self {
            imprint,
            policy,
            nonce,
            wants_certificate,
        })
    }

    /// What to stamp.
    pub const fn imprint(&self) -> &Imprint {
        &self.imprint
    }

    /// The policy asked for.
    pub const fn policy(&self) -> Option<ObjectIdentifier> {
        self.policy
    }

    /// The nonce to echo.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// Whether the TSA's certificate is to be in the token.
    pub const fn wants_certificate(&self) -> bool {
        self.wants_certificate
    }
}

const UNACCEPTED_EXTENSION: &str = "extensions are not accepted";

/// A request for a time stamp.
pub fn query(imprint: &Imprint, nonce: Option<&[u8]>, wants_certificate: bool) -> Vec<u8> {
    let mut members = vec![write::small(1), imprint.to_der()];
    members.extend(nonce.map(write::integer));
    if wants_certificate {
        members.push(write::boolean(true));
    }
    write::sequence(&members)
}

/// Why there is no time stamp (PKIFailureInfo).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// badAlg (0).
    BadAlg,
    /// badRequest (2).
    BadRequest,
    /// badDataFormat (5).
    BadDataFormat,
    /// timeNotAvailable (14).
    TimeNotAvailable,
    /// unacceptedPolicy (15).
    UnacceptedPolicy,
    /// unacceptedExtension (16).
    UnacceptedExtension,
    /// addInfoNotAvailable (17).
    AddInfoNotAvailable,
    /// systemFailure (25).
    SystemFailure,
}

impl Failure {
    /// Its bit.
    pub const fn bit(self) -> u32 {
        match self {
            Self::BadAlg => 0,
            Self::BadRequest => 2,
            Self::BadDataFormat => 5,
            Self::TimeNotAvailable => 14,
            Self::UnacceptedPolicy => 15,
            Self::UnacceptedExtension => 16,
            Self::AddInfoNotAvailable => 17,
            Self::SystemFailure => 25,
        }
    }

    /// The answer to a request that could not be read.
    pub fn of(malformed: &Malformed) -> Self {
        match malformed.why {
            "hash is not accepted" => Self::BadAlg,
            UNACCEPTED_EXTENSION => Self::UnacceptedExtension,
            _ => Self::BadDataFormat,
        }
    }
}

/// A response with a token.
pub fn granted(token: &[u8]) -> Vec<u8> {
    write::sequence(&[write::sequence(&[write::small(0)]), token.to_vec()])
}

/// A response without one.
pub fn rejected(failure: Failure) -> Vec<u8> {
    let bit = failure.bit();
    let octets = (1_u32 << (31 - bit)).to_be_bytes();
    let used = octets.iter().take(bit as usize / 8 + 1);
    let mut content = vec![7 - (bit % 8) as u8];
    content.extend(used);
    let info = write::tlv(crate::asn1::BIT_STRING, &content);
    write::sequence(&[write::sequence(&[write::small(2), info])])
}

/// Makes a token without certificates, for a request that does not ask for them.
pub fn issue_without_certificates(
    info: &TstInfo,
    certificate: &Certificate,
    signer: &dyn Signer,
) -> Result<Vec<u8>, SigningError> {
    let content = info.to_der();
    let algorithm = signer.algorithm();
    let attributes = SignedAttributes::for_time_stamp(&content, certificate, algorithm.hash);
    let signature = signer.sign(&attributes.to_der())?;
    Ok(cms::signed_data_without_certificates(
        &attributes,
        algorithm,
        &signature,
        certificate,
        Some(&content),
    ))
}

/// Makes a token with a key at hand.
pub fn issue(
    info: &TstInfo,
    certificate: &Certificate,
    chain: &[&[u8]],
    signer: &dyn Signer,
) -> Result<Vec<u8>, SigningError> {
    let content = info.to_der();
    let algorithm = signer.algorithm();
    let attributes = SignedAttributes::for_time_stamp(&content, certificate, algorithm.hash);
    let signature = signer.sign(&attributes.to_der())?;
    Ok(cms::signed_data(
        &attributes,
        algorithm,
        &signature,
        certificate,
        chain,
        Some(&content),
    ))
}
