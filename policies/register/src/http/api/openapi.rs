//! The OpenAPI document of the interface, made from the table of operations and the schemas beside it.
//! Standard: OpenAPI 3.1.0; JSON Schema 2020-12; RFC 9457 for refusals.
//! It must never describe what the table does not have.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::Ground;
use platform::problem::Problem;
use serde_json::{Map, Value, json};

use super::SCOPE;
use super::table::{OPERATIONS, Operation};

const SCHEMAS: &str = include_str!("../../../data/openapi.json");

/// Refusals of every operation, and those of acts.
const ALWAYS: &[(&str, &str)] = &[
    ("400", "The query or the body cannot be read"),
    ("401", "No token in force"),
    ("403", "The token lacks the scope, or the person the right"),
    ("404", "Not there, or not within reach"),
    ("503", "Overloaded; try again after the time given"),
];
const OF_ACTS: &[(&str, &str)] = &[
    ("409", "The register does not allow it; the code says why"),
    ("413", "The body is too large"),
    ("415", "The body is not application/json"),
    ("422", "A field is wrong; fields names it"),
];

/// GET /api/openapi.json
pub(crate) async fn show(State(ground): State<Ground>) -> Result<impl IntoResponse, Problem> {
    let origin = ground.public_url.origin().ascii_serialization();
    document(&origin)
        .map(Json)
        .map_err(|error| Problem::internal(&error))
}

/// The document for a server.
pub fn document(server: &str) -> Result<Value, serde_json::Error> {
    let parts: Value = serde_json::from_str(SCHEMAS)?;
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let item = paths
            .entry(operation.path)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(item) = item.as_object_mut() {
            item.insert(operation.method.to_lowercase(), described(operation));
        }
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ấn Tín: register",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Agencies, units, posts, people, appointments and assignments of a province. Whoever calls sees and does what the person behind the token may see and do.",
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": parts.get("schemas"),
            "parameters": parts.get("parameters"),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": format!("An access token with the scope {SCOPE}")}},
        },
        "security": [{"token": []}],
    }))
}

fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

fn content(schema: &Value) -> Value {
    json!({"application/json": {"schema": schema}})
}

