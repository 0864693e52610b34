//! Ends an appointment at an instant: the open record is closed and written anew with its end, the epoch is raised, in one unit.
//! Standard: none; docs/ARCHITECTURE.md (recording an end is one commit; a future end needs none at its instant).
//! It must never shorten what already ended earlier, nor touch the record that says how it was known before.

use platform::audit::{Actor, Event};
use platform::db::{self, Db, Tx};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::facts::AppointmentFact;
use crate::store::{appointments, epoch};

/// What to end.
#[derive(Debug, Clone)]
pub struct EndAppointment {
    /// `apt_…`
    pub appointment: String,
    /// First instant after the end.
    pub to: i64,
    /// Decision that says so.
    pub basis: String,
}

/// Why it was not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndAppointmentError {
    /// No such appointment.
    #[error("no such appointment")]
    Unknown,
    /// It had ended at or before that instant already.
    #[error("the appointment has ended already")]
    EndedAlready,
    /// The end does not lie after its beginning.
    #[error("the end must lie after the beginning")]
    NotAfterBeginning,
    /// Somebody recorded something about it at the same moment.
    #[error("the appointment was changed at the same moment; read it again")]
    Changed,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Records the end. Gives the new epoch.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &EndAppointment,
) -> Result<i64, EndAppointmentError> {
    db.write(|mut tx| async move {
        let (event, _) = end(&mut tx, entropy, now, actor, command).await?;
        let raised = epoch::raise(&mut tx).await?;
        Ok(tx.commit(event, raised))
    })
    .await
}

/// The end inside a unit. Gives its event and the appointment as it was.
pub(crate) async fn end(
    tx: &mut Tx,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &EndAppointment,
) -> Result<(Event, AppointmentFact), EndAppointmentError> {
    let known = appointments::find(tx, &command.appointment, None)
        .await?
        .ok_or(EndAppointmentError::Unknown)?;
    if command.to <= known.from {
        return Err(EndAppointmentError::NotAfterBeginning);
    }
    if known.to.is_some_and(|to| to <= command.to) {
        return Err(EndAppointmentError::EndedAlready);
    }
    let event = Event::new("register.appointment.ended", now, actor.clone(), entropy)
            .about("appointment", &command.appointment)
            .detail(json!({"basis": command.basis, "person": known.person, "post": known.post, "to": command.to}));
    if !appointments::close(tx, &known.record, event.id()).await? {
        return Err(EndAppointmentError::Changed);
    }
    let ended = AppointmentFact {
        record: ids::new("rcd", entropy),
        to: Some(command.to),
        ..known.clone()
    };
    appointments::insert(tx, &ended, event.id()).await?;
    Ok((event, known))
}
