//! The province as a host of the other engines keeps it: by post what it may rest on, so that a question needs one slice.
//! Mandates for the same word from the same giver are one entry with the latest end (all of them have begun).

use std::collections::{BTreeMap, HashMap};

use engine::{AssignmentKind, Facts, Form, Role};

#[derive(Clone, Copy)]
pub struct Span {
    pub from: i64,
    pub to: i64,
}

/// A delegated task.
#[derive(Clone)]
pub struct Task {
    pub span: Span,
    pub giver: String,
    pub ceiling: i64,
}

/// A signature delegated by a person.
#[derive(Clone)]
pub struct Personal {
    pub span: Span,
    pub person: String,
}

#[derive(Default, Clone)]
pub struct Slice {
    pub agency: String,
    pub role: &'static str,
    pub unit_head: Option<String>,
    pub holders: Vec<String>,
    pub fields: BTreeMap<String, Span>,
    pub papers: BTreeMap<String, Span>,
    pub orders: BTreeMap<String, Span>,
    pub inside: BTreeMap<String, Span>,
    pub delegated: BTreeMap<String, Personal>,
    pub tasks: BTreeMap<String, BTreeMap<String, Task>>,
}

pub struct Body {
    pub collective: bool,
    pub head: String,
}

pub struct Slices {
    pub posts: HashMap<String, Slice>,
    pub bodies: HashMap<String, Body>,
}

fn later(there: Option<&Span>, span: Span) -> Span {
    match there {
        Some(there) if there.to > span.to => *there,
        _ => span,
    }
}

impl Slices {
    pub fn of(facts: &Facts) -> Self {
        let mut posts: HashMap<String, Slice> = HashMap::new();
        let mut bodies: HashMap<String, Body> = HashMap::new();
        let mut unit_heads = HashMap::new();
        for post in &facts.posts {
            if post.role == Role::UnitHead {
                unit_heads.insert(post.unit.as_ref().unwrap().id.clone(), post.id.clone());
            }
        }
        for body in &facts.agencies {
            let (collective, head) = (body.collective.is_some(), String::new());
            bodies.insert(body.id.to_string(), Body { collective, head });
        }
        for post in &facts.posts {
            let role = match post.role {
                Role::Head => "head",
                Role::Deputy => "deputy",
                Role::UnitHead => "unit_head",
                Role::UnitDeputy => "unit_deputy",
                Role::Other => "other",
            };
            if post.role == Role::Head {
                bodies.get_mut(post.agency.as_str()).unwrap().head = post.id.to_string();
            }
            let slice = Slice {
                agency: post.agency.to_string(),
                role,
                unit_head: (post.role == Role::UnitDeputy)
                    .then(|| unit_heads[&post.unit.as_ref().unwrap().id].to_string()),
                ..Slice::default()
            };
            posts.insert(post.id.to_string(), slice);
        }
        for one in &facts.appointments {
            let slice = posts.get_mut(one.post.as_str()).unwrap();
            slice.holders.push(one.person.to_string());
        }
        for one in &facts.assignments {
            if let AssignmentKind::Field { field } = &one.gives {
                let span = Span {
                    from: one.valid.from,
                    to: one.valid.end(),
                };
                let fields = &mut posts.get_mut(one.grantee.as_str()).unwrap().fields;
                fields.insert(field.to_string(), span);
            }
        }
        for one in &facts.mandates {
            let giver = posts[one.grantor.as_str()].agency.clone();
            let slice = posts.get_mut(one.grantee.as_str()).unwrap();
            let span = Span {
                from: one.valid.from,
                to: one.valid.end(),
            };
            let (list, words) = match one.form {
                Form::Kt => (&mut slice.papers, &one.reach.papers),
                Form::Tl => (&mut slice.orders, &one.reach.kinds),
                Form::TlKt => (&mut slice.inside, &one.reach.kinds),
                Form::Tuq => {
                    for kind in &one.reach.kinds {
                        let there = slice.delegated.get(kind.as_str()).map(|one| one.span);
                        let personal = Personal {
                            span: later(there.as_ref(), span),
                            person: one.giver.as_ref().unwrap().to_string(),
                        };
                        slice.delegated.insert(kind.to_string(), personal);
                    }
                    continue;
                }
                Form::Uq => {
                    let (kind, field) = (&one.reach.kinds[0], &one.reach.fields[0]);
                    let fields = slice.tasks.entry(kind.to_string()).or_default();
                    let there = fields.get(field.as_str()).map(|one| one.span);
                    let task = Task {
                        span: later(there.as_ref(), span),
                        giver,
                        ceiling: one.reach.ceiling.unwrap(),
                    };
                    fields.insert(field.to_string(), task);
                    continue;
                }
            };
            for word in words {
                let span = later(list.get(word.as_str()), span);
                list.insert(word.to_string(), span);
            }
        }
        Self { posts, bodies }
    }
}
