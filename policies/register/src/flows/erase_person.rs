//! Lawful erasure: what names a person goes, the opaque id and every fact of authority stay, a tombstone names the event.
//! Standard: Law 91/2025/QH15 on personal data, within the limits of archive law; docs/ARCHITECTURE.md (personal attributes are erasable).
//! It must never touch appointments, assignments or other facts of authority.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::random::Entropy;
use serde_json::json;

use crate::store::{epoch, people};

/// Why nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum ErasePersonError {
    /// No such person.
    #[error("no such person")]
    Unknown,
    /// It was done before.
    #[error("the attributes of this person were erased before")]
    ErasedAlready,
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
        people::find(&mut tx, person)
            .await?
            .ok_or(ErasePersonError::Unknown)?;
        let event = Event::new("register.person.erased", now, actor.clone(), entropy)
            .about("person", person)
            .detail(json!({"basis": basis}));
        if !people::erase(&mut tx, person, event.id()).await? {
            return Err(ErasePersonError::ErasedAlready);
        }
        epoch::raise(&mut tx).await?;
        Ok(tx.commit(event, ()))
    })
    .await
}
