//! Cedar: the rows of law as policies; what a post may rest on as tags of entities, one entity for each post and form. Mandates are
//! neither policies nor entities. The same policies with the entities of the whole province built before, and with the few entities
//! of one question built for it.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request as Question, RestrictedExpression as Value,
};
use engine::Request;

use crate::slices::{Slice, Slices, Span};

const LAW: &str = r#"
permit(principal, action == Action::"sign", resource) when {
  (context.capacity == "TM" && principal.agency.collective || context.capacity == "TRUC_TIEP" && !principal.agency.collective)
  && principal.role == "head" && principal.holders.contains(context.person)
  && context.agency == principal.agency && context.competence == principal.agency
  && !["giay_giao_viec", "quyet_dinh_chu_tich"].contains(context.kind) };
permit(principal, action == Action::"sign", resource) when {
  (context.capacity == "TM_KT" && principal.agency.collective || context.capacity == "KT" && !principal.agency.collective)
  && principal.role == "deputy" && principal.holders.contains(context.person)
  && context.agency == principal.agency && context.competence == principal.agency
  && !["giay_giao_viec", "quyet_dinh_chu_tich"].contains(context.kind)
  && (context has field && principal.fields.hasTag(context.field)
      && principal.fields.getTag(context.field).from <= context.at && context.at < principal.fields.getTag(context.field).to
   || principal.papers.hasTag(context.paper)
      && principal.papers.getTag(context.paper).from <= context.at && context.at < principal.papers.getTag(context.paper).to) };
permit(principal, action == Action::"sign", resource) when {
  context.capacity == "TL" && principal.role == "unit_head" && principal.holders.contains(context.person)
  && context.agency == principal.agency && context.competence == principal.agency
  && !["giay_giao_viec", "quyet_dinh", "quyet_dinh_chu_tich"].contains(context.kind)
  && principal.orders.hasTag(context.kind)
  && principal.orders.getTag(context.kind).from <= context.at && context.at < principal.orders.getTag(context.kind).to };
permit(principal, action == Action::"sign", resource) when {
  context.capacity == "TL_KT" && principal.role == "unit_deputy" && principal.holders.contains(context.person)
  && context.agency == principal.agency && context.competence == principal.agency
  && !["giay_giao_viec", "quyet_dinh", "quyet_dinh_chu_tich"].contains(context.kind)
  && principal.inside.hasTag(context.kind)
  && principal.inside.getTag(context.kind).from <= context.at && context.at < principal.inside.getTag(context.kind).to
  && principal.above.hasTag(context.kind)
  && principal.above.getTag(context.kind).from <= context.at && context.at < principal.above.getTag(context.kind).to };
permit(principal, action == Action::"sign", resource) when {
  context.capacity == "TUQ" && principal.role == "unit_head" && principal.holders.contains(context.person)
  && context.agency == principal.agency && context.competence == principal.agency
  && context.kind != "giay_giao_viec"
  && principal.delegated.hasTag(context.kind)
  && principal.delegated.getTag(context.kind).from <= context.at && context.at < principal.delegated.getTag(context.kind).to
  && principal.agency.leaders.contains(principal.delegated.getTag(context.kind).person) };
permit(principal, action == Action::"sign", resource) when {
  context.capacity == "UQ" && principal.role == "head" && principal.holders.contains(context.person)
  && context.agency == principal.agency && context.kind != "giay_giao_viec" && context has field && context has amount
  && principal.tasks.hasTag(context.kind) && principal.tasks.getTag(context.kind).hasTag(context.field)
  && principal.tasks.getTag(context.kind).getTag(context.field).from <= context.at
  && context.at < principal.tasks.getTag(context.kind).getTag(context.field).to
  && principal.tasks.getTag(context.kind).getTag(context.field).giver == context.competence
  && 0 <= context.amount && context.amount <= principal.tasks.getTag(context.kind).getTag(context.field).ceiling };
"#;

struct Types {
    post: EntityTypeName,
    agency: EntityTypeName,
    person: EntityTypeName,
    list: EntityTypeName,
    paper: EntityTypeName,
    sign: EntityUid,
}

