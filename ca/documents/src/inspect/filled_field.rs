//! Fields that a later revision filled, signed or added, and everything that hangs below them.
//! Standard: ISO 32000-2 §12.7.4, §12.8.2.2.2 table 257 (form filling and signing as permitted changes).
//! Must never accept a field that moved, hid, acts, or covers what was signed.

use super::FindingCode;
use super::difference::{Examination, SUBTREE_LIMIT};
use crate::fields::{DATE_FIELD, Field, Form, NUMBER_FIELD};
use crate::locks::Lock;
use crate::number;
use crate::pdf::object::{Dictionary, Id, Object};
use crate::pdf::syntax::Malformed;
use std::collections::BTreeSet;

/// Keys that a new signature field may have.
const WIDGET_KEYS: [&[u8]; 15] = [
    b"Type", b"Subtype", b"FT", b"T", b"V", b"F", b"P", b"Rect", b"AP", b"Ff", b"Lock", b"SV",
    b"DA", b"MK", b"TU",
];
/// Keys that act or reach outside.
const ACTIVE_KEYS: [&[u8]; 8] = [
    b"JS",
    b"JavaScript",
    b"A",
    b"AA",
    b"OpenAction",
    b"Launch",
    b"URI",
    b"RichMediaContent",
];

impl Examination<'_, '_> {
    /// A field that was there before.
    pub(super) fn field(&mut self, field: &Field, locks: &[Lock]) -> Result<(), Malformed> {
        let number = field.id.number;
        if !self.touched(number) {
            return Ok(());
        }
        let old = self.file.object(number, self.old())?;
        let new = self.file.object(number, self.revision)?;
        if old == new {
            return Ok(());
        }
        let (Object::Dictionary(old), Object::Dictionary(new)) = (old, new) else {
            self.report(
                FindingCode::FieldChanged,
                Some(number),
                "field replaced by another kind of object",
            );
            return Ok(());
        };
        self.explained.insert(number);
        let fillable = field.is_text() && [NUMBER_FIELD, DATE_FIELD].contains(&field.name.as_str());
        if !(field.is_signature() || fillable)
            || !old.equal_except(&new, &[b"V", b"AP", b"F"])
            || !shown(&old, &new)
        {
            self.report(
                FindingCode::FieldChanged,
                Some(number),
                &format!("field {} changed", field.name),
            );
            return Ok(());
        }
        if locks.iter().any(|lock| lock.holds(&field.name)) {
            self.report(
                FindingCode::LockedField,
                Some(number),
                &format!("field {} is locked", field.name),
            );
        }
        if fillable {
            let filled = matches!(new.get(b"V"), Some(Object::String(text)) if !text.is_empty());
            if !number::is_empty(field) || !filled {
                self.report(
                    FindingCode::NumberChanged,
                    Some(number),
                    &format!("field {} had a value", field.name),
                );
            }
            self.numbered = true;
        } else {
            let signed = !matches!(old.get(b"V"), None | Some(Object::Null));
            match new.get(b"V") {
                Some(Object::Reference(value)) if !signed => self.signature_value(*value)?,
                _ => {
                    self.report(
                        FindingCode::FieldChanged,
                        Some(number),
                        &format!("signature {} changed", field.name),
                    );
                }
            }
        }
        self.appearance(&new)
    }

    fn signature_value(&mut self, id: Id) -> Result<(), Malformed> {
        self.subtree(&Object::Reference(id))
    }

    fn appearance(&mut self, widget: &Dictionary) -> Result<(), Malformed> {
        match widget.get(b"AP") {
            Some(appearance) => self.subtree(&appearance.clone()),
            None => Ok(()),
        }
    }

