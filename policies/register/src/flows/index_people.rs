//! Makes the phrases of people recorded before there were any, in short units that a crash leaves resumable.
//! Standard: none; the phrases are a derived copy of what names people.
//! It must never run longer than a short unit at a time, nor begin again when it is complete.

use platform::audit::Housekeeping;
use platform::db::{Db, Error};

use crate::store::people;

/// Records of one unit.
const CHUNK: i64 = 200;

/// Goes on where an earlier run stopped. Gives how many records it made phrases for.
pub async fn run(db: &Db) -> Result<u64, Error> {
    let mut made = 0;
    loop {
        let step = db
            .write(|mut tx| async move {
                let Some(reached) = people::phrases_reached(&mut tx).await? else {
                    return Ok::<_, Error>(tx.housekeeping(Housekeeping::Projection, None));
                };
                let rows = people::records_after(&mut tx, &reached, CHUNK).await?;
                for (record, person, full_name, staff_no) in &rows {
                    people::insert_phrases(&mut tx, record, person, full_name, staff_no).await?;
                }
                let last = rows.last().map(|(record, ..)| record.clone());
                people::phrases_reach(&mut tx, last.as_deref()).await?;
                let count = u64::try_from(rows.len()).unwrap_or(0);
                Ok(tx.housekeeping(Housekeeping::Projection, Some(count)))
            })
            .await?;
        match step {
            None | Some(0) => return Ok(made),
            Some(count) => made += count,
        }
    }
}
