//! Prepares a paper for one signature and embeds the finished CMS.
//! Standard: ISO 32000-2 §12.8 (digital signatures), ETSI EN 319 142-1 §5, §6.3 (PAdES B-B, B-T signature dictionary).
//! Must never touch an earlier byte, nor sign a field that is signed already.

use crate::appearance;
use crate::compose::ComposeError;
use crate::compose::layout::{Area, HEIGHT, signing_areas};
use crate::fields::{self, Field, Form};
use crate::locks;
use crate::pdf::file::{File, Unreadable};
use crate::pdf::object::{Dictionary, Id, Object};
use crate::pdf::syntax::Malformed;
use crate::pdf::update::Update;
use sha2::{Digest, Sha256};

/// Largest room for a CMS.
const CONTENTS_LIMIT: usize = 1 << 20;
/// Digits of each number in `/ByteRange`.
const RANGE_DIGITS: usize = 10;

/// What kind of mark a signature shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A person's signature: blue.
    Signature,
    /// A seal: red.
    Seal,
}

/// What a signature shows on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visible {
    /// Signature or seal.
    pub mark: Mark,
    /// Lines over the signature: `TM. ỦY BAN NHÂN DÂN`, `KT. CHỦ TỊCH`, `PHÓ CHỦ TỊCH`.
    pub block: Vec<String>,
    /// The person, or the agency inside the ring.
    pub name: String,
    /// Time of signing in words; may be empty.
    pub time: String,
    /// Marks a seal as a specimen.
    pub demo: bool,
}

/// Where a signature stands: page counted from 0, points from the lower left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Page, counted from 0.
    pub page: usize,
    /// Left edge.
    pub x: f32,
    /// Lower edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Placement {
    /// Lower right of the first page.
    pub fn signature() -> Self {
        Self::of(signing_areas(600.0).0)
    }

    /// Over the left third of the signature.
    pub fn seal() -> Self {
        Self::of(signing_areas(600.0).1)
    }

    fn of(area: Area) -> Self {
        Self {
            page: 0,
            x: area.x,
            y: HEIGHT - area.y - area.height,
            width: area.width,
            height: area.height,
        }
    }
}

/// One signature to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct SignRequest {
    /// Name of the field; an empty signature field of that name is used, otherwise one is made.
    pub field: String,
    /// Where a new field stands; a field that is there keeps its place.
    pub placement: Option<Placement>,
    /// What it shows.
    pub visible: Visible,
    /// Time of signing (UTC ms), written as `/M`.
    pub signing_time: i64,
    /// Reason in words.
    pub reason: Option<String>,
    /// Number and date may not be filled after this signature.
    pub lock: bool,
    /// Room for the CMS in bytes.
    pub contents_size: usize,
}

/// A paper with an empty place for the CMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// Signed ranges: offset, length, offset, length.
    pub byte_range: [u64; 4],
    /// SHA-256 of the signed ranges: the message digest of the CMS.
    pub digest_sha256: [u8; 32],
}

/// Why a signature could not be prepared or embedded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The paper cannot be read.
    #[error("the paper cannot be read: {0}")]
    Unreadable(String),
    /// The field has a signature.
    #[error("the field {0} is signed already")]
    AlreadySigned(String),
    /// The name belongs to another kind of field.
    #[error("the field {0} is not a signature field")]
    NotASignatureField(String),
    /// An earlier signature allows no further change.
    #[error("an earlier signature locks the paper")]
    Locked,
    /// The page does not exist or the placement has no area.
    #[error("the placement is not on a page of the paper")]
    Placement,
    /// The reserved room is out of bounds.
    #[error("room for the CMS must be between 1 and {CONTENTS_LIMIT} bytes")]
    ContentsSize,
    /// The CMS does not fit.
    #[error("the CMS needs {needed} bytes, {reserved} are reserved")]
    ContentsTooSmall {
        /// Bytes of the CMS.
        needed: usize,
        /// Bytes reserved.
        reserved: usize,
    },
    /// The visible mark could not be drawn.
    #[error(transparent)]
    Visible(#[from] ComposeError),
}

impl From<Unreadable> for SignError {
    fn from(error: Unreadable) -> Self {
        SignError::Unreadable(error.to_string())
    }
}

impl From<Malformed> for SignError {
    fn from(error: Malformed) -> Self {
        SignError::Unreadable(error.to_string())
    }
}

impl Prepared {
    /// The two signed parts, for another digest algorithm.
    pub fn signed_parts(&self) -> (&[u8], &[u8]) {
        parts(&self.bytes, &self.byte_range).unwrap_or_default()
    }
}

/// The two signed parts of a file.
pub(crate) fn parts<'a>(bytes: &'a [u8], range: &[u64; 4]) -> Option<(&'a [u8], &'a [u8])> {
    let [a, b, c, d] = range.map(usize::try_from);
    let (a, b, c, d) = (a.ok()?, b.ok()?, c.ok()?, d.ok()?);
    Some((
        bytes.get(a..a.checked_add(b)?)?,
        bytes.get(c..c.checked_add(d)?)?,
    ))
}

