//! A message by byte ranges: fields of a head, parts of a multipart body. Nothing is decoded that is signed.
//! Standard: RFC 5322 §2.2; RFC 2045 §5.1; RFC 2046 §5.1
//! It must never guess at a malformed message: what two programs could read in two ways is an error.

mod content_type;

pub use content_type::{ContentType, ContentTypeError};

use std::ops::Range;

/// Largest head looked at, octets.
const HEAD: usize = 256 * 1024;
/// Most fields of a head.
const FIELDS: usize = 1_000;
/// Most parts of a multipart body.
const PARTS: usize = 100;

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MimeError {
    /// LF without CR, or CR without LF.
    #[error("a bare CR or LF")]
    BareLineEnd,
    /// No empty line ends the head, or the head is too large.
    #[error("the head does not end")]
    Head,
    /// A line of the head is no field.
    #[error("a line of the head is no field")]
    Field,
    /// A field that must stand once stands twice.
    #[error("a header field stands twice")]
    Twice,
    /// The content type does not parse.
    #[error("content type: {0}")]
    ContentType(#[from] ContentTypeError),
    /// The first or the last boundary line is missing.
    #[error("a boundary line is missing")]
    Boundary,
    /// More parts than allowed.
    #[error("too many parts")]
    Parts,
}

/// One header field: its name and the range of all its lines, CRLF included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name in lower case.
    pub name: String,
    /// All lines of the field.
    pub lines: Range<usize>,
    /// The body after the colon.
    pub value: Range<usize>,
}

/// An entity (a message or a part): head fields and the range of its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Fields in order.
    pub fields: Vec<Field>,
    /// Body after the empty line.
    pub body: Range<usize>,
}

/// Whether every line ends in CRLF and nothing else ends one.
pub fn is_strict(bytes: &[u8]) -> bool {
    let mut before = 0u8;
    for byte in bytes {
        if (*byte == b'\n') != (before == b'\r') && (*byte == b'\n' || before == b'\r') {
            return false;
        }
        before = *byte;
    }
    before != b'\r'
}

impl Entity {
    /// Reads the head of `range`.
    pub fn parse(bytes: &[u8], range: Range<usize>) -> Result<Self, MimeError> {
        let slice = bytes.get(range.clone()).ok_or(MimeError::Head)?;
        let mut fields: Vec<Field> = Vec::new();
        let mut at = 0;
        loop {
            let rest = slice.get(at..).unwrap_or_default();
            let end = rest
                .windows(2)
                .take(HEAD)
                .position(|w| w == b"\r\n")
                .map(|n| at + n)
                .ok_or(MimeError::Head)?;
            let line = slice.get(at..end).unwrap_or_default();
            let next = end + 2;
            if line.is_empty() {
                return Ok(Self {
                    fields,
                    body: range.start + next..range.end,
                });
            }
            if next > HEAD || fields.len() >= FIELDS {
                return Err(MimeError::Head);
            }
            if line.first().is_some_and(|b| *b == b' ' || *b == b'\t') {
                let last = fields.last_mut().ok_or(MimeError::Field)?;
                last.lines.end = range.start + next;
                last.value.end = range.start + end;
            } else {
                let colon = line
                    .iter()
                    .position(|b| *b == b':')
                    .ok_or(MimeError::Field)?;
                let name = line.get(..colon).unwrap_or_default();
                if name.is_empty() || !name.iter().all(|b| (0x21..=0x7e).contains(b)) {
                    return Err(MimeError::Field);
                }
                fields.push(Field {
                    name: String::from_utf8_lossy(name).to_ascii_lowercase(),
                    lines: range.start + at..range.start + next,
                    value: range.start + at + colon + 1..range.start + end,
                });
            }
            at = next;
        }
    }

    /// The unfolded value of the one field of this name; none when absent, an error when it stands twice.
    pub fn one(&self, bytes: &[u8], name: &str) -> Result<Option<String>, MimeError> {
        let mut all = self.fields.iter().filter(|f| f.name == name);
        let first = all.next();
        if all.next().is_some() {
            return Err(MimeError::Twice);
        }
        Ok(first.map(|f| {
            String::from_utf8_lossy(bytes.get(f.value.clone()).unwrap_or_default())
                .replace("\r\n", "")
                .trim()
                .to_owned()
        }))
    }

