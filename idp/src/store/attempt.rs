//! Counters of failed sign-ins.

use crate::domain::throttle::{Counter, Tally};
use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub FIND = "SELECT failures, last_at, blocked_until FROM sign_in_attempt WHERE counter = $1";
    pub UPSERT = "INSERT INTO sign_in_attempt (counter, failures, last_at, blocked_until) VALUES ($1, $2, $3, $4)
        ON CONFLICT (counter) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, blocked_until = excluded.blocked_until";
    pub FORGET = "DELETE FROM sign_in_attempt WHERE counter = $1";
    pub OLD = "DELETE FROM sign_in_attempt WHERE last_at < $1 AND blocked_until < $1";
}

/// What is remembered of a counter.
pub async fn tally(conn: &mut Conn, counter: &Counter) -> Result<Tally, Error> {
    let row: Option<(i64, i64, i64)> = conn.optional(&FIND, (&counter.key,)).await?;
    Ok(
        row.map_or(Tally::NONE, |(failures, last, blocked_until)| Tally {
            failures,
            last,
            blocked_until,
        }),
    )
}

/// Counts one failure.
pub async fn fail(tx: &mut Tx, counter: &Counter, now: i64) -> Result<Tally, Error> {
    let next = tally(tx, counter).await?.failed(counter.free, now);
    tx.execute(
        &UPSERT,
        (&counter.key, next.failures, next.last, next.blocked_until),
    )
    .await?;
    Ok(next)
}

/// Forgets a counter after a good sign-in.
pub async fn forget(tx: &mut Tx, counter: &Counter) -> Result<(), Error> {
    tx.execute(&FORGET, (&counter.key,)).await.map(|_| ())
}

/// Removes counters that have been quiet since before this instant.
pub async fn remove_old(tx: &mut Tx, before: i64) -> Result<u64, Error> {
    tx.execute(&OLD, (before,)).await
}
