//! One access evaluation: the request as a question, the answer with its reason, its chain and its exact end.
//! Standard: OpenID AuthZEN Authorization API 1.0 §6 (access evaluation)
//! It must never let a property the caller sends replace what the register or the papers' desk holds.

use engine::{Action, Capacity};
use platform::clock;
use serde::Serialize;
use serde_json::{Value, json};

use super::reading::{self, Entity, Malformed, Members, RESOURCE, SUBJECT, given, text, whole};
use crate::flows::describe_paper::Claims;
use crate::flows::evaluate::{Answered, Question, Unanswered};
use crate::wording::Words;

/// The subjects that are known here.
pub const PERSON: &str = "person";
/// The resources that are known here.
pub const PAPER: &str = "paper";

/// So many members that do not count are named in an answer.
const MOST_NAMED: usize = 50;
/// So much of each name.
const LONGEST_NAMED: usize = 64;
/// First and last instant that a question may be about: the years 1 to 9999.
const INSTANTS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;
const CIRCUMSTANCES: [&str; 4] = ["post", "capacity", "at", "signed_by"];
const DESCRIPTION: [&str; 6] = ["kind", "field", "agency", "competence", "about", "amount"];

/// A request as it was read.
pub struct Evaluation {
    /// Who.
    pub subject: Entity,
    /// What, and what the caller says about it.
    pub action: (String, Members),
    /// On what.
    pub resource: Entity,
    /// Circumstances.
    pub context: Members,
}

impl Evaluation {
    /// Reads the four members (§6.1).
    pub fn read(body: &Members) -> Result<Self, Malformed> {
        Ok(Self {
            subject: SUBJECT.read(body)?,
            action: reading::action(body)?,
            resource: RESOURCE.read(body)?,
            context: context(body)?,
        })
    }

    /// As a question; a type or an action that is not known here has no answer.
    pub fn question(&self) -> Result<Result<Question, Unanswered>, Malformed> {
        let action = Action::parse(&self.action.0);
        let question = self.question_about(action.unwrap_or(Action::Sign))?;
        Ok(match action {
            _ if self.subject.kind != PERSON => Err(unknown_type("subject.type", PERSON)),
            _ if self.resource.kind != PAPER => Err(unknown_type("resource.type", PAPER)),
            None => Err(unknown(
                "unknown_action",
                "action.name must be one of sign, seal, number, copy".to_owned(),
            )),
            Some(_) => Ok(question),
        })
    }

    /// The question with another action than the one it states.
    pub fn question_about(&self, action: Action) -> Result<Question, Malformed> {
        let (said, about) = (&self.context, &self.resource.properties);
        let capacity = text(said, "capacity", "context.capacity")?;
        Ok(Question {
            person: self.subject.id.clone(),
            post: text(said, "post", "context.post")?,
            action,
            capacity: match capacity {
                Some(word) => Some(Capacity::parse(&word).ok_or(Malformed::Capacity)?),
                None => None,
            },
            at: instant(given(said, "at"))?,
            paper: Claims {
                id: self.resource.id.clone(),
                kind: text(about, "kind", "resource.properties.kind")?,
                field: text(about, "field", "resource.properties.field")?,
                agency: text(about, "agency", "resource.properties.agency")?,
                competence: text(about, "competence", "resource.properties.competence")?,
                about: text(about, "about", "resource.properties.about")?,
                amount: whole(about, "amount", "resource.properties.amount")?,
                signed_by: text(said, "signed_by", "context.signed_by")?,
            },
            unread: self.unread(),
        })
    }

    /// What the caller says and nobody reads; above all everything he says of the person.
    fn unread(&self) -> Vec<String> {
        let all = [
            ("subject.properties", &self.subject.properties, &[][..]),
            ("action.properties", &self.action.1, &[][..]),
            (
                "resource.properties",
                &self.resource.properties,
                &DESCRIPTION[..],
            ),
            ("context", &self.context, &CIRCUMSTANCES[..]),
        ];
        let named = all.iter().flat_map(|(place, members, read)| {
            let names = members.keys().filter(|name| !read.contains(&name.as_str()));
            names.map(move |name| {
                // What stands at the top is read once for every evaluation below it.
                let name: String = name.chars().take(LONGEST_NAMED).collect();
                format!("{place}.{name}")
            })
        });
        named.take(MOST_NAMED).collect()
    }
}

/// The circumstances (§5.4), if any.
pub fn context(body: &Members) -> Result<Members, Malformed> {
    Ok(reading::object(body, "context", "context")?
        .cloned()
        .unwrap_or_default())
}

fn unknown(code: &'static str, message: String) -> Unanswered {
    Unanswered {
        status: 404,
        code,
        message,
    }
}

fn unknown_type(name: &str, known: &str) -> Unanswered {
    unknown(
        "unknown_type",
        format!("{name} is none that is known here; `{known}` is"),
    )
}

