//! How long things of sign-in live, and how much work is done at once.

use crate::domain::session::SessionLife;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Times in milliseconds.
#[derive(Debug, Clone)]
pub struct Config {
    /// Sessions.
    pub session_life: SessionLife,
    /// How recent a sign-in must be for changing how one signs in.
    pub recent: i64,
    /// Activation codes.
    pub activation_life: i64,
    /// Codes of printed letters.
    pub letter_life: i64,
    /// The set-up code.
    pub set_up_life: i64,
    /// Passkey ceremonies.
    pub ceremony_life: i64,
    /// Authorization codes.
    pub code_life: i64,
    /// Access tokens; never more than five minutes, whatever is configured.
    pub access_token_life: i64,
    /// ID tokens.
    pub id_token_life: i64,
    /// Refresh tokens, each from its own making.
    pub refresh_token_life: i64,
    /// Password hashes at once.
    pub hashes_at_once: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            session_life: SessionLife {
                idle: HOUR,
                whole: 12 * HOUR,
            },
            recent: 15 * MINUTE,
            activation_life: 7 * DAY,
            letter_life: 14 * DAY,
            set_up_life: 30 * MINUTE,
            ceremony_life: 5 * MINUTE,
            code_life: MINUTE,
            access_token_life: 5 * MINUTE,
            id_token_life: 5 * MINUTE,
            refresh_token_life: 30 * DAY,
            hashes_at_once: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

impl Config {
    /// The same with what must not be exceeded kept within its bounds.
    pub fn bounded(mut self) -> Self {
        self.access_token_life = self.access_token_life.clamp(SECOND, 5 * MINUTE);
        self.code_life = self.code_life.clamp(SECOND, MINUTE);
        self
    }

    /// Whether a sign-in is recent enough for changing how one signs in.
    pub fn is_recent(&self, auth_time: i64, now: i64) -> bool {
        now.saturating_sub(auth_time) <= self.recent
    }
}
