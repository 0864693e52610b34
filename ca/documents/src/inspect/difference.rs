//! What a revision after a signature changed, and whether each change is one of the few that are permitted.
//! Standard: ISO 32000-2 §12.8.2.2.2 table 257 (permitted changes), narrowed: signature fields, number and date, validation material.
//! Must never accept a changed or added object that no permitted change explains.

use super::{Finding, FindingCode};
use crate::fields::{self, Form};
use crate::locks::{self, Lock};
use crate::pdf::cross_reference::Entry;
use crate::pdf::file::File;
use crate::pdf::object::{Dictionary, Id, Object};
use crate::pdf::syntax::Malformed;
use std::collections::{BTreeMap, BTreeSet};

/// At most so many objects belong to one appearance or signature.
pub(super) const SUBTREE_LIMIT: usize = 4096;
/// At most so many findings are listed.
const FINDING_LIMIT: usize = 128;

/// What an unsigned revision did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Numbering,
    Archive,
    Other,
}

pub(super) struct Examination<'f, 'a> {
    pub(super) file: &'f File<'a>,
    pub(super) revision: usize,
    findings: &'f mut Vec<Finding>,
    /// Objects whose change or addition has a permitted reason.
    pub(super) explained: BTreeSet<u32>,
    pub(super) numbered: bool,
    archived: bool,
}

/// Examines one revision against the one before.
pub(super) fn examine(file: &File<'_>, revision: usize, findings: &mut Vec<Finding>) -> Change {
    let before = findings.len();
    let mut work = Examination {
        file,
        revision,
        findings,
        explained: BTreeSet::new(),
        numbered: false,
        archived: false,
    };
    if let Err(error) = work.run() {
        work.report(FindingCode::MalformedObject, None, &error.to_string());
    }
    let (numbered, archived) = (work.numbered, work.archived);
    if findings.len() > before {
        Change::Other
    } else if numbered {
        Change::Numbering
    } else if archived {
        Change::Archive
    } else {
        Change::Other
    }
}

impl Examination<'_, '_> {
    pub(super) fn old(&self) -> usize {
        self.revision.saturating_sub(1)
    }

    pub(super) fn report(&mut self, code: FindingCode, object: Option<u32>, detail: &str) {
        if self.findings.len() < FINDING_LIMIT {
            let revision = Some(self.revision);
            self.findings.push(Finding {
                code,
                revision,
                object,
                detail: detail.to_owned(),
            });
        }
    }

    pub(super) fn touched(&self, number: u32) -> bool {
        self.file
            .revisions
            .get(self.revision)
            .is_some_and(|r| r.section.entries.contains_key(&number))
    }

    fn run(&mut self) -> Result<(), Malformed> {
        let (old, new) = (self.old(), self.revision);
        self.trailer();
        self.catalog()?;
        let old_form = fields::form(self.file, old)?;
        let new_form = fields::form(self.file, new)?;
        let locks = locks::of(self.file, &old_form, old)?;
        let added = self.form(&old_form, &new_form)?;
        for field in &old_form.fields {
            self.field(field, &locks)?;
        }
        for id in &added {
            self.added_field(*id, &old_form)?;
        }
        self.pages(&added)?;
        self.rest()?;
        if locks.contains(&Lock::Document) && !self.archived {
            self.report(
                FindingCode::LockedDocument,
                None,
                "an earlier signature allows no change",
            );
        }
        Ok(())
    }

