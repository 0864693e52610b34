//! Online certificate status: requests read, responses built and judged.
//! Standard: RFC 6960 §4; RFC 9654 §2.1 (nonce 1..128 octets); RFC 9919
//! It must never say `good` without being told so, and never accept a response of a responder its issuer did not delegate to.

use crate::algorithm::Hash;
use crate::asn1::{Malformed, Reader, SEQUENCE, constructed, read, write};
use crate::certificate::{Certificate, extensions, sha1};
use crate::names::wrapped;
use crate::oids;
use const_oid::ObjectIdentifier;

mod response;
mod verify;

pub use response::{
    Refusal, ResponderId, ResponseData, Single, Status, assemble, refusal, response_data,
};
pub use verify::{OcspProblem, Response};

const WHAT: &str = "OCSP request";
/// Largest request that is read.
pub const REQUEST_LIMIT: usize = 16 * 1024;
/// Most certificates in one request.
pub const MOST_CERTIFICATES: usize = 64;

/// Which certificate is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertId {
    raw: Vec<u8>,
    hash: ObjectIdentifier,
    name_hash: Vec<u8>,
    key_hash: Vec<u8>,
    serial: Vec<u8>,
}

impl CertId {
    /// With SHA-1 hashes, as every client knows them (RFC 9919 §3.1.1).
    pub fn new(issuer: &Certificate, serial: &[u8]) -> Self {
        let raw = write::sequence(&[
            write::sequence(&[write::oid(&oids::SHA1), write::null()]),
            write::octets(&sha1(issuer.subject())),
            write::octets(&issuer.key_hash()),
            write::integer(serial),
        ]);
        Self {
            raw,
            hash: oids::SHA1,
            name_hash: sha1(issuer.subject()),
            key_hash: issuer.key_hash(),
            serial: serial.to_vec(),
        }
    }

    pub(crate) fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Reader::new(WHAT, read::single(WHAT, raw, SEQUENCE)?.content);
        let (hash, _) = crate::algorithm::identifier(WHAT, fields.expect(SEQUENCE)?.raw)?;
        let name_hash = fields.octets()?.to_vec();
        let key_hash = fields.octets()?.to_vec();
        let serial = fields.unsigned()?.to_vec();
        fields.finish()?;
        if serial.len() > 20 || name_hash.len() > 64 || key_hash.len() > 64 {
            return Err(Malformed::new(WHAT, "certificate identifier is too long"));
        }
        Ok(Self {
            raw: raw.to_vec(),
            hash,
            name_hash,
            key_hash,
            serial,
        })
    }

    /// Whether this CA is the issuer that is meant: name and key, by SHA-1 or SHA-2.
    pub fn matches(&self, issuer: &Certificate) -> bool {
        let name = issuer.subject();
        let key = crate::certificate::key_bits(issuer.spki()).unwrap_or_default();
        if self.hash == oids::SHA1 {
            return self.name_hash == sha1(name) && self.key_hash == sha1(key);
        }
        Hash::from_oid(&self.hash).is_some_and(|hash| {
            self.name_hash == hash.digest(name) && self.key_hash == hash.digest(key)
        })
    }

    /// Whether it means the same certificate as another identifier of the same hash.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.hash, &self.name_hash, &self.key_hash, &self.serial)
            == (other.hash, &other.name_hash, &other.key_hash, &other.serial)
    }

    /// Serial number asked about.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// Its bytes.
    pub fn der(&self) -> &[u8] {
        &self.raw
    }
}

/// A request as read; its signature, if any, is not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    certificates: Vec<CertId>,
    nonce: Option<Vec<u8>>,
}

impl Request {
    /// Reads a request.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        if der.len() > REQUEST_LIMIT {
            return Err(Malformed::new(WHAT, "too large"));
        }
        let mut outer = Reader::new(WHAT, read::single(WHAT, der, SEQUENCE)?.content);
        let mut fields = outer.sequence()?;
        outer.optional(constructed(0))?;
        outer.finish()?;
        if let Some(version) = fields.optional(constructed(0))?
            && Reader::new(WHAT, version.content).small()? != 0
        {
            return Err(Malformed::new(WHAT, "not version 1"));
        }
        fields.optional(constructed(1))?;
        let mut certificates = Vec::new();
        for member in read::members(WHAT, fields.expect(SEQUENCE)?.content, MOST_CERTIFICATES)? {
            let mut one = Reader::new(WHAT, read::single(WHAT, member.raw, SEQUENCE)?.content);
            certificates.push(CertId::parse(one.expect(SEQUENCE)?.raw)?);
            if let Some(all) = one.optional(constructed(0))? {
                known(&extensions::entries(WHAT, all.content, 16)?)?;
            }
            one.finish()?;
        }
        if certificates.is_empty() {
            return Err(Malformed::new(WHAT, "asks about nothing"));
        }
        let mut nonce = None;
        if let Some(all) = fields.optional(constructed(2))? {
            let entries = extensions::entries(WHAT, all.content, 16)?;
            known(&entries)?;
            nonce = nonce_of(WHAT, &entries)?;
        }
        fields.finish()?;
        Ok(Self {
            certificates,
            nonce,
        })
    }

    /// The certificates asked about.
    pub fn certificates(&self) -> &[CertId] {
        &self.certificates
    }

    /// The nonce to echo.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }
}

/// A request about one certificate.
pub fn request(issuer: &Certificate, serial: &[u8], nonce: Option<&[u8]>) -> Vec<u8> {
    let id = CertId::new(issuer, serial);
    let mut members = vec![write::sequence(&[write::sequence(&[id.raw])])];
    if let Some(nonce) = nonce {
        members.push(write::explicit(
            2,
            &write::sequence(&[nonce_extension(nonce)]),
        ));
    }
    write::sequence(&[write::sequence(&members)])
}

pub(crate) fn nonce_extension(nonce: &[u8]) -> Vec<u8> {
    write::sequence(&[
        write::oid(&oids::OCSP_NONCE),
        wrapped(&write::octets(nonce)),
    ])
}

pub(crate) fn nonce_of(
    what: &'static str,
    entries: &[(ObjectIdentifier, bool, Vec<u8>)],
) -> Result<Option<Vec<u8>>, Malformed> {
    let Some((_, _, value)) = entries.iter().find(|entry| entry.0 == oids::OCSP_NONCE) else {
        return Ok(None);
    };
    let nonce = read::single(what, value, crate::asn1::OCTET_STRING)?.content;
    if (1..=128).contains(&nonce.len()) {
        Ok(Some(nonce.to_vec()))
    } else {
        Err(Malformed::new(what, "nonce is not of 1 to 128 octets"))
    }
}

fn known(entries: &[(ObjectIdentifier, bool, Vec<u8>)]) -> Result<(), Malformed> {
    if entries
        .iter()
        .any(|(oid, critical, _)| *critical && *oid != oids::OCSP_NONCE)
    {
        return Err(Malformed::new(WHAT, "unknown critical extension"));
    }
    Ok(())
}
