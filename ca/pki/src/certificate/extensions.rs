//! Extensions of certificates.
//! Standard: RFC 5280 §4.2; RFC 6960 §4.2.2.2.1 (nocheck)
//! It must never ignore a critical extension it does not know, or one that comes twice.

use crate::asn1::{
    BIT_STRING, BOOLEAN, INTEGER, Malformed, OCTET_STRING, Reader, SEQUENCE, constructed,
    primitive, read,
};
use crate::names::{AlternativeName, alternative::ascii};
use crate::oids;
use const_oid::ObjectIdentifier;

const WHAT: &str = "certificate extensions";

/// Named bits of key usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyUsage(pub u16);

/// Names of the bits in order.
pub const KEY_USAGES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

impl KeyUsage {
    /// Whether a bit is set, by its name.
    pub fn has(self, name: &str) -> bool {
        KEY_USAGES
            .iter()
            .position(|known| *known == name)
            .is_some_and(|bit| self.0 & (1 << bit) != 0)
    }

    /// From names; unknown ones are returned as the error.
    pub fn from_names(names: &[String]) -> Result<Self, String> {
        names.iter().try_fold(Self(0), |sum, name| {
            KEY_USAGES
                .iter()
                .position(|known| known == name)
                .map(|bit| Self(sum.0 | 1 << bit))
                .ok_or_else(|| name.clone())
        })
    }

    fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        let content = read::single(WHAT, raw, BIT_STRING)?.content;
        let wrong = Malformed::new(WHAT, "key usage is not DER");
        let (unused, bits) = match content {
            [unused @ 0..=7, bits @ ..] if matches!(bits.len(), 1 | 2) => (*unused, bits),
            _ => return Err(wrong),
        };
        let last = bits.last().copied().unwrap_or_default();
        if last == 0 || last.trailing_zeros() != u32::from(unused) {
            return Err(wrong);
        }
        let first = bits.first().copied().unwrap_or_default();
        let second = bits.get(1).copied().unwrap_or_default();
        Ok(Self(u16::from_be_bytes([first, second]).reverse_bits()))
    }
}

/// What the extensions of a certificate say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extensions {
    /// Object identifier, criticality and value in order.
    pub list: Vec<(ObjectIdentifier, bool, Vec<u8>)>,
    /// subjectKeyIdentifier.
    pub subject_key_id: Option<Vec<u8>>,
    /// authorityKeyIdentifier, its key identifier.
    pub authority_key_id: Option<Vec<u8>>,
    /// subjectAltName.
    pub alternative_names: Vec<AlternativeName>,
    /// keyUsage.
    pub key_usage: Option<KeyUsage>,
    /// extKeyUsage.
    pub extended_key_usage: Option<Vec<ObjectIdentifier>>,
    /// basicConstraints cA.
    pub is_ca: bool,
    /// basicConstraints pathLenConstraint.
    pub path_length: Option<u64>,
    /// certificatePolicies.
    pub policies: Vec<ObjectIdentifier>,
    /// cRLDistributionPoints, addresses.
    pub crl_urls: Vec<String>,
    /// authorityInfoAccess, OCSP.
    pub ocsp_urls: Vec<String>,
    /// authorityInfoAccess, issuer's certificate.
    pub ca_issuer_urls: Vec<String>,
    /// id-pkix-ocsp-nocheck is there.
    pub ocsp_nocheck: bool,
    /// Critical extensions we do not know.
    pub unknown_critical: Vec<ObjectIdentifier>,
}

