//! Writes an incremental update behind the bytes that are there.
//! Standard: ISO 32000-2 §7.5.6 (incremental updates), in the form of cross-references the file already uses.
//! Must never change one earlier byte.

use super::file::File;
use super::object::{Dictionary, Id, Object, Stream};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// An update being collected.
pub(crate) struct Update<'a> {
    bytes: &'a [u8],
    trailer: Dictionary,
    previous: usize,
    as_stream: bool,
    next: u32,
    objects: BTreeMap<u32, (u16, Vec<u8>)>,
}

/// The file with its update, and where each written object begins.
pub(crate) struct Updated {
    pub(crate) bytes: Vec<u8>,
    pub(crate) offsets: BTreeMap<u32, usize>,
}

impl<'a> Update<'a> {
    pub(crate) fn new(file: &File<'a>) -> Self {
        let trailer = file.trailer(file.newest());
        let stated = trailer
            .get(b"Size")
            .and_then(Object::integer)
            .and_then(|n| u32::try_from(n).ok());
        let highest = file
            .revisions
            .iter()
            .filter_map(|r| r.section.entries.keys().max())
            .max()
            .copied();
        let newest = file.revisions.last().map(|r| &r.section);
        Self {
            bytes: file.bytes,
            previous: newest.map_or(0, |s| s.range.start),
            as_stream: newest.is_some_and(|s| s.stream.is_some()),
            next: stated
                .unwrap_or(0)
                .max(highest.map_or(0, |n| n.saturating_add(1))),
            trailer,
            objects: BTreeMap::new(),
        }
    }

    pub(crate) fn reserve(&mut self) -> Id {
        let id = Id {
            number: self.next,
            generation: 0,
        };
        self.next = self.next.saturating_add(1);
        id
    }

    pub(crate) fn set(&mut self, id: Id, object: &Object) {
        let mut body = Vec::new();
        object.write(&mut body);
        self.raw(id, body);
    }

    /// Sets the body of an object that was written by hand.
    pub(crate) fn raw(&mut self, id: Id, body: Vec<u8>) {
        self.objects.insert(id.number, (id.generation, body));
    }

    pub(crate) fn add(&mut self, object: &Object) -> Id {
        let id = self.reserve();
        self.set(id, object);
        id
    }

    /// Objects, cross-references and trailer behind the earlier bytes.
    pub(crate) fn finish(mut self) -> Updated {
        let mut bytes = self.bytes.to_vec();
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        let mut offsets = BTreeMap::new();
        for (number, (generation, body)) in &self.objects {
            offsets.insert(*number, bytes.len());
            bytes.extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
            bytes.extend_from_slice(body);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        let start = bytes.len();
        if self.as_stream {
            let own = self.reserve();
            let rows: BTreeMap<u32, (usize, u16)> = self
                .rows(&offsets)
                .chain([(own.number, (start, 0))])
                .collect();
            self.write_stream(own, &rows, &mut bytes);
        } else {
            let rows: BTreeMap<u32, (usize, u16)> = self.rows(&offsets).collect();
            self.write_table(&rows, &mut bytes);
        }
        bytes.extend_from_slice(format!("\nstartxref\n{start}\n%%EOF\n").as_bytes());
        Updated { bytes, offsets }
    }

    fn rows(&self, offsets: &BTreeMap<u32, usize>) -> impl Iterator<Item = (u32, (usize, u16))> {
        self.objects
            .iter()
            .filter_map(|(number, (generation, _))| {
                Some((*number, (*offsets.get(number)?, *generation)))
            })
            .collect::<Vec<_>>()
            .into_iter()
    }

    fn trailer_entries(&self) -> Dictionary {
        let mut trailer = Dictionary::default()
            .with(b"Size", Object::Integer(i64::from(self.next)))
            .with(b"Prev", Object::Integer(self.previous as i64));
        for key in [&b"Root"[..], b"Info"] {
            if let Some(value) = self.trailer.get(key) {
                trailer.set(key, value.clone());
            }
        }
        let changing = Object::String(
            Sha256::digest(self.bytes)
                .iter()
                .take(16)
                .copied()
                .collect(),
        );
        let lasting = self
            .trailer
            .get(b"ID")
            .and_then(Object::array)
            .and_then(|ids| ids.first())
            .cloned();
        trailer.with(
            b"ID",
            Object::Array(vec![lasting.unwrap_or_else(|| changing.clone()), changing]),
        )
    }

    fn write_table(&self, rows: &BTreeMap<u32, (usize, u16)>, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(b"xref\n");
        for (first, run) in runs(rows) {
            bytes.extend_from_slice(format!("{first} {}\n", run.len()).as_bytes());
            for (offset, generation) in run {
                bytes.extend_from_slice(format!("{offset:010} {generation:05} n\r\n").as_bytes());
            }
        }
        bytes.extend_from_slice(b"trailer\n");
        Object::Dictionary(self.trailer_entries()).write(bytes);
    }

    fn write_stream(&self, own: Id, rows: &BTreeMap<u32, (usize, u16)>, bytes: &mut Vec<u8>) {
        let mut data = Vec::new();
        let mut index = Vec::new();
        for (first, run) in runs(rows) {
            index.extend([
                Object::Integer(i64::from(first)),
                Object::Integer(run.len() as i64),
            ]);
            for (offset, generation) in run {
                data.push(1);
                data.extend_from_slice(&(offset as u64).to_be_bytes());
                data.extend_from_slice(&generation.to_be_bytes());
            }
        }
        let widths = [1, 8, 2].map(Object::Integer).to_vec();
        let dictionary = self
            .trailer_entries()
            .with(b"Type", Object::name("XRef"))
            .with(b"W", Object::Array(widths))
            .with(b"Index", Object::Array(index));
        bytes.extend_from_slice(format!("{} 0 obj\n", own.number).as_bytes());
        Object::Stream(Stream { dictionary, data }).write(bytes);
        bytes.extend_from_slice(b"\nendobj");
    }
}

/// Runs of consecutive object numbers.
fn runs(rows: &BTreeMap<u32, (usize, u16)>) -> Vec<(u32, Vec<(usize, u16)>)> {
    let mut runs: Vec<(u32, Vec<(usize, u16)>)> = Vec::new();
    for (number, row) in rows {
        match runs.last_mut() {
            Some((first, run)) if first.saturating_add(run.len() as u32) == *number => {
                run.push(*row)
            }
            _ => runs.push((*number, vec![*row])),
        }
    }
    runs
}
