//! A request to sign or seal and how it ends.

use serde::{Deserialize, Serialize};

/// What is asked of the person at the consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The person's own signature.
    Sign,
    /// The body's seal, put on by the clerk.
    Seal,
}

impl Act {
    /// The word kept in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Seal => "seal",
        }
    }

    /// Reads the word back.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "sign" => Some(Self::Sign),
            "seal" => Some(Self::Seal),
            _ => None,
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// Waiting for the person's consent.
    Open,
    /// Consent is given and stored; the key may have signed or not.
    Intended,
    /// The signed revision is recorded.
    Done,
    /// The person said no, or the law did meanwhile.
    Refused,
    /// Given up after a fault; nothing was recorded as signed.
    Abandoned,
}

/// A step the request's state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a request that is {} cannot be {step}", .from.word())]
pub struct WrongRequestState {
    /// State it is in.
    pub from: RequestState,
    /// What was tried.
    pub step: &'static str,
}

impl RequestState {
    /// The word kept in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Intended => "intended",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
        }
    }

    /// Reads the word back.
    pub fn of(word: &str) -> Option<Self> {
        [
            Self::Open,
            Self::Intended,
            Self::Done,
            Self::Refused,
            Self::Abandoned,
        ]
        .into_iter()
        .find(|s| s.word() == word)
    }

    /// Consent arrives.
    pub fn intend(self) -> Result<Self, WrongRequestState> {
        self.step("intended", Self::Open, Self::Intended)
    }

    /// The signed revision is recorded.
    pub fn finish(self) -> Result<Self, WrongRequestState> {
        self.step("done", Self::Intended, Self::Done)
    }

    /// The person or the law refuses.
    pub fn refuse(self) -> Result<Self, WrongRequestState> {
        self.step("refused", Self::Open, Self::Refused)
    }

    /// A fault after the intent.
    pub fn abandon(self) -> Result<Self, WrongRequestState> {
        self.step("abandoned", Self::Intended, Self::Abandoned)
    }

    fn step(self, step: &'static str, from: Self, to: Self) -> Result<Self, WrongRequestState> {
        if self == from {
            Ok(to)
        } else {
            Err(WrongRequestState { from: self, step })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_is_used_once() {
        let intended = RequestState::Open.intend().unwrap();
        assert!(intended.intend().is_err());
        assert!(intended.finish().unwrap().intend().is_err());
        assert!(
            RequestState::Open.finish().is_err(),
            "no signature without intent"
        );
        assert!(
            RequestState::Done.abandon().is_err(),
            "a recorded signature stays"
        );
    }
}
