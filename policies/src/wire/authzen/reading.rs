//! Requests read strictly: one JSON object, no member twice, every member of the type it must have, and named when it is not.
//! Standard: OpenID AuthZEN Authorization API 1.0 §5 (information model), §10.1.1 (JSON); RFC 8259 §4; RFC 7493 §2.3
//! It must never take one of two members of the same name, nor a member of another type as if it were absent.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use thiserror::Error;

/// No text of a question is longer.
const LONGEST: usize = 1_000;

/// Members of a JSON object.
pub type Members = Map<String, Value>;

/// What of the request cannot be read: 400 (§10.1.2), or the error of one evaluation of many.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum Malformed {
    /// Not JSON, or a member stands twice.
    #[error("the body is not one JSON object: {0}")]
    Json(String),
    /// The body has another type.
    #[error("the Content-Type must be application/json")]
    ContentType,
    /// A member is required.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A member has another type.
    #[error("{0} must be {1}")]
    Type(&'static str, &'static str),
    /// A text is longer than any name.
    #[error("{0} is longer than 1,000 characters")]
    Long(&'static str),
    /// A text holds the character NUL.
    #[error("{0} holds a character that no name has")]
    Character(&'static str),
    /// A capacity is unknown.
    #[error("context.capacity is not a known capacity")]
    Capacity,
    /// An instant is unreadable.
    #[error("context.at must be RFC 3339 or milliseconds since 1970, within the years 1 to 9999")]
    At,
    /// A word is not one of three.
    #[error(
        "options.evaluations_semantic must be one of execute_all, deny_on_first_deny, permit_on_first_permit"
    )]
    Semantic,
    /// Too many at once.
    #[error("{0} evaluations in one request; at most {1} are answered: send them in parts")]
    TooMany(usize, usize),
    /// A page token is not one that was given for this search.
    #[error(
        "page.token was not given for this search: repeat the request that gave it, unchanged, or begin without a token"
    )]
    Token,
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Strict)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut all = Members::new();
        while let Some((name, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if all.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands twice in one object"));
            }
        }
        Ok(Value::Object(all))
    }
}

/// One JSON object.
pub fn parse(bytes: &[u8]) -> Result<Members, Malformed> {
    match serde_json::from_slice::<Strict>(bytes) {
        Ok(Strict(Value::Object(members))) => Ok(members),
        Ok(_) => Err(Malformed::Type("the body", "a JSON object")),
        Err(error) => Err(Malformed::Json(error.to_string())),
    }
}

/// A member that is there. Null counts as absent (§ JSON payload considerations: nulls are left out).
pub fn given<'m>(members: &'m Members, key: &str) -> Option<&'m Value> {
    members.get(key).filter(|value| !value.is_null())
}

/// An object, if it is there.
pub fn object<'m>(
    members: &'m Members,
    key: &str,
    name: &'static str,
) -> Result<Option<&'m Members>, Malformed> {
    match given(members, key) {
        None => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Malformed::Type(name, "an object")),
    }
}

/// A text, if it is there.
pub fn text(members: &Members, key: &str, name: &'static str) -> Result<Option<String>, Malformed> {
    match given(members, key) {
        None => Ok(None),
        Some(Value::String(text)) if text.contains('\0') => Err(Malformed::Character(name)),
        Some(Value::String(text)) if text.chars().count() > LONGEST => Err(Malformed::Long(name)),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Malformed::Type(name, "a text")),
    }
}

/// A whole number, if it is there.
pub fn whole(members: &Members, key: &str, name: &'static str) -> Result<Option<i64>, Malformed> {
    match given(members, key) {
        None => Ok(None),
        Some(value) => match value.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(Malformed::Type(name, "a whole number")),
        },
    }
}

/// How the members of an entity are named to people.
pub struct Names {
    key: &'static str,
    kind: &'static str,
    id: &'static str,
    properties: &'static str,
}

/// The subject's (§5.1).
pub const SUBJECT: Names = Names {
    key: "subject",
    kind: "subject.type",
    id: "subject.id",
    properties: "subject.properties",
};

/// The resource's (§5.2).
pub const RESOURCE: Names = Names {
    key: "resource",
    kind: "resource.type",
    id: "resource.id",
    properties: "resource.properties",
};

