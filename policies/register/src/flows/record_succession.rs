//! Records that an agency, unit or post took over functions of another; splits and mergers are many such records.
//! Standard: laws on local government for the acts behind it.
//! It must never move authority by itself: rules decide what a succession carries over.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::facts::SuccessionFact;
use crate::domain::words::SuccessionKind;
use crate::store::{epoch, seals};

/// What took over what.
#[derive(Debug, Clone)]
pub struct RecordSuccession {
    /// Between what.
    pub kind: SuccessionKind,
    /// The one before.
    pub predecessor: String,
    /// The one after.
    pub successor: String,
    /// Which functions, in words.
    pub functions: String,
    /// Decision that says so.
    pub basis: String,
    /// When.
    pub at: i64,
}

/// Why it was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordSuccessionError {
    /// A thing cannot succeed itself.
    #[error("predecessor and successor are the same")]
    Same,
    /// An id does not belong to this kind.
    #[error("{0} is not an id of this kind")]
    WrongKind(String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Records it. Gives its id.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &RecordSuccession,
) -> Result<String, RecordSuccessionError> {
    if command.predecessor == command.successor {
        return Err(RecordSuccessionError::Same);
    }
    let prefix = match command.kind {
        SuccessionKind::Agency => "agy",
        SuccessionKind::Unit => "unt",
        SuccessionKind::Post => "pst",
    };
    for id in [&command.predecessor, &command.successor] {
        if !ids::is(prefix, id) {
            return Err(RecordSuccessionError::WrongKind(id.clone()));
        }
    }
    db.write(|mut tx| async move {
        let fact = SuccessionFact {
            record: ids::new("rcd", entropy),
            id: ids::new("suc", entropy),
            kind: command.kind,
            predecessor: command.predecessor.clone(),
            successor: command.successor.clone(),
            functions: command.functions.clone(),
            basis: command.basis.clone(),
            at: command.at,
        };
        let event = Event::new("register.succession.recorded", now, actor.clone(), entropy).about("succession", &fact.id).detail(json!({
            "at": fact.at, "basis": fact.basis, "functions": fact.functions, "kind": fact.kind, "predecessor": fact.predecessor, "successor": fact.successor,
        }));
        seals::insert_succession(&mut tx, &fact, event.id()).await?;
        epoch::raise(&mut tx).await?;
        Ok(tx.commit(event, fact.id))
    })
    .await
}