    /// The content type; `text/plain` when absent (RFC 2045 §5.2).
    pub fn content_type(&self, bytes: &[u8]) -> Result<ContentType, MimeError> {
        match self.one(bytes, "content-type")? {
            Some(text) => Ok(ContentType::parse(&text)?),
            None => Ok(ContentType::plain()),
        }
    }
}

/// Ranges of the parts between boundary lines. The CRLF before a boundary line belongs to the boundary (RFC 2046 §5.1.1).
pub fn parts(
    bytes: &[u8],
    body: Range<usize>,
    boundary: &str,
) -> Result<Vec<Range<usize>>, MimeError> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = body.start;
    while at < body.end {
        let rest = bytes.get(at..body.end).unwrap_or_default();
        let length = rest
            .windows(2)
            .position(|w| w == b"\r\n")
            .unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        let next = (at + length + 2).min(body.end);
        if let Some(last) = delimiter(line, boundary) {
            if let Some(start) = open {
                // An empty part would end before it begins: its boundary line follows at once.
                found.push(start..at.saturating_sub(2).max(start));
                if found.len() > PARTS {
                    return Err(MimeError::Parts);
                }
            }
            if last {
                return if open.is_some() {
                    Ok(found)
                } else {
                    Err(MimeError::Boundary)
                };
            }
            open = Some(next);
        }
        at = next;
    }
    Err(MimeError::Boundary)
}

/// Whether a line is a boundary line; `Some(true)` for the last one.
fn delimiter(line: &[u8], boundary: &str) -> Option<bool> {
    let rest = line
        .strip_prefix(b"--")?
        .strip_prefix(boundary.as_bytes())?;
    let (last, padding) = match rest.strip_prefix(b"--") {
        Some(padding) => (true, padding),
        None => (false, rest),
    };
    padding
        .iter()
        .all(|b| *b == b' ' || *b == b'\t')
        .then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_by_exact_bytes() {
        let mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\nA: 1\r\n\r\nfirst\r\n\r\n--b\r\n\r\nsecond\r\n--b--\r\nepilogue";
        let entity = Entity::parse(mail, 0..mail.len()).unwrap();
        let found = parts(mail, entity.body, "b").unwrap();
        assert_eq!(
            found.iter().map(|r| &mail[r.clone()]).collect::<Vec<_>>(),
            [&b"A: 1\r\n\r\nfirst\r\n"[..], b"\r\nsecond"]
        );
    }

    #[test]
    fn a_missing_last_boundary_is_an_error() {
        assert_eq!(
            parts(b"--b\r\n\r\nx\r\n", 0..11, "b"),
            Err(MimeError::Boundary)
        );
        assert_eq!(parts(b"--b--\r\n", 0..7, "b"), Err(MimeError::Boundary));
        assert_eq!(
            parts(b"--bc\r\n\r\n--b--\r\n", 0..15, "b"),
            Err(MimeError::Boundary)
        );
    }

    #[test]
    fn bare_line_ends_are_seen() {
        assert!(is_strict(b"a\r\nb\r\n") && is_strict(b"") && is_strict(b"a"));
        for bad in [&b"a\nb"[..], b"a\rb", b"a\r", b"\n", b"a\r\n\n", b"a\r\r\n"] {
            assert!(!is_strict(bad), "{bad:?}");
        }
    }

    #[test]
    fn heads_that_can_be_read_in_two_ways_are_errors() {
        for bad in [
            &b"From a@b\r\n\r\n"[..],
            b" folded first\r\n\r\n",
            b"From : a\r\n\r\n",
            b"A: 1\r\n",
            b": x\r\n\r\n",
        ] {
            assert!(
                Entity::parse(bad, 0..bad.len()).is_err(),
                "{:?}",
                String::from_utf8_lossy(bad)
            );
        }
        let twice = b"Content-Type: text/plain\r\nContent-Type: multipart/signed\r\n\r\n";
        assert_eq!(
            Entity::parse(twice, 0..twice.len())
                .unwrap()
                .content_type(twice),
            Err(MimeError::Twice)
        );
    }
}
