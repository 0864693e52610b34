//! Accounts: the sign-in side of a person, and the names they sign in by.

use unicode_normalization::UnicodeNormalization;

/// Whether somebody may sign in by an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// Made, but its person has not yet chosen how to sign in.
    Invited,
    /// In use.
    Active,
    /// Shut by an administrator; nothing of it works.
    Disabled,
}

impl AccountState {
    /// The word stored in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// Reads the stored word; an unknown word is a shut account.
    pub fn from_stored(word: &str) -> Self {
        match word {
            "invited" => Self::Invited,
            "active" => Self::Active,
            _ => Self::Disabled,
        }
    }
}

/// A name to sign in by, as it is compared: NFKC, lower case, no spaces, without the domain of an official address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

/// Why a text is no username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Empty, or nothing but spaces.
    #[error("username is empty")]
    Empty,
    /// More than 64 characters.
    #[error("username is longer than 64 characters")]
    TooLong,
    /// A character that names of accounts do not have.
    #[error("username holds a character other than a–z, 0–9, dot, hyphen and underscore")]
    Character,
}

impl Username {
    /// Reads what a person typed.
    pub fn parse(typed: &str) -> Result<Self, UsernameError> {
        if typed.len() > 512 {
            return Err(UsernameError::TooLong);
        }
        let folded: String = typed.trim().nfkc().flat_map(char::to_lowercase).collect();
        let name = folded.split('@').next().unwrap_or_default();
        if name.is_empty() {
            return Err(UsernameError::Empty);
        }
        if name.chars().count() > 64 {
            return Err(UsernameError::TooLong);
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
        if !name.chars().all(plain) {
            return Err(UsernameError::Character);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_the_same_in_capitals_in_full_width_and_as_an_address() {
        for typed in [
            "thinhnd",
            " ThinhND ",
            "ｔｈｉｎｈｎｄ",
            "thinhnd@binhdinh.gov.vn",
        ] {
            assert_eq!(
                Username::parse(typed).unwrap().as_str(),
                "thinhnd",
                "{typed}"
            );
        }
    }

    #[test]
    fn a_username_with_marks_spaces_or_no_end_is_refused() {
        assert_eq!(Username::parse("thịnh"), Err(UsernameError::Character));
        assert_eq!(Username::parse("a b"), Err(UsernameError::Character));
        assert_eq!(Username::parse("a\u{0}b"), Err(UsernameError::Character));
        assert_eq!(Username::parse("  "), Err(UsernameError::Empty));
        assert_eq!(Username::parse("@x"), Err(UsernameError::Empty));
        assert_eq!(
            Username::parse(&"a".repeat(65)),
            Err(UsernameError::TooLong)
        );
        assert_eq!(
            Username::parse(&"a".repeat(5000)),
            Err(UsernameError::TooLong)
        );
    }

    #[test]
    fn an_unknown_state_is_a_shut_account() {
        for state in [
            AccountState::Invited,
            AccountState::Active,
            AccountState::Disabled,
        ] {
            assert_eq!(AccountState::from_stored(state.as_str()), state);
        }
        assert_eq!(AccountState::from_stored(""), AccountState::Disabled);
    }
}