pub struct Cedar {
    authorizer: Authorizer,
    law: PolicySet,
    types: Types,
    all: Entities,
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn one(kind: &EntityTypeName, id: &str) -> Value {
    Value::new_entity_uid(uid(kind, id))
}

fn record(fields: Vec<(&str, Value)>) -> Value {
    Value::new_record(
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value)),
    )
    .unwrap()
}

fn span(of: &Span) -> Vec<(&'static str, Value)> {
    vec![
        ("from", Value::new_long(of.from)),
        ("to", Value::new_long(of.to)),
    ]
}

fn entity(uid: EntityUid, attrs: Vec<(&str, Value)>, tags: Vec<(String, Value)>) -> Entity {
    let attrs = attrs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    Entity::new_with_tags(uid, attrs, [], tags).unwrap()
}

/// Which words of a post's lists are taken: all, or those that the question names.
struct Wanted<'q>(Option<&'q Request>);

impl Wanted<'_> {
    fn pick<'m, T>(
        &self,
        list: &'m std::collections::BTreeMap<String, T>,
        word: fn(&Request) -> Option<&str>,
    ) -> Vec<(&'m str, &'m T)> {
        match self.0 {
            None => list
                .iter()
                .map(|(key, value)| (key.as_str(), value))
                .collect(),
            Some(question) => {
                let found = word(question).and_then(|word| list.get_key_value(word));
                found
                    .map(|(key, value)| (key.as_str(), value))
                    .into_iter()
                    .collect()
            }
        }
    }
}

fn kind_of(question: &Request) -> Option<&str> {
    Some(&question.resource.kind)
}

fn field_of(question: &Request) -> Option<&str> {
    question.resource.field.as_deref()
}

fn paper_of(question: &Request) -> Option<&str> {
    Some(&question.resource.id)
}

impl Types {
    fn agency(&self, id: &str, slices: &Slices) -> Entity {
        let body = &slices.bodies[id];
        let leaders = slices.posts[&body.head]
            .holders
            .iter()
            .map(|id| one(&self.person, id));
        entity(
            uid(&self.agency, id),
            vec![
                ("collective", Value::new_bool(body.collective)),
                ("leaders", Value::new_set(leaders)),
            ],
            Vec::new(),
        )
    }

    /// The entities of one post: itself and a list for each form that it has anything in.
    fn post(
        &self,
        id: &str,
        slice: &Slice,
        wanted: &Wanted<'_>,
        above: bool,
        into: &mut Vec<Entity>,
    ) {
        let name = |what: &str| format!("{id}/{what}");
        let holders = slice.holders.iter().map(|id| one(&self.person, id));
        let orders = slice.unit_head.as_deref().unwrap_or_default();
        into.push(entity(
            uid(&self.post, id),
            vec![
                ("agency", one(&self.agency, &slice.agency)),
                ("role", Value::new_string(slice.role.to_owned())),
                ("holders", Value::new_set(holders)),
                ("fields", one(&self.list, &name("fields"))),
                ("papers", one(&self.list, &name("papers"))),
                ("orders", one(&self.list, &name("orders"))),
                ("inside", one(&self.list, &name("inside"))),
                ("above", one(&self.list, &format!("{orders}/orders"))),
                ("delegated", one(&self.list, &name("delegated"))),
                ("tasks", one(&self.list, &name("tasks"))),
            ],
            Vec::new(),
        ));
        let mut list = |what: &str, found: Vec<(&str, &Span)>| {
            let tags = found
                .into_iter()
                .map(|(word, of)| (word.to_owned(), record(span(of))));
            let tags: Vec<_> = tags.collect();
            if !tags.is_empty() {
                into.push(entity(uid(&self.list, &name(what)), Vec::new(), tags));
            }
        };
        list("orders", wanted.pick(&slice.orders, kind_of));
        if above {
            return;
        }
        list("fields", wanted.pick(&slice.fields, field_of));
        list("papers", wanted.pick(&slice.papers, paper_of));
        list("inside", wanted.pick(&slice.inside, kind_of));
        let delegated = wanted
            .pick(&slice.delegated, kind_of)
            .into_iter()
            .map(|(word, of)| {
                let mut fields = span(&of.span);
                fields.push(("person", one(&self.person, &of.person)));
                (word.to_owned(), record(fields))
            });
        let delegated: Vec<_> = delegated.collect();
        if !delegated.is_empty() {
            into.push(entity(
                uid(&self.list, &name("delegated")),
                Vec::new(),
                delegated,
            ));
        }
        let mut kinds = Vec::new();
        for (kind, tasks) in wanted.pick(&slice.tasks, kind_of) {
            let inner = name(&format!("tasks/{kind}"));
            let tags = wanted
                .pick(tasks, field_of)
                .into_iter()
                .map(|(field, task)| {
                    let mut fields = span(&task.span);
                    fields.push(("giver", one(&self.agency, &task.giver)));
                    fields.push(("ceiling", Value::new_long(task.ceiling)));
                    (field.to_owned(), record(fields))
                });
            into.push(entity(uid(&self.list, &inner), Vec::new(), tags.collect()));
            kinds.push((kind.to_owned(), one(&self.list, &inner)));
        }
        if !kinds.is_empty() {
            into.push(entity(uid(&self.list, &name("tasks")), Vec::new(), kinds));
        }
    }
}

