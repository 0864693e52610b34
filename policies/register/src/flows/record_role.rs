//! Gives a person a role of administration over the province or one agency, or ends one.
//! Standard: none; docs/SECURITY.md (administration); roles see and record, they never sign.
//! It must never take the last administrator of the province away. Who may do this was asked before: an approved proposal, or the set-up.

use platform::audit::{Actor, Event};
use platform::db::{self, Db, Tx};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::administration::{PROVINCE, Table};
use crate::domain::time::AsOf;
use crate::domain::words::Reach;
use crate::store::roles::{self, AdminRole};
use crate::store::{agencies, epoch, people};

/// The role to give.
#[derive(Debug, Clone)]
pub struct RecordRole {
    /// `psn_…`
    pub person: String,
    /// Code of the role.
    pub role: String,
    /// The agency, for a role that reaches one.
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
    /// The table has no such role to give.
    #[error("there is no role {0} to give")]
    NoSuchRole(String),
    /// The end does not lie after the beginning.
    #[error("the end must lie after the beginning")]
    EmptyInterval,
    /// Nobody else would administer the province without an end in sight.
    #[error("the last administrator of the province cannot go")]
    LastAdministrator,
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
        let (event, id) = give(&mut tx, entropy, now, actor, command).await?;
        Ok(tx.commit(event, id))
    })
    .await
}

/// Records the role inside a unit. Gives the event and the role's id.
pub async fn give(
    tx: &mut Tx,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &RecordRole,
) -> Result<(Event, String), RecordRoleError> {
    if command.to.is_some_and(|to| to <= command.from) {
        return Err(RecordRoleError::EmptyInterval);
    }
    let known = Table::ours()
        .role(&command.role)
        .filter(|role| role.reach != Reach::Post)
        .ok_or_else(|| RecordRoleError::NoSuchRole(command.role.clone()))?;
    let person = people::find(tx, &command.person).await?;
    if person.is_none_or(|person| person.erased) {
        return Err(RecordRoleError::UnknownPerson);
    }
    let there = match &command.agency {
        Some(agency) => agencies::find(tx, agency, AsOf::now(command.from))
            .await?
            .is_some(),
        None => false,
    };
    if there != (known.reach == Reach::Agency) || command.agency.is_some() != there {
        return Err(RecordRoleError::Agency);
    }
    let role = AdminRole {
        record: ids::new("rcd", entropy),
        id: ids::new("rol", entropy),
        person: command.person.clone(),
        role: command.role.clone(),
        agency: command.agency.clone(),
        basis: command.basis.clone(),
        from: command.from,
        to: command.to,
    };
    let event = Event::new("register.role.recorded", now, actor.clone(), entropy)
        .about("admin_role", &role.id)
        .detail(json!({
            "agency": role.agency, "basis": role.basis, "from": role.from, "person": role.person, "role": role.role, "to": role.to,
        }));
    epoch::raise(tx).await?;
    roles::insert(tx, &role, event.id()).await?;
    Ok((event, role.id))
}

/// Ends a role at an instant. Gives its id.
pub async fn end(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    role: &str,
    to: i64,
) -> Result<String, RecordRoleError> {
    db.write(|mut tx| async move {
        let (event, id) = withdraw(&mut tx, entropy, now, actor, role, to).await?;
        Ok(tx.commit(event, id))
    })
    .await
}

/// Ends a role inside a unit. The epoch is raised first: two ends at once run one after the other and see each other.
pub(crate) async fn withdraw(
    tx: &mut Tx,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    role: &str,
    to: i64,
) -> Result<(Event, String), RecordRoleError> {
    epoch::raise(tx).await?;
    let known = roles::find(tx, role)
        .await?
        .ok_or(RecordRoleError::UnknownRole)?;
    if to <= known.from || known.to.is_some_and(|ended| ended <= to) {
        return Err(RecordRoleError::EmptyInterval);
    }
    if known.role == PROVINCE && roles::lasting_others(tx, PROVINCE, &known.person, to).await? == 0
    {
        return Err(RecordRoleError::LastAdministrator);
    }
    let event = Event::new("register.role.ended", now, actor.clone(), entropy)
        .about("admin_role", role)
        .detail(json!({"person": known.person, "to": to}));
    if !roles::close(tx, &known.record, event.id()).await? {
        return Err(RecordRoleError::UnknownRole);
    }
    let ended = AdminRole {
        record: ids::new("rcd", entropy),
        to: Some(to),
        ..known
    };
    roles::insert(tx, &ended, event.id()).await?;
    Ok((event, ended.id))
}
