//! Who could do it at that instant, found by asking the same question for everybody who might: a few for refusals, all for a search.

use crate::compile::Epoch;
use crate::decision::{Candidate, Remedy, Request};
use crate::evaluate::{Asked, Step};
use crate::facts::AssignmentKind;
use crate::index::PostRow;
use crate::rules::Ground;
use crate::vocabulary::{Action, Code};

/// Nobody reads a longer list.
const MOST: usize = 8;
/// So many posts with mandates of the competent agency are tried.
const MOST_RECEIVERS: usize = 256;

impl Epoch {
    /// Holders, other than the asker in his post, for whom the same act would be allowed in one of their capacities; closest grounds first.
    pub(crate) fn who_could(&self, request: &Request) -> Vec<Candidate> {
        let question = Request {
            capacity: None,
            ..request.clone()
        };
        let asker = Some((request.person.as_str(), request.post.as_str()));
        let mut found = self.of_holders(&self.posts_to_try(request), &question, asker);
        found.sort_by(|(a, one), (b, two)| {
            b.cmp(a)
                .then_with(|| (&one.post, &one.person).cmp(&(&two.post, &two.person)))
        });
        found.truncate(MOST);
        found.into_iter().map(|(_, candidate)| candidate).collect()
    }

    /// Everybody who may do the act at that instant, in every post he may do it in, by person and post: whoever asks, and in the capacity
    /// stated if one is. Person and post of the request count for nothing.
    pub fn able(&self, request: &Request) -> Vec<Candidate> {
        let found = self.of_holders(&self.posts_with_ground(request), request, None);
        let mut able: Vec<Candidate> = found.into_iter().map(|(_, one)| one).collect();
        able.sort_by(|one, two| (&one.person, &one.post).cmp(&(&two.person, &two.post)));
        able
    }

    /// Whether the facts name the person at all.
    pub fn knows(&self, person: &str) -> bool {
        self.people.contains_key(person)
    }

    /// Whether an agency is the other one or stands under it at `at`; none when it is not recorded.
    pub fn is_within(&self, agency: &str, above: &str, at: i64) -> Option<bool> {
        let agency = *self.agency_of.get(agency)?;
        let above = self.agency_of.get(above).copied();
        Some(above.is_some_and(|above| agency == above || self.is_below(agency, above, at)))
    }

    /// Those of the posts' holders who could, with the order of the row it would rest on.
    fn of_holders(
        &self,
        posts: &[u32],
        question: &Request,
        but: Option<(&str, &str)>,
    ) -> Vec<(u8, Candidate)> {
        let mut found: Vec<(u8, Candidate)> = Vec::new();
        for post in posts.iter().filter_map(|number| self.post(*number)) {
            let first = found.len();
            for &holder in &post.holders {
                let Some(person) = self
                    .appointment(holder)
                    .and_then(|row| self.name(row.person))
                else {
                    continue;
                };
                let mut of_post = found.iter().skip(first);
                let seen = of_post.any(|(_, known)| known.person == *person);
                if seen || but == Some((person.as_str(), post.id.as_str())) {
                    continue;
                }
                let other = Request {
                    person: person.as_str().to_owned(),
                    post: post.id.as_str().to_owned(),
                    ..question.clone()
                };
                found.extend(self.could(&other, person, post));
            }
        }
        found
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

    /// Every post that some row for the act could give something for this paper: what each ground can rest on, and nothing left out.
    fn posts_with_ground(&self, request: &Request) -> Vec<u32> {
        let resource = &request.resource;
        let number = |id: &str| self.agency_of.get(id).copied();
        let own = number(&resource.agency).and_then(|number| self.agency(number));
        let Some(own) = own else {
            return Vec::new();
        };
        let given = |wanted: fn(&AssignmentKind) -> bool| {
            let rows = own.given.iter().filter_map(|row| self.assignment(*row));
            rows.filter(move |row| wanted(&row.gives))
                .map(|row| row.grantee)
        };
        let rows = self.rows_of(request.action).iter();
        let mut posts: Vec<u32> = Vec::new();
        for rule in rows.filter_map(|position| self.rules.rows.get(*position as usize)) {
            match rule.ground {
                Ground::Head | Ground::AssignedField => {
                    posts.extend(own.heads.iter().chain(&own.deputies));
                }
                Ground::Mandate => posts.extend(self.receivers_for(request)),
                Ground::UnderMandate => {
                    // What is given inside another mandate comes from a post that received that one.
                    let givers = self.receivers_for(request);
                    let mut agencies: Vec<u32> = givers
                        .iter()
                        .filter_map(|giver| self.post(*giver))
                        .map(|giver| giver.agency)
                        .collect();
                    agencies.sort_unstable();
                    agencies.dedup();
                    for agency in agencies {
                        posts.extend(self.receivers_from(agency, request));
                    }
                }
                Ground::SealCustody => {
                    posts.extend(given(|gives| matches!(gives, AssignmentKind::SealCustody)));
                }
                Ground::NamedForCopies => {
                    posts.extend(given(|gives| matches!(gives, AssignmentKind::Copies)));
                }
            }
        }
        posts.sort_unstable();
        posts.dedup();
        posts
    }

    /// Posts with a mandate that could bear on the question: from the agency whose competence it is, or for this very paper.
    fn receivers_for(&self, request: &Request) -> Vec<u32> {
        let resource = &request.resource;
        let whose = resource.competence.as_deref().unwrap_or(&resource.agency);
        let competent = self.agency_of.get(whose);
        let mut posts =
            competent.map_or_else(Vec::new, |agency| self.receivers_from(*agency, request));
        let papers = self.papers.get(resource.id.as_str());
        let mandates = papers.into_iter().flatten();
        let mandates = mandates.filter_map(|number| self.mandate(*number));
        posts.extend(mandates.map(|row| row.grantee));
        posts
    }

    fn receivers_from(&self, agency: u32, request: &Request) -> Vec<u32> {
        let kind = self.words.number(&request.resource.kind);
        let field = request.resource.field.as_deref();
        self.receivers(
            agency,
            kind,
            field.and_then(|field| self.words.number(field)),
        )
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
                    let mut posts = self.receivers_from(agency, request);
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