impl Cedar {
    /// With the entities of the whole province, or with none.
    pub fn new(slices: &Slices, whole: bool) -> Self {
        let kind = |name: &str| name.parse::<EntityTypeName>().unwrap();
        let types = Types {
            post: kind("Post"),
            agency: kind("Agency"),
            person: kind("Person"),
            list: kind("List"),
            paper: kind("Paper"),
            sign: r#"Action::"sign""#.parse().unwrap(),
        };
        let mut entities = Vec::new();
        if whole {
            for id in slices.bodies.keys() {
                entities.push(types.agency(id, slices));
            }
            for (id, slice) in &slices.posts {
                types.post(id, slice, &Wanted(None), false, &mut entities);
            }
        }
        Self {
            authorizer: Authorizer::new(),
            law: LAW.parse().expect("the policies read"),
            types,
            all: Entities::from_entities(entities, None).unwrap(),
        }
    }

    pub fn question(&self, asked: &Request) -> Question {
        let types = &self.types;
        let paper = &asked.resource;
        let competence = paper.competence.as_ref().unwrap_or(&paper.agency);
        let mut context = vec![
            (
                "capacity",
                Value::new_string(asked.capacity.unwrap().as_str().to_owned()),
            ),
            ("person", one(&types.person, &asked.person)),
            ("at", Value::new_long(asked.at)),
            ("kind", Value::new_string(paper.kind.clone())),
            ("paper", Value::new_string(paper.id.clone())),
            ("agency", one(&types.agency, &paper.agency)),
            ("competence", one(&types.agency, competence)),
        ];
        if let Some(field) = &paper.field {
            context.push(("field", Value::new_string(field.clone())));
        }
        if let Some(amount) = paper.amount {
            context.push(("amount", Value::new_long(amount)));
        }
        let context = context
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Question::new(
            uid(&types.post, &asked.post),
            types.sign.clone(),
            uid(&types.paper, &paper.id),
            Context::from_pairs(context).unwrap(),
            None,
        )
        .unwrap()
    }

    /// Question and entities ready: the evaluation alone.
    pub fn evaluate(&self, question: &Question) -> bool {
        self.decide(question, &self.all)
    }

    /// As in use: entities and question built from the host's slices, then evaluated.
    pub fn with_slices(&self, asked: &Request, slices: &Slices) -> bool {
        let mut entities = Vec::with_capacity(8);
        if let Some(slice) = slices.posts.get(&asked.post) {
            let wanted = Wanted(Some(asked));
            entities.push(self.types.agency(&slice.agency, slices));
            self.types
                .post(&asked.post, slice, &wanted, false, &mut entities);
            if let Some(head) = &slice.unit_head {
                self.types
                    .post(head, &slices.posts[head], &wanted, true, &mut entities);
            }
        }
        let entities = Entities::from_entities(entities, None).unwrap();
        self.decide(&self.question(asked), &entities)
    }

    fn decide(&self, question: &Question, entities: &Entities) -> bool {
        let answer = self.authorizer.is_authorized(question, &self.law, entities);
        let errors: Vec<_> = answer.diagnostics().errors().collect();
        assert!(errors.is_empty(), "a policy failed: {errors:?}");
        answer.decision() == Decision::Allow
    }
}
