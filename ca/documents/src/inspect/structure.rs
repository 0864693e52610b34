//! Every object stands in the revision that lists it, and later revisions hold nothing else.
//! Standard: ISO 32000-2 §7.5.4, §7.5.6 (cross-references of incremental updates).
//! Must never accept a revision that points into an earlier one (shadow attacks) or carries bytes nobody lists.

use super::{Finding, FindingCode};
use crate::pdf::cross_reference::Entry;
use crate::pdf::file::{File, Revision};
use crate::pdf::object::{Id, Object};
use crate::pdf::syntax::{Cursor, is_space};

/// At most so many findings of this kind are listed.
const FINDING_LIMIT: usize = 64;

/// Checks all revisions; those after the first signature also for bytes outside of objects.
pub(super) fn check(file: &File<'_>, first_signed: Option<usize>, findings: &mut Vec<Finding>) {
    for (index, revision) in file.revisions.iter().enumerate() {
        let mut wrong = |code, object: Option<u32>, detail: &str| {
            if findings.len() < FINDING_LIMIT {
                findings.push(Finding {
                    code,
                    revision: Some(index),
                    object,
                    detail: detail.to_owned(),
                });
            }
        };
        if revision.section.repeated {
            wrong(
                FindingCode::ObjectListedTwice,
                None,
                "an object number is listed twice",
            );
        }
        let mut places: Vec<(usize, u32, u16)> = Vec::new();
        for (number, entry) in &revision.section.entries {
            match *entry {
                Entry::Free => {}
                Entry::At { offset, generation } => {
                    if offset < revision.range.start || offset > revision.section.range.start {
                        wrong(
                            FindingCode::ObjectOutsideRevision,
                            Some(*number),
                            "listed object lies elsewhere",
                        );
                    }
                    places.push((offset, *number, generation));
                }
                Entry::Within { container, .. } => {
                    if !matches!(
                        revision.section.entries.get(&container),
                        Some(Entry::At { .. })
                    ) {
                        let detail = "object stream is not in the same revision";
                        wrong(FindingCode::ObjectOutsideRevision, Some(*number), detail);
                    }
                }
            }
        }
        places.sort_unstable();
        if places
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.0 == b.0))
        {
            wrong(
                FindingCode::ObjectListedTwice,
                None,
                "two objects are listed at one place",
            );
        }
        if first_signed.is_some_and(|first| index > first) {
            tiles(file, index, revision, &places, &mut wrong);
        }
    }
}

/// Objects, cross-references and white space must fill the revision.
fn tiles(
    file: &File<'_>,
    index: usize,
    revision: &Revision,
    places: &[(usize, u32, u16)],
    wrong: &mut impl FnMut(FindingCode, Option<u32>, &str),
) {
    let section = &revision.section;
    let mut at = revision.range.start;
    let blank = |from: usize, to: usize| {
        file.bytes
            .get(from..to)
            .is_some_and(|gap| gap.iter().all(|byte| is_space(*byte)))
    };
    for (position, (offset, number, generation)) in places.iter().enumerate() {
        if section.stream == Some(*number) && *offset == section.range.start {
            continue;
        }
        let limit = places
            .get(position + 1)
            .map_or(section.range.start, |next| next.0)
            .min(section.range.start);
        if !blank(at, *offset) {
            wrong(
                FindingCode::BytesOutsideObjects,
                Some(*number),
                "bytes before this object are in no object",
            );
        }
        let room = file.bytes.get(..limit).unwrap_or_default();
        let mut cursor = Cursor::new(room, *offset);
        let length_of = |id: Id| match file.object(id.number, index) {
            Ok(Object::Integer(length)) => Some(length),
            _ => None,
        };
        match cursor.indirect(&length_of) {
            Ok((id, _))
                if id
                    == (Id {
                        number: *number,
                        generation: *generation,
                    }) =>
            {
                at = cursor.at
            }
            Ok(_) => {
                wrong(
                    FindingCode::MalformedObject,
                    Some(*number),
                    "another object stands here",
                );
                return;
            }
            Err(error) => {
                wrong(
                    FindingCode::MalformedObject,
                    Some(*number),
                    &error.to_string(),
                );
                return;
            }
        }
    }
    if !blank(at, section.range.start) || !blank(section.range.end, revision.tail) {
        wrong(
            FindingCode::BytesOutsideObjects,
            None,
            "bytes before the cross-references are in no object",
        );
    }
}