    fn trailer(&mut self) {
        let (old, new) = (
            self.file.trailer(self.old()),
            self.file.trailer(self.revision),
        );
        let lasting = |trailer: &Dictionary| {
            trailer
                .get(b"ID")
                .and_then(Object::array)
                .and_then(|ids| ids.first())
                .cloned()
        };
        if old.get(b"Root") != new.get(b"Root")
            || (new.get(b"ID").is_some()
                && old.get(b"ID").is_some()
                && lasting(&old) != lasting(&new))
        {
            self.report(
                FindingCode::TrailerChanged,
                None,
                "another root or identifier",
            );
        }
        // Information about the paper is not part of what it shows; it may be renewed.
        if let Some(id) = new.get(b"Info").and_then(Object::reference) {
            let plain = |object: &Object| match object {
                Object::Dictionary(d) => d
                    .iter()
                    .all(|(_, v)| matches!(v, Object::String(_) | Object::Name(_))),
                _ => false,
            };
            if self.touched(id.number)
                && self
                    .file
                    .object(id.number, self.revision)
                    .is_ok_and(|o| plain(&o))
            {
                let known = old.get(b"Info").and_then(Object::reference) == Some(id);
                let unused = self
                    .file
                    .object(id.number, self.old())
                    .is_ok_and(|o| o == Object::Null);
                if known || unused {
                    self.explained.insert(id.number);
                }
            }
        }
    }

    fn catalog(&mut self) -> Result<(), Malformed> {
        let (id, old) = self.file.catalog(self.old())?;
        let (new_id, new) = self.file.catalog(self.revision)?;
        if id != new_id || !old.equal_except(&new, &[b"AcroForm", b"DSS", b"Extensions"]) {
            self.report(
                FindingCode::CatalogChanged,
                Some(new_id.number),
                "more than form and validation material",
            );
        }
        if old.get(b"Extensions").is_some() && old.get(b"Extensions") != new.get(b"Extensions") {
            self.report(
                FindingCode::CatalogChanged,
                Some(new_id.number),
                "extensions changed",
            );
        }
        // A metadata stream is about the paper and shows nothing; foreign signers renew it.
        if let Some(about) = new.get(b"Metadata").and_then(Object::reference)
            && self.touched(about.number)
        {
            let plain = |object: &Object| match object {
                Object::Stream(stream) => {
                    stream.dictionary.is(b"Type", b"Metadata")
                        && stream.dictionary.get(b"F").is_none()
                }
                _ => false,
            };
            let both = [self.old(), self.revision].map(|at| self.file.object(about.number, at));
            if both.iter().all(|object| object.as_ref().is_ok_and(plain)) {
                self.explained.insert(about.number);
            }
        }
        let mut before = BTreeSet::new();
        if let Some(material) = old.get(b"DSS") {
            self.reach(material, self.old(), &mut before)?;
        }
        if let Some(material) = new.get(b"DSS") {
            let mut after = BTreeSet::new();
            self.reach(material, self.revision, &mut after)?;
            for number in after {
                if self.touched(number) && (before.contains(&number) || self.is_new(number)?) {
                    self.explained.insert(number);
                    self.archived = true;
                }
            }
        } else if old.get(b"DSS").is_some() {
            self.report(
                FindingCode::CatalogChanged,
                Some(new_id.number),
                "validation material removed",
            );
        }
        self.explained.insert(id.number);
        Ok(())
    }

    pub(super) fn is_new(&self, number: u32) -> Result<bool, Malformed> {
        Ok(self.file.object(number, self.old())? == Object::Null)
    }

