//! Casbin: roles with domains. A holder has his post as a role in the domain of the paper's agency; a row gives a role an object there
//! in a capacity. Time, amounts and chains have no place in the model: only what holds at the instant of the questions is loaded, a
//! deputy's order inside another is loaded when both hold, and the object names what is asked for (field, paper, kind, or task).

use std::collections::HashMap;

use casbin::{CoreApi as _, DefaultModel, Enforcer, MemoryAdapter, MgmtApi as _};
use engine::{Capacity, Request};

use crate::slices::{Slices, Span};

const MODEL: &str = r#"
[request_definition]
r = sub, dom, obj, act
[policy_definition]
p = sub, dom, obj, act
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub, r.dom) && r.dom == p.dom && r.obj == p.obj && r.act == p.act
"#;

#[derive(Default)]
struct Rows {
    given: Vec<Vec<String>>,
    roles: Vec<Vec<String>>,
}

/// One enforcer for each domain, so that the scan over all rows is one over an agency's.
pub struct Casbin {
    domains: HashMap<String, Enforcer>,
    pub rows: usize,
}

/// What a question asks for, in the words of the rows: who, where, what, in which capacity.
fn asked(question: &Request) -> [String; 4] {
    let paper = &question.resource;
    let field = paper.field.as_deref().unwrap_or_default();
    let competence = paper.competence.as_deref().unwrap_or(&paper.agency);
    let object = match question.capacity.unwrap() {
        Capacity::Uq => format!("{competence}/{}/{field}", paper.kind),
        // What is in another's competence is given by no other row.
        _ if competence != paper.agency => format!("{competence}/"),
        Capacity::Kt | Capacity::TmKt if paper.field.is_some() => field.to_owned(),
        Capacity::Kt | Capacity::TmKt => paper.id.clone(),
        Capacity::Tl | Capacity::TlKt | Capacity::Tuq => paper.kind.clone(),
        _ => competence.to_owned(),
    };
    [
        format!("{}@{}", question.person, question.post),
        paper.agency.clone(),
        object,
        question.capacity.unwrap().as_str().to_owned(),
    ]
}

fn rows(slices: &Slices, at: i64) -> HashMap<String, Rows> {
    let mut domains: HashMap<String, Rows> = HashMap::new();
    let now = |span: &Span| span.from <= at && at < span.to;
    for (id, post) in &slices.posts {
        let body = &slices.bodies[&post.agency];
        let rows = domains.entry(post.agency.clone()).or_default();
        let mut give = |object: &str, capacity: Capacity| {
            let words = [id, &post.agency, object, capacity.as_str()];
            rows.given.push(words.map(str::to_owned).to_vec());
        };
        let deputy = if body.collective {
            Capacity::TmKt
        } else {
            Capacity::Kt
        };
        match post.role {
            "head" => give(
                &post.agency,
                if body.collective {
                    Capacity::Tm
                } else {
                    Capacity::Own
                },
            ),
            "deputy" => {
                for (word, span) in post.fields.iter().chain(&post.papers) {
                    if now(span) {
                        give(word, deputy);
                    }
                }
            }
            _ => {}
        }
        for (kind, span) in &post.orders {
            if now(span) {
                give(kind, Capacity::Tl);
            }
        }
        for (kind, span) in &post.inside {
            let above = post
                .unit_head
                .as_ref()
                .map(|head| &slices.posts[head].orders);
            let above = above.and_then(|orders| orders.get(kind));
            if now(span) && above.is_some_and(now) {
                give(kind, Capacity::TlKt);
            }
        }
        for (kind, one) in &post.delegated {
            if now(&one.span) {
                give(kind, Capacity::Tuq);
            }
        }
        for (kind, tasks) in &post.tasks {
            for (field, task) in tasks.iter().filter(|(_, task)| now(&task.span)) {
                give(&format!("{}/{kind}/{field}", task.giver), Capacity::Uq);
            }
        }
        for person in &post.holders {
            rows.roles.push(vec![
                format!("{person}@{id}"),
                id.clone(),
                post.agency.clone(),
            ]);
        }
    }
    domains
}

impl Casbin {
    pub fn new(slices: &Slices, at: i64) -> Self {
        let run = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut domains = HashMap::new();
        let mut count = 0;
        for (name, rows) in rows(slices, at) {
            count += rows.given.len() + rows.roles.len();
            let enforcer = run.block_on(async {
                let model = DefaultModel::from_str(MODEL).await.unwrap();
                let mut enforcer = Enforcer::new(model, MemoryAdapter::default())
                    .await
                    .unwrap();
                enforcer.enable_auto_build_role_links(false);
                enforcer.add_policies(rows.given).await.unwrap();
                enforcer.add_grouping_policies(rows.roles).await.unwrap();
                enforcer.build_role_links().unwrap();
                enforcer
            });
            domains.insert(name, enforcer);
        }
        Self {
            domains,
            rows: count,
        }
    }

    pub fn decide(&self, question: &Request) -> bool {
        let [who, place, object, capacity] = asked(question);
        let Some(enforcer) = self.domains.get(&place) else {
            return false;
        };
        let ask = |object: &str| {
            let words = (who.as_str(), place.as_str(), object, capacity.as_str());
            enforcer.enforce(words).unwrap()
        };
        // A deputy who was not given the field may have been handed the paper.
        let deputy = matches!(question.capacity, Some(Capacity::Kt | Capacity::TmKt));
        ask(&object) || (deputy && ask(&question.resource.id))
    }
}
