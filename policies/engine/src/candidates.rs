//! For refusals: who could do it at that instant, found by asking the same question for everybody who might.

use crate::compile::Epoch;
use crate::decision::{Candidate, Remedy, Request};
use crate::evaluate::{Asked, Chain};
use crate::index::{AppointmentRow, Gives, PostRow};
use crate::vocabulary::{Action, Code};

/// Nobody reads a longer list.
const MOST: usize = 8;
/// So many posts with mandates of the competent agency are tried.
const MOST_RECEIVERS: usize = 256;

impl Epoch {
    /// Holders, other than the asker in his post, for whom the same act would be allowed in one of their capacities; closest grounds first.
    pub(crate) fn who_could(&self, asked: &Asked<'_>) -> Vec<Candidate> {
        let request = asked.request;
        let mut found: Vec<(u8, &PostRow, &AppointmentRow, Chain)> = Vec::new();
        for number in self.posts_to_try(request) {
            let Some(post) = self.post(number) else {
                continue;
            };
            let from = found.len();
            for held in self.held(post) {
                let asker = held.name.is(&request.person) && post.id == request.post.as_str();
                let mut here = found.iter().skip(from);
                if asker || here.any(|(_, _, known, _)| known.person == held.person) {
                    continue;
                }
                let mut other = asked.of_another(number, post, held);
                if let Some(chain) = other.first_chain(request.at) {
                    found.push((chain.order, post, held, chain));
                }
            }
        }
        found.sort_by(|(a, one, first, _), (b, two, second, _)| {
            b.cmp(a)
                .then_with(|| (&one.id, &first.name.text).cmp(&(&two.id, &second.name.text)))
        });
        found.truncate(MOST);
        let named = found.into_iter().filter_map(|(_, post, held, chain)| {
            Some(Candidate {
                person: held.name.text.clone(),
                post: post.id.clone(),
                title: post.title.clone(),
                capacity: chain.capacity,
                rule: self.law(&chain)?.0.id.clone(),
            })
        });
        named.collect()
    }

    fn posts_to_try(&self, request: &Request) -> Vec<u32> {
        let paper = self.agency_of.get(request.resource.agency.as_str());
        let Some((paper, agency)) = paper.and_then(|one| Some((*one, self.agency(*one)?))) else {
            return Vec::new();
        };
        let competence = request.resource.competence.as_deref();
        let competent = self
            .agency_of
            .get(competence.unwrap_or(&request.resource.agency))
            .copied();
        let given = |wanted: Gives| {
            agency.given.iter().filter_map(move |number| {
                self.assignment(*number)
                    .filter(|row| row.gives == wanted)
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
                    let kind = self.words.get(&request.resource.kind);
                    let field = request.resource.field.as_deref();
                    let field = field.and_then(|field| self.words.get(field));
                    let mut posts = self.receivers(paper, agency, kind, field);
                    posts.truncate(MOST_RECEIVERS);
                    posts
                }))
                .collect(),
            Action::Seal | Action::Number => given(Gives::SealCustody).collect(),
            Action::Copy => given(Gives::Copies)
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
