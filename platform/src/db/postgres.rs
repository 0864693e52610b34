//! PostgreSQL: a unit is a transaction, retried on serialization failure and deadlock.
use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool};

use super::conn::{Commit, Conn, Held, Tx};
use super::{Error, Limits};
use crate::telemetry::Measures;

/// Attempts at one unit before the last error is given to the caller.
const ATTEMPTS: u32 = 5;

/// Our statements are many and take a millisecond or two each. Parallel workers and compiling at run time are for statements of
/// seconds: starting two workers alone took 14 ms of a search that then needed 1 ms (among a million people).
const SHORT_STATEMENTS: [(&str, &str); 2] =
    [("max_parallel_workers_per_gather", "0"), ("jit", "off")];

/// A pool that writes and a pool whose transactions are read-only.
pub(super) struct Postgres {
    writers: PgPool,
    readers: PgPool,
    limits: Limits,
    pub(super) measures: Measures,
}

impl Postgres {
    pub(super) async fn open(url: &str, limits: Limits) -> Result<Arc<Self>, Error> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("antin")
            .statement_cache_capacity(512)
            .options(SHORT_STATEMENTS)
            .disable_statement_logging();
        let pool = |size| {
            PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(limits.acquire)
                .test_before_acquire(false)
        };
        let writers = pool(limits.writers).connect_with(options.clone()).await?;
        let readers = pool(limits.readers)
            .connect_lazy_with(options.options([("default_transaction_read_only", "on")]));
        Ok(Arc::new(Self {
            writers,
            readers,
            limits,
            measures: Measures::default(),
        }))
    }

    pub(super) async fn read(&self) -> Result<Conn, Error> {
        Ok(Conn {
            held: Held::PostgresRead(self.readers.acquire().await?),
            retry: None,
        })
    }

    pub(super) fn writers(&self) -> &PgPool {
        &self.writers
    }

    pub(super) async fn close(&self) {
        self.writers.close().await;
        self.readers.close().await;
    }

    pub(super) async fn write<T, E, F, Fut>(&self, unit: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut + Send,
        Fut: Future<Output = Result<Commit<T>, E>> + Send,
        E: From<Error>,
    {
        let began = Instant::now();
        let mut attempt = 1;
        loop {
            let again = Arc::new(AtomicBool::new(false));
            let mut outcome = "overloaded";
            let ended = self.attempt(&unit, &again, &mut outcome).await;
            if ended.is_ok() || !again.load(Ordering::SeqCst) || attempt >= ATTEMPTS {
                self.measures.unit(outcome, began.elapsed());
                return ended;
            }
            self.measures.retried();
            tokio::time::sleep(Duration::from_millis(1 << (attempt - 1))).await;
            attempt += 1;
        }
    }

    async fn attempt<T, E, F, Fut>(
        &self,
        unit: &F,
        again: &Arc<AtomicBool>,
        outcome: &mut &'static str,
    ) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut + Send,
        Fut: Future<Output = Result<Commit<T>, E>> + Send,
        E: From<Error>,
    {
        let waits = self.measures.wait();
        let transaction = self.writers.begin().await.map_err(Error::from)?;
        drop(waits);
        *outcome = "timeout";
        let tx = Tx {
            conn: Conn {
                held: Held::PostgresWrite(transaction),
                retry: Some(again.clone()),
            },
        };
        let Commit {
            mut conn,
            events,
            value,
        } = {
            let ended = tokio::time::timeout(self.limits.unit_postgres, unit(tx))
                .await
                .map_err(|_| Error::Timeout)?;
            *outcome = "refused";
            ended?
        };
        *outcome = "failed";
        for (ordinal, event) in events.iter().enumerate() {
            event.insert(&mut conn, ordinal).await?;
        }
        let Held::PostgresWrite(transaction) = conn.held else {
            return Err(Error::Commit("a unit gave back another connection".into()).into());
        };
        let began = Instant::now();
        match transaction.commit().await {
            Ok(()) => {
                self.measures.committed(1, began.elapsed());
                *outcome = "committed";
                Ok(value)
            }
            Err(error) => {
                if let sqlx::Error::Database(inner) = &error
                    && inner
                        .code()
                        .is_some_and(|code| code == "40001" || code == "40P01")
                {
                    again.store(true, Ordering::SeqCst);
                }
                Err(Error::Commit(error.to_string().into()).into())
            }
        }
    }
}
