//! Sessions and how surely somebody was recognised.

/// How long an emergency lasts, in milliseconds.
pub const EMERGENCY_LIFE: i64 = 60 * 60 * 1000;

/// How a person proved who he is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// Two officers' codes, when nobody else can administer: for an hour, and for administration only.
    Emergency,
    /// A password and a code from a phone.
    PasswordAndCode,
    /// A passkey with user verification.
    Passkey,
}

impl Assurance {
    /// All of them, weakest first.
    pub const ALL: [Self; 3] = [Self::Emergency, Self::PasswordAndCode, Self::Passkey];
    /// What applications can ask for.
    pub const OFFERED: [Self; 2] = [Self::PasswordAndCode, Self::Passkey];

    /// `acr`: the REFEDS name for two factors, and the OpenID EAP name for phishing-resistant ones.
    pub fn acr(self) -> &'static str {
        match self {
            Self::Emergency => platform::caller::EMERGENCY,
            Self::PasswordAndCode => "https://refeds.org/profile/mfa",
            Self::Passkey => "phr",
        }
    }

    /// `amr` of RFC 8176. No token comes out of an emergency.
    pub fn amr(self) -> &'static [&'static str] {
        match self {
            Self::Emergency => &[],
            Self::PasswordAndCode => &["pwd", "otp", "mfa"],
            Self::Passkey => &["pop", "user", "mfa"],
        }
    }

    /// How long a session lives that began so, where others live as long as `usual`.
    pub fn life(self, usual: SessionLife) -> SessionLife {
        match self {
            Self::Emergency => SessionLife {
                idle: EMERGENCY_LIFE,
                whole: EMERGENCY_LIFE,
            },
            Self::PasswordAndCode | Self::Passkey => usual,
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
        assert!(Assurance::OFFERED.iter().all(|a| *a > Assurance::Emergency));
    }

    #[test]
    fn an_emergency_lasts_an_hour_whatever_other_sessions_last() {
        let usual = SessionLife {
            idle: i64::MAX,
            whole: i64::MAX,
        };
        let life = Assurance::Emergency.life(usual);
        assert!(!life.is_over(0, 0, EMERGENCY_LIFE - 1));
        assert!(life.is_over(0, EMERGENCY_LIFE - 1, EMERGENCY_LIFE));
        assert!(!Assurance::Passkey.life(usual).is_over(0, 0, EMERGENCY_LIFE));
    }
}
