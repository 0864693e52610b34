//! Ends an assignment at an instant: the open record is closed and written anew with its end.
//! Standard: Decree 30/2020/NĐ-CP Art. 13.1 (the head takes the field back) and Art. 32.2 (hand-over of the seal).
//! It must never touch the record that says how it was known before.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::facts::AssignmentFact;
use crate::store::{assignments, epoch};

/// What to end.
#[derive(Debug, Clone)]
pub struct EndAssignment {
    /// `asg_…`
    pub assignment: String,
    /// First instant after the end.
    pub to: i64,
    /// Decision that says so.
    pub basis: String,
}

/// Why it was not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndAssignmentError {
    /// No such assignment.
    #[error("no such assignment")]
    Unknown,
    /// It had ended at or before that instant already, or begins later.
    #[error("the assignment has ended already or begins later")]
    OutsideTime,
    /// Somebody recorded something about it at the same moment.
    #[error("the assignment was changed at the same moment; read it again")]
    Changed,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Records the end. Gives the new epoch.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &EndAssignment,
) -> Result<i64, EndAssignmentError> {
    db.write(|mut tx| async move {
        let known = assignments::find(&mut tx, &command.assignment, None)
            .await?
            .ok_or(EndAssignmentError::Unknown)?;
        if command.to <= known.from || known.to.is_some_and(|to| to <= command.to) {
            return Err(EndAssignmentError::OutsideTime);
        }
        let event = Event::new("register.assignment.ended", now, actor.clone(), entropy)
            .about("assignment", &command.assignment)
            .detail(json!({"basis": command.basis, "post": known.post, "to": command.to}));
        if !assignments::close(&mut tx, &known.record, event.id()).await? {
            return Err(EndAssignmentError::Changed);
        }
        let ended = AssignmentFact {
            record: ids::new("rcd", entropy),
            to: Some(command.to),
            ..known
        };
        assignments::insert(&mut tx, &ended, event.id()).await?;
        let raised = epoch::raise(&mut tx).await?;
        Ok(tx.commit(event, raised))
    })
    .await
}