impl Extensions {
    /// Reads a SEQUENCE OF Extension, at most 64.
    pub fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        let mut found = Self::default();
        for (oid, critical, value) in entries(WHAT, raw, 64)? {
            found.take(oid, critical, &value)?;
            found.list.push((oid, critical, value));
        }
        Ok(found)
    }

    /// Criticality of an extension that is there.
    pub fn criticality(&self, oid: ObjectIdentifier) -> Option<bool> {
        self.list
            .iter()
            .find(|entry| entry.0 == oid)
            .map(|entry| entry.1)
    }

    /// Value of an extension that is there.
    pub fn value(&self, oid: ObjectIdentifier) -> Option<&[u8]> {
        self.list
            .iter()
            .find(|entry| entry.0 == oid)
            .map(|entry| entry.2.as_slice())
    }

    fn take(
        &mut self,
        oid: ObjectIdentifier,
        critical: bool,
        value: &[u8],
    ) -> Result<(), Malformed> {
        match oid {
            oids::SUBJECT_KEY_IDENTIFIER => {
                let id = read::single(WHAT, value, OCTET_STRING)?.content;
                if id.is_empty() {
                    return Err(Malformed::new(WHAT, "empty key identifier"));
                }
                self.subject_key_id = Some(id.to_vec());
            }
            oids::AUTHORITY_KEY_IDENTIFIER => self.authority_key_id = authority_key_id(value)?,
            oids::SUBJECT_ALT_NAME => self.alternative_names = AlternativeName::parse_all(value)?,
            oids::KEY_USAGE => self.key_usage = Some(KeyUsage::parse(value)?),
            oids::EXTENDED_KEY_USAGE => self.extended_key_usage = Some(usages(value)?),
            oids::BASIC_CONSTRAINTS => {
                let mut fields = Reader::new(WHAT, read::single(WHAT, value, SEQUENCE)?.content);
                if fields.peek() == Some(BOOLEAN) {
                    // Some CAs write the default; our own linter compares the bytes.
                    self.is_ca = fields.boolean()?;
                }
                if fields.peek() == Some(INTEGER) {
                    self.path_length = Some(fields.small()?);
                }
                fields.finish()?;
            }
            oids::CERTIFICATE_POLICIES => self.policies = policies(value)?,
            oids::CRL_DISTRIBUTION_POINTS => self.crl_urls = distribution_points(value)?,
            oids::AUTHORITY_INFO_ACCESS => self.access(value)?,
            oids::OCSP_NOCHECK => self.ocsp_nocheck = true,
            oids::NAME_CONSTRAINTS => {}
            other if critical => self.unknown_critical.push(other),
            _ => {}
        }
        Ok(())
    }

    fn access(&mut self, value: &[u8]) -> Result<(), Malformed> {
        for member in read::members(WHAT, read::single(WHAT, value, SEQUENCE)?.content, 32)? {
            let mut fields = Reader::new(WHAT, read::single(WHAT, member.raw, SEQUENCE)?.content);
            let method = fields.oid()?;
            let location = fields.element()?;
            fields.finish()?;
            if location.tag != primitive(6) {
                continue;
            }
            let address = ascii(location.content)?;
            match method {
                oids::ACCESS_OCSP => self.ocsp_urls.push(address),
                oids::ACCESS_CA_ISSUERS => self.ca_issuer_urls.push(address),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Extensions as triples; none twice.
pub(crate) fn entries(
    what: &'static str,
    raw: &[u8],
    limit: usize,
) -> Result<Vec<(ObjectIdentifier, bool, Vec<u8>)>, Malformed> {
    let mut found: Vec<(ObjectIdentifier, bool, Vec<u8>)> = Vec::new();
    let members = read::members(what, read::single(what, raw, SEQUENCE)?.content, limit)?;
    if members.is_empty() {
        return Err(Malformed::new(what, "no extension"));
    }
    for member in members {
        let mut fields = Reader::new(what, read::single(what, member.raw, SEQUENCE)?.content);
        let oid = fields.oid()?;
        let critical = match fields.peek() {
            Some(BOOLEAN) => {
                if !fields.boolean()? {
                    return Err(Malformed::new(what, "default value is encoded"));
                }
                true
            }
            _ => false,
        };
        let value = fields.octets()?.to_vec();
        fields.finish()?;
        if found.iter().any(|entry| entry.0 == oid) {
            return Err(Malformed::new(what, "extension comes twice"));
        }
        found.push((oid, critical, value));
    }
    Ok(found)
}

/// The key identifier of an authority key identifier.
pub(crate) fn authority_key_id(value: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
    let mut fields = Reader::new(WHAT, read::single(WHAT, value, SEQUENCE)?.content);
    Ok(fields
        .optional(primitive(0))?
        .map(|element| element.content.to_vec()))
}

fn usages(value: &[u8]) -> Result<Vec<ObjectIdentifier>, Malformed> {
    let mut fields = Reader::new(WHAT, read::single(WHAT, value, SEQUENCE)?.content);
    let mut found = Vec::new();
    while !fields.is_empty() {
        let usage = fields.oid()?;
        if found.len() == 32 || found.contains(&usage) {
            return Err(Malformed::new(WHAT, "key usages repeat or are too many"));
        }
        found.push(usage);
    }
    if found.is_empty() {
        return Err(Malformed::new(WHAT, "empty extended key usage"));
    }
    Ok(found)
}

fn policies(value: &[u8]) -> Result<Vec<ObjectIdentifier>, Malformed> {
    let mut found = Vec::new();
    for member in read::members(WHAT, read::single(WHAT, value, SEQUENCE)?.content, 32)? {
        let mut fields = Reader::new(WHAT, read::single(WHAT, member.raw, SEQUENCE)?.content);
        let policy = fields.oid()?;
        fields.optional(SEQUENCE)?;
        fields.finish()?;
        if found.contains(&policy) {
            return Err(Malformed::new(WHAT, "policy comes twice"));
        }
        found.push(policy);
    }
    Ok(found)
}

/// Addresses of distribution points that are given as full names.
fn distribution_points(value: &[u8]) -> Result<Vec<String>, Malformed> {
    let mut found = Vec::new();
    for member in read::members(WHAT, read::single(WHAT, value, SEQUENCE)?.content, 32)? {
        let mut fields = Reader::new(WHAT, read::single(WHAT, member.raw, SEQUENCE)?.content);
        let Some(point) = fields.optional(constructed(0))? else {
            continue;
        };
        let mut names = Reader::new(WHAT, point.content);
        if let Some(full) = names.optional(constructed(0))? {
            for name in read::members(WHAT, full.content, 32)? {
                if name.tag == primitive(6) {
                    found.push(ascii(name.content)?);
                }
            }
        }
    }
    Ok(found)
}
