//! Notes how far somebody has read his notices.
//! Standard: none; docs/ARCHITECTURE.md (notices)
//! It must never move a mark back, nor beyond what the log holds.

use platform::audit::Housekeeping;
use platform::db::{Db, Error};

use crate::store::notices::{self, Mark};

/// Marks everything up to a place of the log as read, and what stood on top at that instant.
pub async fn run(db: &Db, person: &str, seen: Mark, now: i64) -> Result<(), Error> {
    db.write(|mut tx| async move {
        let size = platform::log::store::size(&mut tx).await?;
        let mark = Mark {
            place: seen.place.min(size.saturating_sub(1)),
            read_at: seen.read_at.min(now),
        };
        notices::mark_as_read(&mut tx, person, mark).await?;
        Ok(tx.housekeeping(Housekeeping::LastSeen, ()))
    })
    .await
}
