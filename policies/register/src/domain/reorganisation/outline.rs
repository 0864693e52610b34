//! What a plan does to the bodies themselves: which end, begin, go on otherwise, and whether a tree is left.
//! It must never leave a body under one that has ended: such a body is a question.

use std::collections::{BTreeMap, BTreeSet};

use platform::clock::format_date;
use platform::ids;
use platform::random::Entropy;

use super::preview::{Preview, Question};
use super::{Body, Draft, NOBODY, Row, World};
use crate::domain::facts::AgencyFact;
use crate::domain::import::{Cause, File, RowFault};
use crate::domain::words::{Action, Relation, is_collective};

/// Who takes over from a body.
#[derive(Debug, Clone)]
pub(super) struct Successor {
    pub(super) code: String,
    pub(super) functions: String,
    pub(super) basis: String,
}

/// A body that ends.
#[derive(Debug)]
pub(super) struct Ending<'a> {
    pub(super) body: &'a AgencyFact,
    pub(super) relation: Relation,
    /// Nobody has said yet who takes it over.
    pub(super) open: bool,
    pub(super) successors: Vec<Successor>,
}

/// What becomes of the bodies.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    pub(super) endings: Vec<Ending<'a>>,
    pub(super) begins: Vec<AgencyFact>,
    pub(super) changes: Vec<(&'a AgencyFact, AgencyFact)>,
    pub(super) take_overs: Vec<(&'a AgencyFact, Successor)>,
    /// Bodies that are there at the instant, by code.
    pub(super) after: BTreeMap<String, AgencyFact>,
}

pub(super) struct Drawing<'a, 'p> {
    pub(super) draft: &'a Draft<'a>,
    pub(super) before: BTreeMap<&'a str, &'a AgencyFact>,
    pub(super) acts: BTreeMap<&'a str, Vec<&'a Row>>,
    pub(super) entropy: &'a Entropy,
    pub(super) preview: &'p mut Preview,
    pub(super) outline: Outline<'a>,
}

pub(super) fn draw<'a>(
    draft: &'a Draft<'a>,
    world: &'a World,
    entropy: &'a Entropy,
    preview: &mut Preview,
) -> Outline<'a> {
    let agencies = &world.existing.facts.agencies;
    let standing = agencies.iter().filter(|a| a.interval().holds(draft.at - 1));
    let mut drawing = Drawing {
        draft,
        before: standing.map(|a| (a.code.as_str(), a)).collect(),
        acts: BTreeMap::new(),
        entropy,
        preview,
        outline: Outline::default(),
    };
    for row in draft.rows {
        if row.action != Action::New {
            drawing.acts.entry(&row.old).or_default().push(row);
        }
    }
    drawing.acts_on_bodies(agencies);
    drawing.begin();
    drawing.settle();
    drawing.orphans();
    drawing.check();
    for agency in drawing.before.values() {
        let named = (agency.code.clone(), agency.name.clone());
        drawing.preview.names.extend([named]);
    }
    for (code, agency) in &drawing.outline.after {
        let named = (code.clone(), agency.name.clone());
        drawing.preview.names.extend([named]);
    }
    drawing.outline
}

