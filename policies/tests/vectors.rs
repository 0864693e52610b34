//! The test vectors of `docs/integration/authzen-vectors.json`: requests about the small world of the cases, answered by the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "../engine/tests/cases/world.rs"]
#[allow(dead_code, reason = "the engine's own tests use the rest")]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use engine::{Action, Capacity, Code, Epoch, Facts};
use platform::i18n::Lang;
use policies::flows::evaluate::{Answered, Unanswered};
use policies::flows::explain::Explanation;
use policies::wire::authzen::evaluation::{Answer, Evaluation};
use policies::{Decided, Words};
use serde_json::{Value, json};

/// So many cases of each file, and beyond them each code of each act in each capacity once.
const OF_EACH: usize = 8;
/// What an answer holds that belongs to one instance of the program, not to the question.
const OWN: [&str; 4] = ["id", "epoch", "reason", "remedies"];

const ABOUT: &str = "Test vectors of the profile 'representation and capacity' (authzen.md). `facts` is the whole world asked about; \
    instants are milliseconds since 1970 UTC, `to` is the first instant at which something no longer holds. Each vector is one request to \
    /access/v1/evaluation and the parts of the response that must be equal; other members may stand beside them. Generated: \
    UPDATE_GENERATED=1 cargo test -p policies --test vectors";

/// What the decision point says to a request, without what belongs to one instance: the wire from end to end, with no papers' desk.
fn respond(epoch: &Epoch, request: &Value) -> Value {
    let read = Evaluation::read(request.as_object().unwrap()).and_then(|read| read.question());
    let question = match read {
        Err(malformed) => return json!({"status": 400, "message": malformed.to_string()}),
        Ok(question) => question,
    };
    let outcome: Result<Answered, Unanswered> = question.map(|question| {
        let described = question.paper.against(None, None).unwrap();
        let request = question.request(described.resource, None, 0);
        let decision = epoch.answer(&request);
        let ignored = question.unread.iter().cloned();
        let also = described.ignored.iter().map(|name| (*name).to_owned());
        Answered {
            explanation: Explanation {
                post_title: String::new(),
                agency_name: String::new(),
                paper_title: None,
                names: BTreeMap::new(),
                decided: Decided {
                    id: String::new(),
                    request,
                    decision,
                },
            },
            ignored: ignored.chain(also).collect(),
            asserted: described.asserted,
        }
    });
    let mut answer = serde_json::to_value(Answer::of(&Words::new(Lang::Vi), &outcome)).unwrap();
    let context = answer["context"].as_object_mut().unwrap();
    for own in OWN {
        context.remove(own);
    }
    for who in context
        .get_mut("who_could")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        who.as_object_mut().unwrap().remove("name");
    }
    json!({"status": 200, "body": answer})
}

fn at(day: &world::Day) -> String {
    match day.to_string() {
        instant if instant.contains('T') => format!("{instant}+07:00"),
        day => format!("{day}T00:00:00+07:00"),
    }
}

fn request_of(ask: &world::Ask) -> Value {
    let paper = if ask.paper.is_empty() {
        "-"
    } else {
        &ask.paper
    };
    let mut properties = json!({"kind": ask.kind, "agency": ask.agency});
    let mut context = json!({"post": ask.post, "at": at(&ask.at)});
    for (name, value) in [
        ("field", json!(ask.field)),
        ("competence", json!(ask.competence)),
        ("about", json!(ask.about)),
        ("amount", json!(ask.amount)),
    ] {
        if !value.is_null() {
            properties[name] = value;
        }
    }
    for (name, value) in [
        ("capacity", json!(ask.capacity)),
        ("signed_by", json!(ask.signed_by)),
    ] {
        if !value.is_null() {
            context[name] = value;
        }
    }
    json!({
        "subject": {"type": "person", "id": ask.person},
        "action": {"name": ask.action},
        "resource": {"type": "paper", "id": paper, "properties": properties},
        "context": context,
    })
}

/// What every decision point does with requests at the edge of the model.
fn edges(good: &Value) -> Vec<(&'static str, Value)> {
    let with = |pointer: &str, value: Value| {
        let mut changed = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        changed
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .insert(name.to_owned(), value);
        changed
    };
    let without = |member: &str| {
        let mut changed = good.clone();
        changed.as_object_mut().unwrap().remove(member);
        changed
    };
    vec![
        (
            "A subject of an unknown type may nothing",
            with("/subject/type", json!("robot")),
        ),
        (
            "On a resource of an unknown type nobody may anything",
            with("/resource/type", json!("record")),
        ),
        (
            "An unknown action is not allowed",
            with("/action/name", json!("shred")),
        ),
        (
            "What the caller says of the person does not count and is named",
            with("/subject/properties", json!({"role": "head", "post": "ct"})),
        ),
        (
            "Unknown members are ignored",
            with("/futureField", json!({"nested": true})),
        ),
        (
            "An unknown circumstance is ignored and named",
            with("/context/ip", json!("192.0.2.1")),
        ),
        (
            "A request without a subject is no request",
            without("subject"),
        ),
        (
            "A request without an action is no request",
            without("action"),
        ),
        (
            "A request without a resource is no request",
            without("resource"),
        ),
        (
            "A name that is no text is no name",
            with("/action/name", json!(123)),
        ),
        (
            "A capacity that does not exist is no capacity",
            with("/context/capacity", json!("CHU_TICH")),
        ),
    ]
}

