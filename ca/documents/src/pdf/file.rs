//! A PDF file as the chain of its revisions, read strictly.
//! Standard: ISO 32000-2 §7.5 (file structure), §7.5.6 (incremental updates), §7.5.7 (object streams).
//! Must never search for objects outside the cross-reference chain, nor read beyond its bounds.

use super::cross_reference::{self, Entry, Section};
use super::filter;
use super::object::{Dictionary, Id, Object};
use super::syntax::{Cursor, Malformed};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// Largest file that is read.
pub const FILE_LIMIT: usize = 64 << 20;
/// Most revisions in one file.
const REVISION_LIMIT: usize = 128;
/// All object streams of a file together expand to this at most.
const EXPANSION_LIMIT: usize = 64 << 20;
/// Chains of references are followed this far.
const REFERENCE_LIMIT: usize = 16;

/// Why a file could not be read at all; such a file is never whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Beyond the limit of size.
    #[error("the file is larger than {FILE_LIMIT} bytes")]
    TooLarge,
    /// No PDF header.
    #[error("not a PDF file")]
    NotPdf,
    /// Encrypted.
    #[error("the file is encrypted")]
    Encrypted,
    /// Both forms of cross-references in one revision.
    #[error("tables and streams of cross-references are mixed (hybrid file)")]
    Hybrid,
    /// Linearized.
    #[error(
        "linearized file: its revisions cannot be told apart; save it again without fast web view"
    )]
    Linearized,
    /// Bytes behind the last end-of-file mark.
    #[error("bytes after the end of the last revision")]
    Trailing,
    /// The chain of revisions is broken.
    #[error("revisions do not follow one another: {0}")]
    Chain(&'static str),
    /// Syntax.
    #[error("malformed: {0}")]
    Malformed(#[from] Malformed),
}

/// One revision: its bytes and its cross-reference section.
#[derive(Debug, Clone)]
pub(crate) struct Revision {
    pub(crate) range: Range<usize>,
    pub(crate) section: Section,
    /// From the end of the section to the end of the revision (`startxref … %%EOF`).
    pub(crate) tail: usize,
}

type Contents = Rc<Vec<(u32, Object)>>;

/// The file.
pub(crate) struct File<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) revisions: Vec<Revision>,
    containers: RefCell<HashMap<usize, Contents>>,
    expanded: Cell<usize>,
    parsed: Cell<usize>,
}

