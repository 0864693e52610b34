//! Gives a list up: its file is forgotten, what was said about it stays in the audit.
//! Standard: Law 91/2025/QH15 on personal data (no longer kept than needed)
//! It must never touch a list that is in the register.

use platform::audit::{Actor, Event};
use platform::{Ground, db};

use super::read_list::{ReadList, own};
use crate::store::lists;

/// A list was not given up.
#[derive(Debug, thiserror::Error)]
pub enum DiscardList {
    /// It is being published, or was.
    #[error("the list is not open")]
    Closed,
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadList),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Gives it up.
pub async fn run(
    ground: &Ground,
    actor: &Actor,
    person: &str,
    id: &str,
) -> Result<(), DiscardList> {
    let now = ground.now();
    let mut conn = ground.db.read().await?;
    own(&mut conn, person, id, now).await?;
    drop(conn);
    let event = &Event::new(
        "register.list_discarded",
        now,
        actor.clone(),
        &ground.entropy,
    )
    .about("list", id);
    ground
        .db
        .write(|mut tx| async move {
            if !lists::discard(&mut tx, id).await? {
                return Err(DiscardList::Closed);
            }
            Ok(tx.commit(event.clone(), ()))
        })
        .await
}
