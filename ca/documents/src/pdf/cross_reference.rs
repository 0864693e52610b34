//! Reads one cross-reference section, table or stream.
//! Standard: ISO 32000-2 §7.5.4, §7.5.8 (cross-reference tables and streams).
//! Must never repair: an entry that is out of form ends the reading.

use super::filter;
use super::object::{Dictionary, Id, Object};
use super::syntax::{Cursor, Malformed};
use std::collections::BTreeMap;
use std::ops::Range;

/// At most so many entries in all sections of a file.
pub(crate) const ENTRY_LIMIT: usize = 500_000;
/// At most so many bytes in a decoded cross-reference stream.
const DECODED_LIMIT: usize = 8 << 20;

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Free,
    At { offset: usize, generation: u16 },
    Within { container: u32, index: usize },
}

/// One section with its trailer.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) range: Range<usize>,
    pub(crate) entries: BTreeMap<u32, Entry>,
    pub(crate) trailer: Dictionary,
    /// Object number of the cross-reference stream itself.
    pub(crate) stream: Option<u32>,
    /// Some object was listed twice in this section.
    pub(crate) repeated: bool,
}

impl Section {
    pub(crate) fn previous(&self) -> Option<&Object> {
        self.trailer.get(b"Prev")
    }
}

/// Reads the section at `offset`, with at most `left` entries.
pub(crate) fn read(bytes: &[u8], offset: usize, left: &mut usize) -> Result<Section, Malformed> {
    let mut cursor = Cursor::new(bytes, offset);
    let section = if cursor.keyword(b"xref") {
        table(cursor, offset, *left)
    } else {
        stream(cursor, offset, *left)
    }?;
    *left = left.saturating_sub(section.entries.len());
    Ok(section)
}

fn table(mut cursor: Cursor<'_>, start: usize, left: usize) -> Result<Section, Malformed> {
    let mut entries = BTreeMap::new();
    let mut repeated = false;
    loop {
        cursor.skip_space();
        if cursor.keyword(b"trailer") {
            break;
        }
        let first = cursor.unsigned()?;
        cursor.skip_blank();
        let count = cursor.unsigned()?;
        cursor.skip_blank();
        for step in 0..count {
            if entries.len() >= left {
                return Err(Malformed {
                    at: cursor.at,
                    what: "too many objects",
                });
            }
            let Ok(number) = u32::try_from(first.saturating_add(step)) else {
                return Err(Malformed {
                    at: cursor.at,
                    what: "object number out of range",
                });
            };
            let entry = table_entry(&mut cursor)?;
            repeated |= entries.insert(number, entry).is_some();
        }
    }
    let trailer = match cursor.object()? {
        Object::Dictionary(dictionary) => dictionary,
        _ => {
            return Err(Malformed {
                at: cursor.at,
                what: "trailer dictionary expected",
            });
        }
    };
    Ok(Section {
        range: start..cursor.at,
        entries,
        trailer,
        stream: None,
        repeated,
    })
}

fn table_entry(cursor: &mut Cursor<'_>) -> Result<Entry, Malformed> {
    let start = cursor.at;
    let offset = cursor.unsigned()?;
    let first_width = cursor.at - start;
    cursor.skip_blank();
    let second = cursor.at;
    let generation = cursor.unsigned()?;
    let second_width = cursor.at - second;
    cursor.skip_blank();
    let in_use = cursor.keyword(b"n");
    if !in_use && !cursor.keyword(b"f") {
        return Err(Malformed {
            at: cursor.at,
            what: "n or f expected in cross-reference table",
        });
    }
    cursor.skip_blank();
    if first_width != 10 || second_width != 5 || cursor.at - start < 19 {
        return Err(Malformed {
            at: start,
            what: "cross-reference entry out of form",
        });
    }
    if !in_use {
        return Ok(Entry::Free);
    }
    match (usize::try_from(offset), u16::try_from(generation)) {
        (Ok(offset), Ok(generation)) => Ok(Entry::At { offset, generation }),
        _ => Err(Malformed {
            at: start,
            what: "cross-reference entry out of range",
        }),
    }
}

fn stream(mut cursor: Cursor<'_>, start: usize, left: usize) -> Result<Section, Malformed> {
    let wrong = |what| Malformed { at: start, what };
    let (id, object): (Id, Object) = cursor.indirect(&|_| None)?;
    let Object::Stream(stream) = object else {
        return Err(wrong("cross-reference stream expected"));
    };
    if !stream.dictionary.is(b"Type", b"XRef") {
        return Err(wrong("cross-reference stream expected"));
    }
    let size = stream
        .dictionary
        .get(b"Size")
        .and_then(Object::integer)
        .ok_or(wrong("Size missing"))?;
    let widths: Vec<usize> = stream
        .dictionary
        .get(b"W")
        .and_then(Object::array)
        .unwrap_or_default()
        .iter()
        .filter_map(|w| {
            w.integer()
                .and_then(|n| usize::try_from(n).ok())
                .filter(|n| *n <= 8)
        })
        .collect();
    let [kind_width, second_width, third_width] = widths.as_slice() else {
        return Err(wrong("W must hold three widths"));
    };
    let width = kind_width + second_width + third_width;
    if *second_width == 0 || width == 0 {
        return Err(wrong("W must hold three widths"));
    }
    let plain = filter::decode(&stream, DECODED_LIMIT)
        .map_err(|_| wrong("cross-reference stream cannot be decoded"))?;
    let index: Vec<i64> = match stream.dictionary.get(b"Index").and_then(Object::array) {
        Some(items) => items.iter().filter_map(Object::integer).collect(),
        None => vec![0, size],
    };
    let mut entries = BTreeMap::new();
    let mut repeated = false;
    let mut rows = plain.chunks_exact(width);
    for pair in index.chunks(2) {
        let [first, count] = pair else {
            return Err(wrong("Index must hold pairs"));
        };
        for step in 0..*count {
            let Some(row) = rows.next() else {
                return Err(wrong("cross-reference stream too short"));
            };
            if entries.len() >= left {
                return Err(wrong("too many objects"));
            }
            let number = first.checked_add(step).and_then(|n| u32::try_from(n).ok());
            let number = number.ok_or(wrong("object number out of range"))?;
            let (kind, rest) = row
                .split_at_checked(*kind_width)
                .ok_or(wrong("row too short"))?;
            let (second, third) = rest
                .split_at_checked(*second_width)
                .ok_or(wrong("row too short"))?;
            let kind = if kind.is_empty() { 1 } else { big_endian(kind) };
            let (second, third) = (big_endian(second), big_endian(third));
            let entry = match kind {
                0 => Entry::Free,
                1 => Entry::At {
                    offset: usize::try_from(second).map_err(|_| wrong("offset out of range"))?,
                    generation: u16::try_from(third)
                        .map_err(|_| wrong("generation out of range"))?,
                },
                2 => Entry::Within {
                    container: u32::try_from(second)
                        .map_err(|_| wrong("object number out of range"))?,
                    index: usize::try_from(third).map_err(|_| wrong("index out of range"))?,
                },
                _ => return Err(wrong("unknown kind of cross-reference entry")),
            };
            repeated |= entries.insert(number, entry).is_some();
        }
    }
    Ok(Section {
        range: start..cursor.at,
        entries,
        trailer: stream.dictionary,
        stream: Some(id.number),
        repeated,
    })
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0u64, |value, byte| (value << 8) | u64::from(*byte))
}