/// SHA-256 over the signed parts.
pub(crate) fn digest(parts: (&[u8], &[u8])) -> [u8; 32] {
    Sha256::new()
        .chain_update(parts.0)
        .chain_update(parts.1)
        .finalize()
        .into()
}

/// Lays the signature as an incremental update with an empty place for the CMS.
pub fn prepare(base: &[u8], request: &SignRequest) -> Result<Prepared, SignError> {
    if request.contents_size == 0 || request.contents_size > CONTENTS_LIMIT {
        return Err(SignError::ContentsSize);
    }
    let file = File::read(base)?;
    let newest = file.newest();
    let form = fields::form(&file, newest)?;
    let mut update = Update::new(&file);
    let (field_id, field) = signature_field(&file, &form, request, &mut update)?;
    let [_, _, width, height] = field
        .rectangle()
        .ok_or(SignError::Placement)?
        .map(|n| n as f32);
    let drawn = appearance::of_signature(&request.visible, width, height)?;
    let normal = appearance::embed(&drawn, &mut update)?;

    let signature_id = update.reserve();
    let locks = request.lock || field.dictionary.get(b"Lock").is_some();
    let (body, contents_at, range_at) = signature_dictionary(request, locks);
    update.raw(signature_id, body);
    let mut dictionary = field.dictionary.clone();
    dictionary.set(b"V", Object::Reference(signature_id));
    let appearances = Dictionary::default().with(b"N", Object::Reference(normal));
    dictionary.set(b"AP", Object::Dictionary(appearances));
    update.set(field_id, &Object::Dictionary(dictionary));
    let written = update.finish();
    let start = written
        .offsets
        .get(&signature_id.number)
        .copied()
        .unwrap_or_default();
    let header = format!("{} {} obj\n", signature_id.number, signature_id.generation).len();
    finish(
        written.bytes,
        start + header + contents_at,
        start + header + range_at,
        request.contents_size,
    )
}

/// Writes the byte range over its blanks and takes the digest.
fn finish(
    mut bytes: Vec<u8>,
    contents: usize,
    range_at: usize,
    size: usize,
) -> Result<Prepared, SignError> {
    let after = contents + 2 * size + 2;
    let rest = bytes.len().saturating_sub(after);
    let byte_range = [0, contents as u64, after as u64, rest as u64];
    let [_, first, second, third] = byte_range.map(|n| format!("{n:>RANGE_DIGITS$}"));
    let text = format!("[0 {first} {second} {third}]");
    match bytes.get_mut(range_at..range_at + text.len()) {
        Some(slot) => slot.copy_from_slice(text.as_bytes()),
        None => return Err(SignError::Unreadable("byte range has no place".to_owned())),
    }
    let digest_sha256 = match parts(&bytes, &byte_range) {
        Some(parts) => digest(parts),
        None => {
            return Err(SignError::Unreadable(
                "byte range lies outside the file".to_owned(),
            ));
        }
    };
    Ok(Prepared {
        bytes,
        byte_range,
        digest_sha256,
    })
}

/// The signature dictionary with blanks, and where contents and byte range stand in it.
fn signature_dictionary(request: &SignRequest, locks: bool) -> (Vec<u8>, usize, usize) {
    let mut entries = Dictionary::default()
        .with(b"Type", Object::name("Sig"))
        .with(b"Filter", Object::name("Adobe.PPKLite"))
        .with(b"SubFilter", Object::name("ETSI.CAdES.detached"))
        .with(b"Name", Object::text(&request.visible.name))
        .with(b"M", Object::text(&date_string(request.signing_time)));
    if let Some(reason) = &request.reason {
        entries.set(b"Reason", Object::text(reason));
    }
    if locks {
        let parameters = fields::lock("TransformParams").with(b"V", Object::name("1.2"));
        let reference = Dictionary::default()
            .with(b"Type", Object::name("SigRef"))
            .with(b"TransformMethod", Object::name("FieldMDP"))
            .with(b"TransformParams", Object::Dictionary(parameters));
        entries.set(
            b"Reference",
            Object::Array(vec![Object::Dictionary(reference)]),
        );
    }
    let mut body = Vec::new();
    Object::Dictionary(entries).write(&mut body);
    body.truncate(body.len() - 2);
    body.extend_from_slice(b"/ByteRange ");
    let range_at = body.len();
    body.resize(range_at + 5 + 3 * RANGE_DIGITS + 1, b' ');
    body.extend_from_slice(b"\n/Contents ");
    let contents_at = body.len();
    body.push(b'<');
    body.resize(contents_at + 1 + 2 * request.contents_size, b'0');
    body.extend_from_slice(b">\n>>");
    (body, contents_at, range_at)
}

