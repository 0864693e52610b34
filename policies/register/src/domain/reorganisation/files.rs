//! From CSV files to rows of a plan: our own format, and the tables in which reorganisations come (communes, departments, names over time,
//! lists of bodies), told apart by their header line.
//! Standard: RFC 4180; statistical codes are never identities, so each is checked against the name beside it.
//! It must never guess: a code whose name differs, or a place nobody knows, is a fault with its line.

use std::collections::{BTreeMap, BTreeSet};

use super::places::{committee, same_name};
use super::{Body, Row};
use crate::domain::facts::AgencyFact;
use crate::domain::import::table::{self, Columns, Faults, Row as Line, Table};
use crate::domain::import::{Cause, File};
use crate::domain::words::Action;
use platform::clock::{date, parse_date};

/// Our own format; docs/operations/reorganisation.md describes it.
const PLAN: Columns = Columns {
    required: &[("action", &[]), ("old_code", &[]), ("new_code", &[])],
    optional: &[
        "old_name",
        "new_name",
        "parent_code",
        "kind",
        "short_name",
        "level",
        "mail_domain",
        "gso_code",
        "id_qcvn102",
        "functions",
        "proposed",
        "basis",
    ],
};
const MERGER: Columns = Columns {
    required: &[
        ("old_gso", &[]),
        ("old_name", &[]),
        ("old_district_gso", &[]),
        ("old_district", &[]),
        ("new_gso", &[]),
        ("new_name", &[]),
        ("relation", &[]),
        ("default_successor", &[]),
    ],
    optional: &["sources_agreeing", "sources"],
};
const DEPARTMENTS: Columns = Columns {
    required: &[
        ("old_code", &[]),
        ("old_name", &[]),
        ("new_code", &[]),
        ("new_name", &[]),
        ("relation", &[]),
        ("effective", &[]),
    ],
    optional: &["basis"],
};
const VERSIONS: Columns = Columns {
    required: &[
        ("gso_code", &[]),
        ("parent_gso", &[]),
        ("name_vi", &[]),
        ("valid_from", &[]),
        ("valid_to", &[]),
    ],
    optional: &["level", "variant_spelling", "notes"],
};
const BODIES: Columns = Columns {
    required: &[
        ("code", &[]),
        ("parent_code", &[]),
        ("level", &[]),
        ("name_vi", &[]),
        ("kind", &[]),
        ("short_name", &[]),
        ("mail_domain", &[]),
        ("valid_from", &[]),
    ],
    optional: &[
        "mail_domain_test",
        "id_qcvn102",
        "gso_code",
        "counted",
        "valid_to",
        "status",
        "notes",
        "origin",
    ],
};

/// The rows of all files, and the answers that came with them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Rows by code.
    pub rows: Vec<Row>,
    /// Answers.
    pub choices: BTreeMap<String, String>,
}

/// The register just before the instant.
struct Here<'a> {
    day: String,
    by_code: BTreeMap<&'a str, &'a AgencyFact>,
    by_gso: BTreeMap<&'a str, &'a AgencyFact>,
    root: Option<&'a AgencyFact>,
}

/// Bodies described in a list.
#[derive(Default)]
struct Listed {
    bodies: Vec<(String, Body, u64)>,
    by_gso: BTreeMap<String, String>,
}

