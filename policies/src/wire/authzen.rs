//! The access evaluation request and response.
//! Standard: OpenID AuthZEN Authorization API 1.0 §5 (information model), §6 (access evaluation), §9 (metadata)
//! It must never let a property the caller sends replace what the register holds.

use engine::{Action, Capacity, Request, Resource, Signed};
use platform::clock;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::flows::explain::Explanation;
use crate::wording::Words;

/// Access Evaluation request (§6.1).
#[derive(Debug, Deserialize)]
pub struct EvaluationRequest {
    /// Who.
    pub subject: Entity,
    /// What.
    pub action: Named,
    /// On what.
    pub resource: Entity,
    /// Circumstances.
    #[serde(default)]
    pub context: Map<String, Value>,
}

/// Subject or resource (§5.1, §5.2).
#[derive(Debug, Deserialize)]
pub struct Entity {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What the caller says about it.
    #[serde(default)]
    pub properties: Map<String, Value>,
}

/// Action (§5.3).
#[derive(Debug, Deserialize)]
pub struct Named {
    /// Its name.
    pub name: String,
}

/// Access Evaluation response (§6.2).
#[derive(Debug, Serialize)]
pub struct EvaluationResponse {
    /// The answer.
    pub decision: bool,
    /// Why, and until when.
    pub context: Value,
}

/// What of the request this decision point does not understand: 400 (§10.1.2).
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    /// The subject is not a person.
    #[error("subject.type must be `person`")]
    SubjectType,
    /// The resource is not a paper.
    #[error("resource.type must be `paper`")]
    ResourceType,
    /// The action is unknown.
    #[error("action.name must be one of sign, seal, number, copy")]
    Action,
    /// A member is missing or of the wrong type.
    #[error("{0} is missing or not a text")]
    Member(&'static str),
    /// A member is not a whole number.
    #[error("{0} is not a whole number")]
    Number(&'static str),
    /// A word is unknown.
    #[error("context.capacity is not a known capacity")]
    Capacity,
    /// The instant is unreadable.
    #[error("context.at must be RFC 3339 or milliseconds")]
    At,
}

impl EvaluationRequest {
    /// As the engine's question; post and agency of the caller's sign-in stand in where the request is silent.
    pub fn question(
        &self,
        post: Option<&str>,
        agency: Option<&str>,
        now: i64,
    ) -> Result<Request, Malformed> {
        if self.subject.kind != "person" {
            return Err(Malformed::SubjectType);
        }
        if self.resource.kind != "paper" {
            return Err(Malformed::ResourceType);
        }
        let action = Action::parse(&self.action.name).ok_or(Malformed::Action)?;
        let post = text(&self.context, "post", "context.post")?.or(post.map(str::to_owned));
        let properties = &self.resource.properties;
        let agency =
            text(properties, "agency", "resource.properties.agency")?.or(agency.map(str::to_owned));
        let signed = text(&self.context, "signed_by", "context.signed_by")?;
        let capacity = text(&self.context, "capacity", "context.capacity")?;
        Ok(Request {
            person: self.subject.id.clone(),
            post: post.ok_or(Malformed::Member("context.post"))?,
            action,
            resource: Resource {
                id: self.resource.id.clone(),
                kind: text(properties, "kind", "resource.properties.kind")?
                    .ok_or(Malformed::Member("resource.properties.kind"))?,
                field: text(properties, "field", "resource.properties.field")?,
                agency: agency.ok_or(Malformed::Member("resource.properties.agency"))?,
                competence: text(properties, "competence", "resource.properties.competence")?,
                about: text(properties, "about", "resource.properties.about")?,
                amount: whole(properties, "amount", "resource.properties.amount")?,
                signed: signed.map(|person| Signed {
                    person,
                    post: String::new(),
                }),
            },
            capacity: match capacity {
                Some(word) => Some(Capacity::parse(&word).ok_or(Malformed::Capacity)?),
                None => None,
            },
            at: instant(self.context.get("at"), now)?,
        })
    }
}

fn text(
    map: &Map<String, Value>,
    key: &str,
    name: &'static str,
) -> Result<Option<String>, Malformed> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Malformed::Member(name)),
    }
}

