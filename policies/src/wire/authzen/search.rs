//! The three searches: requests that leave out what is searched for, and lists of what was found.
//! Standard: OpenID AuthZEN Authorization API 1.0 §8 (search)
//! It must never refuse a type that is not known here: there is nothing of it, and the list is empty.

use std::collections::BTreeMap;

use engine::{Action, Decision};
use serde::Serialize;
use serde_json::{Value, json};

use super::evaluation::{Evaluation, PAPER, PERSON, context};
use super::page::Part;
use super::reading::{self, Malformed, Members, RESOURCE, SUBJECT};
use crate::desk::PaperFacts;
use crate::flows::evaluate::{Evaluator, Question};
use crate::flows::search::{Able, Found};

/// A search as it was read; none when nothing of the kind can be found here.
pub type Asked = Option<Question>;

/// The answer of a search (§8.3).
#[derive(Debug, Serialize)]
pub struct Results {
    /// Where it stands among all results.
    pub page: Value,
    /// From what it was answered.
    pub context: Value,
    /// What was found.
    pub results: Vec<Value>,
}

/// Who may do this on that paper (§8.4)? An id of the subject is ignored.
pub fn subject(body: &Members) -> Result<Asked, Malformed> {
    let evaluation = Evaluation {
        subject: SUBJECT.read_type(body)?,
        action: reading::action(body)?,
        resource: RESOURCE.read(body)?,
        context: context(body)?,
    };
    known(&evaluation)
}

/// On which papers may he do this (§8.5)? An id of the resource is ignored.
pub fn resource(body: &Members) -> Result<Asked, Malformed> {
    let evaluation = Evaluation {
        subject: SUBJECT.read(body)?,
        action: reading::action(body)?,
        resource: RESOURCE.read_type(body)?,
        context: context(body)?,
    };
    known(&evaluation)
}

/// What may he do on that paper (§8.6)? The request has no action.
pub fn action(body: &Members) -> Result<Asked, Malformed> {
    let evaluation = Evaluation {
        subject: SUBJECT.read(body)?,
        action: (Action::Sign.as_str().to_owned(), Members::new()),
        resource: RESOURCE.read(body)?,
        context: context(body)?,
    };
    known(&evaluation)
}

fn known(evaluation: &Evaluation) -> Result<Asked, Malformed> {
    // What is malformed is refused whatever the types are.
    let action = Action::parse(&evaluation.action.0);
    let question = evaluation.question_about(action.unwrap_or(Action::Sign))?;
    let here = evaluation.subject.kind == PERSON && evaluation.resource.kind == PAPER;
    Ok((here && action.is_some()).then_some(question))
}

/// A person who may, in his first post; the further ones beside it.
pub fn person(able: &Able, names: &BTreeMap<String, String>) -> Value {
    let seat = |one: &engine::Candidate| json!({"post": one.post, "title": one.title, "capacity": one.capacity, "rule": one.rule});
    let mut seats = able.seats.iter().map(seat);
    let mut properties = seats.next().unwrap_or_else(|| json!({}));
    let also: Vec<Value> = seats.collect();
    if let Value::Object(members) = &mut properties {
        members.insert("name".to_owned(), json!(names.get(&able.person)));
        members.insert("also".to_owned(), json!(also));
    }
    json!({"type": PERSON, "id": able.person, "properties": properties})
}

/// A paper on which he may.
pub fn paper((facts, decision): &(PaperFacts, Decision)) -> Value {
    json!({"type": PAPER, "id": facts.id, "properties": {
        "title": facts.title, "kind": facts.kind, "field": facts.field, "agency": facts.agency,
        "capacity": decision.capacity, "valid_until": decision.valid_until,
    }})
}

/// An act he may do.
pub fn act((action, decision): &(Action, Decision)) -> Value {
    json!({"name": action, "properties": {"capacity": decision.capacity, "valid_until": decision.valid_until}})
}

impl Results {
    /// One part of what was found.
    pub fn of<T>(
        evaluator: &Evaluator<'_>,
        found: &Found<T>,
        part: Part<Value>,
        at: Option<i64>,
    ) -> Self {
        Self {
            page: part.page,
            context: json!({
                "epoch": evaluator.epoch.number(),
                "evaluated_at": at.unwrap_or(evaluator.now),
                "ignored": found.ignored,
                "asserted": found.asserted,
            }),
            results: part.items,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        search: fn(&Members) -> Result<Asked, Malformed>,
        body: Value,
    ) -> Result<Asked, Malformed> {
        search(body.as_object().unwrap())
    }

    #[test]
    fn a_search_needs_what_it_is_asked_with_and_ignores_the_id_of_what_it_looks_for() {
        let subject_type = json!({"type": "person"});
        let person = json!({"type": "person", "id": "psn_a"});
        let paper_type = json!({"type": "paper"});
        let paper = json!({"type": "paper", "id": "pap_1"});
        let sign = json!({"name": "sign"});
        for (search, body, missing) in [
            (
                subject as fn(&Members) -> Result<Asked, Malformed>,
                json!({"subject": subject_type, "resource": paper}),
                "action",
            ),
            (
                subject,
                json!({"subject": subject_type, "action": sign, "resource": paper_type}),
                "resource.id",
            ),
            (
                subject,
                json!({"subject": {}, "action": sign, "resource": paper}),
                "subject.type",
            ),
            (
                resource,
                json!({"action": sign, "resource": paper_type}),
                "subject",
            ),
            (
                resource,
                json!({"subject": subject_type, "action": sign, "resource": paper_type}),
                "subject.id",
            ),
            (
                resource,
                json!({"subject": person, "resource": paper_type}),
                "action",
            ),
            (action, json!({"subject": person}), "resource"),
            (
                action,
                json!({"subject": subject_type, "resource": paper}),
                "subject.id",
            ),
            (
                action,
                json!({"subject": person, "resource": paper_type}),
                "resource.id",
            ),
        ] {
            assert_eq!(
                read(search, body.clone()).unwrap_err(),
                Malformed::Missing(missing),
                "{body}"
            );
        }
        let with_id =
            json!({"subject": {"type": "person", "id": 7}, "action": sign, "resource": paper});
        assert_eq!(
            read(subject, with_id).unwrap().unwrap().person,
            "",
            "not even its type is looked at"
        );
        let with_id = json!({"subject": person, "action": sign, "resource": paper});
        assert_eq!(read(resource, with_id).unwrap().unwrap().paper.id, "");
        let with_action = json!({"subject": person, "action": "anything", "resource": paper});
        assert!(read(action, with_action).unwrap().is_some());
    }

    #[test]
    fn an_unknown_type_or_action_finds_nothing_and_is_no_error() {
        let body = |subject: &str, action: &str, resource: &str| json!({"subject": {"type": subject, "id": "psn_a"}, "action": {"name": action}, "resource": {"type": resource, "id": "pap_1"}});
        for search in [
            subject as fn(&Members) -> Result<Asked, Malformed>,
            resource,
        ] {
            assert!(
                read(search, body("person", "sign", "paper"))
                    .unwrap()
                    .is_some()
            );
            for unknown in [
                body("spaceship", "sign", "paper"),
                body("person", "fly", "paper"),
                body("person", "sign", "record"),
            ] {
                assert_eq!(read(search, unknown).unwrap(), None);
            }
        }
        assert_eq!(
            read(action, body("spaceship", "sign", "paper")).unwrap(),
            None
        );
    }
}