    /// Everything below is new, or was there and is untouched; nothing acts.
    fn subtree(&mut self, from: &Object) -> Result<(), Malformed> {
        let mut seen = BTreeSet::new();
        let mut pending = vec![from.clone()];
        while let Some(object) = pending.pop() {
            match object {
                Object::Reference(id) => {
                    if seen.len() > SUBTREE_LIMIT {
                        return Err(Malformed {
                            at: 0,
                            what: "too many objects belong together",
                        });
                    }
                    if !self.touched(id.number) || !seen.insert(id.number) {
                        continue;
                    }
                    if !self.is_new(id.number)? {
                        self.report(
                            FindingCode::ObjectReplaced,
                            Some(id.number),
                            "an older object was replaced",
                        );
                    }
                    self.explained.insert(id.number);
                    pending.push(self.file.object(id.number, self.revision)?);
                }
                Object::Array(items) => pending.extend(items),
                Object::Dictionary(dictionary) => self.passive(&dictionary, &mut pending),
                Object::Stream(stream) => {
                    if stream.dictionary.get(b"F").is_some() {
                        self.report(
                            FindingCode::ActiveContent,
                            None,
                            "stream refers to another file",
                        );
                    }
                    self.passive(&stream.dictionary, &mut pending);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn passive(&mut self, dictionary: &Dictionary, pending: &mut Vec<Object>) {
        let acts = ACTIVE_KEYS.iter().any(|key| dictionary.get(key).is_some())
            || dictionary.is(b"S", b"JavaScript")
            || dictionary.is(b"S", b"Launch");
        if acts {
            self.report(
                FindingCode::ActiveContent,
                None,
                "action or script below a filled field",
            );
        }
        pending.extend(dictionary.iter().map(|(_, value)| value.clone()));
    }

    pub(super) fn added_field(&mut self, id: Id, old: &Form) -> Result<(), Malformed> {
        let number = Some(id.number);
        let Object::Dictionary(field) = self.file.object(id.number, self.revision)? else {
            self.report(FindingCode::FieldAdded, number, "is not a dictionary");
            return Ok(());
        };
        let plain =
            field.is(b"FT", b"Sig") && field.iter().all(|(key, _)| WIDGET_KEYS.contains(&key));
        if !plain || !self.is_new(id.number)? {
            self.report(
                FindingCode::FieldAdded,
                number,
                "is not a plain new signature field",
            );
            return Ok(());
        }
        self.explained.insert(id.number);
        if let Some(Object::Reference(value)) = field.get(b"V") {
            self.signature_value(*value)?;
        }
        for key in [&b"Lock"[..], b"SV", b"MK"] {
            if let Some(value) = field.get(key) {
                self.subtree(&value.clone())?;
            }
        }
        self.appearance(&field)?;
        let widget = Field {
            id,
            name: String::new(),
            dictionary: field,
        };
        if let Some(reason) = covers(&widget, old) {
            self.report(FindingCode::Overlay, number, reason);
        }
        Ok(())
    }
}

/// The flags of a widget change only to shown, printed, locked.
fn shown(old: &Dictionary, new: &Dictionary) -> bool {
    let (before, after) = (old.get(b"F"), new.get(b"F"));
    before == after
        || after
            .and_then(Object::integer)
            .is_some_and(|flags| flags & 4 != 0 && flags & (1 | 2 | 32) == 0)
}

/// A new signature's picture hides what was there.
fn covers(widget: &Field, old: &Form) -> Option<&'static str> {
    let [x, y, width, height] = widget.rectangle()?;
    if width * height > 0.2 * 595.0 * 842.0 {
        return Some("picture is larger than a fifth of the page");
    }
    for field in &old.fields {
        if field.dictionary.get(b"P") != widget.dictionary.get(b"P") {
            continue;
        }
        let Some([a, b, c, d]) = field.rectangle() else {
            continue;
        };
        let wide = ((x + width).min(a + c) - x.max(a)).max(0.0);
        let high = ((y + height).min(b + d) - y.max(b)).max(0.0);
        let share = wide * high / (c * d).max(1.0);
        let limit = if field.is_signature() { 0.6 } else { 0.02 };
        if share > limit {
            return Some("picture covers an earlier field");
        }
    }
    None
}
