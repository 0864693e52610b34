//! Audit events: what happened, when, by whom, about what; written in the transaction of the thing itself.
use serde_json::{Map, Value, json};

use crate::db::{Conn, Error};
use crate::log::leaf;
use crate::random::Entropy;

crate::statements! {
    pub INSERT_EVENT = "INSERT INTO audit_event (id, kind, at, ordinal, actor_person, object_type, object_id, is_public, body, salt, leaf)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    pub FIND_EVENT = "SELECT id, kind, at, log_index, is_public, body, salt, leaf FROM audit_event WHERE id = $1";
    pub EVENTS_ABOUT = "SELECT id, kind, at, log_index, is_public, body, salt, leaf FROM audit_event
        WHERE object_type = $1 AND object_id = $2 ORDER BY at DESC, ordinal DESC, id LIMIT $3";
    pub EVENTS_BY = "SELECT id, kind, at, log_index, is_public, body, salt, leaf FROM audit_event
        WHERE actor_person = $1 ORDER BY at DESC, ordinal DESC, id LIMIT $2";
    pub ERASE_EVENT = "UPDATE audit_event SET body = NULL, salt = NULL WHERE id = $1 AND salt IS NOT NULL";
    pub LAST_RECORD = "SELECT max(at) AS at FROM audit_event";
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, in the post stated at that moment.
    Person {
        /// `psn_…`
        person: String,
        /// `pst_…`, when a post was taken.
        post: Option<String>,
    },
    /// A part of the program, by its name.
    System(&'static str),
    /// Nobody known (a failed sign-in, a public page).
    Anonymous,
}

impl Actor {
    /// The person behind a signed-in caller.
    pub fn of(caller: &crate::caller::Caller) -> Self {
        Self::Person {
            person: caller.person.clone(),
            post: caller.post.clone(),
        }
    }
}

/// Bookkeeping that changes no fact, right or record of conduct, and therefore leaves no event. The list is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Housekeeping {
    /// Giving log indices and storing checkpoints: an event about it would call for another.
    LogSequencing,
    /// Taking, extending, finishing or putting off a job whose request was itself an event.
    Job,
    /// Removing rows past their time (sessions, codes, nonces, form tokens).
    ExpiredRows,
    /// Counting attempts and waiting times of a door.
    AttemptCounted,
    /// Noting "last seen" of a device, session or token, or how far somebody has read his notices.
    LastSeen,
    /// Staging rows of a change-set that nobody can see before it is published by an event.
    Staging,
    /// A derived copy (index, projection, cached rendering) that can be rebuilt from facts.
    Projection,
    /// Progress of a queue entry (try counters, next try) whose acceptance and end are events.
    QueueProgress,
    /// A short-lived challenge, nonce or state of a dialogue that has not led to anything yet.
    Dialogue,
    /// Sealing a value again under a newer master key: what it says does not change, and the rotation itself is an event.
    SealedAgain,
    /// A measurement in a scratch table.
    Measurement,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Event {
    id: String,
    kind: &'static str,
    at: i64,
    actor: Actor,
    about: Option<(&'static str, String)>,
    detail: Value,
    public: bool,
    salt: [u8; 32],
}

impl Event {
    /// An event whose leaf is a salted commitment: the rule for whatever names people.
    pub fn new(kind: &'static str, at: i64, actor: Actor, entropy: &Entropy) -> Self {
        Self {
            id: crate::ids::new("evt", entropy),
            kind,
            at,
            actor,
            about: None,
            detail: Value::Object(Map::new()),
            public: false,
            salt: entropy.bytes(),
        }
    }

    /// An event whose leaf is readable by everybody: certificates, CRLs, keys, profiles, rules, anchors, gaps. Never people.
    pub fn public(kind: &'static str, at: i64, actor: Actor, entropy: &Entropy) -> Self {
        Self {
            public: true,
            ..Self::new(kind, at, actor, entropy)
        }
    }

    /// The main thing it is about.
    pub fn about(mut self, object_type: &'static str, object_id: impl Into<String>) -> Self {
        self.about = Some((object_type, object_id.into()));
        self
    }

    /// What else belongs to it. Secrets and personal numbers do not.
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }

    /// Its id, `evt_…`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What kind of thing happened.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// When, UTC ms.
    pub fn at(&self) -> i64 {
        self.at
    }

    /// The exact bytes that are hashed into the log's leaf. Keys are in alphabetical order (RFC 8785 for these value types).
    pub fn body(&self) -> String {
        let mut body = Map::new();
        let actor = match &self.actor {
            Actor::Person { person, post } => json!({"person": person, "post": post}),
            Actor::System(name) => json!({"system": name}),
            Actor::Anonymous => json!({}),
        };
        body.insert("actor".into(), actor);
        body.insert("at".into(), self.at.into());
        body.insert("detail".into(), self.detail.clone());
        body.insert("id".into(), self.id.clone().into());
        body.insert("kind".into(), self.kind.into());
        if let Some((object_type, object_id)) = &self.about {
            body.insert(
                "object".into(),
                json!({"id": object_id, "type": object_type}),
            );
        }
        Value::Object(body).to_string()
    }

    pub(crate) async fn insert(&self, conn: &mut Conn, ordinal: usize) -> Result<(), Error> {
        let person = match &self.actor {
            Actor::Person { person, .. } => Some(person.as_str()),
            Actor::System(_) | Actor::Anonymous => None,
        };
        let (object_type, object_id) = match &self.about {
            Some((object_type, object_id)) => (Some(*object_type), Some(object_id.as_str())),
            None => (None, None),
        };
        let body = self.body();
        let (salt, leaf) = if self.public {
            (None, leaf::public(&body))
        } else {
            (Some(self.salt.to_vec()), leaf::committed(&self.salt, &body))
        };
        conn.run(
            &INSERT_EVENT,
            (
                &self.id,
                self.kind,
                self.at,
                i64::try_from(ordinal).unwrap_or(i64::MAX),
                person,
                object_type,
                object_id,
                self.public,
                body,
                salt,
                leaf,
            ),
        )
        .await
        .map(|_rows| ())
    }
}

/// An event as stored. `body` and `salt` are gone after a lawful erasure; the leaf stays.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stored {
    /// `evt_…`
    pub id: String,
    /// What kind of thing happened.
    pub kind: String,
    /// When, UTC ms.
    pub at: i64,
    /// Its place in the log, once sequenced.
    pub log_index: Option<i64>,
    /// Whether the leaf is readable by everybody.
    pub is_public: bool,
    /// The hashed text.
    pub body: Option<String>,
    /// The salt of a committed leaf.
    pub salt: Option<Vec<u8>>,
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
}

/// One event by id.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<Stored>, Error> {
    conn.optional(&FIND_EVENT, (id,)).await
}

/// The newest events about one object.
pub async fn about(
    conn: &mut Conn,
    object_type: &str,
    object_id: &str,
    limit: i64,
) -> Result<Vec<Stored>, Error> {
    conn.all(&EVENTS_ABOUT, (object_type, object_id, limit))
        .await
}

/// The newest events of one person's own acts.
pub async fn by(conn: &mut Conn, person: &str, limit: i64) -> Result<Vec<Stored>, Error> {
    conn.all(&EVENTS_BY, (person, limit)).await
}

/// The instant of the newest record, for the clock check before a start.
pub async fn last_record(conn: &mut Conn) -> Result<Option<i64>, Error> {
    let (at,): (Option<i64>,) = conn.one(&LAST_RECORD, ()).await?;
    Ok(at)
}

/// Destroys what a committed event says (text and salt) after a lawful order; the leaf, and so every proof, stays.
/// The caller's own unit records the erasure as an event.
pub async fn erase(tx: &mut crate::db::Tx, id: &str) -> Result<bool, Error> {
    Ok(tx.execute(&ERASE_EVENT, (id,)).await? == 1)
}
