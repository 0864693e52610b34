//! Proposes a dangerous act, which waits for a second person. While one administrator is alone, only inviting a second works, at once;
//! in an emergency, which two officers opened, giving and withdrawing the administration of the province does.
//! Standard: none; docs/SECURITY.md (four eyes), the closed list of acts in data/administration.toml.
//! It must never let somebody propose what he could not do himself, nor raise his own rights.

use platform::audit::{Actor, Event};
use platform::clock::DAY;
use platform::db::{self, Conn, Db};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::administration::{PROVINCE, Table};
use crate::domain::proposal::{Act, Proposal};
use crate::domain::text::tidy;
use crate::domain::time::Interval;
use crate::domain::words::{Kind, PlanState, ProposalState, Verb};
use crate::rights;
use crate::store::{appointments, people, proposals, reorganisations, roles};

/// Why it was not proposed.
#[derive(Debug, thiserror::Error)]
pub enum ProposeActError {
    /// The person may not do this there, or not for so long.
    #[error("this person may not propose that")]
    NotEntitled,
    /// Nobody gives himself a role.
    #[error("nobody gives himself a role")]
    OwnRole,
    /// One administrator is alone: a second one has to be invited first.
    #[error("only one person administers the province; the first act is to invite a second")]
    OnlyOneAdministrator,
    /// No such person, grant or act.
    #[error("no such {0}")]
    Unknown(&'static str),
    /// The decision behind it is not named.
    #[error("the basis is missing")]
    Basis,
    /// The end does not lie after the beginning.
    #[error("the end must lie after the beginning")]
    EmptyInterval,
    /// The last administrator of the province cannot go.
    #[error("the last administrator of the province cannot go")]
    LastAdministrator,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// What an act is about: the agency concerned (`None`: the province) and the person or plan.
pub(crate) struct Concern {
    pub(crate) agency: Option<String>,
    pub(crate) subject: String,
}

/// Whether a person may do the act himself; gives what it is about.
pub(crate) async fn entitled(
    conn: &mut Conn,
    person: &str,
    act: &Act,
    now: i64,
) -> Result<Option<Concern>, ProposeActError> {
    match act {
        Act::GrantRole {
            person: subject,
            role,
            agency,
            from,
            to,
        } => {
            let role = Table::ours()
                .role(role)
                .filter(|role| !role.codes_only)
                .ok_or(ProposeActError::Unknown("role"))?;
            let days = Interval {
                from: *from,
                to: *to,
            };
            let may = rights::may_grant(conn, person, role, agency.as_deref(), days, now).await?;
            Ok(may.then(|| Concern {
                agency: agency.clone(),
                subject: subject.clone(),
            }))
        }
        Act::EndRole { grant, .. } => {
            let known = roles::find(conn, grant)
                .await?
                .ok_or(ProposeActError::Unknown("grant"))?;
            let role = Table::ours()
                .role(&known.role)
                .ok_or(ProposeActError::Unknown("role"))?;
            let days = Interval {
                from: now,
                to: Some(now),
            };
            let may =
                rights::may_grant(conn, person, role, known.agency.as_deref(), days, now).await?;
            Ok(may.then_some(Concern {
                agency: known.agency,
                subject: known.person,
            }))
        }
        Act::ErasePerson { person: subject } => {
            let agencies = appointments::agencies_of(conn, subject).await?;
            let need = (Verb::Erase, Kind::Person);
            let agency = match agencies.as_slice() {
                [one] => Some(one.clone()),
                _ => None,
            };
            let may = rights::may(conn, person, need, agency.as_deref(), now).await?;
            Ok(may.then(|| Concern {
                agency,
                subject: subject.clone(),
            }))
        }
        Act::PublishPlan { plan, .. } => {
            let may = rights::may(conn, person, (Verb::Record, Kind::Plan), None, now).await?;
            Ok(may.then(|| Concern {
                agency: None,
                subject: plan.clone(),
            }))
        }
    }
}

/// Proposes it. Gives the proposal; one that needed no second person is approved already and waits to be carried out.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    act: &Act,
    basis: &str,
) -> Result<Proposal, ProposeActError> {
    let Actor::Person { person, .. } = actor else {
        return Err(ProposeActError::NotEntitled);
    };
    let row = Table::ours()
        .dangerous(act.code())
        .ok_or(ProposeActError::Unknown("act"))?;
    let basis = tidy(basis);
    if basis.is_empty() {
        return Err(ProposeActError::Basis);
    }
    let basis = &basis;
    db.write(|mut tx| async move {
        let concern = entitled(&mut tx, person, act, now).await?.ok_or(ProposeActError::NotEntitled)?;
        let there = if matches!(act, Act::PublishPlan { .. }) {
            reorganisations::find(&mut tx, &concern.subject).await?.is_some_and(|plan| plan.state == PlanState::Draft)
        } else {
            people::find(&mut tx, &concern.subject).await?.is_some_and(|subject| !subject.erased)
        };
        if !there {
            return Err(ProposeActError::Unknown(if matches!(act, Act::PublishPlan { .. }) { "plan" } else { "person" }));
        }
        let given = match act {
            Act::GrantRole { role, from, to, .. } => {
                if concern.subject == *person {
                    return Err(ProposeActError::OwnRole);
                }
                if to.is_some_and(|to| to <= *from) {
                    return Err(ProposeActError::EmptyInterval);
                }
                Some(role.clone())
            }
            Act::EndRole { grant, to } => {
                let known = roles::find(&mut tx, grant).await?.ok_or(ProposeActError::Unknown("grant"))?;
                if *to <= known.from || known.to.is_some_and(|ended| ended <= *to) {
                    return Err(ProposeActError::EmptyInterval);
                }
                if known.role == PROVINCE && roles::lasting_others(&mut tx, PROVINCE, &known.person, *to).await? == 0 {
                    return Err(ProposeActError::LastAdministrator);
                }
                Some(known.role)
            }
            Act::ErasePerson { .. } | Act::PublishPlan { .. } => None,
        };
        let alone = roles::holders(&mut tx, PROVINCE, now).await?.len() < 2;
        let invites = matches!(act, Act::GrantRole { role, to: None, from, .. } if role == PROVINCE && *from <= now);
        let emergency = match &given {
            Some(role) => rights::gives(&mut tx, person, role, now).await?,
            None => false,
        };
        if alone && !invites && !emergency {
            return Err(ProposeActError::OnlyOneAdministrator);
        }
        // Why nobody else is asked.
        let at_once = if emergency { Some("emergency") } else { alone.then_some("only administrator") };
        let proposal = Proposal {
            id: ids::new("prp", entropy),
            act: act.clone(),
            state: if at_once.is_some() { ProposalState::Approved } else { ProposalState::Proposed },
            agency: concern.agency,
            subject: concern.subject,
            basis: basis.clone(),
            proposed_by: person.clone(),
            proposed_at: now,
            expires_at: now.saturating_add(row.days.saturating_mul(DAY)),
            decided_by: None,
            decided_at: at_once.map(|_| now),
            reason: at_once.map(str::to_owned),
            outcome: None,
        };
        let event = Event::new("register.proposal.made", now, actor.clone(), entropy)
            .about("proposal", &proposal.id)
            .detail(json!({"act": proposal.act, "alone": alone, "at_once": at_once, "agency": proposal.agency, "basis": proposal.basis, "subject": proposal.subject}));
        proposals::insert(&mut tx, &proposal).await?;
        Ok(tx.commit(event, proposal))
    })
    .await
}
