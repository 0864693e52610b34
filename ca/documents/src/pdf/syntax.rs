//! Reads PDF syntax strictly and within bounds.
//! Standard: ISO 32000-2 §7.2 and §7.3 (lexical conventions, objects).
//! Must never guess: what is not well-formed is an error with its offset, and nesting and sizes are bounded.

use super::object::{Dictionary, Id, Object, Stream};
use std::ops::Range;

/// How deep arrays and dictionaries may nest.
const DEPTH_LIMIT: usize = 48;

/// Bytes that are not PDF where PDF was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct Malformed {
    /// Offset in the file.
    pub(crate) at: usize,
    /// What was expected.
    pub(crate) what: &'static str,
}

/// A key and where its value stands.
pub(crate) type Span = (Vec<u8>, Range<usize>);

/// A reading position in the file.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    fn wrong<T>(&self, what: &'static str) -> Result<T, Malformed> {
        Err(Malformed { at: self.at, what })
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// White space and comments.
    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if is_space(byte) {
                self.at += 1;
            } else if byte == b'%' {
                while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.at += 1;
                }
            } else {
                return;
            }
        }
    }

    /// White space only.
    pub(crate) fn skip_blank(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// Takes a keyword that ends at a delimiter; false when something else stands here.
    pub(crate) fn keyword(&mut self, word: &[u8]) -> bool {
        let rest = self.rest();
        if rest.starts_with(word) && !rest.get(word.len()).copied().is_some_and(is_regular) {
            self.at += word.len();
            return true;
        }
        false
    }

    pub(crate) fn expect(&mut self, word: &[u8], what: &'static str) -> Result<(), Malformed> {
        self.skip_space();
        if self.keyword(word) {
            Ok(())
        } else {
            self.wrong(what)
        }
    }

    /// An unsigned decimal number of at most 18 digits.
    pub(crate) fn unsigned(&mut self) -> Result<u64, Malformed> {
        let mut value: u64 = 0;
        let mut digits = 0;
        while let Some(byte @ b'0'..=b'9') = self.peek() {
            digits += 1;
            if digits > 18 {
                return self.wrong("number too long");
            }
            value = value * 10 + u64::from(byte - b'0');
            self.at += 1;
        }
        if digits == 0 {
            self.wrong("number expected")
        } else {
            Ok(value)
        }
    }

    /// `number generation`, both in range.
    fn id(&mut self) -> Result<Id, Malformed> {
        let number = u32::try_from(self.unsigned()?)
            .or_else(|_| self.wrong("object number out of range"))?;
        if !self.peek().is_some_and(is_space) {
            return self.wrong("white space expected");
        }
        self.skip_space();
        let generation =
            u16::try_from(self.unsigned()?).or_else(|_| self.wrong("generation out of range"))?;
        Ok(Id { number, generation })
    }

    /// Any direct object or reference.
    pub(crate) fn object(&mut self) -> Result<Object, Malformed> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Result<Object, Malformed> {
        if depth > DEPTH_LIMIT {
            return self.wrong("nesting too deep");
        }
        self.skip_space();
        match self.peek() {
            None => self.wrong("object expected"),
            Some(b'/') => Ok(Object::Name(self.name()?)),
            Some(b'(') => self.literal(),
            Some(b'[') => {
                self.at += 1;
                let mut items = Vec::new();
                loop {
                    self.skip_space();
                    if self.peek() == Some(b']') {
                        self.at += 1;
                        return Ok(Object::Array(items));
                    }
                    items.push(self.nested(depth + 1)?);
                }
            }
            Some(b'<') if self.rest().starts_with(b"<<") => {
                let mut dictionary = Dictionary::default();
                self.entries(depth, |key, value, _| dictionary.push_unique(key, value))?;
                Ok(Object::Dictionary(dictionary))
            }
            Some(b'<') => self.hexadecimal(),
            Some(b'0'..=b'9') => self.number_or_reference(),
            Some(b'+' | b'-' | b'.') => self.numeric(),
            Some(_) => {
                for (word, object) in [
                    (&b"true"[..], Object::Boolean(true)),
                    (b"false", Object::Boolean(false)),
                    (b"null", Object::Null),
                ] {
                    if self.keyword(word) {
                        return Ok(object);
                    }
                }
                self.wrong("object expected")
            }
        }
    }

    /// Entries of a dictionary that starts here; `take` returns false on a key that repeats.
    fn entries(
        &mut self,
        depth: usize,
        mut take: impl FnMut(Vec<u8>, Object, Range<usize>) -> bool,
    ) -> Result<(), Malformed> {
        self.at += 2;
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                return Ok(());
            }
            if self.peek() != Some(b'/') {
                return self.wrong("name expected as key");
            }
            let key = self.name()?;
            self.skip_space();
            let start = self.at;
            let value = self.nested(depth + 1)?;
            if !take(key, value, start..self.at) {
                return self.wrong("key given twice in one dictionary");
            }
        }
    }

    fn name(&mut self) -> Result<Vec<u8>, Malformed> {
        self.at += 1;
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|b| is_regular(*b)) {
            self.at += 1;
            if byte == b'#' {
                let digits = self
                    .bytes
                    .get(self.at..self.at + 2)
                    .and_then(|pair| match pair {
                        [high, low] => Some(hex_digit(*high)? * 16 + hex_digit(*low)?),
                        _ => None,
                    });
                match digits {
                    Some(value) => {
                        name.push(value);
                        self.at += 2;
                    }
                    None => return self.wrong("bad escape in name"),
                }
            } else {
                name.push(byte);
            }
            if name.len() > 512 {
                return self.wrong("name too long");
            }
        }
        Ok(name)
    }

    fn literal(&mut self) -> Result<Object, Malformed> {
        self.at += 1;
        let mut out = Vec::new();
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => {
                    depth += 1;
                    out.push(byte);
                }
                b')' if depth == 0 => return Ok(Object::String(out)),
                b')' => {
                    depth -= 1;
                    out.push(byte);
                }
                b'\\' => self.escape(&mut out),
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.at += 1;
                    }
                    out.push(b'\n');
                }
                other => out.push(other),
            }
        }
        self.wrong("string does not end")
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'\n' => {}
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    if let Some(digit @ b'0'..=b'7') = self.peek() {
                        value = value * 8 + u32::from(digit - b'0');
                        self.at += 1;
                    }
                }
                out.push((value & 0xff) as u8);
            }
            other => out.push(other),
        }
    }

    fn hexadecimal(&mut self) -> Result<Object, Malformed> {
        self.at += 1;
        let mut out = Vec::new();
        let mut half: Option<u8> = None;
        while let Some(byte) = self.peek() {
            if byte == b'>' {
                self.at += 1;
                if let Some(high) = half {
                    out.push(high * 16);
                }
                return Ok(Object::String(out));
            }
            if let Some(digit) = hex_digit(byte) {
                match half.take() {
                    None => half = Some(digit),
                    Some(high) => out.push(high * 16 + digit),
                }
            } else if !is_space(byte) {
                return self.wrong("not a hexadecimal digit");
            }
            self.at += 1;
        }
        self.wrong("string does not end")
    }

    fn number_or_reference(&mut self) -> Result<Object, Malformed> {
        let mut ahead = self.clone();
        if let Ok(id) = ahead.id() {
            ahead.skip_space();
            if ahead.keyword(b"R") {
                self.at = ahead.at;
                return Ok(Object::Reference(id));
            }
        }
        self.numeric()
    }

    fn numeric(&mut self) -> Result<Object, Malformed> {
        let start = self.at;
        while self.peek().is_some_and(is_regular) {
            self.at += 1;
        }
        let token = self.bytes.get(start..self.at).unwrap_or_default();
        let text = std::str::from_utf8(token).unwrap_or_default();
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.len() > 18
            || digits.is_empty()
            || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        {
            return self.wrong("not a number");
        }
        if let Ok(value) = text.parse::<i64>() {
            return Ok(Object::Integer(value));
        }
        if digits.bytes().filter(|b| *b == b'.').count() == 1 && digits.len() > 1 {
            return Ok(Object::Real(token.to_vec()));
        }
        self.wrong("not a number")
    }

    /// An indirect object; `length_of` resolves a `/Length` that is a reference.
    pub(crate) fn indirect(
        &mut self,
        length_of: &dyn Fn(Id) -> Option<i64>,
    ) -> Result<(Id, Object), Malformed> {
        let id = self.id()?;
        self.expect(b"obj", "obj expected")?;
        let object = self.object()?;
        self.skip_space();
        let object = match object {
            Object::Dictionary(dictionary) if self.keyword(b"stream") => {
                let data = self.stream_data(&dictionary, length_of)?;
                Object::Stream(Stream { dictionary, data })
            }
            other => other,
        };
        self.expect(b"endobj", "endobj expected")?;
        Ok((id, object))
    }

    fn stream_data(
        &mut self,
        dictionary: &Dictionary,
        length_of: &dyn Fn(Id) -> Option<i64>,
    ) -> Result<Vec<u8>, Malformed> {
        if self.peek() == Some(b'\r') {
            self.at += 1;
        }
        if self.peek() != Some(b'\n') {
            return self.wrong("line end expected after stream");
        }
        self.at += 1;
        let length = match dictionary.get(b"Length") {
            Some(Object::Integer(n)) => Some(*n),
            Some(Object::Reference(id)) => length_of(*id),
            _ => None,
        };
        let end = length
            .and_then(|n| usize::try_from(n).ok())
            .and_then(|n| self.at.checked_add(n));
        let Some(data) = end.and_then(|end| self.bytes.get(self.at..end)) else {
            return self.wrong("stream length missing or outside the file");
        };
        self.at += data.len();
        self.skip_blank();
        if !self.keyword(b"endstream") {
            return self.wrong("endstream expected");
        }
        Ok(data.to_vec())
    }

    /// Spans of the values in the dictionary of the indirect object that starts here.
    pub(crate) fn value_spans(&mut self) -> Result<Vec<Span>, Malformed> {
        self.id()?;
        self.expect(b"obj", "obj expected")?;
        self.skip_space();
        if !self.rest().starts_with(b"<<") {
            return self.wrong("dictionary expected");
        }
        let mut spans = Vec::new();
        self.entries(0, |key, _, span| {
            spans.push((key, span));
            true
        })?;
        Ok(spans)
    }
}

pub(crate) fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
