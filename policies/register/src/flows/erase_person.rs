//! Lawful erasure: what names a person goes, the opaque id and every fact of authority stay, a tombstone names the event.
//! Standard: Law 91/2025/QH15 on personal data, within the limits of archive law; docs/ARCHITECTURE.md (personal attributes are erasable).
//! It must never touch appointments, assignments or other facts of authority, nor erase somebody who still administers.

use platform::audit::{Actor, Event};
use platform::db::{self, Db, Tx};
use platform::random::Entropy;
use serde_json::json;

use crate::domain::time::AsOf;
use crate::store::{epoch, people, roles};

/// Why nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum ErasePersonError {
    /// No such person.
    #[error("no such person")]
    Unknown,
    /// It was done before.
    #[error("the attributes of this person were erased before")]
    ErasedAlready,
    /// A role of administration is in force: it has to end first.
    #[error("this person still holds a role of administration")]
    Administers,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Erases the attributes of a person on this basis.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    person: &str,
    basis: &str,
) -> Result<(), ErasePersonError> {
    db.write(|mut tx| async move {
        let event = erase(&mut tx, entropy, now, actor, person, basis).await?;
        Ok(tx.commit(event, ()))
    })
    .await
}

/// The same inside a unit.
pub(crate) async fn erase(
    tx: &mut Tx,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    person: &str,
    basis: &str,
) -> Result<Event, ErasePersonError> {
    epoch::raise(tx).await?;
    people::find(tx, person)
        .await?
        .ok_or(ErasePersonError::Unknown)?;
    if !roles::of_person(tx, person, AsOf::now(now))
        .await?
        .is_empty()
    {
        return Err(ErasePersonError::Administers);
    }
    let event = Event::new("register.person.erased", now, actor.clone(), entropy)
        .about("person", person)
        .detail(json!({"basis": basis}));
    if !people::erase(tx, person, event.id()).await? {
        return Err(ErasePersonError::ErasedAlready);
    }
    Ok(event)
}
