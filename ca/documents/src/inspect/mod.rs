//! Tells whether a signed paper is whole: every signature covers its revision, every later revision changes only what may change.
//! Standard: ISO 32000-2 §12.8.1–12.8.2; ETSI EN 319 102-1 §5.2.7.4 (signature format checks); attacks of pdf-insecurity.org (USF, ISA, SWA, shadow).
//! Must never call a paper whole because it was not understood: what cannot be explained is a finding.

mod difference;
mod filled_field;
mod finding;
mod signatures;
mod structure;

pub use finding::{Finding, FindingCode};

use crate::fields::{self, DATE_FIELD, NUMBER_FIELD};
use crate::pdf::file::{File, Unreadable};
use crate::pdf::object::{Object, decode_text};
use crate::sign;
use std::ops::Range;

/// What was found in a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Revisions, oldest first.
    pub revisions: Vec<RevisionReport>,
    /// Signatures, oldest first.
    pub signatures: Vec<SignatureReport>,
    /// Everything that speaks against the paper.
    pub findings: Vec<Finding>,
    /// The newest signature covers every byte.
    pub covers_document: bool,
    /// Number and date are filled and a later signature covers them; false while only the filling itself stands there.
    pub number_covered: bool,
    /// Value of the number field.
    pub number: Option<String>,
    /// Value of the date field.
    pub date: Option<String>,
    /// Title as the first signer saw it.
    pub title: Option<String>,
}

impl Report {
    /// Signed, and nothing found; digests and CMS are judged elsewhere.
    pub fn whole(&self) -> bool {
        !self.signatures.is_empty() && self.findings.is_empty()
    }
}

/// One revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionReport {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it did.
    pub kind: RevisionKind,
}

/// What a revision did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevisionKind {
    /// The first one.
    Base,
    /// A change before anybody signed.
    Preparation,
    /// A signature in the field named.
    Signature(String),
    /// Number and date were filled.
    Numbering,
    /// Only material for later validation was added.
    Archive,
    /// Something else.
    Other,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureReport {
    /// Name of its field.
    pub field: String,
    /// Revision that brought it.
    pub revision: usize,
    /// Format, e.g. `ETSI.CAdES.detached`.
    pub sub_filter: String,
    /// Signed ranges: offset, length, offset, length.
    pub byte_range: [u64; 4],
    /// The CMS without padding.
    pub cms: Vec<u8>,
    /// SHA-256 over the signed ranges.
    pub digest_sha256: [u8; 32],
    /// Covers everything up to the end of its revision.
    pub covers_revision: bool,
    /// Covers every byte of the file.
    pub covers_document: bool,
    /// Time of signing as claimed (`/M`).
    pub signing_time: Option<String>,
    /// Reason as claimed.
    pub reason: Option<String>,
    /// Name as claimed.
    pub name: Option<String>,
}

impl SignatureReport {
    /// The two signed parts of the file, for another digest algorithm.
    pub fn signed_parts<'a>(&self, file: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        sign::parts(file, &self.byte_range)
    }
}

/// Examines a paper.
pub fn inspect(bytes: &[u8]) -> Result<Report, Unreadable> {
    let file = File::read(bytes)?;
    let newest = file.newest();
    let mut findings = Vec::new();
    let form = fields::form(&file, newest)?;
    let signatures = signatures::examine(&file, &form, &mut findings);
    let first = signatures.iter().map(|s| s.revision).min();

    structure::check(&file, first, &mut findings);
    let mut revisions = Vec::new();
    for (index, revision) in file.revisions.iter().enumerate() {
        let signed = signatures
            .iter()
            .find(|s| s.revision == index)
            .map(|s| s.field.clone());
        let after_signing = first.is_some_and(|first| index > first);
        let kind = match (index, signed, after_signing) {
            (_, signed, true) => {
                let change = difference::examine(&file, index, &mut findings);
                match (signed, change) {
                    (Some(field), _) => RevisionKind::Signature(field),
                    (None, difference::Change::Numbering) => RevisionKind::Numbering,
                    (None, difference::Change::Archive) => RevisionKind::Archive,
                    (None, difference::Change::Other) => RevisionKind::Other,
                }
            }
            (_, Some(field), false) => RevisionKind::Signature(field),
            (0, None, false) => RevisionKind::Base,
            (_, None, false) => RevisionKind::Preparation,
        };
        revisions.push(RevisionReport {
            range: revision.range.clone(),
            kind,
        });
    }
    let text = |name: &str| {
        let field = form.fields.iter().find(|f| f.name == name && f.is_text())?;
        let value = field
            .dictionary
            .get(b"V")
            .and_then(Object::string)
            .map(decode_text)?;
        (!value.is_empty()).then_some(value)
    };
    let filled = revisions
        .iter()
        .rposition(|r| r.kind == RevisionKind::Numbering);
    let last_signed = signatures
        .iter()
        .filter(|s| s.covers_revision)
        .map(|s| s.revision)
        .max();
    let (number, date) = (text(NUMBER_FIELD), text(DATE_FIELD));
    Ok(Report {
        number_covered: number.is_some()
            && date.is_some()
            && last_signed.is_some()
            && filled <= last_signed,
        covers_document: signatures.last().is_some_and(|s| s.covers_document),
        number,
        date,
        title: title(&file, first.unwrap_or(newest)),
        revisions,
        signatures,
        findings,
    })
}

fn title(file: &File<'_>, as_of: usize) -> Option<String> {
    let information = file.value(&file.trailer(as_of), b"Info", as_of).ok()?;
    let title = file
        .value(information.dictionary()?, b"Title", as_of)
        .ok()?;
    title.string().map(decode_text)
}
