//! Fills number and date of a signed paper, as a revision of its own.
//! Standard: ISO 32000-2 §12.7.5.3 (text fields), §12.8.2.2 (form filling is a permitted change after signing).
//! Must never overwrite a number that is there.

use crate::appearance;
use crate::compose::ComposeError;
use crate::fields::{self, DATE_FIELD, Field, NUMBER_FIELD};
use crate::locks;
use crate::pdf::file::{File, Unreadable};
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::syntax::Malformed;
use crate::pdf::update::Update;
use unicode_normalization::UnicodeNormalization;

/// Why the number could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The paper cannot be read.
    #[error("the paper cannot be read: {0}")]
    Unreadable(String),
    /// The fields were not laid before the person signed.
    #[error("the paper has no empty fields for number and date")]
    NoFields,
    /// Number or date stand there already.
    #[error("the paper has a number already")]
    AlreadyNumbered,
    /// A signature (the seal) allows no further filling.
    #[error("an earlier signature locks the paper")]
    Locked,
    /// An empty number or date.
    #[error("number and date must not be empty")]
    Empty,
    /// The value could not be drawn.
    #[error(transparent)]
    Visible(#[from] ComposeError),
}

impl From<Unreadable> for NumberError {
    fn from(error: Unreadable) -> Self {
        NumberError::Unreadable(error.to_string())
    }
}

impl From<Malformed> for NumberError {
    fn from(error: Malformed) -> Self {
        NumberError::Unreadable(error.to_string())
    }
}

/// Writes number (`118`) and date (`ngày 04 tháng 02 năm 2026`) into their fields.
pub fn fill_number(signed: &[u8], number: &str, date: &str) -> Result<Vec<u8>, NumberError> {
    if number.trim().is_empty() || date.trim().is_empty() {
        return Err(NumberError::Empty);
    }
    let file = File::read(signed)?;
    let form = fields::form(&file, file.newest())?;
    let locks = locks::of(&file, &form, file.newest())?;
    if locks
        .iter()
        .any(|lock| lock.holds(NUMBER_FIELD) || lock.holds(DATE_FIELD))
    {
        return Err(NumberError::Locked);
    }
    let mut update = Update::new(&file);
    for (name, value, italic) in [(NUMBER_FIELD, number, false), (DATE_FIELD, date, true)] {
        let field = form
            .fields
            .iter()
            .find(|f| f.name == name && f.is_text())
            .ok_or(NumberError::NoFields)?;
        if !is_empty(field) {
            return Err(NumberError::AlreadyNumbered);
        }
        let [_, _, width, height] = field
            .rectangle()
            .ok_or(NumberError::NoFields)?
            .map(|n| n as f32);
        let value: String = value.nfc().collect();
        let drawn = appearance::of_value(&value, italic, width, height)?;
        let normal = appearance::embed(&drawn, &mut update)?;
        let dictionary = field
            .dictionary
            .clone()
            .with(b"V", Object::text(&value))
            .with(
                b"AP",
                Object::Dictionary(Dictionary::default().with(b"N", Object::Reference(normal))),
            );
        update.set(field.id, &Object::Dictionary(dictionary));
    }
    Ok(update.finish().bytes)
}

/// No value, or an empty one.
pub(crate) fn is_empty(field: &Field) -> bool {
    match field.dictionary.get(b"V") {
        None | Some(Object::Null) => true,
        Some(Object::String(text)) => text.is_empty(),
        _ => false,
    }
}