/// The file, one fact and one vector a line.
fn file() -> (String, Vec<Value>) {
    let facts = world::facts();
    let epoch = Epoch::compile(1, &facts, &world::law());
    let mut vectors = Vec::new();
    let mut seen: BTreeSet<(Code, Option<Capacity>, Action)> = BTreeSet::new();
    let mut first = None;
    for topic in world::topics() {
        let name = topic.file.trim_end_matches(".toml").to_owned();
        for (place, case) in topic.cases.case.iter().enumerate() {
            let request = request_of(&case.ask);
            let new = seen.insert((case.code, case.ask.capacity, case.ask.action));
            if place >= OF_EACH && !new {
                continue;
            }
            if case.code == Code::Allowed {
                first.get_or_insert(request.clone());
            }
            let response = respond(&epoch, &request);
            // An act must state its capacity; to a question the only possible one stands in.
            let only = case.code == Code::CapacityRequired
                && response["body"]["context"]["usable"] == json!([]);
            assert_eq!(
                response["body"]["decision"],
                case.code == Code::Allowed || only,
                "{}",
                case.name
            );
            vectors.push(
                json!({"topic": name, "name": case.name, "request": request, "response": response}),
            );
        }
    }
    for (name, request) in edges(&first.unwrap()) {
        let response = respond(&epoch, &request);
        vectors.push(
            json!({"topic": "protocol", "name": name, "request": request, "response": response}),
        );
    }
    let lines = |rows: &[Value]| {
        let rows: Vec<String> = rows.iter().map(Value::to_string).collect();
        rows.join(",\n")
    };
    let whole = serde_json::to_value(&facts).unwrap();
    let lists = whole
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, rows)| format!("\"{name}\": [\n{}\n]", lines(rows.as_array().unwrap())));
    let lists: Vec<String> = lists.collect();
    let text = format!(
        "{{\n\"about\": {},\n\"profile\": \"representation and capacity 1\",\n\"facts\": {{\n{}\n}},\n\"vectors\": [\n{}\n]\n}}\n",
        json!(ABOUT),
        lists.join(",\n"),
        lines(&vectors)
    );
    (text, vectors)
}

#[test]
fn the_test_vectors_of_the_profile_are_what_the_wire_answers_in_the_small_world() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/integration/authzen-vectors.json");
    let (text, vectors) = file();
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let first = text
        .lines()
        .zip(written.lines())
        .find(|(one, other)| one != other);
    assert!(
        text == written,
        "docs/integration/authzen-vectors.json is not what the wire answers; run with UPDATE_GENERATED=1. First difference: {first:?}"
    );
    // Whoever reads the file finds the same answers from the facts in it alone.
    let read: Value = serde_json::from_str(&written).unwrap();
    let facts: Facts = serde_json::from_value(read["facts"].clone()).unwrap();
    let epoch = Epoch::compile(9, &facts, &world::law());
    for vector in read["vectors"].as_array().unwrap() {
        assert_eq!(
            respond(&epoch, &vector["request"]),
            vector["response"],
            "{}",
            vector["name"]
        );
    }
    let allowed = vectors
        .iter()
        .filter(|one| one["response"]["body"]["decision"] == true)
        .count();
    let with = |pointer: &str| -> BTreeSet<String> {
        vectors
            .iter()
            .filter_map(|one| one.pointer(pointer))
            .map(Value::to_string)
            .collect()
    };
    let (codes, capacities) = (
        with("/response/body/context/code"),
        with("/response/body/context/capacity"),
    );
    println!(
        "{} vectors, {allowed} allowed, {} codes, {} capacities",
        vectors.len(),
        codes.len(),
        capacities.len()
    );
    assert!(vectors.len() >= 80 && allowed >= 30 && vectors.len() - allowed >= 40);
    assert!(
        codes.len() >= 12 && capacities.len() > Capacity::ALL.len(),
        "{codes:?} {capacities:?}"
    );
}

#[test]
fn the_question_of_a_vector_is_the_question_of_its_case() {
    for topic in world::topics() {
        for case in &topic.cases.case {
            let request = request_of(&case.ask);
            let read = Evaluation::read(request.as_object().unwrap()).unwrap();
            let question = read.question().unwrap().unwrap();
            let described = question.paper.against(None, None).unwrap();
            let mut expected = world::request(&case.ask);
            if expected.resource.id.is_empty() {
                expected.resource.id = "-".to_owned();
            }
            assert_eq!(
                question.request(described.resource, None, 0),
                expected,
                "{}",
                case.name
            );
        }
    }
}
