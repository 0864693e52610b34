//! What is past its time is cleared away.
//! Standard: none (row lifetimes of our own)
//! It must never remove what a check still asks for: a used code is kept a day, so that its reuse is noticed.

use crate::Idp;
use crate::domain::throttle;
use crate::store::{attempt, ceremony, grant};
use platform::audit::Housekeeping;
use platform::db;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Removes codes older than a day, ceremonies that are over and counters that have been quiet; gives how many rows went.
pub async fn run(idp: &Idp) -> Result<u64, db::Error> {
    let now = idp.ground().now();
    idp.ground()
        .db
        .write(|mut tx| async move {
            let mut rows = grant::remove_old_codes(&mut tx, now - DAY).await?;
            rows += ceremony::remove_old(&mut tx, now).await?;
            rows += attempt::remove_old(&mut tx, now - 2 * throttle::WINDOW).await?;
            Ok(tx.housekeeping(Housekeeping::ExpiredRows, rows))
        })
        .await
}