impl<'a> File<'a> {
    /// Reads the chain of revisions.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        if bytes.len() > FILE_LIMIT {
            return Err(Unreadable::TooLarge);
        }
        if !bytes.starts_with(b"%PDF-") {
            return Err(Unreadable::NotPdf);
        }
        if first_object_is_linearized(bytes) {
            return Err(Unreadable::Linearized);
        }
        let mut newest_first: Vec<Revision> = Vec::new();
        let mut offset = Some(last_start(bytes)?);
        let mut entries_left = cross_reference::ENTRY_LIMIT;
        let mut limit = bytes.len();
        while let Some(at) = offset {
            if newest_first.len() >= REVISION_LIMIT {
                return Err(Unreadable::Chain("too many revisions"));
            }
            if newest_first
                .last()
                .is_some_and(|newer| at >= newer.section.range.start)
            {
                return Err(Unreadable::Chain("Prev does not point backwards"));
            }
            let older = bytes.get(..limit).unwrap_or_default();
            let section = cross_reference::read(older, at, &mut entries_left)?;
            if section.trailer.get(b"Encrypt").is_some() {
                return Err(Unreadable::Encrypted);
            }
            if section.trailer.get(b"XRefStm").is_some() {
                return Err(Unreadable::Hybrid);
            }
            offset = match section.previous() {
                None => None,
                Some(Object::Integer(n)) => {
                    Some(usize::try_from(*n).map_err(|_| Unreadable::Chain("Prev is negative"))?)
                }
                Some(_) => return Err(Unreadable::Chain("Prev is not a number")),
            };
            let (tail, end) = revision_end(older, &section)?;
            limit = section.range.start;
            newest_first.push(Revision {
                range: 0..end,
                section,
                tail,
            });
        }
        newest_first.reverse();
        let mut start = 0;
        for revision in &mut newest_first {
            if revision.section.range.start < start {
                return Err(Unreadable::Chain("sections of two revisions overlap"));
            }
            revision.range.start = start;
            start = revision.range.end;
        }
        if start != bytes.len() {
            return Err(Unreadable::Trailing);
        }
        Ok(Self {
            bytes,
            revisions: newest_first,
            containers: RefCell::default(),
            expanded: Cell::new(0),
            parsed: Cell::new(0),
        })
    }

    pub(crate) fn newest(&self) -> usize {
        self.revisions.len().saturating_sub(1)
    }

    /// The trailer of a revision.
    pub(crate) fn trailer(&self, revision: usize) -> Dictionary {
        self.revisions
            .get(revision)
            .map(|r| r.section.trailer.clone())
            .unwrap_or_default()
    }

    /// The revision (up to `as_of`) whose section holds the object, and its entry.
    pub(crate) fn entry(&self, number: u32, as_of: usize) -> Option<(usize, Entry)> {
        self.revisions
            .iter()
            .enumerate()
            .take(as_of + 1)
            .rev()
            .find_map(|(index, r)| r.section.entries.get(&number).map(|entry| (index, *entry)))
    }

    /// The object as of a revision; `Null` when it is free or was never defined.
    pub(crate) fn object(&self, number: u32, as_of: usize) -> Result<Object, Malformed> {
        match self.entry(number, as_of) {
            None | Some((_, Entry::Free)) => Ok(Object::Null),
            Some((_, Entry::At { offset, generation })) => {
                let (id, object, _) = self.indirect(offset, as_of)?;
                if id != (Id { number, generation }) {
                    return Err(Malformed {
                        at: offset,
                        what: "another object stands at this offset",
                    });
                }
                Ok(object)
            }
            Some((revision, Entry::Within { container, index })) => {
                let wrong = |what| Malformed { at: 0, what };
                let contents = self.container(revision, container)?;
                match contents.get(index) {
                    Some((found, object)) if *found == number => Ok(object.clone()),
                    _ => Err(wrong("object is not in its object stream")),
                }
            }
        }
    }

    /// The indirect object at an offset and its end.
    pub(crate) fn indirect(
        &self,
        offset: usize,
        as_of: usize,
    ) -> Result<(Id, Object, usize), Malformed> {
        if self.parsed.get() > 16 * self.bytes.len() + (16 << 20) {
            return Err(Malformed {
                at: offset,
                what: "too much work",
            });
        }
        let mut cursor = Cursor::new(self.bytes, offset);
        let length_of = |id: Id| match self.entry(id.number, as_of) {
            Some((_, Entry::At { offset, .. })) => {
                match Cursor::new(self.bytes, offset).indirect(&|_| None) {
                    Ok((_, Object::Integer(n))) => Some(n),
                    _ => None,
                }
            }
            _ => None,
        };
        let read = cursor.indirect(&length_of);
        self.parsed
            .set(self.parsed.get() + cursor.at.saturating_sub(offset));
        let (id, object) = read?;
        Ok((id, object, cursor.at))
    }

    fn container(&self, revision: usize, number: u32) -> Result<Contents, Malformed> {
        let wrong = |at, what| Malformed { at, what };
        let own = self
            .revisions
            .get(revision)
            .and_then(|r| r.section.entries.get(&number));
        let Some(Entry::At { offset, .. }) = own.copied() else {
            return Err(wrong(0, "object stream is not in the same revision"));
        };
        if let Some(known) = self.containers.borrow().get(&offset) {
            return Ok(known.clone());
        }
        let (id, object, _) = self.indirect(offset, revision)?;
        let Object::Stream(stream) = object else {
            return Err(wrong(offset, "object stream expected"));
        };
        if id.number != number || !stream.dictionary.is(b"Type", b"ObjStm") {
            return Err(wrong(offset, "object stream expected"));
        }
        let left = EXPANSION_LIMIT.saturating_sub(self.expanded.get());
        let plain = filter::decode(&stream, left)
            .map_err(|_| wrong(offset, "object stream cannot be decoded"))?;
        self.expanded.set(self.expanded.get() + plain.len());
        let size = |key: &[u8]| {
            let value = stream.dictionary.get(key).and_then(Object::integer);
            value
                .and_then(|n| usize::try_from(n).ok())
                .filter(|n| *n <= plain.len())
        };
        let (Some(count), Some(first)) = (size(b"N"), size(b"First")) else {
            return Err(wrong(offset, "object stream without N or First"));
        };
        let mut header = Cursor::new(&plain, 0);
        let mut objects = Vec::new();
        for _ in 0..count {
            header.skip_space();
            let number = u32::try_from(header.unsigned()?)
                .map_err(|_| wrong(offset, "object number out of range"))?;
            header.skip_space();
            let relative = usize::try_from(header.unsigned()?)
                .map_err(|_| wrong(offset, "offset out of range"))?;
            let object = Cursor::new(&plain, first.saturating_add(relative)).object()?;
            objects.push((number, object));
        }
        let contents = Rc::new(objects);
        self.containers
            .borrow_mut()
            .insert(offset, contents.clone());
        Ok(contents)
    }

    /// Follows references until a direct object.
    pub(crate) fn resolve(&self, object: &Object, as_of: usize) -> Result<Object, Malformed> {
        let mut current = object.clone();
        for _ in 0..REFERENCE_LIMIT {
            match current {
                Object::Reference(id) => current = self.object(id.number, as_of)?,
                direct => return Ok(direct),
            }
        }
        Err(Malformed {
            at: 0,
            what: "references run in a circle",
        })
    }

    /// The value of a key, resolved; `Null` when absent.
    pub(crate) fn value(
        &self,
        dictionary: &Dictionary,
        key: &[u8],
        as_of: usize,
    ) -> Result<Object, Malformed> {
        dictionary
            .get(key)
            .map_or(Ok(Object::Null), |object| self.resolve(object, as_of))
    }

    /// Reference and dictionary of the catalog.
    pub(crate) fn catalog(&self, as_of: usize) -> Result<(Id, Dictionary), Malformed> {
        let trailer = self.trailer(as_of);
        let id = trailer.get(b"Root").and_then(Object::reference);
        let id = id.ok_or(Malformed {
            at: 0,
            what: "trailer without Root",
        })?;
        match self.object(id.number, as_of)? {
            Object::Dictionary(dictionary) => Ok((id, dictionary)),
            _ => Err(Malformed {
                at: 0,
                what: "catalog is not a dictionary",
            }),
        }
    }
}

