//! Sessions and how surely somebody was recognised.

/// How a person proved who he is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// A password and a code from a phone.
    PasswordAndCode,
    /// A passkey with user verification.
    Passkey,
}

impl Assurance {
    /// Both, weakest first.
    pub const ALL: [Self; 2] = [Self::PasswordAndCode, Self::Passkey];

    /// `acr`: the REFEDS name for two factors, and the OpenID EAP name for phishing-resistant ones.
    pub fn acr(self) -> &'static str {
        match self {
            Self::PasswordAndCode => "https://refeds.org/profile/mfa",
            Self::Passkey => "phr",
        }
    }

    /// `amr` of RFC 8176.
    pub fn amr(self) -> &'static [&'static str] {
        match self {
            Self::PasswordAndCode => &["pwd", "otp", "mfa"],
            Self::Passkey => &["pop", "user", "mfa"],
        }
    }

    /// Reads a stored `acr`.
    pub fn from_acr(acr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.acr() == acr)
    }
}

/// A session that is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// `sid`: names the session to applications; opens nothing.
    pub id: String,
    /// Account that signed in.
    pub account: String,
    /// Person behind the account.
    pub person: String,
    /// How.
    pub assurance: Assurance,
    /// When, in milliseconds.
    pub auth_time: i64,
}

/// How long sessions live.
#[derive(Debug, Clone, Copy)]
pub struct SessionLife {
    /// Without a request, in milliseconds.
    pub idle: i64,
    /// In all, in milliseconds.
    pub whole: i64,
}

impl SessionLife {
    /// Whether a session with these times is over.
    pub fn is_over(&self, started: i64, last_seen: i64, now: i64) -> bool {
        now >= started.saturating_add(self.whole) || now >= last_seen.saturating_add(self.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_idleness_and_by_age() {
        let life = SessionLife {
            idle: 10,
            whole: 100,
        };
        assert!(!life.is_over(0, 0, 9));
        assert!(life.is_over(0, 0, 10));
        assert!(!life.is_over(0, 95, 99));
        assert!(life.is_over(0, 95, 100));
    }

    #[test]
    fn an_acr_is_read_back_and_a_passkey_is_the_surer() {
        for a in Assurance::ALL {
            assert_eq!(Assurance::from_acr(a.acr()), Some(a));
        }
        assert_eq!(Assurance::from_acr("0"), None);
        assert!(Assurance::Passkey > Assurance::PasswordAndCode);
    }
}