/// Reads the files for an instant, against the bodies of the register.
pub fn read(files: &[&[u8]], at: i64, agencies: &[AgencyFact], faults: &mut Faults) -> Loaded {
    let before: Vec<&AgencyFact> = agencies
        .iter()
        .filter(|a| a.interval().holds(at - 1))
        .collect();
    let here = Here {
        day: date(at).to_string(),
        by_code: before.iter().map(|a| (a.code.as_str(), *a)).collect(),
        by_gso: before
            .iter()
            .filter_map(|a| Some((a.gso_code.as_deref()?, *a)))
            .collect(),
        root: before.iter().find(|a| a.parent.is_none()).copied(),
    };
    let mut tables = Vec::new();
    for bytes in files {
        match recognise(bytes) {
            Some((file, columns)) => tables.push(table::read(file, bytes, columns, faults)),
            None => faults.add(File::Plan, 1, "", Cause::UnknownPlanFile),
        }
    }
    let mut listed = Listed::default();
    for one in tables.iter().filter(|one| one.file() == File::Bodies) {
        bodies(one, &here, &mut listed, faults);
    }
    let mut loaded = Loaded::default();
    for one in &tables {
        match one.file() {
            File::Plan => own(one, &here, &mut loaded, faults),
            File::Merger => merger(one, &here, &listed, &mut loaded.rows, faults),
            File::Departments => departments(one, &here, &mut loaded.rows, faults),
            File::Versions => versions(one, &here, &listed, &mut loaded.rows, faults),
            _ => {}
        }
    }
    describe(&here, listed, &mut loaded.rows);
    loaded
}

/// Which table this is, by its header line.
fn recognise(bytes: &[u8]) -> Option<(File, &'static Columns)> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let end = bytes.iter().position(|b| matches!(b, b'\n' | b'\r'));
    let first = std::str::from_utf8(bytes.get(..end.unwrap_or(bytes.len()))?).ok()?;
    let names: BTreeSet<&str> = first
        .split(',')
        .map(|name| name.trim_matches('"'))
        .collect();
    let has = |name: &str| names.contains(name);
    if has("action") {
        Some((File::Plan, &PLAN))
    } else if has("old_gso") {
        Some((File::Merger, &MERGER))
    } else if has("effective") {
        Some((File::Departments, &DEPARTMENTS))
    } else if has("parent_gso") {
        Some((File::Versions, &VERSIONS))
    } else if has("mail_domain") {
        Some((File::Bodies, &BODIES))
    } else {
        None
    }
}

fn row(line: &Line, action: Action, old: &str, new: &str) -> Row {
    Row {
        line: line.line,
        action,
        old: old.to_string(),
        new: new.to_string(),
        body: Body::default(),
        functions: String::new(),
        proposed: false,
        basis: String::new(),
    }
}

/// A word that must be one of a list.
fn one_of<T: Copy>(
    line: &Line,
    column: &'static str,
    allowed: &'static str,
    found: Option<T>,
    faults: &mut Faults,
) -> Option<T> {
    if found.is_none() {
        let cause = Cause::NotAllowed(line.text(column).to_string(), allowed);
        line.fault(column, cause, faults);
    }
    found
}

/// The body that bears a code or statistical code before the instant, when the name beside it agrees.
fn body_before<'a>(
    line: &Line,
    (column, named): (&'static str, &'static str),
    found: Option<&&'a AgencyFact>,
    faults: &mut Faults,
) -> Option<&'a AgencyFact> {
    let (key, name) = (line.text(column).to_string(), line.text(named));
    match found {
        None => line.fault(column, Cause::UnknownBody(key), faults),
        Some(body) if !name.is_empty() && !same_name(name, &body.name) => {
            let cause = Cause::NameDiffers(name.to_string(), body.name.clone());
            line.fault(named, cause, faults);
        }
        Some(body) => return Some(*body),
    }
    None
}