fn first_object_is_linearized(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    head.windows(11).any(|w| w == b"/Linearized")
}

/// The offset that the last `startxref` names.
fn last_start(bytes: &[u8]) -> Result<usize, Unreadable> {
    let from = bytes.len().saturating_sub(1024);
    let end = bytes.get(from..).unwrap_or_default();
    let found = end.windows(9).rposition(|w| w == b"startxref");
    let at = found.ok_or(Unreadable::Chain(
        "startxref missing at the end of the file",
    ))? + from;
    let mut cursor = Cursor::new(bytes, at + 9);
    cursor.skip_blank();
    usize::try_from(cursor.unsigned()?).map_err(|_| Unreadable::Chain("startxref out of range"))
}

/// Where the revision of a section ends: `startxref`, its own offset, `%%EOF` and one line end.
fn revision_end(bytes: &[u8], section: &Section) -> Result<(usize, usize), Unreadable> {
    let mut cursor = Cursor::new(bytes, section.range.end);
    cursor.skip_blank();
    let tail = cursor.at;
    if !cursor.keyword(b"startxref") {
        return Err(Unreadable::Chain(
            "startxref expected after a cross-reference section",
        ));
    }
    cursor.skip_blank();
    if cursor.unsigned()? != section.range.start as u64 {
        return Err(Unreadable::Chain(
            "startxref points elsewhere than to its own section",
        ));
    }
    cursor.skip_blank();
    let rest = bytes.get(cursor.at..).unwrap_or_default();
    if !rest.starts_with(b"%%EOF") {
        return Err(Unreadable::Chain("end-of-file mark expected"));
    }
    let after = rest.get(5..).unwrap_or_default();
    let line_end = if after.starts_with(b"\r\n") {
        2
    } else {
        usize::from(after.starts_with(b"\n") || after.starts_with(b"\r"))
    };
    Ok((tail, cursor.at + 5 + line_end))
}
