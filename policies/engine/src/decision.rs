//! The question and the answer.

use serde::{Deserialize, Serialize};

use crate::interval::Interval;
use crate::text::Text;
use crate::vocabulary::{Action, Capacity, Code, Form};

/// May this person, in this post, do this with this paper at this instant?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks to act.
    pub person: String,
    /// In which post.
    pub post: String,
    /// What.
    pub action: Action,
    /// On which paper.
    pub resource: Resource,
    /// The capacity claimed; an act of signing must claim one.
    #[serde(default)]
    pub capacity: Option<Capacity>,
    /// When, UTC milliseconds.
    pub at: i64,
}

/// The paper in question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Identifier of the paper.
    pub id: String,
    /// Kind of paper, such as `quyet_dinh`.
    pub kind: String,
    /// Field of work it belongs to.
    #[serde(default)]
    pub field: Option<String>,
    /// Agency whose paper it is: whose form it has and whose seal it gets.
    pub agency: String,
    /// Agency whose competence is exercised, when it is not the paper's own: a task delegated by another body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub competence: Option<String>,
    /// Agency the matter is about, for mandates that are limited to some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Amount the paper decides on, in đồng, for mandates with a ceiling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Who validly signed it, when somebody has.
    #[serde(default)]
    pub signed: Option<Signed>,
}

/// The competent person's signature that is already on the paper, found valid and allowed by the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Who signed.
    pub person: String,
    /// In which post.
    pub post: String,
}

/// The answer, with everything needed to explain, store and replay it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether the act is allowed.
    pub allowed: bool,
    /// Why.
    pub code: Code,
    /// The capacity in which it is allowed.
    pub capacity: Option<Capacity>,
    /// Capacities the person could state, when the code is `capacity_required` or `capacity_mismatch`.
    pub usable: Vec<Capacity>,
    /// From the law down to the person; empty when nothing carries.
    pub chain: Vec<Link>,
    /// The clause that allows, or that the refusal rests on: document, article, clause.
    pub clause: Option<String>,
    /// Lines of the signature block, top to bottom, in Vietnamese as the law writes them.
    pub block_lines: Vec<String>,
    /// Whose seal goes on the paper.
    pub seal_agency: Option<String>,
    /// Conditions on carrying the act out.
    pub obligations: Vec<String>,
    /// The instant the answer is for.
    pub evaluated_at: i64,
    /// Which state of the facts answered.
    pub epoch: i64,
    /// First later instant at which the recorded facts give another answer; none when they never do.
    pub valid_until: Option<i64>,
    /// For refusals: who could do it at that instant.
    pub who_could: Vec<Candidate>,
    /// For refusals: what can be done about it.
    pub remedies: Vec<Remedy>,
    /// How many further chains would also have allowed it in this capacity.
    pub other_chains: u32,
}

impl Decision {
    /// Ids of what the act rests on (appointments, assignments, mandates), for signed attributes and consent statements.
    pub fn basis(&self) -> Vec<&str> {
        self.chain
            .iter()
            .filter(|link| {
                matches!(
                    link.what,
                    LinkKind::Appointment | LinkKind::Assignment | LinkKind::Mandate
                )
            })
            .map(|link| link.id.as_str())
            .collect()
    }

    /// Whether every link used held together at some instant of `when`. An instant that is known exactly is
    /// [`Interval::instant`]; a time stamp proves an instant within its accuracy only.
    pub fn covers(&self, when: Interval) -> bool {
        !self
            .chain
            .iter()
            .fold(when, |left, link| left.meet(&link.valid))
            .is_empty()
    }
}

/// What a link of the chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A rule row.
    Law,
    /// A head's post, from which the power comes.
    Power,
    /// An appointment.
    Appointment,
    /// An assignment.
    Assignment,
    /// A mandate.
    Mandate,
    /// A seal.
    Seal,
}

/// One link, from the law down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it is.
    pub what: LinkKind,
    /// Its identifier: rule id, post id, or id of the fact.
    pub id: Text,
    /// Clause of law, on the law link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<Text>,
    /// The instrument it was given by, as cited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Text>,
    /// In words: title of the post on a power or an appointment, field on an assignment, paper on a mandate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// In which form, on a mandate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// Who holds the post, on an appointment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Text>,
    /// When it holds; of an appointment or a power, only while its post and agency exist.
    pub valid: Interval,
}

/// Somebody who could act instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub person: Text,
    /// In which post.
    pub post: Text,
    /// Title of the post.
    pub title: Text,
    /// In which capacity.
    pub capacity: Capacity,
    /// What it would rest on: rule id of the row.
    pub rule: Text,
}

/// What can be done about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Pass the paper to one of `who_could`.
    Forward,
    /// Ask the head to hand over this one paper.
    AskHandOver,
    /// State one of the `usable` capacities.
    StateCapacity,
    /// Have the competent person sign first.
    SignFirst,
    /// Ask again after `valid_until`.
    Wait,
    /// Ask the register's keeper to correct the record.
    AskRegister,
    /// Have another person do it.
    AnotherPerson,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(links: &[Interval]) -> Decision {
        let link = |valid: &Interval| Link {
            what: LinkKind::Mandate,
            id: "mdt_1".into(),
            clause: None,
            instrument: None,
            title: None,
            form: None,
            person: None,
            valid: *valid,
        };
        Decision {
            allowed: true,
            code: Code::Allowed,
            capacity: None,
            usable: Vec::new(),
            chain: links.iter().map(link).collect(),
            clause: None,
            block_lines: Vec::new(),
            seal_agency: None,
            obligations: Vec::new(),
            evaluated_at: 0,
            epoch: 1,
            valid_until: None,
            who_could: Vec::new(),
            remedies: Vec::new(),
            other_chains: 0,
        }
    }

    #[test]
    fn a_second_is_covered_by_authority_that_begins_or_ends_within_it_and_by_no_other() {
        let second = Interval::between(5_000, 6_000);
        for (from, to, covered) in [
            (5_999, 9_000, true),
            (1_000, 5_001, true),
            (5_400, 5_500, true),
            (6_000, 9_000, false),
            (1_000, 5_000, false),
        ] {
            let held = decision(&[Interval::between(from, to)]);
            assert_eq!(held.covers(second), covered, "{from}..{to}");
        }
    }

    #[test]
    fn links_that_never_held_together_cover_nothing() {
        let held = decision(&[Interval::between(0, 5_500), Interval::since(5_500)]);
        assert!(!held.covers(Interval::between(5_000, 6_000)));
        assert!(!held.covers(Interval::instant(5_500)));
    }
}
