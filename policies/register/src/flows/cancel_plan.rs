//! Gives a plan of reorganisation up before it is published; what was staged for it is removed.
//! Standard: none; docs/operations/reorganisation.md.
//! It must never take back what is published: that is the work of another plan.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::random::Entropy;
use serde_json::json;

use super::staging::{self, StagingError};
use crate::domain::words::{ChangeSetState, PlanState};
use crate::store::{change_sets, reorganisations};

/// Why it was not given up.
#[derive(Debug, thiserror::Error)]
pub enum CancelPlanError {
    /// No such plan.
    #[error("no such plan")]
    Unknown,
    /// It is no draft any more.
    #[error("the plan is published or cancelled")]
    Settled,
    /// What was staged could not be removed.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Gives it up.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    plan: &str,
) -> Result<(), CancelPlanError> {
    let set = db
        .write(|mut tx| async move {
            let head = reorganisations::find(&mut tx, plan)
                .await?
                .ok_or(CancelPlanError::Unknown)?;
            if !reorganisations::finish(&mut tx, plan, PlanState::Cancelled).await? {
                return Err(CancelPlanError::Settled);
            }
            let event = Event::new("register.plan.cancelled", now, actor.clone(), entropy)
                .about("plan", plan)
                .detail(json!({"name": head.name}));
            Ok(tx.commit(event, head.change_set))
        })
        .await?;
    let Some(set) = set else {
        return Ok(());
    };
    let staged = change_sets::find(&mut db.read().await?, &set).await?;
    if staged.is_some_and(|set| set.state == ChangeSetState::Staging) {
        staging::cancel(db, &set).await?;
    }
    Ok(())
}
