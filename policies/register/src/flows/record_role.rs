//! Gives a person a role of administration over the province or one agency, or ends one.
//! Standard: none; docs/SECURITY.md (administration); roles see and record, they never sign.
//! It must never give the province's role through a role of one agency: who may call this is the caller's check.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::time::AsOf;
use crate::domain::words::Role;
use crate::store::roles::{self, AdminRole};
use crate::store::{agencies, epoch, people};

/// The role to give.
#[derive(Debug, Clone)]
pub struct RecordRole {
    /// `psn_…`
    pub person: String,
    /// Which role.
    pub role: Role,
    /// The agency, for the role of one agency.
    pub agency: Option<String>,
    /// Decision that says so.
    pub basis: String,
    /// First instant.
    pub from: i64,
    /// First instant after it.
    pub to: Option<i64>,
}

/// Why it was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordRoleError {
    /// No such person.
    #[error("no such person")]
    UnknownPerson,
    /// No such agency, or none where one is needed, or one where none belongs.
    #[error("the agency does not fit the role")]
    Agency,
    /// No such role, or it had ended before.
    #[error("no such role in force")]
    UnknownRole,
    /// The end does not lie after the beginning.
    #[error("the end must lie after the beginning")]
    EmptyInterval,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Records the role. Gives its id.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &RecordRole,
) -> Result<String, RecordRoleError> {
    db.write(|mut tx| async move {
        if command.to.is_some_and(|to| to <= command.from) {
            return Err(RecordRoleError::EmptyInterval);
        }
        people::find(&mut tx, &command.person).await?.ok_or(RecordRoleError::UnknownPerson)?;
        let known = match &command.agency {
            Some(agency) => agencies::find(&mut tx, agency, AsOf::now(command.from)).await?.is_some(),
            None => false,
        };
        if known != (command.role == Role::Agency) || command.agency.is_some() != known {
            return Err(RecordRoleError::Agency);
        }
        let role = AdminRole {
            record: ids::new("rcd", entropy),
            id: ids::new("rol", entropy),
            person: command.person.clone(),
            role: command.role,
            agency: command.agency.clone(),
            basis: command.basis.clone(),
            from: command.from,
            to: command.to,
        };
        let event = Event::new("register.role.recorded", now, actor.clone(), entropy).about("admin_role", &role.id).detail(json!({
            "agency": role.agency, "basis": role.basis, "from": role.from, "person": role.person, "role": role.role, "to": role.to,
        }));
        roles::insert(&mut tx, &role, event.id()).await?;
        epoch::raise(&mut tx).await?;
        Ok(tx.commit(event, role.id))
    })
    .await
}

/// Ends a role at an instant. Gives the new epoch.
pub async fn end(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    role: &str,
    to: i64,
) -> Result<i64, RecordRoleError> {
    db.write(|mut tx| async move {
        let known = roles::find(&mut tx, role)
            .await?
            .ok_or(RecordRoleError::UnknownRole)?;
        if to <= known.from || known.to.is_some_and(|ended| ended <= to) {
            return Err(RecordRoleError::EmptyInterval);
        }
        let event = Event::new("register.role.ended", now, actor.clone(), entropy)
            .about("admin_role", role)
            .detail(json!({"person": known.person, "to": to}));
        if !roles::close(&mut tx, &known.record, event.id()).await? {
            return Err(RecordRoleError::UnknownRole);
        }
        let ended = AdminRole {
            record: ids::new("rcd", entropy),
            to: Some(to),
            ..known
        };
        roles::insert(&mut tx, &ended, event.id()).await?;
        let raised = epoch::raise(&mut tx).await?;
        Ok(tx.commit(event, raised))
    })
    .await
}
