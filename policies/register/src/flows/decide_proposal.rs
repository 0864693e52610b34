//! A second person approves or rejects a proposed act; the proposer may take it back while it is not carried out.
//! Standard: none; docs/SECURITY.md (four eyes).
//! It must never let proposer or subject be the second pair of eyes, in whatever post, nor somebody approve what he could not do himself.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::random::Entropy;
use serde_json::json;

use super::propose_act::{ProposeActError, entitled};
use crate::domain::proposal::{Misfit, Verdict};
use crate::domain::text::tidy;
use crate::domain::words::{Kind, ProposalState, Verb};
use crate::rights;
use crate::store::proposals;

/// Why it was not decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideProposalError {
    /// No such proposal for this person.
    #[error("no such proposal")]
    Unknown,
    /// The verdict does not fit the state.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The person may not approve there, or could not do the act himself.
    #[error("this person may not decide that")]
    NotEntitled,
    /// A rejection says why.
    #[error("the reason is missing")]
    Reason,
    /// Somebody decided at the same moment.
    #[error("the proposal was decided at the same moment; read it again")]
    Changed,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Records the verdict. Gives the new state.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    proposal: &str,
    verdict: Verdict,
    reason: &str,
) -> Result<ProposalState, DecideProposalError> {
    let Actor::Person { person, .. } = actor else {
        return Err(DecideProposalError::NotEntitled);
    };
    let reason = &tidy(reason);
    db.write(|mut tx| async move {
        let known = proposals::find(&mut tx, proposal).await?.ok_or(DecideProposalError::Unknown)?;
        let to = known.after(verdict, person, now)?;
        if verdict != Verdict::Withdraw {
            let approves = rights::may(&mut tx, person, (Verb::Approve, Kind::Proposal), known.agency.as_deref(), now).await?;
            let able = match entitled(&mut tx, person, &known.act, now).await {
                Ok(concern) => concern.is_some(),
                Err(ProposeActError::Db(error)) => return Err(error.into()),
                Err(_gone) => false,
            };
            if !approves || !able {
                return Err(DecideProposalError::NotEntitled);
            }
        }
        if verdict == Verdict::Reject && reason.is_empty() {
            return Err(DecideProposalError::Reason);
        }
        let kind = match to {
            ProposalState::Approved => "register.proposal.approved",
            ProposalState::Rejected => "register.proposal.rejected",
            _ => "register.proposal.withdrawn",
        };
        let event = Event::new(kind, now, actor.clone(), entropy)
            .about("proposal", &known.id)
            .detail(json!({"act": known.act.code(), "proposed_by": known.proposed_by, "reason": reason}));
        if !proposals::decide(&mut tx, &known, to, person, now, reason).await? {
            return Err(DecideProposalError::Changed);
        }
        Ok(tx.commit(event, to))
    })
    .await
}
