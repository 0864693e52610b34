//! For refusals: who could do it at that instant, found by asking the same question for everybody who might.

use crate::compile::Epoch;
use crate::decision::{Candidate, Remedy, Request};
use crate::evaluate::{Asked, Chain};
use crate::facts::Role;
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
        let named = found.iter();
        named
            .filter_map(|(_, post, held, chain)| self.candidate(post, held, chain))
            .collect()
    }

    fn candidate(&self, post: &PostRow, held: &AppointmentRow, chain: &Chain) -> Option<Candidate> {
        Some(Candidate {
            person: held.name.text.clone(),
            post: post.id.clone(),
            title: post.title.clone(),
            capacity: chain.capacity,
            rule: self.law(chain)?.0.id.clone(),
        })
    }

    /// Everybody who may do the act at that instant, in every post he may do it in, by person and post: whoever asks, and in the capacity
    /// stated if one is. Person and post of the request count for nothing.
    pub fn able(&self, request: &Request) -> Vec<Candidate> {
        let asked = Asked::new(self, request);
        let mut able: Vec<Candidate> = Vec::new();
        for (number, post) in (0u32..).zip(&self.posts) {
            if !self.may_have_ground(&asked, number, post) {
                continue;
            }
            let from = able.len();
            for held in self.held(post) {
                let mut here = able.iter().skip(from);
                if here.any(|known| known.person == held.name.text) {
                    continue;
                }
                let mut other = asked.of_another(number, post, held);
                let chain = match request.capacity {
                    None => other.first_chain(request.at),
                    Some(capacity) => {
                        other.claimed = Some(capacity);
                        other.verdict(request.at).chain
                    }
                };
                able.extend(chain.and_then(|chain| self.candidate(post, held, &chain)));
            }
        }
        able.sort_by(|one, two| (&one.person, &one.post).cmp(&(&two.person, &two.post)));
        able
    }

    /// Whether some row for the act could give the post something for this paper; never no where one could.
    fn may_have_ground(&self, asked: &Asked<'_>, number: u32, post: &PostRow) -> bool {
        let home =
            asked.agency == Some(post.agency) && matches!(post.role, Role::Head | Role::Deputy);
        home || !post.assigned.is_empty() || asked.find(number, post).numbers().next().is_some()
    }

    /// Whether the facts name the person at all.
    pub fn knows(&self, person: &str) -> bool {
        self.people.get(person).is_some()
    }

    /// Whether an agency is the other one or stands under it at `at`; none when it is not recorded.
    pub fn is_within(&self, agency: &str, above: &str, at: i64) -> Option<bool> {
        let agency = *self.agency_of.get(agency)?;
        let above = self.agency_of.get(above).copied();
        Some(above.is_some_and(|above| agency == above || self.is_below(agency, above, at)))
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
