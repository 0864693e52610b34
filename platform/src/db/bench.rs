//! How many units of work a second, for `antin bench db`: 1 select, 2 inserts with a foreign key each, 1 event.
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{Db, Error};
use crate::audit::{Actor, Event};
use crate::random::Entropy;

crate::statements! {
    pub FIND = "SELECT id, name FROM bench_account WHERE id = $1";
    pub ADD_SESSION = "INSERT INTO bench_session (id, account, at) VALUES ($1, $2, $3)";
    pub ADD_GRANT = "INSERT INTO bench_grant (id, session, at) VALUES ($1, $2, $3)";
    pub ADD_ACCOUNT = "INSERT INTO bench_account (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
}

/// One row of the result.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// Callers at once.
    pub callers: usize,
    /// Counted from 1.
    pub run: usize,
    /// Units that became durable.
    pub units: u64,
    /// Units a second.
    pub per_second: f64,
    /// Median of one unit, ms.
    pub p50_ms: f64,
    /// 99th percentile, ms.
    pub p99_ms: f64,
}

/// Fills the scratch tables. The database must be migrated.
pub async fn prepare(db: &Db, accounts: u32) -> Result<(), Error> {
    for first in (0..accounts).step_by(100) {
        db.write(|mut tx| async move {
            for number in first..(first + 100).min(accounts) {
                tx.execute(&ADD_ACCOUNT, (format!("acc_{number}"), "somebody"))
                    .await?;
            }
            Ok::<_, Error>(tx.housekeeping(crate::audit::Housekeeping::Measurement, ()))
        })
        .await?;
    }
    Ok(())
}

/// One unit.
pub async fn unit(db: &Db, entropy: &Entropy, account: u32, at: i64) -> Result<String, Error> {
    let account = &format!("acc_{account}");
    db.write(|mut tx| async move {
        let (id, _name): (String, String) = tx.one(&FIND, (account,)).await?;
        let session = crate::ids::new("ses", entropy);
        tx.execute(&ADD_SESSION, (&session, &id, at)).await?;
        tx.execute(&ADD_GRANT, (crate::ids::new("grt", entropy), &session, at))
            .await?;
        let event = Event::new("bench.unit", at, Actor::System("bench"), entropy)
            .about("session", &session);
        Ok(tx.commit(event, session))
    })
    .await
}

/// `callers` tasks for `length`, `runs` times.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    callers: usize,
    length: Duration,
    runs: usize,
    accounts: u32,
) -> Result<Vec<Figure>, Error> {
    let mut figures = Vec::with_capacity(runs);
    for run in 1..=runs {
        let began = Instant::now();
        let tasks: Vec<_> = (0..callers)
            .map(|caller| {
                let (db, entropy) = (db.clone(), entropy.clone());
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    let mut account = caller as u32;
                    while began.elapsed() < length {
                        let start = Instant::now();
                        account = (account + 7919) % accounts.max(1);
                        unit(&db, &entropy, account, 0).await?;
                        times.push(start.elapsed());
                    }
                    Ok::<_, Error>(times)
                })
            })
            .collect();
        let mut times = Vec::new();
        for task in tasks {
            times.extend(
                task.await
                    .map_err(|error| Error::Commit(Arc::from(error.to_string())))??,
            );
        }
        let seconds = began.elapsed().as_secs_f64();
        times.sort_unstable();
        let at = |share: f64| {
            let index = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
            times
                .get(index)
                .map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
        };
        figures.push(Figure {
            engine: match db.kind() {
                super::Kind::Sqlite => "sqlite",
                super::Kind::Postgres => "postgres",
            },
            callers,
            run,
            units: times.len() as u64,
            per_second: times.len() as f64 / seconds,
            p50_ms: at(0.5),
            p99_ms: at(0.99),
        });
    }
    Ok(figures)
}
