//! A paper's life: draft → requested → signed → numbered → sealed. Transitions consume the state they leave.

use serde::{Deserialize, Serialize};

/// Where a paper stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperState {
    /// Handed in.
    Draft,
    /// Somebody was asked to sign.
    Requested,
    /// Signed by a person with authority.
    Signed,
    /// Number and date entered.
    Numbered,
    /// Sealed.
    Sealed,
}

/// A step that the paper's state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a paper that is {} cannot be {step}", .from.word())]
pub struct WrongState {
    /// State it is in.
    pub from: PaperState,
    /// What was tried.
    pub step: &'static str,
}

impl PaperState {
    /// The word kept in the database and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Requested => "requested",
            Self::Signed => "signed",
            Self::Numbered => "numbered",
            Self::Sealed => "sealed",
        }
    }

    /// Reads the word back.
    pub fn of(word: &str) -> Option<Self> {
        [
            Self::Draft,
            Self::Requested,
            Self::Signed,
            Self::Numbered,
            Self::Sealed,
        ]
        .into_iter()
        .find(|s| s.word() == word)
    }

    /// A person is asked to sign (again, when an earlier request was not used).
    pub fn request(self) -> Result<Self, WrongState> {
        self.step(
            "requested",
            &[Self::Draft, Self::Requested],
            Self::Requested,
        )
    }

    /// The request was refused or given up.
    pub fn withdraw(self) -> Result<Self, WrongState> {
        self.step("withdrawn", &[Self::Requested], Self::Draft)
    }

    /// The person signed.
    pub fn sign(self) -> Result<Self, WrongState> {
        self.step("signed", &[Self::Requested], Self::Signed)
    }

    /// Number and date are entered.
    pub fn number(self) -> Result<Self, WrongState> {
        self.step("numbered", &[Self::Signed], Self::Numbered)
    }

    /// The seal is put on.
    pub fn seal(self) -> Result<Self, WrongState> {
        self.step("sealed", &[Self::Numbered], Self::Sealed)
    }

    /// Whether a person has signed it.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Signed | Self::Numbered | Self::Sealed)
    }

    fn step(self, step: &'static str, from: &[Self], to: Self) -> Result<Self, WrongState> {
        if from.contains(&self) {
            Ok(to)
        } else {
            Err(WrongState { from: self, step })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_cannot_be_numbered_or_sealed_before_a_person_signed() {
        for early in [PaperState::Draft, PaperState::Requested] {
            assert!(early.number().is_err());
            assert!(early.seal().is_err());
        }
        assert!(
            PaperState::Signed.seal().is_err(),
            "number comes before seal"
        );
        let end = PaperState::Draft
            .request()
            .and_then(PaperState::sign)
            .and_then(PaperState::number)
            .and_then(PaperState::seal);
        assert_eq!(end, Ok(PaperState::Sealed));
        assert!(PaperState::Sealed.request().is_err());
    }
}
