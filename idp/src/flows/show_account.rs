//! What a person may see of his own account.
//! Standard: OWASP ASVS 5.0 V7.5.2 (seeing and ending one's sessions)
//! It must never show anything of another account.

use crate::Idp;
use crate::store::credential::{self, StoredPasskey};
use crate::store::session::{self, StoredSession};
use crate::store::{account, client};
use platform::caller::Caller;
use platform::db;

/// An account as its owner sees it.
pub struct Overview {
    /// Name to sign in by.
    pub username: String,
    /// Whether it also signs in by password and code.
    pub has_password: bool,
    /// Its passkeys.
    pub passkeys: Vec<StoredPasskey>,
    /// Its sessions that are alive.
    pub sessions: Vec<StoredSession>,
}

/// The caller's own account.
pub async fn run(idp: &Idp, caller: &Caller) -> Result<Overview, db::Error> {
    let ground = idp.ground();
    let now = ground.now();
    let life = idp.config().session_life;
    let mut conn = ground.db.read().await?;
    let username = account::by_id(&mut conn, &caller.account)
        .await?
        .map(|a| a.username)
        .unwrap_or_default();
    let passkeys = credential::passkeys(&mut conn, &caller.account).await?;
    let has_password = credential::factors(&mut conn, &caller.account)
        .await?
        .is_some();
    let mut sessions = session::of_account(&mut conn, &caller.account).await?;
    sessions.retain(|s| {
        s.session().is_some_and(|known| {
            !known
                .assurance
                .life(life)
                .is_over(s.auth_time, s.last_seen, now)
        })
    });
    Ok(Overview {
        username,
        has_password,
        passkeys,
        sessions,
    })
}

/// The name of an application in Vietnamese and English.
pub async fn application(
    idp: &Idp,
    client_id: &str,
) -> Result<Option<(String, String)>, db::Error> {
    let known = client::find(&mut idp.ground().db.read().await?, client_id).await?;
    Ok(known.map(|c| (c.name(false).to_owned(), c.name(true).to_owned())))
}
