//! Every signature: what it covers, and its CMS.
//! Standard: ISO 32000-2 §12.8.1 (ByteRange, Contents), ETSI EN 319 142-1 §5.3.
//! Must never let a signature leave out a byte that is not its own content.

use super::{Finding, FindingCode, SignatureReport};
use crate::fields::{Field, Form};
use crate::pdf::cross_reference::Entry;
use crate::pdf::file::File;
use crate::pdf::object::{Dictionary, Object, decode_text};
use crate::pdf::syntax::{Cursor, hex_digit};
use crate::sign;
use std::collections::BTreeSet;
use std::ops::Range;

/// Formats of signatures that are accepted.
const SUB_FILTERS: [&[u8]; 3] = [
    b"ETSI.CAdES.detached",
    b"adbe.pkcs7.detached",
    b"ETSI.RFC3161",
];

/// All signatures, oldest first; what is wrong with them goes to the findings.
pub(super) fn examine(
    file: &File<'_>,
    form: &Form,
    findings: &mut Vec<Finding>,
) -> Vec<SignatureReport> {
    let mut seen = BTreeSet::new();
    let mut reports = Vec::new();
    for field in form.fields.iter().filter(|f| f.is_signature()) {
        let Some(value) = field.dictionary.get(b"V").filter(|v| **v != Object::Null) else {
            continue;
        };
        let mut wrong = |code, detail: &str| {
            let detail = format!("signature {}: {detail}", field.name);
            findings.push(Finding {
                code,
                revision: None,
                object: Some(field.id.number),
                detail,
            });
        };
        let Some(id) = value.reference() else {
            wrong(
                FindingCode::ByteRangeMissing,
                "stands directly in its field",
            );
            continue;
        };
        if !seen.insert(id.number) {
            wrong(FindingCode::SignatureShared, "belongs to two fields");
            continue;
        }
        match one(file, field, id.number) {
            Ok((report, problems)) => {
                for (code, detail) in problems {
                    wrong(code, detail);
                }
                reports.push(report);
            }
            Err((code, detail)) => wrong(code, detail),
        }
    }
    reports.sort_by_key(|report| (report.revision, report.byte_range));
    reports
}

