//! DER as bytes: what is read keeps its raw bytes, what is written is written once and never re-encoded.
//! Standard: X.690 §8, §10
//! It must never read indefinite lengths (but see [`ber`]), non-minimal lengths, trailing bytes or high tags, and never recurse on foreign input.

pub mod ber;
pub mod read;
pub mod time;
pub mod write;

pub use read::{Element, Reader};

/// Foreign bytes that are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct Malformed {
    /// Which structure was being read.
    pub what: &'static str,
    /// What is wrong with it.
    pub why: &'static str,
}

impl Malformed {
    /// A finding about one structure.
    pub const fn new(what: &'static str, why: &'static str) -> Self {
        Self { what, why }
    }
}

/// BOOLEAN.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// NULL.
pub const NULL: u8 = 0x05;
/// OBJECT IDENTIFIER.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// ENUMERATED.
pub const ENUMERATED: u8 = 0x0a;
/// UTF8String.
pub const UTF8_STRING: u8 = 0x0c;
/// PrintableString.
pub const PRINTABLE_STRING: u8 = 0x13;
/// TeletexString, read only.
pub const TELETEX_STRING: u8 = 0x14;
/// IA5String.
pub const IA5_STRING: u8 = 0x16;
/// UTCTime.
pub const UTC_TIME: u8 = 0x17;
/// GeneralizedTime.
pub const GENERALIZED_TIME: u8 = 0x18;
/// BMPString, read only.
pub const BMP_STRING: u8 = 0x1e;
/// SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// SET.
pub const SET: u8 = 0x31;

/// Context tag, primitive (IMPLICIT over a primitive type).
pub const fn primitive(number: u8) -> u8 {
    0x80 | number
}

/// Context tag, constructed (EXPLICIT, or IMPLICIT over a constructed type).
pub const fn constructed(number: u8) -> u8 {
    0xa0 | number
}
