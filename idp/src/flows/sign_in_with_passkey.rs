//! Somebody signs in with a passkey, without typing a name.
//! Standard: WebAuthn Level 3 §7.2; NIST SP 800-63B §3.1.7
//! It must never accept an answer to a challenge twice, nor one whose account and credential do not belong together.

use crate::Idp;
use crate::domain::account::AccountState;
use crate::domain::passkey::PasskeyError;
use crate::domain::session::Assurance;
use crate::flows::open_session::{self, Opened, Previous};
use crate::store::ceremony::{self, Kind};
use crate::store::{account, credential};
use platform::audit::Housekeeping;
use platform::{db, ids};
use serde_json::Value;

/// A ceremony that has begun.
pub struct Begun {
    /// Its id, for a hidden field.
    pub id: String,
    /// Options for the browser.
    pub options: Value,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum PasskeySignInError {
    /// The ceremony is unknown, over, or was used.
    #[error("ceremony is over")]
    Over,
    /// The credential is not one of ours, or its account is not in use.
    #[error("unknown credential")]
    Unknown,
    /// The credential is not accepted.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Begins.
pub async fn begin(idp: &Idp) -> Result<Begun, PasskeySignInError> {
    let begun = idp.relying_party().begin_authentication()?;
    let id = remember(idp, Kind::SignIn, "", &begun.state).await?;
    Ok(Begun {
        id,
        options: begun.options,
    })
}

/// Ends.
pub async fn finish(
    idp: &Idp,
    ceremony: &str,
    credential: &str,
    previous: Option<Previous>,
    device: &str,
) -> Result<Opened, PasskeySignInError> {
    let ground = idp.ground();
    let now = ground.now();
    let state = take(idp, ceremony, Kind::SignIn, "")
        .await?
        .ok_or(PasskeySignInError::Over)?;
    let presented = idp.relying_party().identify(credential)?;
    let mut conn = ground.db.read().await?;
    let known = credential::find_passkey(&mut conn, &presented.credential_id)
        .await?
        .ok_or(PasskeySignInError::Unknown)?;
    let account = account::by_id(&mut conn, &known.account)
        .await?
        .filter(|a| {
            a.state() == AccountState::Active && a.handle.as_slice() == presented.handle.as_slice()
        })
        .ok_or(PasskeySignInError::Unknown)?;
    drop(conn);
    let moved = idp
        .relying_party()
        .finish_authentication(&presented, &state, &known.stored)?;
    let stored = moved.unwrap_or_else(|| known.stored.clone());
    let prepared =
        open_session::prepare(idp, &account, Assurance::Passkey, previous, device, now).await?;
    let (ready, stored, id) = (&prepared, &stored, &presented.credential_id);
    ground
        .db
        .write(|mut tx| async move {
            credential::touch_passkey(&mut tx, id, stored, now).await?;
            open_session::store(&mut tx, ready).await?;
            Ok::<_, db::Error>(tx.commit(ready.event(), ()))
        })
        .await?;
    Ok(prepared.opened())
}

/// Keeps the state of a ceremony on the server.
pub(crate) async fn remember(
    idp: &Idp,
    kind: Kind,
    subject: &str,
    state: &str,
) -> Result<String, db::Error> {
    let ground = idp.ground();
    let id = ids::new("cer", &ground.entropy);
    let ends = ground.now() + idp.config().ceremony_life;
    let id_ref = &id;
    ground
        .db
        .write(|mut tx| async move {
            ceremony::begin(&mut tx, id_ref, kind, subject, state, ends).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Dialogue, ()))
        })
        .await?;
    Ok(id)
}

/// Takes that state back, once.
pub(crate) async fn take(
    idp: &Idp,
    id: &str,
    kind: Kind,
    subject: &str,
) -> Result<Option<String>, db::Error> {
    let ground = idp.ground();
    let now = ground.now();
    ground
        .db
        .write(|mut tx| async move {
            let state = ceremony::take(&mut tx, id, kind, subject, now).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Dialogue, state))
        })
        .await
}
