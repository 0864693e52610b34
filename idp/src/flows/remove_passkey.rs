//! A signed-in person removes a passkey.
//! Standard: NIST SP 800-63B §4.3
//! It must never remove the last means by which the account can sign in.

use crate::Idp;
use crate::store::credential;
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::db;

/// Why it was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemovePasskeyError {
    /// The sign-in is too long ago.
    #[error("sign in again first")]
    SignInAgain,
    /// The account has none of that name.
    #[error("no such passkey")]
    Unknown,
    /// It is the last means.
    #[error("the account would have no means to sign in")]
    Last,
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Removes it.
pub async fn run(
    idp: &Idp,
    caller: &Caller,
    credential_id: &[u8],
) -> Result<(), RemovePasskeyError> {
    let ground = idp.ground();
    let now = ground.now();
    if !idp.config().is_recent(caller.auth_time, now) {
        return Err(RemovePasskeyError::SignInAgain);
    }
    let event = Event::new("passkey.removed", now, Actor::of(caller), &ground.entropy)
        .about("account", caller.account.clone());
    let event = &event;
    ground
        .db
        .write(|mut tx| async move {
            let others = credential::passkeys(&mut tx, &caller.account).await?.len() > 1;
            if !others
                && credential::factors(&mut tx, &caller.account)
                    .await?
                    .is_none()
            {
                return Err(RemovePasskeyError::Last);
            }
            if !credential::remove_passkey(&mut tx, credential_id, &caller.account).await? {
                return Err(RemovePasskeyError::Unknown);
            }
            Ok(tx.commit(event.clone(), ()))
        })
        .await
}
