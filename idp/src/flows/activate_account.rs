//! An invited person takes possession of the account: by a passkey, or by a password together with a code on a phone.
//! Standard: NIST SP 800-63B §4.1.2; WebAuthn Level 3 §7.1; RFC 6238
//! It must never let a code be used twice or guessed, nor activate by a password alone.

use crate::Idp;
use crate::domain::account::AccountState;
use crate::domain::one_time_code::OneTimeCode;
use crate::domain::passkey::PasskeyError;
use crate::domain::password::{HashError, Password, PasswordError};
use crate::domain::totp::{TotpError, TotpSecret};
use crate::flows::sign_in_with_passkey::{Begun, remember, take};
use crate::store::account::Account;
use crate::store::activation::Activation;
use crate::store::ceremony::Kind;
use crate::store::{account, activation, credential};
use platform::audit::{Actor, Event, Housekeeping};
use platform::{db, secrets};
use register::facts;
use serde_json::json;

/// Why nothing was activated.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// The code is none, wrong, used, expired or tried too often.
    #[error("activation code is not good")]
    Code,
    /// The two passwords differ.
    #[error("passwords differ")]
    Differ,
    /// The password is refused.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The code from the phone is wrong.
    #[error("code from the phone is wrong")]
    PhoneCode,
    /// The first half was not done.
    #[error("password and phone were not prepared")]
    NotPrepared,
    /// The ceremony is over.
    #[error("ceremony is over")]
    Over,
    /// The credential is not accepted.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// The passkey is in use already.
    #[error("passkey is enrolled already")]
    Enrolled,
    /// Hash.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// TOTP.
    #[error(transparent)]
    Totp(#[from] TotpError),
    /// Sealing.
    #[error("TOTP secret: {0}")]
    Seal(#[from] secrets::Error),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// An open code and whose it is.
pub struct Open {
    pub(crate) activation: Activation,
    /// The account.
    pub account: Account,
    /// Full name of the person.
    pub name: String,
}

/// Finds the account of a code; a wrong secret part costs a try.
pub async fn open(idp: &Idp, typed: &str) -> Result<Open, ActivateError> {
    let ground = idp.ground();
    let now = ground.now();
    let code = OneTimeCode::parse(typed).ok_or(ActivateError::Code)?;
    let mut conn = ground.db.read().await?;
    let found = activation::find(&mut conn, &code.selector)
        .await?
        .filter(|a| a.is_open(now))
        .ok_or(ActivateError::Code)?;
    if !code.matches(&found.digest) {
        drop(conn);
        let selector = found.selector.as_str();
        ground
            .db
            .write(|mut tx| async move {
                activation::take_try(&mut tx, selector).await?;
                Ok::<_, db::Error>(tx.housekeeping(Housekeeping::AttemptCounted, ()))
            })
            .await?;
        return Err(ActivateError::Code);
    }
    let account = account::by_id(&mut conn, &found.account)
        .await?
        .filter(|a| a.state() == AccountState::Invited)
        .ok_or(ActivateError::Code)?;
    let name = facts::person(&mut conn, &account.person)
        .await?
        .map_or_else(|| account.username.clone(), |p| p.full_name);
    Ok(Open {
        activation: found,
        account,
        name,
    })
}

/// Begins with a passkey.
pub async fn begin_passkey(idp: &Idp, open: &Open) -> Result<Begun, ActivateError> {
    let handle = open.account.handle().ok_or(ActivateError::Code)?;
    let begun = idp.relying_party().begin_registration(
        handle,
        &open.account.username,
        &open.name,
        Vec::new(),
    )?;
    let id = remember(idp, Kind::Activate, &open.activation.selector, &begun.state).await?;
    Ok(Begun {
        id,
        options: begun.options,
    })
}

/// Ends with a passkey.
pub async fn finish_passkey(
    idp: &Idp,
    open: &Open,
    ceremony: &str,
    credential: &str,
    label: &str,
) -> Result<(), ActivateError> {
    let ground = idp.ground();
    let now = ground.now();
    let state = take(idp, ceremony, Kind::Activate, &open.activation.selector)
        .await?
        .ok_or(ActivateError::Over)?;
    let made = idp
        .relying_party()
        .finish_registration(credential, &state)?;
    let event = activated(idp, open, "passkey", now);
    let (made, event) = (&made, &event);
    ground
        .db
        .write(|mut tx| async move {
            take_possession(&mut tx, open, now).await?;
            credential::insert_passkey(
                &mut tx,
                &made.credential_id,
                &open.account.id,
                label,
                &made.stored,
                now,
            )
            .await
            .map_err(|e| {
                if matches!(e, db::Error::Conflict(_)) {
                    ActivateError::Enrolled
                } else {
                    e.into()
                }
            })?;
            Ok(tx.commit(event.clone(), ()))
        })
        .await
}

/// Begins with a password: the secret for the phone.
pub async fn begin_password(
    idp: &Idp,
    open: &Open,
    password: &str,
    again: &str,
) -> Result<TotpSecret, ActivateError> {
    if password != again {
        return Err(ActivateError::Differ);
    }
    let chosen = Password::choose(password, &open.account.username)?;
    let ground = idp.ground();
    let hash = idp.hasher().hash(chosen, ground.entropy.bytes()).await?;
    let secret = TotpSecret::new(ground.entropy.bytes::<20>().to_vec());
    let sealed = ground
        .sealer
        .seal("totp", "secret", &open.account.id, secret.bytes())?;
    let (hash, sealed) = (hash.as_str(), sealed.as_slice());
    let kept = ground
        .db
        .write(|mut tx| async move {
            let kept =
                activation::keep_pending(&mut tx, &open.activation.selector, hash, sealed).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Dialogue, kept))
        })
        .await?;
    if kept {
        Ok(secret)
    } else {
        Err(ActivateError::Code)
    }
}

