//! Subject alternative names.
//! Standard: RFC 5280 §4.2.1.6; RFC 9598 §3 (SmtpUTF8Mailbox is read as Other)
//! It must never read a name with bytes outside ASCII, or a NUL, as an address.

use crate::asn1::{Malformed, Reader, SEQUENCE, constructed, primitive, read, write};
use const_oid::ObjectIdentifier;

/// One alternative name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlternativeName {
    /// rfc822Name.
    Email(String),
    /// dNSName.
    Dns(String),
    /// uniformResourceIdentifier.
    Uri(String),
    /// iPAddress, 4 or 16 octets.
    Ip(Vec<u8>),
    /// directoryName, as DER of the Name.
    Directory(Vec<u8>),
    /// otherName.
    Other {
        /// Its type.
        oid: ObjectIdentifier,
        /// DER of its value.
        value: Vec<u8>,
    },
}

impl AlternativeName {
    /// Its DER.
    pub fn to_der(&self) -> Vec<u8> {
        match self {
            Self::Email(text) => write::tlv(primitive(1), text.as_bytes()),
            Self::Dns(text) => write::tlv(primitive(2), text.as_bytes()),
            Self::Uri(text) => write::tlv(primitive(6), text.as_bytes()),
            Self::Ip(octets) => write::tlv(primitive(7), octets),
            Self::Directory(name) => write::explicit(4, name),
            Self::Other { oid, value } => write::retag(
                constructed(0),
                write::sequence(&[write::oid(oid), write::explicit(0, value)]),
            ),
        }
    }

    /// Reads GeneralNames, at most 256 of them; kinds that are not listed above are refused.
    pub fn parse_all(raw: &[u8]) -> Result<Vec<Self>, Malformed> {
        const WHAT: &str = "alternative names";
        let members = read::members(WHAT, read::single(WHAT, raw, SEQUENCE)?.content, 256)?;
        if members.is_empty() {
            return Err(Malformed::new(WHAT, "no name"));
        }
        members
            .iter()
            .map(|member| match member.tag {
                0x81 => ascii(member.content).map(Self::Email),
                0x82 => ascii(member.content).map(Self::Dns),
                0x86 => ascii(member.content).map(Self::Uri),
                0x87 if matches!(member.content.len(), 4 | 16) => {
                    Ok(Self::Ip(member.content.to_vec()))
                }
                0xa4 => Ok(Self::Directory(
                    read::single(WHAT, member.content, SEQUENCE)?.raw.to_vec(),
                )),
                0xa0 => {
                    let mut fields = Reader::new(WHAT, member.content);
                    let oid = fields.oid()?;
                    let value = fields.expect(constructed(0))?.content.to_vec();
                    fields.finish()?;
                    Ok(Self::Other { oid, value })
                }
                _ => Err(Malformed::new(WHAT, "kind of name is not accepted")),
            })
            .collect()
    }
}

/// Printable ASCII without spaces.
pub(crate) fn ascii(content: &[u8]) -> Result<String, Malformed> {
    if content.is_empty() || !content.iter().all(u8::is_ascii_graphic) {
        return Err(Malformed::new("alternative names", "not printable ASCII"));
    }
    Ok(content.iter().map(|&byte| char::from(byte)).collect())
}
