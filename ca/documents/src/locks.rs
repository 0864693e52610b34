//! What earlier signatures forbid to change.
//! Standard: ISO 32000-2 §12.8.2.2 (DocMDP), §12.8.2.4 (FieldMDP).
//! Must never take an unreadable restriction for none: it counts as a lock of everything.

use crate::fields::Form;
use crate::pdf::file::File;
use crate::pdf::object::{Object, decode_text};
use crate::pdf::syntax::Malformed;

/// One restriction that a signature carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lock {
    /// No change at all.
    Document,
    /// No field may be filled.
    All,
    /// These fields may not be filled.
    Include(Vec<String>),
    /// Only these fields may be filled.
    Exclude(Vec<String>),
}

impl Lock {
    pub(crate) fn holds(&self, field: &str) -> bool {
        let named = |names: &[String]| names.iter().any(|name| name == field);
        match self {
            Lock::Document | Lock::All => true,
            Lock::Include(names) => named(names),
            Lock::Exclude(names) => !named(names),
        }
    }
}

/// All restrictions of the signatures in a revision.
pub(crate) fn of(file: &File<'_>, form: &Form, as_of: usize) -> Result<Vec<Lock>, Malformed> {
    let mut locks = Vec::new();
    for field in form.fields.iter().filter(|f| f.is_signature()) {
        let value = file.value(&field.dictionary, b"V", as_of)?;
        let Some(signature) = value.dictionary() else {
            continue;
        };
        let references = file.value(signature, b"Reference", as_of)?;
        for reference in references.array().unwrap_or_default() {
            let reference = file.resolve(reference, as_of)?;
            let Some(reference) = reference.dictionary() else {
                continue;
            };
            let parameters = file.value(reference, b"TransformParams", as_of)?;
            let parameters = parameters.dictionary().cloned().unwrap_or_default();
            let names = file.value(&parameters, b"Fields", as_of)?;
            let names = names
                .array()
                .unwrap_or_default()
                .iter()
                .filter_map(Object::string)
                .map(decode_text)
                .collect();
            match reference.get(b"TransformMethod") {
                Some(Object::Name(method)) if method == b"DocMDP" => {
                    match parameters.get(b"P").map_or(Some(2), Object::integer) {
                        Some(2 | 3) => {}
                        _ => locks.push(Lock::Document),
                    }
                }
                Some(Object::Name(method)) if method == b"FieldMDP" => {
                    locks.push(match parameters.get(b"Action") {
                        Some(Object::Name(action)) if action == b"Include" => Lock::Include(names),
                        Some(Object::Name(action)) if action == b"Exclude" => Lock::Exclude(names),
                        _ => Lock::All,
                    });
                }
                _ => {}
            }
        }
    }
    Ok(locks)
}
