//! What a person may sign in a post: the list that equals asking for each field and paper one by one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::compile::Epoch;
use crate::decision::{Decision, Request, Resource};
use crate::evaluate::Asked;
use crate::index::Gives;
use crate::mandates::MandateRow;
use crate::text::Text;
use crate::vocabulary::{Action, Capacity, Form};

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
    /// What a mandate reaches.
    Mandate(Text),
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
        let Some(row) = self.post_of.get(post).and_then(|number| self.post(number)) else {
            return Vec::new();
        };
        let Some(agency) = self.agency(row.agency) else {
            return Vec::new();
        };
        // Each with the mandate it is of.
        let mut scopes: BTreeMap<Scope, Option<u32>> = BTreeMap::from([(Scope::Agency, None)]);
        for assigned in row
            .assigned
            .clone()
            .filter_map(|number| self.assignment(number))
        {
            if let Gives::Field(field) = assigned.gives {
                let field = self.words.text(field).cloned();
                scopes.extend(field.map(|field| (Scope::Field(field), None)));
            }
        }
        let handed = row.handed.iter().filter_map(|one| self.papers.text(*one));
        scopes.extend(handed.map(|paper| (Scope::Paper(paper.clone()), None)));
        for number in &row.received {
            if let Some(id) = self.mandate_id(*number) {
                let scope = Scope::Mandate(id.clone());
                scopes.entry(scope).or_insert(Some(*number));
            }
        }
        let mut usable = Vec::new();
        for (scope, mandate) in scopes {
            let mut question = Request {
                person: person.to_owned(),
                post: post.to_owned(),
                action: Action::Sign,
                resource: self.example(&scope, mandate, &agency.id, kind),
                capacity: None,
                at,
            };
            let possible = Asked::new(self, &question).verdict(at).usable.list();
            for capacity in possible {
                question.capacity = Some(capacity);
                let decision = self.decide(&question);
                let through = |id: &Text| decision.chain.iter().any(|link| link.id == *id);
                let listed = match &scope {
                    Scope::Mandate(id) => through(id),
                    _ => true,
                };
                if decision.allowed && listed {
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

    /// A paper that lies within the reach.
    fn example(&self, scope: &Scope, mandate: Option<u32>, agency: &Text, kind: &str) -> Resource {
        let mut resource = Resource {
            id: String::new(),
            kind: kind.to_owned(),
            field: None,
            agency: agency.as_str().to_owned(),
            competence: None,
            about: None,
            amount: None,
            signed: None,
        };
        match scope {
            Scope::Agency => {}
            Scope::Field(field) => resource.field = Some(field.as_str().to_owned()),
            Scope::Paper(paper) => resource.id = paper.as_str().to_owned(),
            Scope::Mandate(_) => {
                let Some(row) = mandate.and_then(|number| self.mandate(number)) else {
                    return resource;
                };
                let reach = self.limits_of(row);
                let word = |number: &u32| self.words.text(*number).map(|word| word.to_string());
                let named = self.words.get(kind);
                if !reach.kinds.is_empty() && !named.is_some_and(|one| reach.kinds.contains(&one)) {
                    resource.kind = reach.kinds.first().and_then(word).unwrap_or_default();
                }
                resource.field = reach.fields.first().and_then(word);
                let about = reach
                    .agencies
                    .first()
                    .and_then(|number| self.agency(*number));
                resource.about = about.map(|row| row.id.to_string());
                resource.amount = row.ceiling();
                let giver = self.root_of(row).and_then(|number| self.agency(number));
                let giver = giver.map(|row| row.id.to_string());
                match row.form {
                    Form::Uq => resource.competence = giver,
                    _ => resource.agency = giver.unwrap_or_default(),
                }
            }
        }
        resource
    }

    /// The agency at the root of a mandate: that of its giver, or of whoever gave what it was given inside of.
    fn root_of(&self, row: &MandateRow) -> Option<u32> {
        let giver = self.post(row.grantor()?)?;
        if row.form != Form::TlKt {
            return Some(giver.agency);
        }
        let mut outer = giver
            .received
            .iter()
            .filter_map(|number| self.mandate(*number));
        let outer = outer.find(|outer| outer.form == Form::Tl)?;
        Some(self.post(outer.grantor()?)?.agency)
    }
}
