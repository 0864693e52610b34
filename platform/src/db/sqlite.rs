//! SQLite's writer: one connection handed on like a baton, units under a SAVEPOINT each, one COMMIT for many.
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, SqlitePool};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::conn::{Commit, Conn, Held, Tx};
use super::{Error, Limits};
use crate::telemetry::Measures;
use crate::telemetry::measures::UnderWay;

type Outcome = Result<(), Arc<str>>;

/// Both sides of one SQLite file.
pub(super) struct Sqlite {
    writer: Arc<Mutex<Writer>>,
    waiting: AtomicUsize,
    readers: SqlitePool,
    options: SqliteConnectOptions,
    runtime: Handle,
    limits: Limits,
    pub(super) measures: Measures,
}

struct Writer {
    connection: SqliteConnection,
    options: SqliteConnectOptions,
    state: State,
    /// Good units in the open transaction.
    units: usize,
    /// Everybody who waits for this batch to be on disk.
    replies: Vec<oneshot::Sender<Outcome>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// No transaction.
    Closed,
    /// BEGIN was sent and its end not seen.
    Opening,
    /// A transaction with the savepoint `unit` on top.
    Open,
    /// The connection is of no more use.
    Broken,
}

impl Sqlite {
    pub(super) async fn open(path: &Path, limits: Limits) -> Result<Arc<Self>, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(512)
            .disable_statement_logging();
        let connection = options.connect().await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(limits.readers)
            .acquire_timeout(limits.acquire)
            .test_before_acquire(false)
            .connect_lazy_with(
                options
                    .clone()
                    .create_if_missing(false)
                    .pragma("query_only", "ON"),
            );
        Ok(Arc::new(Self {
            writer: Arc::new(Mutex::new(Writer {
                connection,
                options: options.clone(),
                state: State::Closed,
                units: 0,
                replies: Vec::new(),
            })),
            waiting: AtomicUsize::new(0),
            readers,
            options,
            runtime: Handle::current(),
            limits,
            measures: Measures::default(),
        }))
    }

    pub(super) async fn read(&self) -> Result<Conn, Error> {
        Ok(Conn {
            held: Held::SqliteRead(self.readers.acquire().await?),
            retry: None,
        })
    }

    pub(super) async fn close(&self) {
        let mut guard = self.writer.lock().await;
        self.settle(&mut guard).await;
        self.readers.close().await;
    }

    /// A connection of its own beside the writer's, for migrations and checks.
    pub(super) async fn native(&self) -> Result<SqliteConnection, Error> {
        Ok(self.options.connect().await?)
    }

    pub(super) async fn write<T, E, F, Fut>(self: &Arc<Self>, unit: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut + Send,
        Fut: Future<Output = Result<Commit<T>, E>> + Send,
        E: From<Error>,
    {
        let began = Instant::now();
        let mut outcome = "refused";
        let ended = self.run(unit, &mut outcome).await;
        self.measures.unit(outcome, began.elapsed());
        ended
    }

    /// One unit; `outcome` says for the measures how it ended.
    async fn run<T, E, F, Fut>(
        self: &Arc<Self>,
        unit: F,
        outcome: &mut &'static str,
    ) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut + Send,
        Fut: Future<Output = Result<Commit<T>, E>> + Send,
        E: From<Error>,
    {
        *outcome = "overloaded";
        let (tx, durable) = self.begin().await?;
        *outcome = "failed";
        let ended = match tokio::time::timeout(self.limits.unit, unit(tx)).await {
            Ok(ended) => ended,
            Err(_) => {
                // The baton went back when the unit was dropped; neighbours are unharmed.
                *outcome = "timeout";
                return Err(Error::Timeout.into());
            }
        };
        match ended {
            Ok(Commit {
                conn,
                events,
                value,
            }) => {
                let (failed, failure) = oneshot::channel();
                // In its own task: a caller who goes away now can no longer tear the batch.
                self.runtime.spawn(async move {
                    if let Err(error) = finish(conn, events).await {
                        let _gone = failed.send(error);
                    }
                });
                match durable.await {
                    Ok(Ok(())) => {
                        *outcome = "committed";
                        Ok(value)
                    }
                    Ok(Err(reason)) => Err(Error::Commit(reason).into()),
                    Err(_) => Err(failure
                        .await
                        .unwrap_or_else(|_| Error::Commit("the writer went away".into()))
                        .into()),
                }
            }
            Err(error) => {
                // The refusal was decided on rows of this batch: it is only true once they are on disk.
                match durable.await {
                    Ok(Err(reason)) => Err(Error::Commit(reason).into()),
                    Ok(Ok(())) | Err(_) => {
                        *outcome = "refused";
                        Err(error)
                    }
                }
            }
        }
    }

    async fn lock(self: &Arc<Self>) -> Result<(OwnedMutexGuard<Writer>, Waiting), Error> {
        let waiting = Waiting::new(self)?;
        let guard = self.writer.clone().lock_owned().await;
        Ok((guard, waiting.served()))
    }

    async fn begin(self: &Arc<Self>) -> Result<(Tx, oneshot::Receiver<Outcome>), Error> {
        let (guard, _) = self.lock().await?;
        let (sender, receiver) = oneshot::channel();
        let mut baton = Baton {
            guard: Some(guard),
            shared: self.clone(),
            outcome: Some(sender),
        };
        baton.open().await?;
        let conn = Conn {
            held: Held::SqliteWrite(baton),
            retry: None,
        };
        Ok((Tx { conn }, receiver))
    }

    /// After a unit: COMMIT when nobody waits or the batch is full, else the next takes over.
    async fn hand_on(&self, mut guard: OwnedMutexGuard<Writer>) {
        if self.waiting.load(Ordering::SeqCst) == 0 || guard.units >= self.limits.batch {
            self.settle(&mut guard).await;
        }
    }

    /// Ends the open transaction and tells everybody.
    async fn settle(&self, writer: &mut Writer) {
        if writer.state == State::Closed {
            writer.answer(Ok(()));
            return;
        }
        if writer.units == 0 {
            writer.abandon("nothing to commit").await;
            return;
        }
        let began = Instant::now();
        match raw(&mut writer.connection, "COMMIT").await {
            Ok(()) => {
                self.measures.committed(writer.units, began.elapsed());
                writer.state = State::Closed;
                writer.units = 0;
                writer.answer(Ok(()));
            }
            Err(error) => {
                if is_storage_failure(&error) {
                    tracing::error!(%error, "the disk did not take the commit; ending, since nothing after this can be trusted");
                    (self.limits.on_storage_failure)();
                }
                writer.abandon(&format!("commit: {error}")).await;
            }
        }
    }
}