/// The secret of the first half, to be shown again.
pub fn pending_secret(idp: &Idp, open: &Open) -> Result<TotpSecret, ActivateError> {
    let sealed = open
        .activation
        .pending_totp
        .as_ref()
        .ok_or(ActivateError::NotPrepared)?;
    Ok(TotpSecret::new(
        idp.ground()
            .sealer
            .open("totp", "secret", &open.account.id, sealed)?
            .to_vec(),
    ))
}

/// Ends with a password and the first code of the phone.
pub async fn finish_password(
    idp: &Idp,
    open: &Open,
    phone_code: &str,
) -> Result<(), ActivateError> {
    let ground = idp.ground();
    let now = ground.now();
    let secret = pending_secret(idp, open)?;
    let hash = open
        .activation
        .pending_password
        .as_deref()
        .ok_or(ActivateError::NotPrepared)?;
    let sealed = open
        .activation
        .pending_totp
        .as_deref()
        .ok_or(ActivateError::NotPrepared)?;
    let Some(step) = secret.accept(phone_code, None, now)? else {
        let selector = open.activation.selector.as_str();
        ground
            .db
            .write(|mut tx| async move {
                activation::take_try(&mut tx, selector).await?;
                Ok::<_, db::Error>(tx.housekeeping(Housekeeping::AttemptCounted, ()))
            })
            .await?;
        return Err(ActivateError::PhoneCode);
    };
    let event = activated(idp, open, "password", now);
    let event = &event;
    ground
        .db
        .write(|mut tx| async move {
            take_possession(&mut tx, open, now).await?;
            credential::set_factors(&mut tx, &open.account.id, hash, sealed, step, now).await?;
            Ok(tx.commit(event.clone(), ()))
        })
        .await
}

async fn take_possession(tx: &mut db::Tx, open: &Open, now: i64) -> Result<(), ActivateError> {
    let mine = activation::consume(tx, &open.activation.selector, now).await?
        && account::change_state(
            tx,
            &open.account.id,
            AccountState::Invited,
            AccountState::Active,
        )
        .await?;
    if mine {
        Ok(())
    } else {
        Err(ActivateError::Code)
    }
}

fn activated(idp: &Idp, open: &Open, by: &'static str, now: i64) -> Event {
    let actor = Actor::Person {
        person: open.account.person.clone(),
        post: None,
    };
    Event::new("account.activated", now, actor, &idp.ground().entropy)
        .about("account", open.account.id.clone())
        .detail(json!({ "by": by }))
}
