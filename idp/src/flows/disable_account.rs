//! An account is shut: its sessions and grants end with it.
//! Standard: NIST SP 800-63B §4.5
//! It must never leave a session, a grant or a code of the account usable.

use crate::Idp;
use crate::domain::account::AccountState;
use crate::store::{account, grant, session};
use platform::audit::{Actor, Event};
use platform::db;

/// Why the account was not shut.
#[derive(Debug, thiserror::Error)]
pub enum DisableAccountError {
    /// There is none.
    #[error("no such account")]
    Unknown,
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Shuts the account.
pub async fn run(idp: &Idp, account: &str, actor: Actor) -> Result<(), DisableAccountError> {
    let ground = idp.ground();
    let now = ground.now();
    let event =
        Event::new("account.disabled", now, actor, &ground.entropy).about("account", account);
    let event = &event;
    ground
        .db
        .write(|mut tx| async move {
            let known = account::by_id(&mut tx, account)
                .await?
                .ok_or(DisableAccountError::Unknown)?;
            account::change_state(&mut tx, account, known.state(), AccountState::Disabled).await?;
            session::end_all(&mut tx, account, now).await?;
            grant::revoke_of_account(&mut tx, account, now).await?;
            Ok(tx.commit(event.clone(), ()))
        })
        .await
}
