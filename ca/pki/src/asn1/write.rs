//! Writing DER.
//! Standard: X.690 §10, §11
//! It must never write a length or an integer that is not minimal.

use super::{
    BIT_STRING, BOOLEAN, ENUMERATED, IA5_STRING, INTEGER, NULL, OBJECT_IDENTIFIER, OCTET_STRING,
    PRINTABLE_STRING, SEQUENCE, SET, UTF8_STRING, constructed,
};
use const_oid::ObjectIdentifier;

/// Tag, length, contents.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        out.push(0x80 | (bytes.len() - zeros) as u8);
        out.extend(bytes.iter().skip(zeros));
    }
    out.extend_from_slice(content);
    out
}

/// SEQUENCE of already encoded members.
pub fn sequence<M: AsRef<[u8]>>(members: &[M]) -> Vec<u8> {
    tlv(SEQUENCE, &joined(members))
}

/// SET OF already encoded members, in DER order.
pub fn set_of(mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort();
    tlv(SET, &joined(&members))
}

/// EXPLICIT context tag.
pub fn explicit(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(constructed(number), content)
}

/// The same element under another tag (IMPLICIT).
pub fn retag(tag: u8, mut element: Vec<u8>) -> Vec<u8> {
    if let Some(first) = element.first_mut() {
        *first = tag;
    }
    element
}

/// INTEGER from unsigned big-endian bytes.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    let digits = bytes.get(zeros..).unwrap_or_default();
    let mut content = Vec::with_capacity(digits.len() + 1);
    if digits.first().is_none_or(|first| first & 0x80 != 0) {
        content.push(0);
    }
    content.extend_from_slice(digits);
    tlv(INTEGER, &content)
}

/// INTEGER from a number.
pub fn small(value: u64) -> Vec<u8> {
    integer(&value.to_be_bytes())
}

/// ENUMERATED below 128.
pub fn enumerated(value: u8) -> Vec<u8> {
    tlv(ENUMERATED, &[value & 0x7f])
}

/// BOOLEAN.
pub fn boolean(value: bool) -> Vec<u8> {
    tlv(BOOLEAN, &[if value { 0xff } else { 0 }])
}

/// NULL.
pub fn null() -> Vec<u8> {
    vec![NULL, 0]
}

/// OBJECT IDENTIFIER.
pub fn oid(value: &ObjectIdentifier) -> Vec<u8> {
    tlv(OBJECT_IDENTIFIER, value.as_bytes())
}

/// OCTET STRING.
pub fn octets(value: &[u8]) -> Vec<u8> {
    tlv(OCTET_STRING, value)
}

/// BIT STRING of whole octets.
pub fn bits(value: &[u8]) -> Vec<u8> {
    let mut content = Vec::with_capacity(value.len() + 1);
    content.push(0);
    content.extend_from_slice(value);
    tlv(BIT_STRING, &content)
}

/// BIT STRING with named bits: bit 0 is the highest of the first octet, trailing zeros are cut (X.690 §11.2.2).
pub fn named_bits(flags: u16) -> Vec<u8> {
    let reversed = flags.reverse_bits();
    let [first, second] = reversed.to_be_bytes();
    let content = match (first, second) {
        (0, 0) => vec![0],
        (_, 0) => vec![first.trailing_zeros() as u8, first],
        _ => vec![second.trailing_zeros() as u8, first, second],
    };
    tlv(BIT_STRING, &content)
}

/// UTF8String.
pub fn utf8(value: &str) -> Vec<u8> {
    tlv(UTF8_STRING, value.as_bytes())
}

/// IA5String; the caller has checked that it is ASCII.
pub fn ia5(value: &str) -> Vec<u8> {
    tlv(IA5_STRING, value.as_bytes())
}

/// PrintableString; the caller has checked its letters.
pub fn printable(value: &str) -> Vec<u8> {
    tlv(PRINTABLE_STRING, value.as_bytes())
}

fn joined<M: AsRef<[u8]>>(members: &[M]) -> Vec<u8> {
    let length = members.iter().map(|member| member.as_ref().len()).sum();
    let mut all = Vec::with_capacity(length);
    for member in members {
        all.extend_from_slice(member.as_ref());
    }
    all
}
