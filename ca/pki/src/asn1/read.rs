//! A strict reader of DER over borrowed bytes.
//! Standard: X.690 §8.1, §10.1, §11
//! It must never read past what a length announces, and never accept two encodings of one value.

use super::{
    BIT_STRING, BMP_STRING, BOOLEAN, ENUMERATED, IA5_STRING, INTEGER, Malformed, OBJECT_IDENTIFIER,
    OCTET_STRING, PRINTABLE_STRING, SEQUENCE, SET, TELETEX_STRING, UTF8_STRING,
};
use const_oid::ObjectIdentifier;

/// One element: tag, all its bytes, and its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet.
    pub tag: u8,
    /// Identifier, length and contents as they came.
    pub raw: &'a [u8],
    /// The contents.
    pub content: &'a [u8],
}

/// Reads one element after another.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    what: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader over bytes; `what` names the structure in errors.
    pub const fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, rest: bytes }
    }

    /// An error about the structure being read.
    pub const fn wrong(&self, why: &'static str) -> Malformed {
        Malformed::new(self.what, why)
    }

    /// Nothing left.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The identifier octet of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    pub fn element(&mut self) -> Result<Element<'a>, Malformed> {
        let all = self.rest;
        let (&tag, after_tag) = all.split_first().ok_or(self.wrong("ends too early"))?;
        if tag & 0x1f == 0x1f {
            return Err(self.wrong("high tag number"));
        }
        let (&first, mut rest) = after_tag
            .split_first()
            .ok_or(self.wrong("ends inside a length"))?;
        let length = match first {
            0..=0x7f => usize::from(first),
            0x80 => return Err(self.wrong("indefinite length")),
            0x81..=0x84 => {
                let octets = usize::from(first & 0x7f);
                let (bytes, after) = rest
                    .split_at_checked(octets)
                    .ok_or(self.wrong("ends inside a length"))?;
                rest = after;
                let value = bytes
                    .iter()
                    .fold(0_usize, |sum, &byte| (sum << 8) | usize::from(byte));
                if bytes.first() == Some(&0) || value < 0x80 {
                    return Err(self.wrong("length is not minimal"));
                }
                value
            }
            _ => return Err(self.wrong("length is too large")),
        };
        let (content, after) = rest
            .split_at_checked(length)
            .ok_or(self.wrong("length passes the end"))?;
        self.rest = after;
        let raw = all
            .get(..all.len() - after.len())
            .ok_or(self.wrong("ends too early"))?;
        Ok(Element { tag, raw, content })
    }

    /// The next element, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        match self.peek() {
            Some(found) if found == tag => self.element(),
            Some(_) => Err(self.wrong("another type than expected")),
            None => Err(self.wrong("ends too early")),
        }
    }

    /// The next element if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.peek() == Some(tag) {
            self.element().map(Some)
        } else {
            Ok(None)
        }
    }

    /// A reader over the contents of the next element.
    pub fn enter(&mut self, tag: u8) -> Result<Reader<'a>, Malformed> {
        Ok(Reader::new(self.what, self.expect(tag)?.content))
    }

    /// A reader over a SEQUENCE.
    pub fn sequence(&mut self) -> Result<Reader<'a>, Malformed> {
        self.enter(SEQUENCE)
    }

    /// Nothing may be left.
    pub fn finish(&self) -> Result<(), Malformed> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(self.wrong("trailing bytes"))
        }
    }

    /// OBJECT IDENTIFIER.
    pub fn oid(&mut self) -> Result<ObjectIdentifier, Malformed> {
        let content = self.expect(OBJECT_IDENTIFIER)?.content;
        ObjectIdentifier::from_bytes(content).map_err(|_| self.wrong("not an object identifier"))
    }

    /// A non-negative INTEGER as big-endian bytes without leading zeros (zero is one zero byte).
    pub fn unsigned(&mut self) -> Result<&'a [u8], Malformed> {
        let content = self.expect(INTEGER)?.content;
        unsigned(content).map_err(|why| self.wrong(why))
    }

    /// A small non-negative INTEGER.
    pub fn small(&mut self) -> Result<u64, Malformed> {
        let bytes = self.unsigned()?;
        if bytes.len() > 8 {
            return Err(self.wrong("integer is too large"));
        }
        Ok(bytes
            .iter()
            .fold(0, |sum, &byte| (sum << 8) | u64::from(byte)))
    }

    /// ENUMERATED below 128.
    pub fn enumerated(&mut self) -> Result<u8, Malformed> {
        match self.expect(ENUMERATED)?.content {
            [value] if *value < 0x80 => Ok(*value),
            _ => Err(self.wrong("enumerated value out of range")),
        }
    }

    /// BOOLEAN.
    pub fn boolean(&mut self) -> Result<bool, Malformed> {
        match self.expect(BOOLEAN)?.content {
            [0] => Ok(false),
            [0xff] => Ok(true),
            _ => Err(self.wrong("boolean is not DER")),
        }
    }

    /// OCTET STRING.
    pub fn octets(&mut self) -> Result<&'a [u8], Malformed> {
        Ok(self.expect(OCTET_STRING)?.content)
    }

    /// BIT STRING of whole octets.
    pub fn bits(&mut self) -> Result<&'a [u8], Malformed> {
        match self.expect(BIT_STRING)?.content.split_first() {
            Some((0, bits)) => Ok(bits),
            _ => Err(self.wrong("bit string is not of whole octets")),
        }
    }
}

