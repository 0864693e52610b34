//! What a time stamp says.
//! Standard: RFC 3161 §2.4.2
//! It must never write parts of a second, though it reads them.

use super::Imprint;
use crate::asn1::{
    BOOLEAN, GENERALIZED_TIME, INTEGER, Malformed, Reader, SEQUENCE, constructed, primitive, read,
    time, write,
};
use crate::certificate::extensions;
use const_oid::ObjectIdentifier;

const WHAT: &str = "time-stamp information";

/// TSTInfo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TstInfo {
    /// Policy under which it was made.
    pub policy: ObjectIdentifier,
    /// Digest of what is stamped.
    pub imprint: Imprint,
    /// Serial number, big-endian.
    pub serial: Vec<u8>,
    /// The instant, UTC milliseconds; written in whole seconds.
    pub at: i64,
    /// Accuracy in milliseconds.
    pub accuracy_ms: Option<u32>,
    /// Echoed nonce.
    pub nonce: Option<Vec<u8>>,
    /// Whether tokens order by their instants.
    pub ordering: bool,
}

impl TstInfo {
    /// Its DER.
    pub fn to_der(&self) -> Vec<u8> {
        let mut members = vec![
            write::small(1),
            write::oid(&self.policy),
            self.imprint.to_der(),
            write::integer(&self.serial),
            time::generalized(self.at),
        ];
        if let Some(accuracy) = self.accuracy_ms {
            let mut parts = Vec::new();
            if accuracy >= 1000 {
                parts.push(write::small(u64::from(accuracy / 1000)));
            }
            if accuracy % 1000 > 0 {
                let milliseconds = write::small(u64::from(accuracy % 1000));
                parts.push(write::retag(primitive(0), milliseconds));
            }
            members.push(write::sequence(&parts));
        }
        if self.ordering {
            members.push(write::boolean(true));
        }
        members.extend(self.nonce.as_deref().map(write::integer));
        write::sequence(&members)
    }

    /// Reads it.
    pub fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Reader::new(WHAT, read::single(WHAT, raw, SEQUENCE)?.content);
        if fields.small()? != 1 {
            return Err(Malformed::new(WHAT, "not version 1"));
        }
        let policy = fields.oid()?;
        let imprint = Imprint::parse(WHAT, fields.expect(SEQUENCE)?.raw)?;
        let serial = fields.unsigned()?.to_vec();
        if serial.len() > 32 {
            return Err(Malformed::new(WHAT, "serial number is too long"));
        }
        let at = time::read_precise(WHAT, &fields.expect(GENERALIZED_TIME)?)?;
        let accuracy_ms = match fields.optional(SEQUENCE)? {
            None => None,
            Some(element) => Some(accuracy(element.content)?),
        };
        let ordering = fields.peek() == Some(BOOLEAN) && fields.boolean()?;
        let nonce = match fields.peek() {
            Some(INTEGER) => Some(fields.unsigned()?.to_vec()),
            _ => None,
        };
        fields.optional(constructed(0))?;
        if let Some(all) = fields.optional(constructed(1))? {
            let list = write::tlv(SEQUENCE, all.content);
            if extensions::entries(WHAT, &list, 16)?.iter().any(|e| e.1) {
                return Err(Malformed::new(WHAT, "unknown critical extension"));
            }
        }
        fields.finish()?;
        Ok(Self {
            policy,
            imprint,
            serial,
            at,
            accuracy_ms,
            nonce,
            ordering,
        })
    }
}

fn accuracy(content: &[u8]) -> Result<u32, Malformed> {
    let out_of_range = Malformed::new(WHAT, "accuracy out of range");
    let mut parts = Reader::new(WHAT, content);
    let seconds = match parts.peek() {
        Some(INTEGER) => parts.small()?,
        _ => 0,
    };
    let mut fraction = |number: u8| -> Result<u64, Malformed> {
        match parts.optional(primitive(number))? {
            None => Ok(0),
            Some(element) => {
                let value = Reader::new(WHAT, &write::tlv(INTEGER, element.content)).small()?;
                if (1..=999).contains(&value) {
                    Ok(value)
                } else {
                    Err(out_of_range.clone())
                }
            }
        }
    };
    let milliseconds = fraction(0)?;
    let microseconds = fraction(1)?;
    parts.finish()?;
    let total = seconds
        .checked_mul(1000)
        .and_then(|sum| sum.checked_add(milliseconds + u64::from(microseconds > 0)))
        .and_then(|sum| u32::try_from(sum).ok());
    total.ok_or(out_of_range)
}
