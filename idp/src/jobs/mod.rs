//! Clearing away what is past its time.

use crate::Idp;
use crate::domain::throttle;
use crate::store::{attempt, ceremony, grant};
use platform::audit::Housekeeping;
use platform::db;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Removes codes and ceremonies older than a day and counters that have been quiet; gives how many rows went.
pub async fn clear_away(idp: &Idp) -> Result<u64, db::Error> {
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
