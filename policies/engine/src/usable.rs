//! What a person may sign in a post: the list that equals asking for each field and paper one by one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::compile::Epoch;
use crate::decision::{Decision, Request, Resource};
use crate::facts::AssignmentKind;
use crate::text::Text;
use crate::vocabulary::{Action, Capacity};

/// What a usable capacity reaches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "scope", content = "of", rename_all = "snake_case")]
pub enum Scope {
    /// Every paper of the agency.
    Agency,
    /// Papers of one field.
    Field(Text),
    /// One paper.
    Paper(Text),
}

/// One thing a post may sign now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usable {
    /// In which capacity.
    pub capacity: Capacity,
    /// Reaching what.
    #[serde(flatten)]
    pub scope: Scope,
    /// The full answer for a paper of that reach.
    pub decision: Decision,
}

impl Epoch {
    /// What `person` in `post` may sign at `at` for papers of `kind`.
    pub fn usable(&self, person: &str, post: &str, kind: &str, at: i64) -> Vec<Usable> {
        let Some(row) = self.post_of.get(post).and_then(|number| self.post(*number)) else {
            return Vec::new();
        };
        let Some(agency) = self.agency(row.agency) else {
            return Vec::new();
        };
        let mut scopes = BTreeSet::from([Scope::Agency]);
        for assigned in row
            .assigned
            .iter()
            .filter_map(|number| self.assignment(*number))
        {
            if let AssignmentKind::Field { field } = &assigned.gives {
                scopes.insert(Scope::Field(field.clone()));
            }
        }
        scopes.extend(row.handed.iter().cloned().map(Scope::Paper));
        let mut usable = Vec::new();
        for scope in scopes {
            let mut question = Request {
                person: person.to_owned(),
                post: post.to_owned(),
                action: Action::Sign,
                resource: Resource {
                    id: match &scope {
                        Scope::Paper(paper) => paper.as_str().to_owned(),
                        _ => String::new(),
                    },
                    kind: kind.to_owned(),
                    field: match &scope {
                        Scope::Field(field) => Some(field.as_str().to_owned()),
                        _ => None,
                    },
                    agency: agency.id.as_str().to_owned(),
                    signed: None,
                },
                capacity: None,
                at,
            };
            for capacity in self.decide(&question).usable {
                question.capacity = Some(capacity);
                let decision = self.decide(&question);
                if decision.allowed {
                    usable.push(Usable {
                        capacity,
                        scope: scope.clone(),
                        decision,
                    });
                }
            }
        }
        usable
    }
}