type Problem = (FindingCode, &'static str);

fn one(
    file: &File<'_>,
    field: &Field,
    number: u32,
) -> Result<(SignatureReport, Vec<Problem>), Problem> {
    let newest = file.newest();
    let malformed = |_| (FindingCode::MalformedObject, "cannot be read");
    let Object::Dictionary(signature) = file.object(number, newest).map_err(malformed)? else {
        return Err((FindingCode::ByteRangeMissing, "is not a dictionary"));
    };
    let Some((revision, Entry::At { offset, .. })) = file.entry(number, newest) else {
        return Err((FindingCode::ByteRangeMissing, "stands in an object stream"));
    };
    let byte_range = byte_range(&signature)?;
    let spans = Cursor::new(file.bytes, offset)
        .value_spans()
        .map_err(malformed)?;
    let contents = spans
        .iter()
        .find(|(key, _)| key == b"Contents")
        .map(|(_, span)| span.clone());
    let contents = contents.ok_or((FindingCode::ByteRangeMissing, "has no Contents"))?;
    let (cms, padding_is_clean) = contents_der(file.bytes, &contents)?;
    let mut problems = Vec::new();
    if !padding_is_clean {
        problems.push((FindingCode::ContentsPadding, "holds bytes behind its CMS"));
    }
    let parts = sign::parts(file.bytes, &byte_range);
    let parts = parts.ok_or((FindingCode::ByteRangeMalformed, "reaches beyond the file"))?;
    let [first, first_length, second, second_length] = byte_range;
    if first != 0 || first_length != contents.start as u64 || second != contents.end as u64 {
        problems.push((
            FindingCode::ByteRangeGap,
            "leaves out more or less than its Contents",
        ));
    }
    let end = usize::try_from(second.saturating_add(second_length)).unwrap_or(usize::MAX);
    let covers_revision = file
        .revisions
        .get(revision)
        .is_some_and(|r| reaches(file.bytes, end, r.range.end));
    if !covers_revision {
        problems.push((
            FindingCode::ByteRangeCoverage,
            "does not end where its revision ends",
        ));
    }
    let sub_filter = match signature.get(b"SubFilter") {
        Some(Object::Name(name)) => name.clone(),
        _ => Vec::new(),
    };
    if !SUB_FILTERS.contains(&sub_filter.as_slice()) {
        problems.push((FindingCode::SubFilter, "has a format that is not accepted"));
    }
    let text = |key: &[u8]| signature.get(key).and_then(Object::string).map(decode_text);
    let report = SignatureReport {
        field: field.name.clone(),
        revision,
        sub_filter: String::from_utf8_lossy(&sub_filter).into_owned(),
        byte_range,
        cms,
        digest_sha256: sign::digest(parts),
        covers_revision,
        covers_document: covers_revision && reaches(file.bytes, end, file.bytes.len()),
        signing_time: text(b"M"),
        reason: text(b"Reason"),
        name: text(b"Name"),
    };
    Ok((report, problems))
}

/// Ends at `end`, or leaves out only the line end before it.
fn reaches(bytes: &[u8], covered: usize, end: usize) -> bool {
    bytes
        .get(covered..end)
        .is_some_and(|rest| matches!(rest, b"" | b"\n" | b"\r" | b"\r\n"))
}

fn byte_range(signature: &Dictionary) -> Result<[u64; 4], Problem> {
    let items = match signature.get(b"ByteRange") {
        Some(Object::Array(items)) => items,
        None | Some(Object::Null) => {
            return Err((FindingCode::ByteRangeMissing, "has no ByteRange"));
        }
        Some(_) => {
            return Err((
                FindingCode::ByteRangeMalformed,
                "has a ByteRange that is no array",
            ));
        }
    };
    let numbers: Vec<u64> = items
        .iter()
        .filter_map(|n| u64::try_from(n.integer()?).ok())
        .collect();
    match (numbers.as_slice(), items.len()) {
        ([a, b, c, d], 4) if a.saturating_add(*b) <= *c => Ok([*a, *b, *c, *d]),
        _ => Err((
            FindingCode::ByteRangeMalformed,
            "has a ByteRange that is not four rising numbers",
        )),
    }
}

/// The DER value at the beginning of the hexadecimal Contents, and whether only zeros follow.
fn contents_der(bytes: &[u8], span: &Range<usize>) -> Result<(Vec<u8>, bool), Problem> {
    let wrong = (
        FindingCode::ContentsMalformed,
        "has Contents that are no CMS",
    );
    let token = bytes.get(span.clone()).unwrap_or_default();
    let digits = token
        .strip_prefix(b"<")
        .and_then(|t| t.strip_suffix(b">"))
        .ok_or(wrong)?;
    let mut der = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        match pair {
            [high, low] => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => der.push(high * 16 + low),
                _ => return Err(wrong),
            },
            _ => return Err(wrong),
        }
    }
    let length = der_length(&der).ok_or(wrong)?;
    let clean = der
        .get(length..)
        .ok_or(wrong)?
        .iter()
        .all(|byte| *byte == 0);
    der.truncate(length);
    Ok((der, clean))
}

/// Length of the whole DER SEQUENCE at the start.
fn der_length(der: &[u8]) -> Option<usize> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    if *tag != 0x30 {
        return None;
    }
    if *first < 0x80 {
        return Some(2 + usize::from(*first));
    }
    let count = usize::from(first & 0x7f);
    if !(1..=4).contains(&count) {
        return None;
    }
    let length = rest
        .get(..count)?
        .iter()
        .fold(0usize, |value, byte| (value << 8) | usize::from(*byte));
    length.checked_add(2 + count)
}
