//! An account is made for a person, with a code by which that person activates it.
//! Standard: NIST SP 800-63B §4.1.2 (binding by a one-time enrolment code)
//! It must never give a second account to a person, nor reuse a username.

use crate::Idp;
use crate::domain::account::{AccountState, Username, UsernameError};
use crate::domain::one_time_code::{OneTimeCode, TRIES};
use crate::store::{account, activation};
use platform::audit::{Actor, Event};
use platform::{db, ids};
use serde_json::json;

/// What the person is handed.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// `acc_…`
    pub account: String,
    /// The code, for printing.
    pub code: String,
    /// The page with the code filled in.
    pub link: String,
    /// End.
    pub expires_at: i64,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// The username is none.
    #[error(transparent)]
    Username(#[from] UsernameError),
    /// The username belongs to somebody else.
    #[error("username is taken")]
    Taken,
    /// The account is in use or shut: activation is over.
    #[error("account was activated already")]
    Activated,
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Makes the account, or a fresh code for one that was not activated yet.
pub async fn run(
    idp: &Idp,
    person: &str,
    username: &str,
    actor: Actor,
) -> Result<Invitation, CreateAccountError> {
    let username = Username::parse(username)?;
    let ground = idp.ground();
    let now = ground.now();
    let code = OneTimeCode::fresh(&ground.entropy);
    let fresh_id = ids::new("acc", &ground.entropy);
    let handle: [u8; 16] = ground.entropy.bytes();
    let expires_at = now + idp.config().activation_life;
    let event = Event::new("account.invited", now, actor, &ground.entropy)
        .detail(json!({ "username": username.as_str(), "person": person }));
    let (username, code_ref, fresh_id, handle, event) =
        (username.as_str(), &code, &fresh_id, &handle, &event);
    let account = ground
        .db
        .write(|mut tx| async move {
            let id = match account::by_person(&mut tx, person).await? {
                Some(known) if known.state() != AccountState::Invited => {
                    return Err(CreateAccountError::Activated);
                }
                Some(known) => known.id,
                None => {
                    if account::by_username(&mut tx, username).await?.is_some() {
                        return Err(CreateAccountError::Taken);
                    }
                    account::insert(&mut tx, fresh_id, person, username, handle, now).await?;
                    fresh_id.clone()
                }
            };
            activation::insert(
                &mut tx,
                &code_ref.selector,
                &id,
                &code_ref.digest(),
                expires_at,
                TRIES,
                now,
            )
            .await?;
            Ok(tx.commit(event.clone().about("account", id.clone()), id))
        })
        .await?;
    let shown = code.show();
    let link = format!("{}/activate?code={shown}", ground.origin());
    Ok(Invitation {
        account,
        code: shown,
        link,
        expires_at,
    })
}
