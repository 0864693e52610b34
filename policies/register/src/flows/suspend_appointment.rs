//! Suspends an appointment for a time (leave, discipline): it stays recorded and is not in force inside that time.
//! Standard: Law on cadres and civil servants for the grounds, which stand in the reason.
//! It must never end the appointment itself.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::facts::SuspensionFact;
use crate::domain::time::Interval;
use crate::store::{appointments, epoch};

/// What to suspend, and when.
#[derive(Debug, Clone)]
pub struct SuspendAppointment {
    /// `apt_…`
    pub appointment: String,
    /// Why.
    pub reason: String,
    /// First instant.
    pub from: i64,
    /// First instant after it.
    pub to: Option<i64>,
}

/// Why it was not suspended.
#[derive(Debug, thiserror::Error)]
pub enum SuspendAppointmentError {
    /// No such appointment.
    #[error("no such appointment")]
    Unknown,
    /// The time is empty or lies outside the appointment.
    #[error("the suspension must lie inside the appointment")]
    Outside,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Records the suspension. Gives its id.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &SuspendAppointment,
) -> Result<String, SuspendAppointmentError> {
    db.write(|mut tx| async move {
        let known = appointments::find(&mut tx, &command.appointment, None).await?.ok_or(SuspendAppointmentError::Unknown)?;
        let wanted = Interval { from: command.from, to: command.to };
        if command.to.is_some_and(|to| to <= command.from) || !known.interval().meets(wanted) {
            return Err(SuspendAppointmentError::Outside);
        }
        let fact = SuspensionFact {
            record: ids::new("rcd", entropy),
            id: ids::new("sus", entropy),
            appointment: known.id,
            reason: command.reason.clone(),
            from: command.from,
            to: command.to,
        };
        let event = Event::new("register.appointment.suspended", now, actor.clone(), entropy)
            .about("appointment", &fact.appointment)
            .detail(json!({"from": fact.from, "person": known.person, "reason": fact.reason, "to": fact.to}));
        appointments::insert_suspension(&mut tx, &fact, event.id()).await?;
        epoch::raise(&mut tx).await?;
        Ok(tx.commit(event, fact.id))
    })
    .await
}
