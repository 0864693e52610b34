//! Carries out an approved proposal: the act and the mark that it was done are one unit, so asking again changes nothing.
//! Standard: none; docs/SECURITY.md (four eyes).
//! It must never do an act that was not approved, nor do one twice.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::random::Entropy;
use serde_json::json;

use super::erase_person::{self, ErasePersonError};
use super::publish_plan::{self, PublishPlanError};
use super::record_role::{self, RecordRole, RecordRoleError};
use crate::domain::proposal::Act;
use crate::domain::words::ProposalState;
use crate::store::proposals;

/// Why it was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CarryOutError {
    /// No such proposal, or nobody approved it.
    #[error("the proposal is not approved")]
    NotApproved,
    /// The role cannot be given or ended any more.
    #[error(transparent)]
    Role(#[from] RecordRoleError),
    /// The person cannot be erased any more.
    #[error(transparent)]
    Erase(#[from] ErasePersonError),
    /// The plan cannot be published as it was approved.
    #[error(transparent)]
    Plan(#[from] PublishPlanError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Does it, or finds it done. Gives the id of what came out of it.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    proposal: &str,
) -> Result<String, CarryOutError> {
    let found = proposals::find(&mut db.read().await?, proposal).await?;
    if let Some(known) = found.filter(|p| p.state == ProposalState::Approved)
        && let Act::PublishPlan { plan, digest } = &known.act
    {
        let mut prepared = publish_plan::prepare(db, entropy, now, plan).await?;
        prepared.approve(proposal, digest)?;
        while publish_plan::stage_chunk(db, &mut prepared).await? {}
        let set = prepared.change_set().to_owned();
        publish_plan::publish(db, entropy, now, actor, prepared).await?;
        return Ok(set);
    }
    let done = db.write(|mut tx| async move {
        let known = proposals::find(&mut tx, proposal)
            .await?
            .filter(|p| p.state == ProposalState::Approved)
            .ok_or(CarryOutError::NotApproved)?;
        let (fact, outcome) = match &known.act {
            Act::GrantRole {
                person,
                role,
                agency,
                from,
                to,
            } => {
                let command = RecordRole {
                    person: person.clone(),
                    role: role.clone(),
                    agency: agency.clone(),
                    basis: known.basis.clone(),
                    from: *from,
                    to: *to,
                };
                record_role::give(&mut tx, entropy, now, actor, &command).await?
            }
            Act::EndRole { grant, to } => {
                record_role::withdraw(&mut tx, entropy, now, actor, grant, *to).await?
            }
            Act::ErasePerson { person } => (
                erase_person::erase(&mut tx, entropy, now, actor, person, &known.basis).await?,
                person.clone(),
            ),
            // Published above, in units of its own.
            Act::PublishPlan { .. } => return Err(CarryOutError::NotApproved),
        };
        if !proposals::carry_out(&mut tx, proposal, &outcome).await? {
            return Err(CarryOutError::NotApproved);
        }
        let event = Event::new("register.proposal.carried_out", now, actor.clone(), entropy)
            .about("proposal", proposal)
            .detail(json!({"act": known.act.code(), "outcome": outcome}));
        Ok(tx.commit(fact, outcome).and(event))
    });
    match done.await {
        Err(CarryOutError::NotApproved) => {
            let found = proposals::find(&mut db.read().await?, proposal).await?;
            found
                .and_then(|known| known.outcome)
                .ok_or(CarryOutError::NotApproved)
        }
        other => other,
    }
}
