//! WebAuthn ceremonies that have begun: their state never leaves the server, and each ends once.

use platform::db::{Error, Tx};

platform::statements! {
    pub INSERT = "INSERT INTO ceremony (id, kind, subject, state, expires_at) VALUES ($1, $2, $3, $4, $5)";
    pub TAKE = "DELETE FROM ceremony WHERE id = $1 RETURNING kind, subject, state, expires_at";
    pub OLD = "DELETE FROM ceremony WHERE expires_at < $1";
}

/// What a ceremony is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Signing in.
    SignIn,
    /// Activating an account.
    Activate,
    /// Adding a passkey.
    Add,
    /// The first administrator.
    SetUp,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Activate => "activate",
            Self::Add => "add",
            Self::SetUp => "set_up",
        }
    }
}

#[derive(sqlx::FromRow)]
struct Taken {
    kind: String,
    subject: String,
    state: String,
    expires_at: i64,
}

/// Begins a ceremony for a subject (an account, a code; empty for a sign-in).
pub async fn begin(
    tx: &mut Tx,
    id: &str,
    kind: Kind,
    subject: &str,
    state: &str,
    expires_at: i64,
) -> Result<(), Error> {
    tx.execute(&INSERT, (id, kind.as_str(), subject, state, expires_at))
        .await
        .map(|_| ())
}

/// Takes the state of a ceremony, once; nothing when kind, subject or time do not fit.
pub async fn take(
    tx: &mut Tx,
    id: &str,
    kind: Kind,
    subject: &str,
    now: i64,
) -> Result<Option<String>, Error> {
    let taken: Option<Taken> = tx.optional(&TAKE, (id,)).await?;
    Ok(taken
        .filter(|t| t.kind == kind.as_str() && t.subject == subject && t.expires_at > now)
        .map(|t| t.state))
}

/// Removes ceremonies that ended before this instant.
pub async fn remove_old(tx: &mut Tx, before: i64) -> Result<u64, Error> {
    tx.execute(&OLD, (before,)).await
}