fn instant(value: Option<&Value>) -> Result<Option<i64>, Malformed> {
    let at = match value {
        None => return Ok(None),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => clock::parse_rfc3339(text),
        Some(_) => None,
    };
    at.filter(|at| INSTANTS.contains(at))
        .map(Some)
        .ok_or(Malformed::At)
}

/// An access evaluation's answer (§6.2).
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The answer.
    pub decision: bool,
    /// Why, and until when; or why there is none.
    pub context: Value,
}

impl Answer {
    /// The decision, or a no that says why there is none (§7.2.1).
    pub fn of(words: &Words, outcome: &Result<Answered, Unanswered>) -> Self {
        match outcome {
            Ok(answered) => Self::decided(words, answered),
            Err(unanswered) => Self::unanswered(unanswered),
        }
    }

    /// The answer with its reason, its chain and its exact end.
    pub fn decided(words: &Words, answered: &Answered) -> Self {
        let explanation = &answered.explanation;
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
                "who_could": crate::wire::refusal::who_could(explanation),
                "remedies": words.remedies(explanation),
                "ignored": answered.ignored,
                "asserted": answered.asserted,
            }),
        }
    }

    fn unanswered(unanswered: &Unanswered) -> Self {
        Self {
            decision: false,
            context: json!({
                "code": unanswered.code,
                "error": {"status": unanswered.status, "message": unanswered.message},
            }),
        }
    }
}

impl From<Malformed> for Unanswered {
    fn from(malformed: Malformed) -> Self {
        Self {
            status: 400,
            code: "invalid_request",
            message: malformed.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Value {
        json!({
            "subject": {"type": "person", "id": "psn_a"}, "action": {"name": "sign"},
            "resource": {"type": "paper", "id": "pap_1", "properties": {"kind": "quyet_dinh", "field": "Kinh tế tổng hợp", "agency": "agy_1"}},
            "context": {"post": "pst_1", "capacity": "TM_KT", "at": "2026-12-04T12:00:00+07:00"}
        })
    }

    fn changed(pointer: &str, value: Value) -> Evaluation {
        let mut body = base();
        *body.pointer_mut(pointer).unwrap() = value;
        Evaluation::read(body.as_object().unwrap()).unwrap()
    }

    #[test]
    fn a_request_becomes_a_question_and_what_cannot_be_read_is_named() {
        let question = changed("/action/name", json!("sign"))
            .question()
            .unwrap()
            .unwrap();
        assert_eq!(question.capacity, Some(Capacity::TmKt));
        assert_eq!(question.at, Some(1_796_360_400_000));
        assert_eq!(question.post.as_deref(), Some("pst_1"));
        assert!(question.unread.is_empty());
        for (pointer, value, expected) in [
            ("/context/capacity", json!("CHU_TICH"), Malformed::Capacity),
            ("/context/at", json!("tomorrow"), Malformed::At),
            ("/context/at", json!(i64::MAX), Malformed::At),
            ("/context/at", json!(1.5), Malformed::At),
            (
                "/context/post",
                json!(7),
                Malformed::Type("context.post", "a text"),
            ),
            (
                "/resource/properties/kind",
                json!(["quyet_dinh"]),
                Malformed::Type("resource.properties.kind", "a text"),
            ),
        ] {
            assert_eq!(
                changed(pointer, value).question().unwrap_err(),
                expected,
                "{pointer}"
            );
        }
    }

    #[test]
    fn a_type_or_an_action_that_is_not_known_is_a_question_without_an_answer() {
        for (pointer, value, code) in [
            ("/subject/type", json!("robot"), "unknown_type"),
            ("/resource/type", json!("door"), "unknown_type"),
            ("/action/name", json!("open"), "unknown_action"),
            ("/action/name", json!("SIGN"), "unknown_action"),
        ] {
            let unanswered = changed(pointer, value).question().unwrap().unwrap_err();
            assert_eq!(
                (unanswered.status, unanswered.code),
                (404, code),
                "{pointer}"
            );
        }
    }

    #[test]
    fn what_nobody_reads_is_named_and_all_that_is_said_of_the_person() {
        let mut body = base();
        body["subject"]["properties"] = json!({"role": "chair", "post": "pst_9"});
        body["action"]["properties"] = json!({"method": "GET"});
        body["resource"]["properties"]["status"] = json!("active");
        body["context"]["time"] = json!("2025-06-27T18:03-07:00");
        let question = Evaluation::read(body.as_object().unwrap())
            .unwrap()
            .question()
            .unwrap()
            .unwrap();
        assert_eq!(
            question.unread,
            [
                "subject.properties.post",
                "subject.properties.role",
                "action.properties.method",
                "resource.properties.status",
                "context.time",
            ]
        );
    }
}
