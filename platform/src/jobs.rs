//! The outbox: work that follows from a commit, written in that commit, done later by whoever takes the lease.
use std::future::Future;
use std::time::Duration;

use serde_json::Value;

use crate::audit::Housekeeping;
use crate::clock::Clock;
use crate::db::{Db, Error, Tx};
use crate::random::Entropy;

crate::statements! {
    pub ADD = "INSERT INTO outbox (id, queue, payload, dedup, not_before, leased_until, lease, attempts, last_error, done_at, created_at)
        VALUES ($1, $2, $3, $4, $5, 0, NULL, 0, NULL, NULL, $6) ON CONFLICT (dedup) DO NOTHING";
    pub TAKE = "UPDATE outbox SET leased_until = $1, lease = $2, attempts = attempts + 1
        WHERE id IN (SELECT id FROM outbox WHERE queue = $3 AND done_at IS NULL AND not_before <= $4 AND leased_until <= $4
            ORDER BY not_before, id LIMIT $5)
        RETURNING id, queue, payload, attempts, not_before",
        postgres "UPDATE outbox SET leased_until = $1, lease = $2, attempts = attempts + 1
        WHERE id IN (SELECT id FROM outbox WHERE queue = $3 AND done_at IS NULL AND not_before <= $4 AND leased_until <= $4
            ORDER BY not_before, id LIMIT $5 FOR UPDATE SKIP LOCKED)
        RETURNING id, queue, payload, attempts, not_before";
    pub ANY_DUE = "SELECT id FROM outbox WHERE queue = $1 AND done_at IS NULL AND not_before <= $2 AND leased_until <= $2 LIMIT 1";
    pub DONE = "UPDATE outbox SET done_at = $1, lease = NULL WHERE id = $2 AND lease = $3 AND done_at IS NULL";
    pub PUT_OFF = "UPDATE outbox SET not_before = $1, leased_until = 0, lease = NULL, last_error = $2
        WHERE id = $3 AND lease = $4 AND done_at IS NULL";
    pub REMOVE_DONE = "DELETE FROM outbox WHERE done_at < $1";
    pub OPEN_COUNT = "SELECT count(*) AS open FROM outbox WHERE queue = $1 AND done_at IS NULL";
}

/// A job to be written with the fact it follows from.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Which worker takes it.
    pub queue: &'static str,
    /// What the worker needs; ids rather than copies.
    pub payload: Value,
    /// A second job with the same key is not written.
    pub dedup: Option<String>,
    /// Not before this instant, UTC ms.
    pub not_before: i64,
}

/// A job under lease.
#[derive(Clone, Debug)]
pub struct Job {
    /// `job_…`
    pub id: String,
    /// Its queue.
    pub queue: String,
    /// What it needs.
    pub payload: Value,
    /// How often it was taken, this time included.
    pub attempts: i64,
    /// From when it was due.
    pub not_before: i64,
    lease: String,
}

/// Writes a job in the unit. `false`: one with this key exists already.
pub async fn enqueue(
    tx: &mut Tx,
    job: &NewJob,
    now: i64,
    entropy: &Entropy,
) -> Result<bool, Error> {
    let id = crate::ids::new("job", entropy);
    let added = tx
        .execute(
            &ADD,
            (
                id,
                job.queue,
                job.payload.to_string(),
                job.dedup.as_deref(),
                job.not_before,
                now,
            ),
        )
        .await?;
    Ok(added == 1)
}

