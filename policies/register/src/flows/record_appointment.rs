//! Appoints a person to a post: full, acting (quyền), in charge (phụ trách) or concurrent.
//! Standard: Decree 30/2020/NĐ-CP Art. 13.1 and Annex I for what acting and in charge mean when signing.
//! It must never seat two people in full in a post that has one seat.

use platform::audit::{Actor, Event};
use platform::db::{self, Db, Tx};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::facts::AppointmentFact;
use crate::domain::time::{AsOf, Interval};
use crate::domain::words::{AppointmentKind, Standing};
use crate::store::{appointments, epoch, people, posts};

/// Who, where, how, when.
#[derive(Debug, Clone)]
pub struct RecordAppointment {
    /// `psn_…`
    pub person: String,
    /// `pst_…`
    pub post: String,
    /// In which way.
    pub kind: AppointmentKind,
    /// Decision that says so.
    pub basis: String,
    /// First instant.
    pub from: i64,
    /// First instant after it.
    pub to: Option<i64>,
}

/// Why it was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordAppointmentError {
    /// No such person.
    #[error("no such person")]
    UnknownPerson,
    /// No such post on that day.
    #[error("no such post on that day")]
    UnknownPost,
    /// The end does not lie after the beginning.
    #[error("the end must lie after the beginning")]
    EmptyInterval,
    /// The single seat is taken in that time, by this appointment.
    #[error("the post is held in that time by appointment {0}")]
    SeatHeld(String),
    /// The person holds the post in that time already.
    #[error("the person holds this post in that time already")]
    HeldAlready,
    /// Only the head's post can be held acting, only a deputy can be put in charge.
    #[error("a post of this standing cannot be held in this way")]
    WrongKind,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Records it. Gives the id of the appointment.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &RecordAppointment,
) -> Result<String, RecordAppointmentError> {
    db.write(|mut tx| async move {
        let (event, fact) = appoint(&mut tx, entropy, now, actor, command).await?;
        epoch::raise(&mut tx).await?;
        Ok(tx.commit(event, fact.id))
    })
    .await
}

/// The appointment inside a unit. Gives its event and the fact.
pub(crate) async fn appoint(
    tx: &mut Tx,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &RecordAppointment,
) -> Result<(Event, AppointmentFact), RecordAppointmentError> {
    let wanted = Interval {
        from: command.from,
        to: command.to,
    };
    if command.to.is_some_and(|to| to <= command.from) {
        return Err(RecordAppointmentError::EmptyInterval);
    }
    people::find(tx, &command.person)
        .await?
        .ok_or(RecordAppointmentError::UnknownPerson)?;
    let post = posts::find(tx, &command.post, AsOf::now(command.from))
        .await?
        .ok_or(RecordAppointmentError::UnknownPost)?;
    let fits = match command.kind {
        AppointmentKind::Acting => {
            matches!(post.standing, Standing::AgencyHead | Standing::UnitHead)
        }
        AppointmentKind::InCharge => {
            matches!(post.standing, Standing::AgencyDeputy | Standing::UnitDeputy)
        }
        AppointmentKind::Full | AppointmentKind::Concurrent => true,
    };
    if !fits {
        return Err(RecordAppointmentError::WrongKind);
    }
    for other in appointments::of_post(tx, &command.post, None).await? {
        if !other.interval().meets(wanted) {
            continue;
        }
        // A deputy who is put in charge goes on holding the deputy's post in full.
        if other.person == command.person && command.kind != AppointmentKind::InCharge {
            return Err(RecordAppointmentError::HeldAlready);
        }
        if post.standing.single_seat() && other.person != command.person {
            return Err(RecordAppointmentError::SeatHeld(other.id));
        }
    }
    let fact = AppointmentFact {
        record: ids::new("rcd", entropy),
        id: ids::new("apt", entropy),
        person: command.person.clone(),
        post: command.post.clone(),
        kind: command.kind,
        basis: command.basis.clone(),
        from: command.from,
        to: command.to,
    };
    let event = Event::new("register.appointment.recorded", now, actor.clone(), entropy).about("appointment", &fact.id).detail(json!({
            "basis": fact.basis, "from": fact.from, "kind": fact.kind, "person": fact.person, "post": fact.post, "to": fact.to,
        }));
    appointments::insert(tx, &fact, event.id()).await?;
    Ok((event, fact))
}
