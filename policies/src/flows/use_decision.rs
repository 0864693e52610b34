//! An act uses a decision: in the act's own unit the state of authority is looked at again and the decision is stored.
//! Standard: none; the instant of a signature is the commit of its intent (docs/ARCHITECTURE, "Authority").
//! It must never let an act through on a decision made under another state of authority, or on a refusal.

use platform::audit::{Actor, Event};
use platform::db::{self, Tx};
use platform::random::Entropy;
use serde_json::json;
use thiserror::Error;

use crate::authority::Decided;
use crate::domain::law;
use crate::store::decisions::{self, NewUse};

/// Why the act must not go on.
#[derive(Debug, Error)]
pub enum UseDecision {
    /// Authority changed since the decision: decide again.
    #[error("authority changed since the decision was made")]
    Stale,
    /// The decision is a refusal.
    #[error("the decision does not allow the act")]
    NotAllowed,
    /// The decision cannot be written down.
    #[error("the decision cannot be stored: {0}")]
    Text(#[from] serde_json::Error),
    /// The database did not take it.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Stores the decision for `act` in the caller's unit and gives the event to commit with it. On PostgreSQL the row of the epoch is
/// locked `FOR SHARE`, so nothing about authority can change before the unit is committed.
pub async fn in_unit(
    tx: &mut Tx,
    decided: &Decided,
    act: &str,
    now: i64,
    entropy: &Entropy,
) -> Result<Event, UseDecision> {
    if !decided.allowed {
        return Err(UseDecision::NotAllowed);
    }
    let current = register::epoch::held(tx).await?;
    let ended = decided.valid_until.is_some_and(|until| now >= until);
    if current != decided.epoch || ended {
        return Err(UseDecision::Stale);
    }
    let request = &decided.request;
    let event = Event::new(
        "authority.decision_used",
        now,
        Actor::Person {
            person: request.person.clone(),
            post: Some(request.post.clone()),
        },
        entropy,
    )
    .about("paper", request.resource.id.as_str())
    .detail(json!({
        "act": act,
        "action": request.action,
        "basis": decided.basis(),
        "capacity": decided.capacity,
        "decision": decided.id,
        "epoch": decided.epoch,
        "rules": law::digest(),
    }));
    let texts = (
        serde_json::to_string(request)?,
        serde_json::to_string(&decided.decision)?,
    );
    decisions::insert(
        tx,
        &NewUse {
            id: &decided.id,
            act,
            request,
            texts: (&texts.0, &texts.1),
            epoch: decided.epoch,
            rules: law::digest(),
            used_at: now,
            recorded_by: event.id(),
        },
    )
    .await?;
    Ok(event)
}
