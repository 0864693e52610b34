//! The instrument that hands one paper over, and its states.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an instrument stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Drafted; its paper waits for the head's signature and nothing has changed yet.
    Draft,
    /// Signed; its mandate is recorded.
    Active,
    /// Ended before its day.
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
    /// Post that hands over.
    pub grantor: String,
    /// Post that receives.
    pub grantee: String,
    /// Agency of both.
    pub agency: String,
    /// The one paper handed over.
    pub handed_paper: String,
    /// Its title when the instrument was drafted.
    pub handed_title: String,
    /// First instant at which the hand-over no longer holds.
    pub valid_to: i64,
    /// The last day in words, as the instrument says it.
    pub last_day: String,
    /// The written basis.
    pub basis: String,
    /// Person who drafted it.
    pub drafted_by: String,
    /// When.
    pub drafted_at: i64,
    /// Digest of the signed bytes.
    pub signed_digest: Option<String>,
    /// The mandate it made.
    pub mandate: Option<String>,
}

/// One record of a mandate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Mandate {
    /// Key of the record.
    pub record: String,
    /// `mdt_…`
    pub id: String,
    /// Its instrument.
    pub instrument: String,
    /// How the instrument is cited.
    pub citation: String,
    /// Post that hands over.
    pub grantor: String,
    /// Post that receives.
    pub grantee: String,
    /// The one paper.
    pub paper: String,
    /// First instant.
    pub valid_from: i64,
    /// First instant after it.
    pub valid_to: i64,
}