fn described(operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = Vec::new();
    if operation.path.contains("{id}") {
        parameters.push(reference("parameters", "id"));
    }
    parameters.extend(
        operation
            .query
            .iter()
            .map(|name| reference("parameters", name)),
    );
    let schema = reference("schemas", operation.answer);
    let answer = if operation.list {
        json!({"type": "object", "required": ["items", "next"], "additionalProperties": false, "properties": {
            "items": {"type": "array", "items": schema},
            "next": {"type": ["string", "null"], "description": "Give it as `after` for the next page"},
        }})
    } else {
        schema
    };
    let is_act = operation.body.is_some();
    let mut responses = Map::new();
    let (status, words) = operation.good;
    let mut good = json!({"description": words, "content": content(&answer)});
    if let (true, Some(map)) = (is_act, good.as_object_mut()) {
        let location = json!({"Location": {"schema": {"type": "string"}, "required": true}});
        map.insert("headers".into(), location);
    }
    responses.insert(status.into(), good);
    let refusals = ALWAYS.iter().chain(if is_act { OF_ACTS } else { &[] });
    for (status, words) in refusals {
        let problem =
            json!({"application/problem+json": {"schema": reference("schemas", "Problem")}});
        responses.insert(
            (*status).into(),
            json!({"description": words, "content": problem}),
        );
    }
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses,
    });
    if let (Some(body), Some(map)) = (operation.body, described.as_object_mut()) {
        let body = json!({"required": true, "content": content(&reference("schemas", body))});
        map.insert("requestBody".into(), body);
    }
    described
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::facts::{
        AgencyFact, AppointmentFact, AssignmentFact, PersonAttributes, PostFact, UnitFact,
    };
    use crate::domain::words::{AppointmentKind, AssignmentKind, Standing};
    use crate::wire::acts::{
        Correction, End, NewAppointment, NewAssignment, NewPerson, NewSuspension,
    };
    use crate::wire::shapes::{Agency, Appointment, Assignment, Person, Post, Unit};

    fn schema(name: &str) -> Value {
        document("http://localhost:8080").unwrap()["components"]["schemas"][name].clone()
    }

    fn keys(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    fn answers() -> Vec<(&'static str, Value)> {
        let id = || "x_1".to_owned();
        let agency = AgencyFact {
            record: id(),
            id: id(),
            parent: None,
            code: id(),
            name: id(),
            short_name: id(),
            kind: id(),
            collective: true,
            level: 1,
            mail_domain: id(),
            id_qcvn102: None,
            gso_code: None,
            from: 0,
            to: None,
        };
        let unit = UnitFact {
            record: id(),
            id: id(),
            agency: id(),
            number: id(),
            name: id(),
            own_seal: false,
            from: 0,
            to: Some(1),
        };
        let post = PostFact {
            record: id(),
            id: id(),
            agency: id(),
            unit: None,
            code: id(),
            title: id(),
            rank: 1,
            standing: Standing::Staff,
            is_head: false,
            deputy_of: None,
            capacities: Vec::new(),
            field: None,
            from: 0,
            to: None,
        };
        let person = PersonAttributes {
            record: id(),
            person: id(),
            staff_no: id(),
            full_name: id(),
            surname: id(),
            given_name: id(),
            gender: None,
            birth_date: Some("1990-03-02".into()),
            username: id(),
            email: None,
            phone: None,
            personal_number: Some(vec![1]),
            personal_number_index: None,
        };
        let appointment = AppointmentFact {
            record: id(),
            id: id(),
            person: id(),
            post: id(),
            kind: AppointmentKind::Acting,
            basis: id(),
            from: 0,
            to: None,
        };
        let assignment = AssignmentFact {
            record: id(),
            id: id(),
            kind: AssignmentKind::Field,
            post: id(),
            agency: id(),
            field: Some(id()),
            basis: id(),
            from: 0,
            to: None,
        };
        let value = |shape: Result<Value, serde_json::Error>| shape.unwrap();
        vec![
            ("Agency", value(serde_json::to_value(Agency::from(agency)))),
            ("Unit", value(serde_json::to_value(Unit::from(unit)))),
            ("Post", value(serde_json::to_value(Post::from(post)))),
            ("Person", value(serde_json::to_value(Person::from(person)))),
            (
                "Appointment",
                value(serde_json::to_value(Appointment::from(appointment))),
            ),
            (
                "Assignment",
                value(serde_json::to_value(Assignment::from(assignment))),
            ),
        ]
    }

    #[test]
    fn answers_have_exactly_the_members_that_the_document_names() {
        for (name, value) in answers() {
            let schema = schema(name);
            assert_eq!(keys(&value), keys(&schema["properties"]), "{name}");
            let required: BTreeSet<String> =
                serde_json::from_value(schema["required"].clone()).unwrap();
            assert_eq!(
                keys(&value),
                required,
                "{name}: every member is always there"
            );
        }
    }

    #[test]
    fn acts_are_read_with_what_the_document_requires_and_not_with_less() {
        let word = |name: &str| match name {
            "from" | "to" | "at" => json!("2026-12-01T00:00:00+07:00"),
            "kind" => json!("field"),
            _ => json!("x_1"),
        };
        type Reads = fn(Value) -> bool;
        let acts: [(&str, Reads); 6] = [
            ("NewPerson", |v| {
                serde_json::from_value::<NewPerson>(v).is_ok()
            }),
            ("Correction", |v| {
                serde_json::from_value::<Correction>(v).is_ok()
            }),
            ("NewAppointment", |v| {
                serde_json::from_value::<NewAppointment>(v).is_ok()
            }),
            ("End", |v| serde_json::from_value::<End>(v).is_ok()),
            ("NewSuspension", |v| {
                serde_json::from_value::<NewSuspension>(v).is_ok()
            }),
            ("NewAssignment", |v| {
                serde_json::from_value::<NewAssignment>(v).is_ok()
            }),
        ];
        for (name, reads) in acts {
            let schema = schema(name);
            let required: Vec<String> = serde_json::from_value(schema["required"].clone()).unwrap();
            let least: Map<String, Value> = required
                .iter()
                .map(|name| (name.clone(), word(name)))
                .collect();
            assert!(reads(Value::Object(least.clone())), "{name}");
            let mut wrong = least.clone();
            wrong.insert("basis".into(), json!(" "));
            assert!(!reads(Value::Object(wrong)), "{name}: an empty basis");
            let mut without = least;
            without.remove("basis");
            assert!(!reads(Value::Object(without)), "{name}: no basis");
        }
    }

    #[test]
    fn every_reference_of_the_document_leads_somewhere_and_every_operation_is_there() {
        let document = document("http://localhost:8080").unwrap();
        let text = document.to_string();
        for part in text.split("\"#/components/").skip(1) {
            let path = part.split('"').next().unwrap();
            assert!(
                document.pointer(&format!("/components/{path}")).is_some(),
                "{path}"
            );
        }
        let described: usize = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .map(|item| item.as_object().unwrap().len())
            .sum();
        assert_eq!(described, OPERATIONS.len());
    }
}
