//! The instrument that gives authority, its clauses, its states, and the mandates it makes.

use std::fmt;

use engine::{Addressee, Form, Reach};
use serde::{Deserialize, Serialize};

/// Where an instrument stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Drafted; its paper waits for the head's signature and nothing has changed yet.
    Draft,
    /// Signed; its mandates are recorded.
    Active,
    /// Every mandate of it ended before its day.
    Ended,
}

impl State {
    /// The word stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Draft, Self::Active, Self::Ended]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An instrument as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instrument {
    /// `ins_…`
    pub id: String,
    /// The paper that carries it.
    pub paper: String,
    /// Where it stands.
    pub state: State,
    /// In which manner it gives.
    pub form: Form,
    /// Post that gives.
    pub grantor: String,
    /// Agency of that post.
    pub agency: String,
    /// The written basis.
    pub basis: String,
    /// Person who drafted it.
    pub drafted_by: String,
    /// When.
    pub drafted_at: i64,
    /// Digest of the signed bytes.
    pub signed_digest: Option<String>,
    /// What it gives, in its order.
    pub clauses: Vec<Clause>,
}

impl Instrument {
    /// First instant at which nothing of it can hold any more; none when a clause has no end.
    pub fn ends(&self) -> Option<i64> {
        self.clauses.iter().map(|clause| clause.valid_to).max()?
    }
}

/// One thing that an instrument gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Its place, from 1.
    pub number: i64,
    /// Post that receives.
    pub grantee: String,
    /// To whom it is addressed.
    pub addressee: Addressee,
    /// The person it names, when it is for him alone.
    pub holder: Option<String>,
    /// Whether it ends when the person who gave it leaves his post.
    pub bound: bool,
    /// What it reaches.
    pub reach: Reach,
    /// What it reaches, in the words of the instrument.
    pub subject: String,
    /// First instant at which it no longer holds.
    pub valid_to: Option<i64>,
    /// The mandate it made.
    pub mandate: Option<String>,
}

/// One record of a mandate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mandate {
    /// Key of the record.
    pub record: String,
    /// `mdt_…`
    pub id: String,
    /// Its instrument.
    pub instrument: String,
    /// How the instrument is cited.
    pub citation: String,
    /// In which manner.
    pub form: Form,
    /// Post that gives.
    pub grantor: String,
    /// Post that receives.
    pub grantee: String,
    /// To whom it is addressed.
    pub addressee: Addressee,
    /// The person whose tenure it needs.
    pub giver: Option<String>,
    /// The person it names.
    pub holder: Option<String>,
    /// What it reaches.
    pub reach: Reach,
    /// First instant.
    pub valid_from: i64,
    /// First instant after it.
    pub valid_to: Option<i64>,
}

/// A time in which a mandate gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Pause {
    /// Key of the record.
    pub record: String,
    /// `pau_…`
    pub id: String,
    /// Which mandate.
    pub mandate: String,
    /// Why.
    pub reason: String,
    /// First instant.
    pub valid_from: i64,
    /// First instant after it.
    pub valid_to: Option<i64>,
}
