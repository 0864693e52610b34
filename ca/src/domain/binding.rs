//! A passkey that a person wants to consent with, until the registrar pins it in the signer or refuses.

/// Where a binding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingState {
    /// Waiting for the registrar.
    Pending,
    /// Pinned in the signer.
    Pinned,
    /// Refused by the registrar.
    Refused,
}

/// A binding that was decided before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this binding was decided before")]
pub struct Decided;

impl BindingState {
    /// The word kept in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Pinned => "pinned",
            Self::Refused => "refused",
        }
    }

    /// Reads the word back.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Pending, Self::Pinned, Self::Refused]
            .into_iter()
            .find(|s| s.word() == word)
    }

    /// The registrar approves.
    pub fn pin(self) -> Result<Self, Decided> {
        self.decide(Self::Pinned)
    }

    /// The registrar refuses.
    pub fn refuse(self) -> Result<Self, Decided> {
        self.decide(Self::Refused)
    }

    fn decide(self, to: Self) -> Result<Self, Decided> {
        if self == Self::Pending {
            Ok(to)
        } else {
            Err(Decided)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_binding_is_never_pinned() {
        assert!(BindingState::Pending.refuse().unwrap().pin().is_err());
        assert!(BindingState::Pending.pin().unwrap().pin().is_err());
    }
}
