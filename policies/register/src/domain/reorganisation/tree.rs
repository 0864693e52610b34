//! Whether a tree is left: bodies under one that ends are asked about, and exactly one body stands on top.

use std::collections::{BTreeMap, BTreeSet};

use platform::ids;

use super::outline::{Drawing, Ending, Successor};
use super::{NOBODY, STAYS};
use crate::domain::facts::AgencyFact;
use crate::domain::import::Cause;
use crate::domain::words::Relation;

impl<'a> Drawing<'a, '_> {
    /// Bodies that stand under one that ends, and that no row speaks of: each is asked about, until none is left.
    pub(super) fn orphans(&mut self) {
        loop {
            let alive: BTreeSet<&str> =
                self.outline.after.values().map(|a| a.id.as_str()).collect();
            let orphan = self.outline.after.values().find(|body| {
                body.parent
                    .as_deref()
                    .is_some_and(|parent| !alive.contains(parent))
            });
            let Some(code) = orphan.map(|body| body.code.clone()) else {
                return;
            };
            let Some(body) = self.outline.after.remove(&code) else {
                return;
            };
            let (Some(before), false) =
                (self.before.get(code.as_str()).copied(), self.touched(&body))
            else {
                let parent = body.parent.as_deref().and_then(|id| self.code_of(id));
                let cause = Cause::NothingAbove(code, parent.unwrap_or_default());
                self.problem(0, cause);
                continue;
            };
            self.orphan(before);
        }
    }

    fn touched(&self, body: &AgencyFact) -> bool {
        let of_change = self.outline.changes.iter().map(|(_, after)| after);
        self.outline
            .begins
            .iter()
            .chain(of_change)
            .any(|a| a.id == body.id)
    }

    fn orphan(&mut self, body: &'a AgencyFact) {
        let above = self
            .outline
            .endings
            .iter()
            .find(|e| Some(&e.body.id) == body.parent.as_ref());
        let upper = above.and_then(|above| match above.successors.as_slice() {
            [only] => self
                .outline
                .after
                .get(&only.code)
                .map(|a| (a.id.clone(), only.basis.clone())),
            _ => None,
        });
        self.ask(body, Vec::new(), None, upper.is_some());
        let answer = self.draft.choices.get(&body.code).map(String::as_str);
        if let (Some(STAYS), Some((id, _))) = (answer, &upper) {
            let next = AgencyFact {
                record: ids::new("rcd", self.entropy),
                parent: Some(id.clone()),
                from: self.draft.at,
                ..body.clone()
            };
            self.outline.after.insert(body.code.clone(), next.clone());
            self.outline.changes.push((body, next));
            return;
        }
        let successor = answer
            .filter(|code| ![NOBODY, STAYS].contains(code))
            .map(|code| Successor {
                code: code.to_string(),
                functions: String::new(),
                basis: self.draft.basis.to_string(),
            });
        self.outline.endings.push(Ending {
            body,
            relation: if successor.is_some() {
                Relation::Merge
            } else {
                Relation::End
            },
            open: successor.is_none() && answer != Some(NOBODY),
            successors: successor.into_iter().collect(),
        });
    }

    /// Successors and answers must be there; one body on top; no circle.
    pub(super) fn check(&mut self) {
        let mut problems = Vec::new();
        let given = self
            .outline
            .endings
            .iter()
            .flat_map(|e| e.successors.iter().map(move |s| (e.body, s)));
        let taken = self.outline.take_overs.iter().map(|(body, s)| (*body, s));
        for (body, successor) in given.chain(taken) {
            if !self.outline.after.contains_key(&successor.code) {
                problems.push(Cause::NoSuchAnswer(
                    body.code.clone(),
                    successor.code.clone(),
                ));
            }
        }
        for (key, answer) in self.draft.choices {
            if ![NOBODY, STAYS].contains(&answer.as_str())
                && !self.outline.after.contains_key(answer)
            {
                problems.push(Cause::NoSuchAnswer(key.clone(), answer.clone()));
            }
        }
        let above: BTreeMap<&str, Option<&str>> = self
            .outline
            .after
            .values()
            .map(|a| (a.id.as_str(), a.parent.as_deref()))
            .collect();
        let tops: Vec<&str> = self
            .outline
            .after
            .values()
            .filter(|body| {
                let mut seen = BTreeSet::new();
                let mut at = Some(body.id.as_str());
                while let Some(id) = at {
                    if !seen.insert(id) {
                        return true;
                    }
                    at = above.get(id).copied().flatten();
                }
                body.parent.is_none()
            })
            .map(|body| body.code.as_str())
            .collect();
        if tops.len() != 1 && !self.before.is_empty() {
            problems.push(Cause::NotOneTop(tops.join(", ")));
        }
        problems.sort_by_key(|cause| (cause.key(), cause.values()));
        problems.dedup();
        for cause in problems {
            self.problem(0, cause);
        }
    }
}