fn whole(
    map: &Map<String, Value>,
    key: &str,
    name: &'static str,
) -> Result<Option<i64>, Malformed> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or(Malformed::Number(name)),
    }
}

fn instant(value: Option<&Value>, now: i64) -> Result<i64, Malformed> {
    match value {
        None | Some(Value::Null) => Ok(now),
        Some(Value::Number(number)) => number.as_i64().ok_or(Malformed::At),
        Some(Value::String(text)) => clock::parse_rfc3339(text).ok_or(Malformed::At),
        Some(_) => Err(Malformed::At),
    }
}

impl EvaluationResponse {
    /// The answer with its reason, its chain and its exact end.
    pub fn of(words: &Words, explanation: &Explanation) -> Self {
        let decided = &explanation.decided;
        let decision = &decided.decision;
        Self {
            decision: decision.allowed,
            context: json!({
                "id": decided.id,
                "code": decision.code,
                "reason": words.detail(explanation),
                "capacity": decision.capacity,
                "usable": decision.usable,
                "clause": decision.clause,
                "block_lines": decision.block_lines,
                "seal_agency": decision.seal_agency,
                "chain": decision.chain,
                "obligations": decision.obligations,
                "evaluated_at": decision.evaluated_at,
                "valid_until": decision.valid_until,
                "epoch": decision.epoch,
                "other_chains": decision.other_chains,
                "who_could": super::refusal::who_could(explanation),
                "remedies": words.remedies(explanation),
            }),
        }
    }
}

/// Policy decision point metadata (§9): only what is there.
#[derive(Debug, Serialize)]
pub struct Metadata {
    /// The decision point.
    pub policy_decision_point: String,
    /// Where to ask one question.
    pub access_evaluation_endpoint: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> EvaluationRequest {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_request_becomes_a_question_and_every_unknown_word_is_named() {
        let base = json!({
            "subject": {"type": "person", "id": "psn_a"}, "action": {"name": "sign"},
            "resource": {"type": "paper", "id": "pap_1", "properties": {"kind": "quyet_dinh", "field": "Kinh tế tổng hợp", "agency": "agy_1"}},
            "context": {"post": "pst_1", "capacity": "TM_KT", "at": "2026-12-04T12:00:00+07:00"}
        });
        let question = read(base.clone()).question(None, None, 5).unwrap();
        assert_eq!(question.capacity, Some(Capacity::TmKt));
        assert_eq!(question.at, 1_796_360_400_000);
        for (pointer, value, expected) in [
            ("/subject/type", json!("robot"), Malformed::SubjectType),
            ("/resource/type", json!("door"), Malformed::ResourceType),
            ("/action/name", json!("open"), Malformed::Action),
            ("/context/capacity", json!("CHU_TICH"), Malformed::Capacity),
            ("/context/at", json!("tomorrow"), Malformed::At),
            ("/context/post", json!(7), Malformed::Member("context.post")),
            (
                "/context/post",
                Value::Null,
                Malformed::Member("context.post"),
            ),
            (
                "/resource/properties/kind",
                Value::Null,
                Malformed::Member("resource.properties.kind"),
            ),
        ] {
            let mut changed = base.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            assert_eq!(
                read(changed).question(None, None, 5).unwrap_err(),
                expected,
                "{pointer}"
            );
        }
    }

    #[test]
    fn a_request_without_subject_action_or_resource_is_not_read() {
        for missing in ["subject", "action", "resource"] {
            let mut value = json!({"subject": {"type": "person", "id": "p"}, "action": {"name": "sign"}, "resource": {"type": "paper", "id": "x"}});
            value.as_object_mut().unwrap().remove(missing);
            assert!(
                serde_json::from_value::<EvaluationRequest>(value).is_err(),
                "{missing}"
            );
        }
    }
}
