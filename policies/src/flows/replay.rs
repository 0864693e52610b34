//! The time machine: a decision made anew from the records as they were known at a place in the log.
//! Standard: none; the record axis is the log position (docs/ARCHITECTURE).
//! It must never use the epoch in memory, only what the tables held then.

use engine::{Decision, Epoch, Request, RuleError};
use platform::db::{self, Conn};
use thiserror::Error;

use super::recall::{self, Recall};
use crate::domain::{facts, law};
use crate::store::{decisions, mandates};

/// Why a decision could not be made anew.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// No decision is stored under this id.
    #[error("no such decision")]
    Unknown,
    /// No checkpoint covers the use yet; one does within a second.
    #[error("no checkpoint of the log covers the use of this decision yet")]
    NotLoggedYet,
    /// The stored decision is unreadable.
    #[error(transparent)]
    Recall(#[from] Recall),
    /// The rule rows are unreadable.
    #[error(transparent)]
    Rules(#[from] RuleError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// A recorded decision beside the same question answered from the records of that day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// As recorded when the act used it.
    pub recorded: Decision,
    /// Made anew from what was known at that place in the log.
    pub then: Decision,
    /// The size of the log it was made anew from.
    pub known: i64,
    /// Made anew from all that is known now, corrections included, for the same instant.
    pub now: Decision,
    /// Whether the rule rows are the same as then.
    pub same_rules: bool,
}

impl Replayed {
    /// Whether record and replay agree, apart from the number of the epoch.
    pub fn agrees(&self) -> bool {
        same_answer(&self.recorded, &self.then)
    }

    /// Whether what was recorded later changes the answer for that instant.
    pub fn changed_since(&self) -> bool {
        !same_answer(&self.recorded, &self.now)
    }
}

/// Equal in everything a person or a signature relies on. What was recorded later about a later time (another end, another who could)
/// is a difference too, so replay at the same place in the log must be equal in all of it.
fn same_answer(one: &Decision, other: &Decision) -> bool {
    let plain = |decision: &Decision| Decision {
        epoch: 0,
        ..decision.clone()
    };
    plain(one) == plain(other)
}

/// Answers `request` for its own instant from the records as known when the log had `known` leaves; `None` is all that is committed.
pub async fn decide_at(
    conn: &mut Conn,
    request: &Request,
    known: Option<i64>,
) -> Result<Decision, ReplayError> {
    let epoch = epoch_at(conn, known).await?;
    Ok(epoch.answer(request))
}

/// The whole state of authority as known at a size of the log.
pub async fn epoch_at(conn: &mut Conn, known: Option<i64>) -> Result<Epoch, ReplayError> {
    let recorded = register::facts::snapshot(conn, known).await?;
    let mandates = mandates::known(conn, known).await?;
    let pauses = mandates::known_pauses(conn, known).await?;
    let facts = facts::map(&recorded, &mandates, &pauses);
    Ok(Epoch::compile(recorded.epoch, &facts, &law::rules()?))
}

/// Replays a stored decision at its own place in the log. What happened between two checkpoints has a place, but its order inside that
/// second is not the order of the commits: so the places at which authority moved in it are tried too, and the first that agrees counts.
pub async fn replay(conn: &mut Conn, decision: &str) -> Result<Replayed, ReplayError> {
    let stored = recall::load(conn, decision)
        .await?
        .ok_or(ReplayError::Unknown)?;
    let own = stored.log_index.ok_or(ReplayError::NotLoggedYet)?;
    let (from, to) = decisions::checkpoints_around(conn, own)
        .await?
        .ok_or(ReplayError::NotLoggedYet)?;
    let request = &stored.decided.request;
    let recorded = stored.decided.decision;
    let mut known = own;
    let mut then = epoch_at(conn, Some(own)).await?.decide(request);
    if !same_answer(&recorded, &then) {
        let moves = decisions::moves(conn, from, to).await?;
        for place in std::iter::once(from).chain(moves.into_iter().map(|index| index + 1)) {
            let other = epoch_at(conn, Some(place)).await?.decide(request);
            if same_answer(&recorded, &other) {
                (known, then) = (place, other);
                break;
            }
        }
    }
    Ok(Replayed {
        now: epoch_at(conn, None).await?.decide(request),
        same_rules: stored.rules == law::digest(),
        recorded,
        then,
        known,
    })
}
