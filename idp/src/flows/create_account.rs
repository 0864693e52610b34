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

/// An account and its code before they are laid into the database.
pub(crate) struct Draft {
    pub(crate) person: String,
    pub(crate) username: Username,
    code: OneTimeCode,
    digest: Vec<u8>,
    id: String,
    handle: [u8; 16],
    pub(crate) expires_at: i64,
    event: Event,
}

impl Draft {
    /// Draws a code that is good for `life` milliseconds.
    pub(crate) fn new(
        idp: &Idp,
        person: &str,
        username: Username,
        actor: Actor,
        life: i64,
        now: i64,
    ) -> Self {
        let entropy = &idp.ground().entropy;
        let code = OneTimeCode::fresh(entropy);
        let event = Event::new("account.invited", now, actor, entropy)
            .detail(json!({ "username": username.as_str(), "person": person }));
        Self {
            person: person.to_owned(),
            digest: code.digest(),
            id: ids::new("acc", entropy),
            handle: entropy.bytes(),
            expires_at: now.saturating_add(life),
            username,
            code,
            event,
        }
    }

    /// The code, for printing.
    pub(crate) fn shown(&self) -> String {
        self.code.show()
    }

    /// Makes the account, or replaces the code of one that was not activated yet. Gives the account, and the event for the commit.
    pub(crate) async fn lay(
        &self,
        tx: &mut db::Tx,
        now: i64,
    ) -> Result<(String, Event), CreateAccountError> {
        let id = match account::by_person(tx, &self.person).await? {
            Some(known) if known.state() != AccountState::Invited => {
                return Err(CreateAccountError::Activated);
            }
            Some(known) => known.id,
            None => {
                let username = self.username.as_str();
                if account::by_username(tx, username).await?.is_some() {
                    return Err(CreateAccountError::Taken);
                }
                account::insert(tx, &self.id, &self.person, username, &self.handle, now).await?;
                self.id.clone()
            }
        };
        activation::insert(
            tx,
            &self.code.selector,
            &id,
            &self.digest,
            self.expires_at,
            TRIES,
            now,
        )
        .await?;
        let event = self.event.clone().about("account", id.clone());
        Ok((id, event))
    }
}

/// Where a code is used, with it filled in.
pub(crate) fn link(idp: &Idp, shown: &str) -> String {
    format!("{}/activate?code={shown}", idp.ground().origin())
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
    let life = idp.config().activation_life;
    let draft = &Draft::new(idp, person, username, actor, life, now);
    let account = ground
        .db
        .write(|mut tx| async move {
            let (id, event) = draft.lay(&mut tx, now).await?;
            Ok::<_, CreateAccountError>(tx.commit(event, id))
        })
        .await?;
    let shown = draft.shown();
    Ok(Invitation {
        account,
        link: link(idp, &shown),
        code: shown,
        expires_at: draft.expires_at,
    })
}