    /// Numbers of all objects that can be reached.
    fn reach(
        &self,
        from: &Object,
        as_of: usize,
        seen: &mut BTreeSet<u32>,
    ) -> Result<(), Malformed> {
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
                    if seen.insert(id.number) {
                        pending.push(self.file.object(id.number, as_of)?);
                    }
                }
                Object::Array(items) => pending.extend(items),
                Object::Dictionary(d)
                | Object::Stream(crate::pdf::object::Stream { dictionary: d, .. }) => {
                    pending.extend(d.iter().map(|(_, value)| value.clone()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The form dictionary; gives the fields that were added.
    fn form(&mut self, old: &Form, new: &Form) -> Result<Vec<Id>, Malformed> {
        let empty = Dictionary::default();
        let before = old.dictionary.as_ref().unwrap_or(&empty);
        let after = new.dictionary.as_ref().unwrap_or(&empty);
        if old.id.is_some() && old.id != new.id
            || !before.equal_except(after, &[b"Fields", b"SigFlags"])
        {
            self.report(
                FindingCode::FormChanged,
                new.id.map(|id| id.number),
                "more than signature fields",
            );
        }
        self.explained.extend(new.id.map(|id| id.number));
        let list = |d: &Dictionary, at| {
            self.file
                .value(d, b"Fields", at)
                .map(|v| v.array().unwrap_or_default().to_vec())
        };
        let (fields, all) = (list(before, self.old())?, list(after, self.revision)?);
        let holder = after.get(b"Fields").and_then(Object::reference);
        if holder == before.get(b"Fields").and_then(Object::reference) {
            self.explained.extend(holder.map(|id| id.number));
        }
        if !all.starts_with(&fields) {
            self.report(
                FindingCode::FormChanged,
                new.id.map(|id| id.number),
                "a field was removed or moved",
            );
            return Ok(Vec::new());
        }
        Ok(all
            .iter()
            .skip(fields.len())
            .filter_map(Object::reference)
            .collect())
    }

    fn pages(&mut self, added: &[Id]) -> Result<(), Malformed> {
        for (id, old) in fields::pages(self.file, self.old())? {
            let holder = old.get(b"Annots").and_then(Object::reference);
            if !self.touched(id.number) && !holder.is_some_and(|id| self.touched(id.number)) {
                continue;
            }
            let Object::Dictionary(new) = self.file.object(id.number, self.revision)? else {
                self.report(FindingCode::PageChanged, Some(id.number), "page replaced");
                continue;
            };
            if !old.equal_except(&new, &[b"Annots"]) {
                self.report(
                    FindingCode::PageChanged,
                    Some(id.number),
                    "page changed in more than signature fields",
                );
            }
            let before = self.file.value(&old, b"Annots", self.old())?;
            let after = self.file.value(&new, b"Annots", self.revision)?;
            let before = before.array().unwrap_or_default();
            let after = after.array().unwrap_or_default();
            let only_fields = after.get(before.len()..).is_some_and(|rest| {
                rest.iter()
                    .all(|a| a.reference().is_some_and(|id| added.contains(&id)))
            });
            if !after.starts_with(before) || !only_fields {
                self.report(
                    FindingCode::AnnotationChanged,
                    Some(id.number),
                    "annotations changed",
                );
            }
            self.explained.insert(id.number);
            let new_holder = new.get(b"Annots").and_then(Object::reference);
            if let Some(array) = new_holder
                && (new_holder == holder || self.is_new(array.number)?)
            {
                self.explained.insert(array.number);
            }
        }
        Ok(())
    }

    /// Every object of the revision must be explained by now.
    fn rest(&mut self) -> Result<(), Malformed> {
        let Some(section) = self
            .file
            .revisions
            .get(self.revision)
            .map(|r| r.section.clone())
        else {
            return Ok(());
        };
        let entries: &BTreeMap<u32, Entry> = &section.entries;
        for (number, entry) in entries {
            if self.explained.contains(number) {
                continue;
            }
            let old = self.file.object(*number, self.old())?;
            match entry {
                Entry::Free if old != Object::Null => {
                    self.report(FindingCode::ObjectRemoved, Some(*number), "object removed");
                }
                Entry::Free => {}
                _ if section.stream == Some(*number) && old == Object::Null => {}
                _ => {
                    let new = self.file.object(*number, self.revision)?;
                    let holds_objects = new.dictionary().is_some_and(|d| d.is(b"Type", b"ObjStm"));
                    if old == new || (holds_objects && old == Object::Null) {
                        continue;
                    }
                    let (code, detail) = if old == Object::Null {
                        (
                            FindingCode::ObjectAdded,
                            "object added without permitted reason",
                        )
                    } else {
                        (
                            FindingCode::ObjectReplaced,
                            "object replaced without permitted reason",
                        )
                    };
                    self.report(code, Some(*number), detail);
                }
            }
        }
        Ok(())
    }
}
