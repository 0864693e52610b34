//! Many access evaluations in one request: defaults at the top, answers by position.
//! Standard: OpenID AuthZEN Authorization API 1.0 §7 (access evaluations)
//! It must never answer a question in another's place, nor let one that cannot be read keep the others from their answers.

use serde::Serialize;
use serde_json::Value;

use super::evaluation::{Answer, Evaluation};
use super::reading::{self, Malformed, Members, given};
use crate::flows::evaluate::{Question, Stop, Unanswered};

/// So many evaluations are answered in one request.
pub const MOST: usize = 500;

/// A request as it was read.
pub enum Batch {
    /// No evaluations, or an empty list of them: the request is one evaluation (§7.1).
    One,
    /// The questions in their order.
    Many(Vec<Result<Question, Unanswered>>, Stop),
}

/// The answers in the order of the questions (§7.2).
#[derive(Debug, Serialize)]
pub struct Answers {
    /// The answers.
    pub evaluations: Vec<Answer>,
}

impl Batch {
    /// Reads the questions, each with the defaults it does not state itself.
    pub fn read(body: &Members) -> Result<Self, Malformed> {
        let items = match given(body, "evaluations") {
            None => return Ok(Self::One),
            Some(Value::Array(items)) if items.is_empty() => return Ok(Self::One),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(Malformed::Type("evaluations", "a list")),
        };
        if items.len() > MOST {
            return Err(Malformed::TooMany(items.len(), MOST));
        }
        let stop = semantic(body)?;
        for (key, parts) in ENTITIES {
            let Some(default) = reading::object(body, key, key)? else {
                continue;
            };
            for part in parts {
                reading::text(default, part, key)?;
            }
        }
        let read = |item: &Value| match item {
            Value::Object(own) => {
                Evaluation::read(&with_defaults(body, own)).and_then(|read| read.question())
            }
            _ => Err(Malformed::Type("an evaluation", "an object")),
        };
        let questions = items
            .iter()
            .map(|item| read(item).unwrap_or_else(|malformed| Err(malformed.into())));
        Ok(Self::Many(questions.collect(), stop))
    }
}

/// The four members with the parts that are taken one by one from the default when the evaluation's own entity lacks them.
const ENTITIES: [(&str, &[&str]); 4] = [
    ("subject", &["type", "id"]),
    ("action", &["name"]),
    ("resource", &["type", "id"]),
    ("context", &[]),
];

/// An entity of its own stands for the whole default, but for the required parts it lacks.
fn with_defaults(body: &Members, own: &Members) -> Members {
    let mut whole = Members::new();
    for (key, parts) in ENTITIES {
        let default = given(body, key);
        let mut value = match given(own, key).or(default) {
            Some(value) => value.clone(),
            None => continue,
        };
        if let (Value::Object(value), Some(Value::Object(default))) = (&mut value, default) {
            for part in parts {
                if let (None, Some(fallback)) = (given(value, part), given(default, part)) {
                    value.insert((*part).to_owned(), fallback.clone());
                }
            }
        }
        whole.insert(key.to_owned(), value);
    }
    whole
}

