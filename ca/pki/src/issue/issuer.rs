//! Who issues: a CA's name, key and limits as a certificate states them.

use super::key_id;
use crate::algorithm::{KeyKind, SignatureAlgorithm};
use crate::asn1::{Malformed, Reader, SEQUENCE, constructed, primitive, read, write};
use crate::certificate::Certificate;
use crate::names::{DistinguishedName, alternative::ascii};
use crate::oids;

/// Names a CA may certify (permitted subtrees, RFC 5280 §4.2.1.10).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameConstraints {
    /// Mail hosts (`host.example.com`) or domains (`.example.com`).
    pub emails: Vec<String>,
    /// Host names and all below them.
    pub dns: Vec<String>,
}

impl NameConstraints {
    /// Its DER.
    pub fn to_der(&self) -> Vec<u8> {
        let subtree = |tag: u8, text: &String| {
            write::sequence(&[write::tlv(primitive(tag), text.as_bytes())])
        };
        let mut trees: Vec<u8> = Vec::new();
        for text in &self.emails {
            trees.extend(subtree(1, text));
        }
        for text in &self.dns {
            trees.extend(subtree(2, text));
        }
        write::sequence(&[write::tlv(constructed(0), &trees)])
    }

    /// Reads permitted subtrees of mail and host names; other kinds are left to the path validation.
    pub fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        const WHAT: &str = "name constraints";
        let mut fields = Reader::new(WHAT, read::single(WHAT, raw, SEQUENCE)?.content);
        let mut found = Self::default();
        if let Some(trees) = fields.optional(constructed(0))? {
            for tree in read::members(WHAT, trees.content, 256)? {
                let mut parts = Reader::new(WHAT, read::single(WHAT, tree.raw, SEQUENCE)?.content);
                let base = parts.element()?;
                match base.tag {
                    0x81 => found.emails.push(ascii(base.content)?),
                    0x82 => found.dns.push(ascii(base.content)?),
                    _ => {}
                }
            }
        }
        Ok(found)
    }

    /// Whether a mail address lies in a permitted subtree; everything does if none is for mail.
    pub fn permits_email(&self, address: &str) -> bool {
        let host = address.rsplit_once('@').map_or("", |(_, host)| host);
        self.emails.is_empty()
            || self.emails.iter().any(|tree| {
                if tree.contains('@') {
                    tree == address
                } else if tree.starts_with('.') {
                    ends_with_ignoring_case(host, tree)
                } else {
                    tree.eq_ignore_ascii_case(host)
                }
            })
    }

    /// Whether a host name lies in a permitted subtree; everything does if none is for hosts.
    pub fn permits_dns(&self, host: &str) -> bool {
        self.dns.is_empty()
            || self.dns.iter().any(|tree| {
                tree.eq_ignore_ascii_case(host)
                    || ends_with_ignoring_case(host, &format!(".{}", tree.trim_start_matches('.')))
            })
    }
}

fn ends_with_ignoring_case(text: &str, end: &str) -> bool {
    text.len() > end.len()
        && text
            .to_ascii_lowercase()
            .ends_with(&end.to_ascii_lowercase())
}

/// Who issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    name: Vec<u8>,
    key_id: Vec<u8>,
    spki: Vec<u8>,
    algorithm: SignatureAlgorithm,
    pub(crate) not_before: Option<i64>,
    pub(crate) not_after: Option<i64>,
    pub(crate) is_ca: bool,
    pub(crate) signs_certificates: bool,
    pub(crate) path_length: Option<u64>,
    pub(crate) permitted: Option<NameConstraints>,
}

impl Issuer {
    /// A CA by its certificate; it signs with the default algorithm of its key.
    pub fn of(certificate: &Certificate) -> Result<Self, Malformed> {
        let extensions = &certificate.fields().extensions;
        Ok(Self {
            name: certificate.subject().to_vec(),
            key_id: match certificate.key_id() {
                Some(id) => id.to_vec(),
                None => key_id(certificate.spki())?,
            },
            spki: certificate.spki().to_vec(),
            algorithm: KeyKind::of_spki(certificate.spki())?.default_algorithm(),
            not_before: Some(certificate.not_before()),
            not_after: Some(certificate.not_after()),
            is_ca: certificate.is_ca(),
            signs_certificates: certificate
                .key_usage()
                .is_some_and(|usage| usage.has("keyCertSign")),
            path_length: certificate.path_length(),
            permitted: extensions
                .value(oids::NAME_CONSTRAINTS)
                .map(NameConstraints::parse)
                .transpose()?,
        })
    }

    /// A root that issues to itself.
    pub fn itself(
        subject: &DistinguishedName,
        spki: &[u8],
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, Malformed> {
        Ok(Self {
            name: subject.to_der(),
            key_id: key_id(spki)?,
            spki: spki.to_vec(),
            algorithm,
            not_before: None,
            not_after: None,
            is_ca: true,
            signs_certificates: true,
            path_length: None,
            permitted: None,
        })
    }

    /// With another algorithm than the key's default.
    #[must_use]
    pub const fn signing_with(mut self, algorithm: SignatureAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Bytes of its name.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Its key identifier.
    pub fn key_id(&self) -> &[u8] {
        &self.key_id
    }

    /// Its public key.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The algorithm it signs with.
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }
}