impl Writer {
    fn answer(&mut self, outcome: Outcome) {
        for reply in self.replies.drain(..) {
            let _gone = reply.send(outcome.clone());
        }
    }

    /// Rolls the whole transaction back. Units in it, if any, are told that they failed.
    async fn abandon(&mut self, reason: &str) {
        let rolled_back = raw(&mut self.connection, "ROLLBACK").await;
        let outcome = if self.units == 0 {
            Ok(())
        } else {
            tracing::error!(units = self.units, reason, "a batch of units failed");
            Err(Arc::from(reason))
        };
        self.units = 0;
        // "no transaction is active" means SQLite has rolled back by itself: that is what was wanted.
        self.state = match rolled_back {
            Ok(()) => State::Closed,
            Err(sqlx::Error::Database(error)) if error.message().contains("no transaction") => {
                State::Closed
            }
            Err(_) => State::Broken,
        };
        self.answer(outcome);
    }
}

/// Holding the writer for one unit.
pub(super) struct Baton {
    guard: Option<OwnedMutexGuard<Writer>>,
    shared: Arc<Sqlite>,
    outcome: Option<oneshot::Sender<Outcome>>,
}

impl Baton {
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, Error> {
        match &mut self.guard {
            Some(guard) => Ok(&mut guard.connection),
            None => Err(Error::Commit("the unit has ended".into())),
        }
    }