/// The laid empty field of that name, or a new one on its page.
fn signature_field(
    file: &File<'_>,
    form: &Form,
    request: &SignRequest,
    update: &mut Update<'_>,
) -> Result<(Id, Field), SignError> {
    let newest = file.newest();
    if locks::of(file, form, newest)?.contains(&locks::Lock::Document) {
        return Err(SignError::Locked);
    }
    let mut dictionary = form.dictionary.clone().unwrap_or_default();
    dictionary.set(b"SigFlags", Object::Integer(3));
    if let Some(field) = form.fields.iter().find(|f| f.name == request.field) {
        if !field.is_signature() {
            return Err(SignError::NotASignatureField(request.field.clone()));
        }
        if !matches!(field.dictionary.get(b"V"), None | Some(Object::Null)) {
            return Err(SignError::AlreadySigned(request.field.clone()));
        }
        write_form(file, form, dictionary, update)?;
        return Ok((field.id, field.clone()));
    }
    let place = request.placement.unwrap_or(match request.visible.mark {
        Mark::Signature => Placement::signature(),
        Mark::Seal => Placement::seal(),
    });
    let usable = [place.x, place.y, place.width, place.height]
        .iter()
        .all(|n| n.is_finite() && (0.0..=14_400.0).contains(n));
    if !usable || place.width < 10.0 || place.height < 10.0 {
        return Err(SignError::Placement);
    }
    let (page_id, page) = fields::pages(file, newest)?
        .into_iter()
        .nth(place.page)
        .ok_or(SignError::Placement)?;
    let id = update.reserve();
    let rectangle = [
        place.x,
        place.y,
        place.x + place.width,
        place.y + place.height,
    ]
    .map(Object::real)
    .to_vec();
    let field = Dictionary::default()
        .with(b"Type", Object::name("Annot"))
        .with(b"Subtype", Object::name("Widget"))
        .with(b"FT", Object::name("Sig"))
        .with(b"T", Object::text(&request.field))
        .with(b"F", Object::Integer(132))
        .with(b"P", Object::Reference(page_id))
        .with(b"Rect", Object::Array(rectangle));
    let field = if request.lock {
        field.with(b"Lock", Object::Dictionary(fields::lock("SigFieldLock")))
    } else {
        field
    };
    append(file, update, page_id, page, b"Annots", id)?;
    let mut all = file
        .value(&dictionary, b"Fields", newest)?
        .array()
        .unwrap_or_default()
        .to_vec();
    all.push(Object::Reference(id));
    dictionary.set(b"Fields", Object::Array(all));
    write_form(file, form, dictionary, update)?;
    Ok((
        id,
        Field {
            id,
            name: request.field.clone(),
            dictionary: field,
        },
    ))
}

/// Adds a reference to an array entry of a dictionary, wherever the array stands.
fn append(
    file: &File<'_>,
    update: &mut Update<'_>,
    owner: Id,
    dictionary: Dictionary,
    key: &[u8],
    id: Id,
) -> Result<(), SignError> {
    let mut items = file
        .value(&dictionary, key, file.newest())?
        .array()
        .unwrap_or_default()
        .to_vec();
    items.push(Object::Reference(id));
    match dictionary.get(key).and_then(Object::reference) {
        Some(array) => update.set(array, &Object::Array(items)),
        None => update.set(
            owner,
            &Object::Dictionary(dictionary.with(key, Object::Array(items))),
        ),
    }
    Ok(())
}

fn write_form(
    file: &File<'_>,
    form: &Form,
    dictionary: Dictionary,
    update: &mut Update<'_>,
) -> Result<(), SignError> {
    if form.dictionary.as_ref() == Some(&dictionary) {
        return Ok(());
    }
    match form.id {
        Some(id) => update.set(id, &Object::Dictionary(dictionary)),
        None => {
            let id = update.add(&Object::Dictionary(dictionary));
            let (catalog_id, catalog) = file.catalog(file.newest())?;
            update.set(
                catalog_id,
                &Object::Dictionary(catalog.with(b"AcroForm", Object::Reference(id))),
            );
        }
    }
    Ok(())
}

/// Puts the CMS into its place.
pub fn embed(prepared: Prepared, cms_der: &[u8]) -> Result<Vec<u8>, SignError> {
    let [_, start, end, _] = prepared.byte_range;
    let (Ok(start), Ok(end)) = (usize::try_from(start), usize::try_from(end)) else {
        return Err(SignError::Unreadable(
            "byte range lies outside the file".to_owned(),
        ));
    };
    let reserved = end.saturating_sub(start).saturating_sub(2) / 2;
    if cms_der.len() > reserved {
        return Err(SignError::ContentsTooSmall {
            needed: cms_der.len(),
            reserved,
        });
    }
    let mut bytes = prepared.bytes;
    let hexadecimal: Vec<u8> = cms_der
        .iter()
        .flat_map(|byte| format!("{byte:02x}").into_bytes())
        .collect();
    match bytes.get_mut(start + 1..start + 1 + hexadecimal.len()) {
        Some(slot) => slot.copy_from_slice(&hexadecimal),
        None => {
            return Err(SignError::Unreadable(
                "byte range lies outside the file".to_owned(),
            ));
        }
    }
    Ok(bytes)
}

/// `D:20260204151203+07'00'`, the official time zone.
pub(crate) fn date_string(milliseconds: i64) -> String {
    let local = milliseconds.div_euclid(1000) + 7 * 3600;
    let (days, seconds) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("D:{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}+07'00'")
}

/// Year, month and day of a count of days since 1970-01-01 (proleptic Gregorian).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
