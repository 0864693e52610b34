//! One database layer for SQLite and PostgreSQL: statements as constants, reads on `Conn`, units of work on an owned `Tx`.
//! Standard: none; the durability rules are those of docs/ARCHITECTURE (durable before the reply, one COMMIT for many units).
//! It must never let a driver type, an unaudited write or an unfinished commit reach a caller.
pub mod bench;
mod conn;
mod copy;
mod error;
mod params;
mod postgres;
pub mod prepare;
mod sqlite;
mod statement;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use conn::{Commit, Conn, Tx};
pub use error::Error;
pub use params::{Params, Row, Value};
pub use sqlx::types::Json;
pub use statement::Statement;

use crate::telemetry::Measures;

/// Sizes and times of the layer.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Units that share one COMMIT on SQLite.
    pub batch: usize,
    /// Units that may wait for SQLite's writer before new ones are told to come back.
    pub queue: usize,
    /// How long a unit may hold SQLite's writer.
    pub unit: Duration,
    /// How long a unit may take on PostgreSQL.
    pub unit_postgres: Duration,
    /// How long to wait for a pooled connection.
    pub acquire: Duration,
    /// Connections that read.
    pub readers: u32,
    /// Connections that write (PostgreSQL).
    pub writers: u32,
    /// What to do when the disk did not take a commit. The default ends the process.
    pub on_storage_failure: fn(),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch: 64,
            queue: 4096,
            unit: Duration::from_millis(500),
            unit_postgres: Duration::from_secs(10),
            acquire: Duration::from_secs(10),
            readers: 8,
            writers: 16,
            on_storage_failure: end_process,
        }
    }
}

fn end_process() {
    std::process::abort();
}

/// The database. Clones are cheap and share it.
#[derive(Clone)]
pub struct Db(Engine);

#[derive(Clone)]
enum Engine {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

/// Which engine a database runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Embedded, one process.
    Sqlite,
    /// A server, many processes.
    Postgres,
}

impl Db {
    /// Opens (and creates) a SQLite file with the default limits.
    pub async fn open_sqlite(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_sqlite_with(path, Limits::default()).await
    }

    /// Opens (and creates) a SQLite file.
    pub async fn open_sqlite_with(path: impl AsRef<Path>, limits: Limits) -> Result<Self, Error> {
        Ok(Self(Engine::Sqlite(
            sqlite::Sqlite::open(path.as_ref(), limits).await?,
        )))
    }

    /// Connects to PostgreSQL (15 or later) with the default limits.
    pub async fn open_postgres(url: &str) -> Result<Self, Error> {
        Self::open_postgres_with(url, Limits::default()).await
    }

    /// Connects to PostgreSQL (15 or later).
    pub async fn open_postgres_with(url: &str, limits: Limits) -> Result<Self, Error> {
        Ok(Self(Engine::Postgres(
            postgres::Postgres::open(url, limits).await?,
        )))
    }

    /// Which engine this is.
    pub fn kind(&self) -> Kind {
        match &self.0 {
            Engine::Sqlite(_) => Kind::Sqlite,
            Engine::Postgres(_) => Kind::Postgres,
        }
    }

    /// What this process counts: every service reaches it, since every service has the database.
    pub fn measures(&self) -> &Measures {
        match &self.0 {
            Engine::Sqlite(sqlite) => &sqlite.measures,
            Engine::Postgres(postgres) => &postgres.measures,
        }
    }

    /// A connection that can only read.
    pub async fn read(&self) -> Result<Conn, Error> {
        match &self.0 {
            Engine::Sqlite(sqlite) => sqlite.read().await,
            Engine::Postgres(postgres) => postgres.read().await,
        }
    }

    /// Runs one unit of work. When this returns `Ok` the unit and its events are on disk; otherwise nothing of it is.
    ///
    /// The closure holds statements and pure code only: whatever else it awaited would hold up everybody. It may run more
    /// than once on PostgreSQL, so it must not have effects outside the database.
    pub async fn write<T, E, F, Fut>(&self, unit: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut + Send,
        Fut: Future<Output = Result<Commit<T>, E>> + Send,
        E: From<Error>,
    {
        match &self.0 {
            Engine::Sqlite(sqlite) => sqlite.write(unit).await,
            Engine::Postgres(postgres) => postgres.write(unit).await,
        }
    }

    /// Closes the pools. Open units are waited for by their callers, not here.
    pub async fn close(&self) {
        match &self.0 {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close().await,
        }
    }
}

/// A connection of the driver itself, for migrations, schema comparison and prepare-all; never for services.
pub(crate) enum Native {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::pool::PoolConnection<sqlx::Postgres>),
}

impl Db {
    pub(crate) async fn native(&self) -> Result<Native, Error> {
        match &self.0 {
            Engine::Sqlite(sqlite) => Ok(Native::Sqlite(sqlite.native().await?)),
            Engine::Postgres(postgres) => Ok(Native::Postgres(postgres.writers().acquire().await?)),
        }
    }
}
