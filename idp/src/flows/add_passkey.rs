//! A signed-in person adds a passkey.
//! Standard: WebAuthn Level 3 §7.1; NIST SP 800-63B §4.1.2.1
//! It must never add one in a session whose person did not prove himself a short while ago.

use crate::Idp;
use crate::domain::passkey::PasskeyError;
use crate::flows::sign_in_with_passkey::{Begun, remember, take};
use crate::store::ceremony::Kind;
use crate::store::{account, credential};
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::db;

/// Why no passkey was added.
#[derive(Debug, thiserror::Error)]
pub enum AddPasskeyError {
    /// The sign-in is too long ago.
    #[error("sign in again first")]
    SignInAgain,
    /// The account is gone.
    #[error("no such account")]
    Unknown,
    /// The ceremony is over.
    #[error("ceremony is over")]
    Over,
    /// The credential is not accepted.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// The passkey is in use already.
    #[error("passkey is enrolled already")]
    Enrolled,
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Begins.
pub async fn begin(idp: &Idp, caller: &Caller) -> Result<Begun, AddPasskeyError> {
    let mut conn = idp.ground().db.read().await?;
    let account = account::by_id(&mut conn, &caller.account)
        .await?
        .ok_or(AddPasskeyError::Unknown)?;
    let known = credential::passkeys(&mut conn, &account.id)
        .await?
        .into_iter()
        .map(|p| p.credential_id)
        .collect();
    drop(conn);
    let handle = account.handle().ok_or(AddPasskeyError::Unknown)?;
    let begun =
        idp.relying_party()
            .begin_registration(handle, &account.username, &caller.name, known)?;
    let id = remember(idp, Kind::Add, &account.id, &begun.state).await?;
    Ok(Begun {
        id,
        options: begun.options,
    })
}

/// Ends.
pub async fn finish(
    idp: &Idp,
    caller: &Caller,
    ceremony: &str,
    credential: &str,
    label: &str,
) -> Result<(), AddPasskeyError> {
    let ground = idp.ground();
    let now = ground.now();
    if !idp.config().is_recent(caller.auth_time, now) {
        return Err(AddPasskeyError::SignInAgain);
    }
    let state = take(idp, ceremony, Kind::Add, &caller.account)
        .await?
        .ok_or(AddPasskeyError::Over)?;
    let made = idp
        .relying_party()
        .finish_registration(credential, &state)?;
    let event = Event::new("passkey.added", now, Actor::of(caller), &ground.entropy)
        .about("account", caller.account.clone());
    let (made, event) = (&made, &event);
    ground
        .db
        .write(|mut tx| async move {
            credential::insert_passkey(
                &mut tx,
                &made.credential_id,
                &caller.account,
                label,
                &made.stored,
                now,
            )
            .await
            .map_err(|e| {
                if matches!(e, db::Error::Conflict(_)) {
                    AddPasskeyError::Enrolled
                } else {
                    e.into()
                }
            })?;
            Ok(tx.commit(event.clone(), ()))
        })
        .await
}