fn semantic(body: &Members) -> Result<Stop, Malformed> {
    let Some(options) = reading::object(body, "options", "options")? else {
        return Ok(Stop::Never);
    };
    let word = reading::text(
        options,
        "evaluations_semantic",
        "options.evaluations_semantic",
    )?;
    match word.as_deref() {
        None | Some("execute_all") => Ok(Stop::Never),
        Some("deny_on_first_deny") => Ok(Stop::AtDeny),
        Some("permit_on_first_permit") => Ok(Stop::AtPermit),
        Some(_) => Err(Malformed::Semantic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: Value) -> Result<Batch, Malformed> {
        Batch::read(body.as_object().unwrap())
    }

    fn many(body: Value) -> (Vec<Result<Question, Unanswered>>, Stop) {
        match read(body).unwrap() {
            Batch::Many(questions, stop) => (questions, stop),
            Batch::One => panic!("one"),
        }
    }

    #[test]
    fn an_evaluation_overrides_whole_entities_and_takes_only_missing_type_id_and_name_from_the_top()
    {
        let (questions, stop) = many(json!({
            "subject": {"type": "person", "id": "psn_a", "properties": {"role": "chair"}},
            "action": {"name": "sign"},
            "resource": {"type": "paper", "id": "pap_top", "properties": {"kind": "quyet_dinh", "field": "top"}},
            "context": {"post": "pst_top", "at": 5},
            "evaluations": [
                {},
                {"resource": {"id": "pap_1", "properties": {"kind": "cong_van"}}},
                {"context": {"post": "pst_own"}, "action": {"name": "seal"}},
                {"resource": null, "subject": {"id": "psn_b"}},
            ]
        }));
        assert_eq!(stop, Stop::Never);
        let questions: Vec<Question> = questions.into_iter().map(Result::unwrap).collect();
        assert_eq!(
            (questions[0].paper.id.as_str(), questions[0].at),
            ("pap_top", Some(5))
        );
        assert_eq!(questions[0].unread, ["subject.properties.role"]);
        assert_eq!(questions[1].paper.id, "pap_1");
        assert_eq!(questions[1].paper.kind.as_deref(), Some("cong_van"));
        assert_eq!(questions[1].paper.field, None, "properties are not mixed");
        assert_eq!(
            (questions[2].post.as_deref(), questions[2].at),
            (Some("pst_own"), None),
            "nor is the context"
        );
        assert_eq!(questions[2].action, engine::Action::Seal);
        assert_eq!(
            (questions[3].person.as_str(), questions[3].paper.id.as_str()),
            ("psn_b", "pap_top")
        );
        assert!(questions[3].unread.is_empty());
    }

    #[test]
    fn an_evaluation_that_cannot_be_read_is_an_error_in_its_place_and_a_broken_default_refuses_all()
    {
        let (questions, _) = many(json!({
            "subject": {"type": "person", "id": "psn_a"}, "action": {"name": "sign"},
            "evaluations": [{}, 7, null, {"resource": {"type": "paper", "id": "x"}, "action": {"name": 5}}, {"resource": {"type": "paper", "id": "x"}}]
        }));
        let status: Vec<u16> = questions
            .iter()
            .map(|one| one.as_ref().map_or_else(|no| no.status, |_| 200))
            .collect();
        assert_eq!(status, [400, 400, 400, 400, 200]);
        assert_eq!(
            questions[0].as_ref().unwrap_err().message,
            "resource is missing"
        );
        for (broken, expected) in [
            (
                json!({"evaluations": {}}),
                Malformed::Type("evaluations", "a list"),
            ),
            (
                json!({"evaluations": [{}], "subject": "a"}),
                Malformed::Type("subject", "an object"),
            ),
            (
                json!({"evaluations": [{}], "resource": {"type": 1}}),
                Malformed::Type("resource", "a text"),
            ),
            (
                json!({"evaluations": [{}], "options": 1}),
                Malformed::Type("options", "an object"),
            ),
            (
                json!({"evaluations": [{}], "options": {"evaluations_semantic": "some"}}),
                Malformed::Semantic,
            ),
            (
                json!({"evaluations": vec![json!({}); MOST + 1]}),
                Malformed::TooMany(MOST + 1, MOST),
            ),
        ] {
            assert_eq!(read(broken.clone()).err(), Some(expected), "{broken}");
        }
        for one in [
            json!({}),
            json!({"evaluations": null}),
            json!({"evaluations": []}),
        ] {
            assert!(matches!(read(one), Ok(Batch::One)));
        }
        for (word, stop) in [
            ("execute_all", Stop::Never),
            ("deny_on_first_deny", Stop::AtDeny),
            ("permit_on_first_permit", Stop::AtPermit),
        ] {
            let (_, read) = many(
                json!({"evaluations": [{}], "options": {"evaluations_semantic": word, "other": 1}}),
            );
            assert_eq!(read, stop);
        }
    }
}