/// Subject or resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Its type.
    pub kind: String,
    /// Its id; empty where a search leaves it out.
    pub id: String,
    /// What the caller says about it.
    pub properties: Members,
}

impl Names {
    /// Reads one whose id is required.
    pub fn read(&self, body: &Members) -> Result<Entity, Malformed> {
        let members = self.members(body)?;
        let id = text(members, "id", self.id)?.ok_or(Malformed::Missing(self.id))?;
        self.rest(members, id)
    }

    /// Reads one of which only the type is asked; an id is ignored.
    pub fn read_type(&self, body: &Members) -> Result<Entity, Malformed> {
        self.rest(self.members(body)?, String::new())
    }

    fn members<'m>(&self, body: &'m Members) -> Result<&'m Members, Malformed> {
        object(body, self.key, self.key)?.ok_or(Malformed::Missing(self.key))
    }

    fn rest(&self, members: &Members, id: String) -> Result<Entity, Malformed> {
        Ok(Entity {
            kind: text(members, "type", self.kind)?.ok_or(Malformed::Missing(self.kind))?,
            id,
            properties: object(members, "properties", self.properties)?
                .cloned()
                .unwrap_or_default(),
        })
    }
}

/// The action's name (§5.3), and its properties.
pub fn action(body: &Members) -> Result<(String, Members), Malformed> {
    let members = object(body, "action", "action")?.ok_or(Malformed::Missing("action"))?;
    let name = text(members, "name", "action.name")?.ok_or(Malformed::Missing("action.name"))?;
    let properties = object(members, "properties", "action.properties")?;
    Ok((name, properties.cloned().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_stands_twice_or_a_body_that_is_no_object_is_refused() {
        for broken in [
            r#"{"subject": {"id": "a", "id": "b"}}"#,
            r#"{"a": 1, "\u0061": 2}"#,
            "",
            "{",
            "{} {}",
            r#"{"a": "\ud800"}"#,
            "nonsense",
        ] {
            let read = parse(broken.as_bytes());
            assert!(
                matches!(read, Err(Malformed::Json(_))),
                "{broken}: {read:?}"
            );
        }
        for other in ["[]", "\"text\"", "null", "1"] {
            assert_eq!(
                parse(other.as_bytes()).unwrap_err(),
                Malformed::Type("the body", "a JSON object")
            );
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(
            parse(format!("{{\"a\": {deep}}}").as_bytes()),
            Err(Malformed::Json(_))
        ));
        let read = parse(r#"{"a": [1, -2, 0.5, true, null, {"b": "ê"}]}"#.as_bytes()).unwrap();
        assert_eq!(
            Value::Object(read),
            serde_json::json!({"a": [1, -2, 0.5, true, null, {"b": "ê"}]})
        );
    }

    #[test]
    fn every_member_of_another_type_is_named() {
        let read = |json: Value| SUBJECT.read(json.as_object().unwrap()).unwrap_err();
        for (json, expected) in [
            (serde_json::json!({}), Malformed::Missing("subject")),
            (
                serde_json::json!({"subject": null}),
                Malformed::Missing("subject"),
            ),
            (
                serde_json::json!({"subject": "alice"}),
                Malformed::Type("subject", "an object"),
            ),
            (
                serde_json::json!({"subject": {"id": "a"}}),
                Malformed::Missing("subject.type"),
            ),
            (
                serde_json::json!({"subject": {"type": "person"}}),
                Malformed::Missing("subject.id"),
            ),
            (
                serde_json::json!({"subject": {"type": 1, "id": "a"}}),
                Malformed::Type("subject.type", "a text"),
            ),
            (
                serde_json::json!({"subject": {"type": "person", "id": "a\u{0}"}}),
                Malformed::Character("subject.id"),
            ),
            (
                serde_json::json!({"subject": {"type": "person", "id": "ê".repeat(LONGEST + 1)}}),
                Malformed::Long("subject.id"),
            ),
            (
                serde_json::json!({"subject": {"type": "person", "id": "a", "properties": []}}),
                Malformed::Type("subject.properties", "an object"),
            ),
        ] {
            assert_eq!(read(json.clone()), expected, "{json}");
        }
        let unnamed = serde_json::json!({"action": {"name": 123}});
        assert_eq!(
            action(unnamed.as_object().unwrap()).unwrap_err(),
            Malformed::Type("action.name", "a text")
        );
    }
}