/// Takes up to `limit` due jobs for `lease` ms. A worker that dies loses the lease, and another takes over.
pub async fn take(
    db: &Db,
    queue: &str,
    now: i64,
    lease: i64,
    limit: i64,
    entropy: &Entropy,
) -> Result<Vec<Job>, Error> {
    let due: Option<(String,)> = db.read().await?.optional(&ANY_DUE, (queue, now)).await?;
    if due.is_none() {
        return Ok(Vec::new());
    }
    let token = crate::ids::new("lse", entropy);
    let token = &token;
    let mut rows: Vec<(String, String, String, i64, i64)> = db
        .write(|mut tx| async move {
            let rows = tx
                .all(&TAKE, (now + lease, token, queue, now, limit))
                .await?;
            Ok::<_, Error>(tx.housekeeping(Housekeeping::Job, rows))
        })
        .await?;
    rows.sort_by(|one, two| (one.4, &one.0).cmp(&(two.4, &two.0)));
    Ok(rows
        .into_iter()
        .map(|(id, queue, payload, attempts, not_before)| Job {
            id,
            queue,
            // What was written as JSON reads as JSON; a damaged row shows as text to its worker.
            payload: serde_json::from_str(&payload).unwrap_or(Value::String(payload)),
            attempts,
            not_before,
            lease: token.clone(),
        })
        .collect())
}

/// Marks a job done in the unit that has its effect. `false`: the lease was lost, the effect must not be written.
pub async fn done(tx: &mut Tx, job: &Job, now: i64) -> Result<bool, Error> {
    Ok(tx.execute(&DONE, (now, &job.id, &job.lease)).await? == 1)
}

/// Marks a job done whose effect lies outside the database.
pub async fn finish(db: &Db, job: &Job, now: i64) -> Result<bool, Error> {
    db.write(|mut tx| async move {
        let held = done(&mut tx, job, now).await?;
        Ok(tx.housekeeping(Housekeeping::Job, held))
    })
    .await
}

/// Gives a job back, not to be taken before `not_before`.
pub async fn put_off(db: &Db, job: &Job, not_before: i64, error: &str) -> Result<bool, Error> {
    db.write(|mut tx| async move {
        let held = tx
            .execute(&PUT_OFF, (not_before, error, &job.id, &job.lease))
            .await?;
        Ok(tx.housekeeping(Housekeeping::Job, held == 1))
    })
    .await
}

/// How many jobs of a queue are not done.
pub async fn open(db: &Db, queue: &str) -> Result<i64, Error> {
    let (count,): (i64,) = db.read().await?.one(&OPEN_COUNT, (queue,)).await?;
    Ok(count)
}

/// Removes what was done before an instant.
pub async fn remove_done(db: &Db, before: i64) -> Result<u64, Error> {
    db.write(|mut tx| async move {
        let gone = tx.execute(&REMOVE_DONE, (before,)).await?;
        Ok(tx.housekeeping(Housekeeping::ExpiredRows, gone))
    })
    .await
}

/// When to try again after `attempts` failures: 1 s, 2 s, 4 s … 1 h.
pub fn back_off(attempts: i64) -> i64 {
    1000_i64
        .saturating_mul(1 << attempts.clamp(1, 12).saturating_sub(1))
        .min(3_600_000)
}

/// Runs one queue until `stop` resolves. The work returns an error text to have the job put off.
pub async fn run<W, Fut>(
    db: &Db,
    clock: &Clock,
    entropy: &Entropy,
    queue: &'static str,
    work: W,
    stop: impl Future<Output = ()>,
) where
    W: Fn(Job) -> Fut,
    Fut: Future<Output = Result<(), String>>,
{
    tokio::pin!(stop);
    loop {
        let now = clock.now();
        let jobs = match take(db, queue, now, 60_000, 16, entropy).await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::error!(%error, queue, "jobs cannot be taken");
                Vec::new()
            }
        };
        let idle = jobs.is_empty();
        for job in jobs {
            let ended = match work(job.clone()).await {
                Ok(()) => finish(db, &job, clock.now()).await,
                Err(reason) => {
                    tracing::warn!(job = %job.id, queue, %reason, attempts = job.attempts, "a job is put off");
                    put_off(db, &job, clock.now() + back_off(job.attempts), &reason).await
                }
            };
            if let Err(error) = ended {
                tracing::error!(%error, job = %job.id, "a job's end was not recorded; its lease will run out");
            }
        }
        let pause = if idle { 250 } else { 0 };
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(Duration::from_millis(pause)) => {}
        }
    }
}

#[cfg(test)]
mod tests;
