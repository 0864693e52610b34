//! Assigns a field of work to a deputy's post (base of KT.), or the custody of an agency's seal to a clerk's post.
//! Standard: Decree 30/2020/NĐ-CP Art. 13.1 (fields) and Art. 32 (the head gives the seal to the văn thư).
//! It must never assign a field outside the deputy's own agency, nor a seal to a post that may not seal.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::facts::AssignmentFact;
use crate::domain::text::tidy;
use crate::domain::time::AsOf;
use crate::domain::words::AssignmentKind;
use crate::store::{agencies, assignments, epoch, posts};

/// The capacity of those who seal.
const SEALS: &str = "DONG_DAU";

/// What is given to whom.
#[derive(Debug, Clone)]
pub struct RecordAssignment {
    /// A field of work, or the custody of a seal.
    pub kind: AssignmentKind,
    /// To which post.
    pub post: String,
    /// Over which agency.
    pub agency: String,
    /// The field, for a field of work.
    pub field: Option<String>,
    /// Decision that says so.
    pub basis: String,
    /// First instant.
    pub from: i64,
    /// First instant after it.
    pub to: Option<i64>,
}

/// Why it was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordAssignmentError {
    /// No such post on that day.
    #[error("no such post on that day")]
    UnknownPost,
    /// No such agency on that day.
    #[error("no such agency on that day")]
    UnknownAgency,
    /// Fields are given to deputies inside the same agency.
    #[error("a field of work is given to a deputy of the same agency (Decree 30/2020, Art. 13.1)")]
    NotADeputyThere,
    /// Seals are kept by văn thư.
    #[error("a seal is kept by a văn thư (Decree 30/2020, Art. 32)")]
    NotAClerk,
    /// A field of work names its field; the custody of a seal names none.
    #[error("the field is missing, or does not belong here")]
    Field,
    /// The end does not lie after the beginning.
    #[error("the end must lie after the beginning")]
    EmptyInterval,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Records it. Gives the id of the assignment.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &RecordAssignment,
) -> Result<String, RecordAssignmentError> {
    db.write(|mut tx| async move {
        if command.to.is_some_and(|to| to <= command.from) {
            return Err(RecordAssignmentError::EmptyInterval);
        }
        let field = command.field.as_deref().map(tidy).filter(|field| !field.is_empty());
        if field.is_some() != (command.kind == AssignmentKind::Field) {
            return Err(RecordAssignmentError::Field);
        }
        let day = AsOf::now(command.from);
        let post = posts::find(&mut tx, &command.post, day).await?.ok_or(RecordAssignmentError::UnknownPost)?;
        agencies::find(&mut tx, &command.agency, day).await?.ok_or(RecordAssignmentError::UnknownAgency)?;
        match command.kind {
            AssignmentKind::Field if post.deputy_of.is_none() || post.agency != command.agency => return Err(RecordAssignmentError::NotADeputyThere),
            AssignmentKind::SealCustody if !post.capacities.iter().any(|c| c == SEALS) => return Err(RecordAssignmentError::NotAClerk),
            AssignmentKind::Field | AssignmentKind::SealCustody => {}
        }
        let fact = AssignmentFact {
            record: ids::new("rcd", entropy),
            id: ids::new("asg", entropy),
            kind: command.kind,
            post: command.post.clone(),
            agency: command.agency.clone(),
            field,
            basis: command.basis.clone(),
            from: command.from,
            to: command.to,
        };
        let event = Event::new("register.assignment.recorded", now, actor.clone(), entropy).about("assignment", &fact.id).detail(json!({
            "agency": fact.agency, "basis": fact.basis, "field": fact.field, "from": fact.from, "kind": fact.kind, "post": fact.post, "to": fact.to,
        }));
        assignments::insert(&mut tx, &fact, event.id()).await?;
        epoch::raise(&mut tx).await?;
        Ok(tx.commit(event, fact.id))
    })
    .await
}
