//! Before anything runs: the clock must fit what is recorded, and the database must not be older than the newest head seen beside it.

use crate::failure::{Failure, unavailable};
use platform::clock::{Clock, check_start};
use platform::db::Db;
use platform::log::SignedNote;
use std::path::{Path, PathBuf};

/// What a clock that does not fit the records does to a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockCheck {
    /// It refuses it.
    Strict,
    /// It is said and goes on: a demo, or the operator's `--accept-clock`.
    Warn,
}

/// The newest signed head, kept outside the database.
pub fn head_copy(data: &Path) -> PathBuf {
    data.join("log.checkpoint")
}

/// Refuses a start on a clock before (or far after) the last record, and on a database that lacks what a head beside it vouches for.
pub async fn check(
    db: &Db,
    data: &Path,
    clock: &Clock,
    strictness: ClockCheck,
) -> Result<(), Failure> {
    let mut conn = db.read().await.map_err(unavailable("database"))?;
    let last = platform::audit::last_record(&mut conn)
        .await
        .map_err(unavailable("database"))?;
    if let Err(refused) = check_start(clock.now(), last) {
        match strictness {
            ClockCheck::Strict => return Err(Failure::Unavailable(refused.to_string())),
            ClockCheck::Warn => tracing::warn!("{refused}; going on as told"),
        }
    }
    let copy = head_copy(data);
    let seen = match std::fs::read_to_string(&copy) {
        Ok(text) => SignedNote(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unavailable("log.checkpoint")(error)),
    };
    let keys = super::verifier_keys(data)?;
    platform::log::check_not_older(&mut conn, &seen, &keys)
        .await
        .map_err(|broken| {
            Failure::Unavailable(format!(
                "the database is not the one whose head {} holds: {broken}. Bring back the newest database; going on from an older one would deny what was recorded since",
                copy.display()
            ))
        })
}
