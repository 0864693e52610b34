//! Two officers' codes open an hour of administration, for when nobody else can administer.
//! Standard: none; docs/SECURITY.md (emergency)
//! It must never open quietly, with one officer's code, twice with the same codes, or to anything but administration.

use crate::Idp;
use crate::domain::account::AccountState;
use crate::domain::one_time_code::OneTimeCode;
use crate::domain::secret;
use crate::domain::session::{Assurance, EMERGENCY_LIFE, Session};
use crate::store::account::{self, Account};
use crate::store::emergency::{self, EmergencyCode};
use crate::store::session;
use platform::audit::{Actor, Event, Housekeeping};
use platform::{db, ids};
use register::domain::administration;
use register::flows::record_role::{self, RecordRole, RecordRoleError};
use register::rights;
use serde_json::json;

/// Letters of a reason.
const LONGEST: usize = 500;

/// Why nothing was opened.
#[derive(Debug, thiserror::Error)]
pub enum EmergencyError {
    /// No two codes can be used: the page is not there.
    #[error("there are no codes for an emergency")]
    None,
    /// One of the codes is not good, or both are of one officer.
    #[error("the codes are not good")]
    Codes,
    /// The first officer holds a role of administration by now, which would count in the session too.
    #[error("the first officer holds a role of administration")]
    Administers,
    /// Nothing says why.
    #[error("the reason is missing or too long")]
    Reason,
    /// The role was not recorded.
    #[error(transparent)]
    Role(#[from] RecordRoleError),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Whether the page exists: two codes can still be used.
pub async fn is_there(idp: &Idp) -> Result<bool, db::Error> {
    let (open, _) = emergency::count_open(&mut idp.ground().db.read().await?).await?;
    Ok(open >= 2)
}

/// Opens it for the officer of the first code; the other's stands beside it. Gives the session's handle.
pub async fn run(
    idp: &Idp,
    (first, second): (&str, &str),
    reason: &str,
    device: &str,
) -> Result<String, EmergencyError> {
    let ground = idp.ground();
    let now = ground.now();
    if !is_there(idp).await? {
        return Err(EmergencyError::None);
    }
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST {
        return Err(EmergencyError::Reason);
    }
    let ((one, officer), (other, witness)) =
        match (good(idp, first).await?, good(idp, second).await?) {
            (Some(one), Some(other)) => (one, other),
            _ => return Err(EmergencyError::Codes),
        };
    if officer.person == witness.person || one.printing != other.printing {
        return Err(EmergencyError::Codes);
    }
    let held = rights::held_by(&mut ground.db.read().await?, &officer.person, now).await?;
    if !held.is_empty() {
        return Err(EmergencyError::Administers);
    }
    let session = Session {
        id: ids::new("ses", &ground.entropy),
        account: officer.id.clone(),
        person: officer.person.clone(),
        assurance: Assurance::Emergency,
        auth_time: now,
    };
    let handle = secret::fresh("", &ground.entropy);
    let ends = now.saturating_add(EMERGENCY_LIFE);
    let role = RecordRole {
        person: officer.person.clone(),
        role: administration::EMERGENCY.to_owned(),
        agency: None,
        basis: reason.to_owned(),
        from: now,
        to: Some(ends),
    };
    let actor = Actor::Person {
        person: officer.person.clone(),
        post: None,
    };
    let told = Event::public(
        "emergency.opened",
        now,
        Actor::System("emergency"),
        &ground.entropy,
    )
    .about("emergency", &one.printing)
    .detail(json!({ "ends_at": ends }));
    let opened = Event::new("session.opened", now, actor.clone(), &ground.entropy)
        .about("session", &session.id)
        .detail(json!({
            "account": officer.id, "acr": session.assurance.acr(), "reason": reason, "witness": witness.person,
        }));
    let (pair, digest) = ((&one.selector, &other.selector), secret::digest(&handle));
    let (session, role, actor) = (&session, &role, &actor);
    let (told, opened, digest) = (&told, &opened, &digest);
    ground
        .db
        .write(|mut tx| async move {
            if !emergency::close_pair(&mut tx, pair.0, pair.1, now).await? {
                return Err(EmergencyError::Codes);
            }
            emergency::close_all(&mut tx, now).await?;
            let (given, _role) =
                record_role::give(&mut tx, &ground.entropy, now, actor, role).await?;
            session::insert(&mut tx, session, digest, device).await?;
            Ok(tx.commit(told.clone(), ()).and(opened.clone()).and(given))
        })
        .await?;
    tracing::warn!("an emergency session was opened with two officers' codes");
    Ok(handle)
}

/// The code and its officer when it is good; a wrong secret part costs a try.
async fn good(idp: &Idp, typed: &str) -> Result<Option<(EmergencyCode, Account)>, db::Error> {
    let ground = idp.ground();
    let Some(code) = OneTimeCode::parse(typed) else {
        return Ok(None);
    };
    let mut conn = ground.db.read().await?;
    let Some(known) = emergency::open(&mut conn, &code.selector).await? else {
        return Ok(None);
    };
    if code.matches(&known.digest) {
        let account = account::by_id(&mut conn, &known.account).await?;
        return Ok(account
            .filter(|a| a.state() == AccountState::Active)
            .map(|account| (known, account)));
    }
    drop(conn);
    let selector = known.selector.as_str();
    ground
        .db
        .write(|mut tx| async move {
            emergency::take_try(&mut tx, selector).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::AttemptCounted, ()))
        })
        .await?;
    Ok(None)
}
