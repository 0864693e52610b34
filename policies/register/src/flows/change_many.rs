//! Ends the appointments of several people at one instant, or moves them to another post from then on, by one decision, in one unit.
//! Standard: none; the same rules as for one (`end_appointment`, `record_appointment`).
//! It must never do a part of it: who cannot be ended or seated stops all.

use platform::audit::Actor;
use platform::db::{self, Db};
use platform::random::Entropy;

use super::end_appointment::{self, EndAppointment, EndAppointmentError};
use super::record_appointment::{self, RecordAppointment, RecordAppointmentError};
use crate::store::epoch;

/// People changed in one unit.
pub const MOST: usize = 100;

/// Whose appointments, from when, where to, by what.
#[derive(Debug, Clone)]
pub struct ChangeMany {
    /// `apt_…`
    pub appointments: Vec<String>,
    /// First instant at which they no longer hold what they hold.
    pub at: i64,
    /// `pst_…`: the post they hold from then on; `None` when they only leave.
    pub post: Option<String>,
    /// Decision that says so.
    pub basis: String,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeManyError {
    /// Nobody was named.
    #[error("nobody was named")]
    Nobody,
    /// More people than one unit takes.
    #[error("more than {MOST} people at once")]
    TooMany,
    /// This appointment cannot be ended.
    #[error("appointment {0}: {1}")]
    End(String, #[source] EndAppointmentError),
    /// Its holder cannot be seated in the new post.
    #[error("appointment {0}: {1}")]
    Seat(String, #[source] RecordAppointmentError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Records all of it. Gives how many people were changed.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    command: &ChangeMany,
) -> Result<usize, ChangeManyError> {
    if command.appointments.len() > MOST {
        return Err(ChangeManyError::TooMany);
    }
    db.write(|mut tx| async move {
        let mut events = Vec::new();
        for id in &command.appointments {
            let ending = EndAppointment {
                appointment: id.clone(),
                to: command.at,
                basis: command.basis.clone(),
            };
            let ended = end_appointment::end(&mut tx, entropy, now, actor, &ending).await;
            let (event, known) = ended.map_err(|error| match error {
                EndAppointmentError::Db(error) => ChangeManyError::Db(error),
                error => ChangeManyError::End(id.clone(), error),
            })?;
            events.push(event);
            let Some(post) = &command.post else {
                continue;
            };
            let seat = RecordAppointment {
                person: known.person,
                post: post.clone(),
                kind: known.kind,
                basis: command.basis.clone(),
                from: command.at,
                to: known.to,
            };
            let seated = record_appointment::appoint(&mut tx, entropy, now, actor, &seat).await;
            let (event, _) = seated.map_err(|error| match error {
                RecordAppointmentError::Db(error) => ChangeManyError::Db(error),
                error => ChangeManyError::Seat(id.clone(), error),
            })?;
            events.push(event);
        }
        let mut events = events.into_iter();
        let first = events.next().ok_or(ChangeManyError::Nobody)?;
        epoch::raise(&mut tx).await?;
        Ok(tx.commit(first, command.appointments.len()).and_all(events))
    })
    .await
}