    async fn open(&mut self) -> Result<(), Error> {
        let Some(guard) = &mut self.guard else {
            return Err(Error::Commit("the unit has ended".into()));
        };
        if matches!(guard.state, State::Broken | State::Opening) {
            let fresh = guard.options.connect().await?;
            let old = std::mem::replace(&mut guard.connection, fresh);
            guard.state = State::Closed;
            guard.units = 0;
            guard.answer(Err("the writer's connection was lost".into()));
            if let Err(error) = old.close().await {
                tracing::warn!(%error, "the lost connection did not close");
            }
        }
        if guard.state == State::Closed {
            guard.state = State::Opening;
            raw(&mut guard.connection, "BEGIN IMMEDIATE; SAVEPOINT unit").await?;
            guard.state = State::Open;
            guard.units = 0;
        }
        Ok(())
    }
}

/// The good end of a unit: its events, then the savepoint becomes part of the batch.
async fn finish(mut conn: Conn, events: Vec<crate::audit::Event>) -> Result<(), Error> {
    // Out of the baton first: if an event cannot be written, the baton's drop must undo the unit without calling it durable.
    let outcome = match &mut conn.held {
        Held::SqliteWrite(baton) => baton.outcome.take(),
        _ => None,
    };
    for (ordinal, event) in events.iter().enumerate() {
        event.insert(&mut conn, ordinal).await?;
    }
    let Held::SqliteWrite(mut baton) = conn.held else {
        return Err(Error::Commit("a unit gave back another connection".into()));
    };
    let Some(mut guard) = baton.guard.take() else {
        return Err(Error::Commit("the unit has ended".into()));
    };
    guard.replies.extend(outcome);
    guard.units += 1;
    match raw(&mut guard.connection, "RELEASE unit; SAVEPOINT unit").await {
        Ok(()) => baton.shared.hand_on(guard).await,
        Err(error) => guard.abandon(&format!("release: {error}")).await,
    }
    Ok(())
}

impl Drop for Baton {
    fn drop(&mut self) {
        let Some(mut guard) = self.guard.take() else {
            return;
        };
        let (shared, outcome) = (self.shared.clone(), self.outcome.take());
        let runtime = shared.runtime.clone();
        runtime.spawn(async move {
            guard.replies.extend(outcome);
            match guard.state {
                State::Open => match raw(&mut guard.connection, "ROLLBACK TO unit").await {
                    Ok(()) => shared.hand_on(guard).await,
                    Err(error) => guard.abandon(&format!("rollback to unit: {error}")).await,
                },
                State::Opening => guard.abandon("begin did not end").await,
                State::Closed | State::Broken => guard.answer(Ok(())),
            }
        });
    }
}

/// One who waits for the writer. Going away before one's turn must not leave a batch uncommitted.
struct Waiting {
    shared: Arc<Sqlite>,
    counted: bool,
    _measured: UnderWay,
}

impl Waiting {
    fn new(shared: &Arc<Sqlite>) -> Result<Self, Error> {
        let before = shared.waiting.fetch_add(1, Ordering::SeqCst);
        let waiting = Self {
            shared: shared.clone(),
            counted: true,
            _measured: shared.measures.wait(),
        };
        if before >= shared.limits.queue {
            return Err(Error::Overloaded);
        }
        Ok(waiting)
    }

    fn served(mut self) -> Self {
        self.counted = false;
        self.shared.waiting.fetch_sub(1, Ordering::SeqCst);
        self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.counted {
            return;
        }
        let shared = self.shared.clone();
        shared.waiting.fetch_sub(1, Ordering::SeqCst);
        let runtime = shared.runtime.clone();
        runtime.spawn(async move {
            let guard = shared.writer.clone().lock_owned().await;
            shared.hand_on(guard).await;
        });
    }
}

async fn raw(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    use sqlx::Executor;
    // Several statements in one text are one hop to SQLite's thread, and are cached as one.
    connection.execute(sqlx::query(sql)).await.map(|_done| ())
}

/// SQLITE_IOERR and its kind (among them IOERR_FSYNC): what is on disk is unknown from here on.
fn is_storage_failure(error: &sqlx::Error) -> bool {
    const SQLITE_IOERR: i64 = 10;
    const SQLITE_CORRUPT: i64 = 11;
    matches!(error, sqlx::Error::Database(inner)
        if inner.code().and_then(|code| code.parse::<i64>().ok())
            .is_some_and(|code| matches!(code & 0xff, SQLITE_IOERR | SQLITE_CORRUPT)))
}
