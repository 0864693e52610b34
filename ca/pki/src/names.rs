//! Distinguished names and alternative names: built as UTF8String, read in any string type, compared as bytes.
//! Standard: RFC 5280 §4.1.2.4, §4.2.1.6, §7.1; RFC 4514 §2 (printing)
//! It must never re-encode a name that was read: an issuer is its bytes.

use crate::asn1::{Malformed, OCTET_STRING, Reader, SEQUENCE, SET, primitive, read, write};
use crate::oids;
use const_oid::ObjectIdentifier;
use std::fmt;

pub mod alternative;

pub use alternative::AlternativeName;

/// Attribute types of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attr {
    /// C
    Country,
    /// ST
    StateOrProvince,
    /// L
    Locality,
    /// O
    Organization,
    /// OU
    OrganizationalUnit,
    /// title
    Title,
    /// CN
    CommonName,
    /// SN
    Surname,
    /// GN
    GivenName,
    /// serialNumber
    SerialNumber,
    /// UID
    UserId,
    /// organizationIdentifier
    OrganizationIdentifier,
    /// emailAddress
    EmailAddress,
    /// Any other.
    Other(ObjectIdentifier),
}

/// Attribute, its short name, object identifier, and upper bound in characters (RFC 5280 appendix A.1).
const KNOWN: [(Attr, &str, ObjectIdentifier, usize); 13] = [
    (Attr::Country, "C", oids::COUNTRY, 2),
    (Attr::StateOrProvince, "ST", oids::STATE_OR_PROVINCE, 128),
    (Attr::Locality, "L", oids::LOCALITY, 128),
    (Attr::Organization, "O", oids::ORGANIZATION, 64),
    (
        Attr::OrganizationalUnit,
        "OU",
        oids::ORGANIZATIONAL_UNIT,
        64,
    ),
    (Attr::Title, "title", oids::TITLE, 64),
    (Attr::CommonName, "CN", oids::COMMON_NAME, 64),
    (Attr::Surname, "SN", oids::SURNAME, 64),
    (Attr::GivenName, "GN", oids::GIVEN_NAME, 64),
    (Attr::SerialNumber, "serialNumber", oids::SERIAL_NUMBER, 64),
    (Attr::UserId, "UID", oids::USER_ID, 256),
    (
        Attr::OrganizationIdentifier,
        "organizationIdentifier",
        oids::ORGANIZATION_IDENTIFIER,
        256,
    ),
    (Attr::EmailAddress, "emailAddress", oids::EMAIL_ADDRESS, 255),
];

impl Attr {
    /// Its object identifier.
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Other(oid) => oid,
            known => KNOWN
                .iter()
                .find(|row| row.0 == known)
                .map_or(oids::COMMON_NAME, |row| row.2),
        }
    }

    /// The attribute of this object identifier.
    pub fn from_oid(oid: ObjectIdentifier) -> Self {
        KNOWN
            .iter()
            .find(|row| row.2 == oid)
            .map_or(Self::Other(oid), |row| row.0)
    }

    /// Short name, or dotted digits.
    pub fn name(self) -> String {
        match self {
            Self::Other(oid) => oid.to_string(),
            known => KNOWN
                .iter()
                .find(|row| row.0 == known)
                .map_or_else(String::new, |row| row.1.to_owned()),
        }
    }

    /// The attribute of this short name.
    pub fn from_name(name: &str) -> Option<Self> {
        KNOWN.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// Most characters a value may have.
    pub fn upper_bound(self) -> usize {
        KNOWN
            .iter()
            .find(|row| row.0 == self)
            .map_or(256, |row| row.3)
    }
}

/// A name: its attributes in order, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DistinguishedName {
    attributes: Vec<(Attr, String)>,
    raw: Option<Vec<u8>>,
    multi_valued: bool,
}

impl DistinguishedName {
    /// An empty name.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more attribute, as a relative name of its own.
    #[must_use]
    pub fn with(mut self, attribute: Attr, value: &str) -> Self {
        self.attributes.push((attribute, value.to_owned()));
        self.raw = None;
        self
    }

    /// Its DER: what was read, or UTF8String for text (PrintableString for C and serialNumber, IA5String for emailAddress).
    pub fn to_der(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let relative: Vec<Vec<u8>> = self
            .attributes
            .iter()
            .map(|(attribute, value)| {
                let text = match attribute {
                    Attr::Country | Attr::SerialNumber => write::printable(value),
                    Attr::EmailAddress => write::ia5(value),
                    _ => write::utf8(value),
                };
                write::set_of(vec![write::sequence(&[write::oid(&attribute.oid()), text])])
            })
            .collect();
        write::sequence(&relative)
    }

    /// Reads a name and keeps its bytes; at most 64 attributes.
    pub fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        const WHAT: &str = "name";
        let mut attributes = Vec::new();
        let mut multi_valued = false;
        for relative in read::members(WHAT, read::single(WHAT, raw, SEQUENCE)?.content, 64)? {
            if relative.tag != SET || relative.content.is_empty() {
                return Err(Malformed::new(WHAT, "empty relative name"));
            }
            let members = read::members(WHAT, relative.content, 16)?;
            multi_valued |= members.len() > 1;
            for member in members {
                let mut fields =
                    Reader::new(WHAT, read::single(WHAT, member.raw, SEQUENCE)?.content);
                let attribute = Attr::from_oid(fields.oid()?);
                let value = fields.element()?;
                fields.finish()?;
                attributes.push((attribute, read::text(WHAT, &value)?));
            }
        }
        Ok(Self {
            attributes,
            raw: Some(raw.to_vec()),
            multi_valued,
        })
    }

    /// The first value of an attribute.
    pub fn first(&self, attribute: Attr) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(found, _)| *found == attribute)
            .map(|(_, value)| value.as_str())
    }

    /// All attributes in order.
    pub fn attributes(&self) -> &[(Attr, String)] {
        &self.attributes
    }

    /// Whether a relative name has more than one attribute.
    pub const fn is_multi_valued(&self) -> bool {
        self.multi_valued
    }

    /// Without attributes.
    pub const fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (attribute, value)) in self.attributes.iter().rev().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            write!(f, "{}=", attribute.name())?;
            let last = value.chars().count().saturating_sub(1);
            for (index, letter) in value.chars().enumerate() {
                match letter {
                    '\0' => f.write_str("\\00")?,
                    '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(f, "\\{letter}")?,
                    '#' if index == 0 => f.write_str("\\#")?,
                    ' ' if index == 0 || index == last => f.write_str("\\ ")?,
                    letter if letter.is_control() => write!(f, "\\{:02X}", u32::from(letter))?,
                    letter => write!(f, "{letter}")?,
                }
            }
        }
        Ok(())
    }
}

/// GeneralNames with addresses only: what URI lists in distribution points and access descriptions hold.
pub(crate) fn uri(value: &str) -> Vec<u8> {
    write::tlv(primitive(6), value.as_bytes())
}

/// OCTET STRING holding DER.
pub(crate) fn wrapped(der: &[u8]) -> Vec<u8> {
    write::tlv(OCTET_STRING, der)
}
