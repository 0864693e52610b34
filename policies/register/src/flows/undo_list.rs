//! Takes a published list back: what it laid is closed, what it closed is laid again, by one more change-set.
//! Standard: none; docs/ARCHITECTURE.md (nothing is overwritten: an undone list stays readable as it was known then)
//! It must never take back what later acts rest on or have changed.

use std::collections::BTreeSet;

use platform::audit::{Actor, Housekeeping};
use platform::db::Conn;
use platform::{Ground, audit, db, ids};
use sha2::{Digest as _, Sha256};

use super::import_register::{self, ImportError, Tools, prepare_with, stage_chunk};
use super::publish_list;
use super::read_list::{ReadList, own};
use crate::domain::facts::PersonAttributes;
use crate::domain::import::{Closing, Counts, Operation, Plan};
use crate::facts;
use crate::store::lists::{self, ListState};
use crate::store::{change_sets, laid, mailboxes, people};

/// A list was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoList {
    /// It is not in the register.
    #[error("the list is not in the register")]
    Closed,
    /// Later acts changed what it laid, or rest on it.
    #[error("{0} later acts changed what the list laid, or rest on it")]
    Later(i64),
    /// What it closed is not readable yet; a moment later it is.
    #[error("the log has not taken the list in yet; try again in a moment")]
    Soon,
    /// A stored number cannot be opened.
    #[error("what is stored cannot be opened: {0}")]
    Stored(String),
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadList),
    /// It could not be staged or published.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Takes it back and gives the id of the change-set that did.
pub async fn run(
    ground: &Ground,
    actor: &Actor,
    person: &str,
    id: &str,
) -> Result<Option<String>, UndoList> {
    let now = ground.now();
    let mut conn = ground.db.read().await?;
    let list = own(&mut conn, person, id, now).await?;
    publish_list::settle(ground, &list).await?;
    let list = own(&mut conn, person, id, now).await?;
    let (ListState::Published, Some(set)) = (list.state, &list.change_set) else {
        return Err(UndoList::Closed);
    };
    let later = laid::later_changes(&mut conn, set).await?;
    if later > 0 {
        return Err(UndoList::Later(later));
    }
    let undoing = undoing(&mut conn, ground, set).await?;
    drop(conn);
    let tools = Tools {
        db: &ground.db,
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(format!("register-undo-1 {set}")));
    let mut prepared = prepare_with(tools, now, &digest, |_, ids, _| Ok(undoing.plan(ids))).await?;
    let undone_by = prepared.change_set().map(str::to_owned);
    // Named before it is staged: whoever finds it published after a crash knows that the list is undone.
    let by = undone_by.as_deref();
    ground
        .db
        .write(|mut tx| async move {
            lists::name_undoing(&mut tx, id, by).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Projection, ()))
        })
        .await?;
    while stage_chunk(tools, &mut prepared).await? {}
    // What came to rest on it while this was staged raised the epoch, which the last unit sees.
    import_register::publish(tools, now, actor, prepared).await?;
    let by = undone_by.as_deref().unwrap_or_default();
    ground
        .db
        .write(|mut tx| async move {
            lists::undo(&mut tx, id, by).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Projection, ()))
        })
        .await?;
    Ok(undone_by)
}

/// What taking a set back does: records to close, and records to lay again.
struct Undoing {
    closings: Vec<Closing>,
    again: Vec<Operation>,
}

impl Undoing {
    /// The plan, with new keys for the records laid again.
    fn plan(&self, ids: &platform::random::Entropy) -> Plan {
        let again = self.again.iter().cloned();
        let operations: Vec<Operation> = again
            .map(|operation| operation.under(ids::new("rcd", ids)))
            .collect();
        Plan {
            counts: Counts {
                added: operations.len(),
                closed: self.closings.len(),
                ..Counts::default()
            },
            operations,
            closings: self.closings.clone(),
        }
    }
}

async fn undoing(conn: &mut Conn, ground: &Ground, set: &str) -> Result<Undoing, UndoList> {
    let event = change_sets::event_of(conn, set)
        .await?
        .ok_or(UndoList::Closed)?;
    let closings = laid::laid(conn, set).await?;
    let closed = laid::closed_by(conn, &event).await?;
    // The log position of the event: what it closed was still known just before it, what it laid was not.
    let known = audit::find(conn, &event)
        .await?
        .and_then(|event| event.log_index)
        .unwrap_or(i64::MAX - 1);
    let facts = facts::snapshot(conn, Some(known)).await?;
    let people = people::snapshot(conn, Some(known)).await?;
    let addresses = mailboxes::snapshot(conn, Some(known)).await?;
    let was = |record: &str| closed.contains(record);
    let mut again: Vec<Operation> = Vec::new();
    again.extend(
        facts
            .agencies
            .into_iter()
            .filter(|f| was(&f.record))
            .map(Operation::Agency),
    );
    again.extend(
        facts
            .units
            .into_iter()
            .filter(|f| was(&f.record))
            .map(Operation::Unit),
    );
    again.extend(
        facts
            .posts
            .into_iter()
            .filter(|f| was(&f.record))
            .map(Operation::Post),
    );
    for person in people.into_iter().filter(|f| was(&f.record)) {
        again.push(Operation::Attributes(readable(ground, person)?));
    }
    again.extend(
        facts
            .appointments
            .into_iter()
            .filter(|f| was(&f.record))
            .map(Operation::Appointment),
    );
    again.extend(
        facts
            .assignments
            .into_iter()
            .filter(|f| was(&f.record))
            .map(Operation::Assignment),
    );
    again.extend(
        facts
            .seals
            .into_iter()
            .filter(|f| was(&f.record))
            .map(Operation::Seal),
    );
    again.extend(
        addresses
            .into_iter()
            .filter(|f| was(&f.record))
            .map(Operation::Mailbox),
    );
    let found: BTreeSet<&str> = again.iter().filter_map(Operation::record).collect();
    if found.len() == closed.len() {
        Ok(Undoing { closings, again })
    } else {
        Err(UndoList::Soon)
    }
}

/// The personal number in clear, as a plan carries it; laying it again seals it for its new row.
fn readable(ground: &Ground, mut person: PersonAttributes) -> Result<PersonAttributes, UndoList> {
    if let Some(sealed) = &person.personal_number {
        let plain = ground
            .sealer
            .open(
                "person_attribute",
                "personal_number",
                &person.record,
                sealed,
            )
            .map_err(|error| UndoList::Stored(error.to_string()))?;
        person.personal_number = Some(plain.to_vec());
    }
    Ok(person)
}