fn own(table: &Table, here: &Here, loaded: &mut Loaded, faults: &mut Faults) {
    const ACTIONS: &str = "new, rename, move, continue, merge, split, end, ask, take_over, choose";
    for line in table.rows() {
        let found = Action::parse(line.text("action"));
        let Some(action) = one_of(line, "action", ACTIONS, found, faults) else {
            continue;
        };
        let (old, new) = (line.text("old_code"), line.text("new_code"));
        if action == Action::Choose {
            if line.filled("old_code", 120, faults).is_some()
                && line.filled("new_code", 30, faults).is_some()
            {
                loaded.choices.insert(old.to_string(), new.to_string());
            }
            continue;
        }
        if action == Action::New {
            if line.filled("new_code", 20, faults).is_none() {
                continue;
            }
        } else if body_before(
            line,
            ("old_code", "old_name"),
            here.by_code.get(old),
            faults,
        )
        .is_none()
        {
            continue;
        }
        let needs_new = matches!(
            action,
            Action::Continue | Action::Merge | Action::Split | Action::TakeOver
        );
        if needs_new && line.filled("new_code", 20, faults).is_none() {
            continue;
        }
        let level = match line.optional("level") {
            Some(_) => line.number("level", faults),
            None => None,
        };
        loaded.rows.push(Row {
            body: Body {
                name: line.optional("new_name"),
                parent: line.optional("parent_code"),
                kind: line.optional("kind"),
                short_name: line.optional("short_name"),
                level,
                mail_domain: line.optional("mail_domain"),
                gso_code: line.optional("gso_code"),
                id_qcvn102: line.optional("id_qcvn102"),
            },
            functions: line.text("functions").to_string(),
            proposed: line.text("proposed") == "yes",
            basis: line.text("basis").to_string(),
            ..row(line, action, old, new)
        });
    }
}

/// Old communes → new communes, and the end of the districts between.
fn merger(table: &Table, here: &Here, listed: &Listed, rows: &mut Vec<Row>, faults: &mut Faults) {
    let mut takes: BTreeMap<&str, usize> = BTreeMap::new();
    for line in table.rows() {
        *takes.entry(line.text("new_gso")).or_default() += 1;
    }
    let mut districts = BTreeSet::new();
    for line in table.rows() {
        let relation = match line.text("relation") {
            "whole" => Some(Action::Merge),
            "part" => Some(Action::Split),
            _ => None,
        };
        let relation = one_of(line, "relation", "whole, part", relation, faults);
        let old = here.by_gso.get(line.text("old_gso"));
        let old = body_before(line, ("old_gso", "old_name"), old, faults);
        let upper = here.by_gso.get(line.text("old_district_gso"));
        if let Some(upper) = body_before(line, ("old_district_gso", "old_district"), upper, faults)
            && districts.insert(upper.code.clone())
        {
            rows.push(row(line, Action::End, &upper.code, ""));
        }
        let new_gso = line.text("new_gso");
        let Some(new) = listed.by_gso.get(new_gso) else {
            let cause = Cause::UndescribedBody(line.text("new_name").to_string());
            line.fault("new_gso", cause, faults);
            continue;
        };
        let (Some(relation), Some(old)) = (relation, old) else {
            continue;
        };
        let alone = relation == Action::Merge && takes.get(new_gso) == Some(&1);
        let action = if alone { Action::Continue } else { relation };
        rows.push(Row {
            proposed: line.text("default_successor") == "yes",
            ..row(line, action, &old.code, new)
        });
    }
}

/// Departments before → departments after, the rows of the plan's day.
fn departments(table: &Table, here: &Here, rows: &mut Vec<Row>, faults: &mut Faults) {
    for line in table.rows() {
        if !line.text("effective").split('/').any(|day| day == here.day) {
            continue;
        }
        let found = match Action::parse(line.text("relation")) {
            Some(action @ (Action::Merge | Action::Split | Action::Continue)) => Some(action),
            _ => None,
        };
        let action = one_of(line, "relation", "merge, split, continue", found, faults);
        let old = here.by_code.get(line.text("old_code"));
        let old = body_before(line, ("old_code", "old_name"), old, faults);
        if let (Some(action), Some(old)) = (action, old) {
            rows.push(Row {
                body: Body {
                    name: line.optional("new_name"),
                    ..Body::default()
                },
                basis: line.text("basis").to_string(),
                ..row(line, action, &old.code, line.text("new_code"))
            });
        }
    }
}