/// Contents of an INTEGER that must not be negative and must be minimal.
pub fn unsigned(content: &[u8]) -> Result<&[u8], &'static str> {
    match content {
        [] => Err("integer without contents"),
        [first, ..] if *first & 0x80 != 0 => Err("integer is negative"),
        [0] => Ok(content),
        [0, second, ..] if *second & 0x80 == 0 => Err("integer is not minimal"),
        [0, rest @ ..] => Ok(rest),
        _ => Ok(content),
    }
}

/// Exactly one element with this tag and nothing after it.
pub fn single<'a>(what: &'static str, bytes: &'a [u8], tag: u8) -> Result<Element<'a>, Malformed> {
    let mut reader = Reader::new(what, bytes);
    let element = reader.expect(tag)?;
    reader.finish()?;
    Ok(element)
}

/// The members of a SEQUENCE OF or SET OF, at most `limit` of them.
pub fn members<'a>(
    what: &'static str,
    content: &'a [u8],
    limit: usize,
) -> Result<Vec<Element<'a>>, Malformed> {
    let mut reader = Reader::new(what, content);
    let mut found = Vec::new();
    while !reader.is_empty() {
        if found.len() == limit {
            return Err(Malformed::new(what, "too many members"));
        }
        found.push(reader.element()?);
    }
    Ok(found)
}

/// Whether the members of a SET OF stand in DER order (X.690 §11.6) and none stands twice.
pub fn is_der_set(members: &[Element<'_>]) -> bool {
    members
        .iter()
        .zip(members.iter().skip(1))
        .all(|(one, next)| one.raw < next.raw)
}

/// Text of any string type certificates use.
pub fn text(what: &'static str, element: &Element<'_>) -> Result<String, Malformed> {
    let wrong = || Malformed::new(what, "text does not fit its string type");
    match element.tag {
        UTF8_STRING => String::from_utf8(element.content.to_vec()).map_err(|_| wrong()),
        PRINTABLE_STRING | IA5_STRING if element.content.is_ascii() => {
            String::from_utf8(element.content.to_vec()).map_err(|_| wrong())
        }
        TELETEX_STRING => Ok(element
            .content
            .iter()
            .map(|&byte| char::from(byte))
            .collect()),
        BMP_STRING => {
            if !element.content.len().is_multiple_of(2) {
                return Err(wrong());
            }
            let units: Vec<u16> = element
                .content
                .chunks_exact(2)
                .filter_map(|pair| <[u8; 2]>::try_from(pair).ok())
                .map(u16::from_be_bytes)
                .collect();
            String::from_utf16(&units).map_err(|_| wrong())
        }
        _ => Err(Malformed::new(what, "not a text")),
    }
}

/// The members of a SET OF, each once, in DER order.
pub fn der_set<'a>(
    what: &'static str,
    element: &Element<'a>,
    limit: usize,
) -> Result<Vec<Element<'a>>, Malformed> {
    if element.tag != SET {
        return Err(Malformed::new(what, "not a set"));
    }
    let found = members(what, element.content, limit)?;
    if is_der_set(&found) {
        Ok(found)
    } else {
        Err(Malformed::new(what, "set is not in DER order"))
    }
}
