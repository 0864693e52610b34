//! For refusals: who could do it at that instant, found by asking the same question for everybody who might.

use crate::compile::Epoch;
use crate::decision::{Candidate, Remedy, Request};
use crate::evaluate::{Asked, Step};
use crate::facts::AssignmentKind;
use crate::index::PostRow;
use crate::vocabulary::{Action, Code};

/// Nobody reads a longer list.
const MOST: usize = 8;
/// So many posts with mandates of the competent agency are tried.
const MOST_RECEIVERS: usize = 256;

impl Epoch {
    /// Holders, other than the asker in his post, for whom the same act would be allowed in one of their capacities; closest grounds first.
    pub(crate) fn who_could(&self, request: &Request) -> Vec<Candidate> {
        let mut found: Vec<(u8, Candidate)> = Vec::new();
        for number in self.posts_to_try(request) {
            let Some(post) = self.post(number) else {
                continue;
            };
            for &holder in &post.holders {
                let Some(person) = self
                    .appointment(holder)
                    .and_then(|row| self.name(row.person))
                else {
                    continue;
                };
                let asker = *person == request.person.as_str() && post.id == request.post.as_str();
                let seen = found
                    .iter()
                    .any(|(_, known)| known.person == *person && known.post == post.id);
                if asker || seen {
                    continue;
                }
                let other = Request {
                    person: person.as_str().to_owned(),
                    post: post.id.as_str().to_owned(),
                    capacity: None,
                    ..request.clone()
                };
                if let Some(candidate) = self.could(&other, person, post) {
                    found.push(candidate);
                }
            }
        }
        found.sort_by(|(a, one), (b, two)| {
            b.cmp(a)
                .then_with(|| (&one.post, &one.person).cmp(&(&two.post, &two.person)))
        });
        found.truncate(MOST);
        found.into_iter().map(|(_, candidate)| candidate).collect()
    }

    fn could(
        &self,
        request: &Request,
        person: &crate::Text,
        post: &PostRow,
    ) -> Option<(u8, Candidate)> {
        let mut request = request.clone();
        let first = Asked::new(self, &request).verdict(request.at);
        if first.code == Code::CapacityRequired {
            request.capacity = first.usable.list().first().copied();
        }
        let chain = Asked::new(self, &request).verdict(request.at).chain?;
        let rule = match chain.steps.first() {
            Some(Step::Law { rule, .. }) => self.rules.rows.get(*rule as usize)?,
            _ => return None,
        };
        Some((
            rule.order,
            Candidate {
                person: person.clone(),
                post: post.id.clone(),
                title: post.title.clone(),
                capacity: chain.capacity,
                rule: rule.id.clone(),
            },
        ))
    }

    fn posts_to_try(&self, request: &Request) -> Vec<u32> {
        let agency = self.agency_of.get(request.resource.agency.as_str());
        let Some(agency) = agency.and_then(|number| self.agency(*number)) else {
            return Vec::new();
        };
        let competence = request.resource.competence.as_deref();
        let competent = self
            .agency_of
            .get(competence.unwrap_or(&request.resource.agency))
            .copied();
        let given = |wanted: fn(&AssignmentKind) -> bool| {
            agency.given.iter().filter_map(move |number| {
                self.assignment(*number)
                    .filter(|row| wanted(&row.gives))
                    .map(|row| row.grantee)
            })
        };
        let mut posts: Vec<u32> = match request.action {
            Action::Sign => agency
                .deputies
                .iter()
                .chain(&agency.heads)
                .copied()
                .chain(competent.map_or_else(Vec::new, |agency| {
                    let kind = self.words.number(&request.resource.kind);
                    let field = request.resource.field.as_deref();
                    let field = field.and_then(|field| self.words.number(field));
                    let mut posts = self.receivers(agency, kind, field);
                    posts.truncate(MOST_RECEIVERS);
                    posts
                }))
                .collect(),
            Action::Seal | Action::Number => {
                given(|gives| matches!(gives, AssignmentKind::SealCustody)).collect()
            }
            Action::Copy => given(|gives| matches!(gives, AssignmentKind::Copies))
                .chain(agency.heads.iter().copied())
                .collect(),
        };
        posts.sort_unstable();
        posts.dedup();
        posts
    }
}

/// What can be done about a refusal.
pub(crate) fn remedies(code: Code, action: Action, someone: bool, changes: bool) -> Vec<Remedy> {
    let mut remedies = Vec::new();
    match code {
        Code::Allowed => return remedies,
        Code::CapacityRequired | Code::CapacityMismatch => remedies.push(Remedy::StateCapacity),
        Code::Unsigned => remedies.push(Remedy::SignFirst),
        Code::SeparationOfDuty => remedies.push(Remedy::AnotherPerson),
        Code::Error => remedies.push(Remedy::AskRegister),
        _ => {}
    }
    let deputy = matches!(code, Code::OutsideAssignment | Code::Expired | Code::NotYet);
    if deputy && action == Action::Sign && someone {
        remedies.push(Remedy::AskHandOver);
    }
    if someone {
        remedies.push(Remedy::Forward);
    }
    if code == Code::NotYet && changes {
        remedies.push(Remedy::Wait);
    }
    if code == Code::NotInPost || (remedies.is_empty() && !someone) {
        remedies.push(Remedy::AskRegister);
    }
    remedies.dedup();
    remedies
}