/// Names over time: what changes on the plan's day.
fn versions(table: &Table, here: &Here, listed: &Listed, rows: &mut Vec<Row>, faults: &mut Faults) {
    let day = parse_date(&here.day);
    let on = |line: &Line, column| parse_date(line.text(column)).is_some_and(|d| Some(d) == day);
    let begun = table.rows().iter().filter(|line| on(line, "valid_from"));
    let mut begun: BTreeMap<&str, &Line> =
        begun.map(|line| (line.text("gso_code"), line)).collect();
    for ended in table.rows().iter().filter(|line| on(line, "valid_to")) {
        let gso = ended.text("gso_code");
        let old = here.by_gso.get(gso);
        let Some(old) = body_before(ended, ("gso_code", "name_vi"), old, faults) else {
            continue;
        };
        let Some(next) = begun.remove(gso) else {
            rows.push(row(ended, Action::Ask, &old.code, ""));
            continue;
        };
        let name = next.text("name_vi");
        if next.text("parent_gso") != ended.text("parent_gso") {
            next.fault("gso_code", Cause::ChangedHands(gso.to_string()), faults);
        } else if let Some(committee) = committee(name) {
            rows.push(Row {
                body: Body {
                    name: Some(committee.name),
                    short_name: Some(committee.short_name),
                    kind: Some(committee.kind.to_string()),
                    ..Body::default()
                },
                ..row(next, Action::Rename, &old.code, "")
            });
        } else {
            next.fault("name_vi", Cause::NoKindOfPlace(name.to_string()), faults);
        }
    }
    for (gso, line) in begun {
        if !listed.by_gso.contains_key(gso) && !here.by_gso.contains_key(gso) {
            let cause = Cause::UndescribedBody(line.text("name_vi").to_string());
            line.fault("gso_code", cause, faults);
        }
    }
}

/// A list of bodies as they stand after: those of the plan's day.
fn bodies(table: &Table, here: &Here, listed: &mut Listed, faults: &mut Faults) {
    for line in table.rows() {
        let (from, to) = (line.text("valid_from"), line.text("valid_to"));
        let day = here.day.as_str();
        // Days are written yyyy-mm-dd, so that text order is their order.
        if from > day || (!to.is_empty() && to <= day) {
            continue;
        }
        let (Some(code), Some(level)) = (
            line.filled("code", 20, faults),
            line.number("level", faults),
        ) else {
            continue;
        };
        let domain = line.optional("mail_domain_test");
        let body = Body {
            name: line.optional("name_vi"),
            parent: line.optional("parent_code"),
            kind: line.optional("kind"),
            short_name: line.optional("short_name"),
            level: Some(level),
            mail_domain: domain.or_else(|| line.optional("mail_domain")),
            gso_code: line.optional("gso_code"),
            id_qcvn102: line.optional("id_qcvn102"),
        };
        if let Some(gso) = &body.gso_code {
            listed.by_gso.insert(gso.clone(), code.clone());
        }
        listed.bodies.push((code, body, line.line));
    }
}

/// Bodies of the list that are not there yet: described where a row names them as the same body going on, else begun. A list with
/// another province at its top merges the province before into it.
fn describe(here: &Here, listed: Listed, rows: &mut Vec<Row>) {
    for (code, body, line) in listed.bodies {
        if here.by_code.contains_key(code.as_str()) {
            continue;
        }
        let mut next = Row {
            line,
            action: Action::New,
            old: String::new(),
            new: code.clone(),
            body,
            functions: String::new(),
            proposed: false,
            basis: String::new(),
        };
        let going_on = rows
            .iter_mut()
            .find(|row| row.action == Action::Continue && row.new == code);
        if let Some(row) = going_on {
            row.body = next.body;
            continue;
        }
        if let Some(root) = here.root
            && next.body.parent.is_none()
            && !rows.iter().any(|row| row.old == root.code)
        {
            rows.push(next.clone());
            next.action = Action::Merge;
            next.old.clone_from(&root.code);
            next.body = Body::default();
        }
        rows.push(next);
    }
}
