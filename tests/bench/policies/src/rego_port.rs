//! Regorus: the rows of law as a Rego policy over the province as data, found by post. It says allowed or not.

use engine::Request;
use regorus::{Engine, Value};
use serde_json::{Map, json};

use crate::slices::{Slices, Span};

const LAW: &str = r#"
package province
import rego.v1

default allow := false

post := data.posts[input.post]
body := data.bodies[post.agency]

holds if input.person in post.holders
own if { input.agency == post.agency; input.competence == post.agency }
now(span) if { span.from <= input.at; input.at < span.to }

deputy_capacity := "TM_KT" if body.collective
deputy_capacity := "KT" if not body.collective
head_capacity := "TM" if body.collective
head_capacity := "TRUC_TIEP" if not body.collective

allow if {
  input.capacity == head_capacity; post.role == "head"; holds; own
  not input.kind in {"giay_giao_viec", "quyet_dinh_chu_tich"}
}
allow if {
  input.capacity == deputy_capacity; post.role == "deputy"; holds; own
  not input.kind in {"giay_giao_viec", "quyet_dinh_chu_tich"}
  now(post.fields[input.field])
}
allow if {
  input.capacity == deputy_capacity; post.role == "deputy"; holds; own
  not input.kind in {"giay_giao_viec", "quyet_dinh_chu_tich"}
  now(post.papers[input.paper])
}
allow if {
  input.capacity == "TL"; post.role == "unit_head"; holds; own
  not input.kind in {"giay_giao_viec", "quyet_dinh", "quyet_dinh_chu_tich"}
  now(post.orders[input.kind])
}
allow if {
  input.capacity == "TL_KT"; post.role == "unit_deputy"; holds; own
  not input.kind in {"giay_giao_viec", "quyet_dinh", "quyet_dinh_chu_tich"}
  now(post.inside[input.kind])
  now(data.posts[post.unit_head].orders[input.kind])
}
allow if {
  input.capacity == "TUQ"; post.role == "unit_head"; holds; own
  input.kind != "giay_giao_viec"
  mandate := post.delegated[input.kind]
  now(mandate)
  mandate.person in data.posts[body.head].holders
}
allow if {
  input.capacity == "UQ"; post.role == "head"; holds
  input.agency == post.agency
  input.kind != "giay_giao_viec"
  mandate := post.tasks[input.kind][input.field]
  now(mandate)
  mandate.giver == input.competence
  input.amount >= 0
  input.amount <= mandate.ceiling
}
"#;

pub struct Rego {
    engine: Engine,
}

fn span(of: &Span) -> serde_json::Value {
    json!({"from": of.from, "to": of.to})
}

fn spans(list: &std::collections::BTreeMap<String, Span>) -> serde_json::Value {
    list.iter()
        .map(|(word, of)| (word.clone(), span(of)))
        .collect::<Map<_, _>>()
        .into()
}

impl Rego {
    pub fn new(slices: &Slices) -> Self {
        let mut posts = Map::new();
        for (id, post) in &slices.posts {
            let delegated: Map<_, _> = post
                .delegated
                .iter()
                .map(|(kind, one)| {
                    let mandate =
                        json!({"from": one.span.from, "to": one.span.to, "person": one.person});
                    (kind.clone(), mandate)
                })
                .collect();
            let tasks: Map<_, _> = post
                .tasks
                .iter()
                .map(|(kind, tasks)| {
                    let fields = tasks.iter().map(|(field, task)| {
                        let mandate = json!({
                            "from": task.span.from, "to": task.span.to, "giver": task.giver, "ceiling": task.ceiling
                        });
                        (field.clone(), mandate)
                    });
                    (kind.clone(), fields.collect::<Map<_, _>>().into())
                })
                .collect();
            let data = json!({
                "agency": post.agency, "role": post.role, "unit_head": post.unit_head, "holders": post.holders,
                "fields": spans(&post.fields), "papers": spans(&post.papers), "orders": spans(&post.orders),
                "inside": spans(&post.inside), "delegated": delegated, "tasks": tasks,
            });
            posts.insert(id.clone(), data);
        }
        let bodies: Map<_, _> = slices
            .bodies
            .iter()
            .map(|(id, body)| {
                (
                    id.clone(),
                    json!({"collective": body.collective, "head": body.head}),
                )
            })
            .collect();
        let mut engine = Engine::new();
        engine
            .add_policy("province.rego".to_owned(), LAW.to_owned())
            .expect("the policy reads");
        let data = json!({"posts": posts, "bodies": bodies}).to_string();
        engine.add_data_json(&data).unwrap();
        Self { engine }
    }

    /// The question as the engine takes it.
    pub fn question(asked: &Request) -> Value {
        let paper = &asked.resource;
        let mut input = json!({
            "person": asked.person, "post": asked.post, "capacity": asked.capacity.unwrap().as_str(), "at": asked.at,
            "kind": paper.kind, "paper": paper.id, "agency": paper.agency,
            "competence": paper.competence.as_ref().unwrap_or(&paper.agency),
        });
        if let Some(field) = &paper.field {
            input["field"] = json!(field);
        }
        if let Some(amount) = paper.amount {
            input["amount"] = json!(amount);
        }
        Value::from_json_str(&input.to_string()).unwrap()
    }

    pub fn decide(&mut self, question: Value) -> bool {
        self.engine.set_input(question);
        let answer = self
            .engine
            .eval_rule("data.province.allow".to_owned())
            .unwrap();
        answer == Value::from(true)
    }
}