impl<'a> Drawing<'a, '_> {
    pub(super) fn problem(&mut self, line: u64, cause: Cause) {
        self.preview.problems.push(RowFault {
            file: File::Plan,
            line,
            column: String::new(),
            cause,
        });
    }

    /// Endings and take-overs; rows that do two things to one body are refused.
    fn acts_on_bodies(&mut self, agencies: &[AgencyFact]) {
        for (code, rows) in std::mem::take(&mut self.acts) {
            let line = rows.first().map_or(0, |row| row.line);
            let Some(body) = self.before.get(code).copied() else {
                self.problem(line, Cause::UnknownBody(code.to_string()));
                continue;
            };
            let settled = body.to.or_else(|| {
                let later = agencies
                    .iter()
                    .filter(|a| a.id == body.id && a.from > body.from);
                later.map(|a| a.from).min()
            });
            if let Some(then) = settled {
                let cause = Cause::SettledLater(code.to_string(), format_date(then));
                self.problem(line, cause);
            }
            let take_overs = rows.iter().filter(|row| row.action == Action::TakeOver);
            for row in take_overs {
                let successor = self.successor(row, &row.new);
                self.outline.take_overs.push((body, successor));
            }
            let acts: Vec<&Row> = rows
                .iter()
                .filter(|row| row.action != Action::TakeOver)
                .copied()
                .collect();
            let kinds: BTreeSet<Action> = acts
                .iter()
                .map(|row| match row.action {
                    Action::Rename | Action::Move => Action::Continue,
                    other => other,
                })
                .collect();
            let several = acts.len() > 1 && !kinds.contains(&Action::Split);
            if kinds.len() > 1 || (several && !kinds.contains(&Action::Continue)) {
                self.problem(line, Cause::TwoActs(code.to_string()));
                continue;
            }
            let own = acts.iter().any(|row| row.new == code);
            match kinds.first() {
                Some(Action::Merge) if own => {
                    self.problem(line, Cause::OwnSuccessor(code.to_string()));
                }
                Some(Action::Continue) => {
                    self.acts.insert(code, acts);
                }
                Some(action) => self.ending(body, *action, &acts),
                None => {}
            }
        }
    }

    fn successor(&self, row: &Row, code: &str) -> Successor {
        let basis = if row.basis.is_empty() {
            self.draft.basis
        } else {
            &row.basis
        };
        Successor {
            code: code.to_string(),
            functions: row.functions.clone(),
            basis: basis.to_string(),
        }
    }

    fn ending(&mut self, body: &'a AgencyFact, action: Action, rows: &[&Row]) {
        let answer = self.draft.choices.get(&body.code);
        let mut ending = Ending {
            body,
            relation: Relation::End,
            open: false,
            successors: Vec::new(),
        };
        match (action, answer) {
            (Action::Merge | Action::Split, _) => {
                let all = rows.iter().map(|row| self.successor(row, &row.new));
                ending.successors = all.collect();
                if action == Action::Merge {
                    ending.relation = Relation::Merge;
                } else {
                    ending.relation = Relation::Split;
                    ending.open = answer.is_none();
                    let proposed = rows.iter().find(|row| row.proposed);
                    let options = ending.successors.iter().map(|s| s.code.clone()).collect();
                    self.ask(body, options, proposed.map(|row| row.new.clone()), false);
                }
            }
            (_, Some(code)) if code != NOBODY => {
                ending.relation = Relation::Merge;
                ending.successors = rows
                    .iter()
                    .take(1)
                    .map(|row| self.successor(row, code))
                    .collect();
            }
            (Action::Ask, None) => ending.open = true,
            _ => {}
        }
        if action == Action::Ask {
            self.ask(body, Vec::new(), None, false);
        }
        self.outline.endings.push(ending);
    }

    pub(super) fn ask(
        &mut self,
        body: &AgencyFact,
        options: Vec<String>,
        proposed: Option<String>,
        may_stay: bool,
    ) {
        self.preview.questions.push(Question {
            key: body.code.clone(),
            about: body.name.clone(),
            options,
            proposed,
            may_stay,
            answer: self.draft.choices.get(&body.code).cloned(),
            waiting: 0,
        });
    }

    /// Bodies that begin: `new` rows, and successors that are described by the row that names them.
    fn begin(&mut self) {
        let rows = self.draft.rows;
        let mut wanted: BTreeMap<&str, (&Body, u64, Option<&AgencyFact>)> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.action == Action::New) {
            if wanted
                .insert(&row.new, (&row.body, row.line, None))
                .is_some()
            {
                self.problem(row.line, Cause::TwoActs(row.new.clone()));
            }
        }
        for row in rows {
            let named = matches!(row.action, Action::Merge | Action::Split | Action::TakeOver);
            if named && !self.before.contains_key(row.new.as_str()) {
                let before = self.before.get(row.old.as_str()).copied();
                let of_row = (&row.body, row.line, before);
                wanted.entry(&row.new).or_insert(of_row);
            }
        }
        for (code, (body, line, like)) in wanted {
            if let Some(agency) = self.new_body(code, body, line, like) {
                self.outline.begins.push(agency);
            }
        }
    }

    /// A new body; what its row leaves out is taken from the body it takes over from. The parent is still a code.
    fn new_body(
        &mut self,
        code: &str,
        body: &Body,
        line: u64,
        like: Option<&AgencyFact>,
    ) -> Option<AgencyFact> {
        let parent_of_like = like.and_then(|like| self.code_of(like.parent.as_deref()?));
        let name = body.name.clone();
        let kind = body.kind.clone().or_else(|| like.map(|l| l.kind.clone()));
        let domain = body.mail_domain.clone();
        let short_name = body.short_name.clone().or_else(|| name.clone());
        let lacks = [
            ("new_name", &name),
            ("kind", &kind),
            ("mail_domain", &domain),
        ];
        for (column, value) in lacks {
            if value.is_none() {
                self.problem(line, Cause::Undescribed(code.to_string(), column));
            }
        }
        let (name, kind) = (name?, kind?);
        Some(AgencyFact {
            record: ids::new("rcd", self.entropy),
            id: ids::new("agy", self.entropy),
            parent: body.parent.clone().or(parent_of_like),
            code: code.to_string(),
            name,
            short_name: short_name?,
            collective: is_collective(&kind),
            kind,
            level: body.level.or_else(|| like.map(|l| l.level)).unwrap_or(2),
            mail_domain: domain?,
            id_qcvn102: body.id_qcvn102.clone(),
            gso_code: body.gso_code.clone(),
            from: self.draft.at,
            to: None,
        })
    }

    pub(super) fn code_of(&self, id: &str) -> Option<String> {
        let found = self.before.values().find(|a| a.id == id);
        found.map(|a| a.code.clone())
    }

    /// Everything that is there afterwards gets its code and its parent's id.
    fn settle(&mut self) {
        let ended: BTreeSet<&str> = self
            .outline
            .endings
            .iter()
            .map(|e| e.body.id.as_str())
            .collect();
        let mut after: BTreeMap<String, AgencyFact> = BTreeMap::new();
        let mut taken = Vec::new();
        let going_on: Vec<&AgencyFact> = self
            .before
            .values()
            .filter(|a| !ended.contains(a.id.as_str()))
            .copied()
            .collect();
        let mut changed = Vec::new();
        for body in going_on {
            let mut next = body.clone();
            let mut parent_code = None;
            let mut line = 0;
            for row in self.acts.get(body.code.as_str()).into_iter().flatten() {
                line = row.line;
                parent_code = row.body.parent.clone().or(parent_code);
                change(&mut next, row);
            }
            if line > 0 {
                changed.push((body.code.as_str(), next.code.clone(), parent_code, line));
            }
            if let Some(other) = after.insert(next.code.clone(), next) {
                taken.push((line, other.code));
            }
        }
        let begins = std::mem::take(&mut self.outline.begins);
        for body in &begins {
            if let Some(other) = after.insert(body.code.clone(), body.clone()) {
                taken.push((0, other.code));
            }
        }
        for (line, code) in taken {
            self.problem(line, Cause::CodeTaken(code));
        }
        let ids: BTreeMap<String, String> = after
            .iter()
            .map(|(code, a)| (code.clone(), a.id.clone()))
            .collect();
        for body in begins {
            let parent = body.parent.clone();
            self.lift(&mut after, &ids, &body.code, parent, 0);
            if let Some(body) = after.get(&body.code) {
                self.outline.begins.push(body.clone());
            }
        }
        for (old, new, parent, line) in changed {
            if parent.is_some() {
                self.lift(&mut after, &ids, &new, parent, line);
            }
            if let (Some(before), Some(next)) = (self.before.get(old), after.get_mut(&new)) {
                next.record = ids::new("rcd", self.entropy);
                next.from = self.draft.at;
                self.outline.changes.push((before, next.clone()));
            }
        }
        self.outline.after = after;
    }

    /// Puts a body under another by code.
    fn lift(
        &mut self,
        after: &mut BTreeMap<String, AgencyFact>,
        ids: &BTreeMap<String, String>,
        code: &str,
        parent: Option<String>,
        line: u64,
    ) {
        let id = match &parent {
            None => None,
            Some(parent) => match ids.get(parent) {
                Some(id) => Some(id.clone()),
                None => {
                    let cause = Cause::NothingAbove(code.to_string(), parent.clone());
                    return self.problem(line, cause);
                }
            },
        };
        if let Some(body) = after.get_mut(code) {
            body.parent = id;
        }
    }
}

/// What a row says about a body that goes on. The parent is settled apart.
fn change(next: &mut AgencyFact, row: &Row) {
    if !row.new.is_empty() {
        next.code.clone_from(&row.new);
    }
    if let Some(name) = &row.body.name {
        next.name.clone_from(name);
    }
    if let Some(short_name) = &row.body.short_name {
        next.short_name.clone_from(short_name);
    }
    if let Some(kind) = &row.body.kind {
        next.kind.clone_from(kind);
        next.collective = is_collective(kind);
    }
    if let Some(level) = row.body.level {
        next.level = level;
    }
    if let Some(domain) = &row.body.mail_domain {
        next.mail_domain.clone_from(domain);
    }
    if row.body.gso_code.is_some() {
        next.gso_code.clone_from(&row.body.gso_code);
    }
    if row.body.id_qcvn102.is_some() {
        next.id_qcvn102.clone_from(&row.body.id_qcvn102);
    }
}
