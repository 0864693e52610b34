//! Schema migrations: paired files for both engines, forward only, each step once and with its checksum.
use sha2::{Digest, Sha256};
use sqlx::{Connection, Executor};

use crate::db::{Db, Error as DbError, Native};

/// One step: the same change written for both engines.
#[derive(Debug)]
pub struct Step {
    /// `0001_name`
    pub name: &'static str,
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
}

/// The steps of one crate, in order.
#[derive(Debug)]
pub struct Set {
    /// The crate's name.
    pub name: &'static str,
    /// In order.
    pub steps: &'static [Step],
}

/// Declares a set from `migrations/sqlite/*.sql` and `migrations/postgres/*.sql` of the calling crate.
///
/// `platform::migrations! { pub MIGRATIONS = "register": ["0001_first", "0002_more"]; }`
#[macro_export]
macro_rules! migrations {
    ($(#[$meta:meta])* $vis:vis $name:ident = $set:literal : [$($step:literal),* $(,)?];) => {
        $(#[$meta])*
        $vis static $name: $crate::migrations::Set = $crate::migrations::Set {
            name: $set,
            steps: &[$($crate::migrations::Step {
                name: $step,
                sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/", $step, ".sql")),
                postgres: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres/", $step, ".sql")),
            }),*],
        };
    };
}

crate::migrations! {
    /// The ground floor's own tables: events, log, outbox.
    pub GROUND = "platform": ["0001_ground"];
}

/// Why a migration did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A step that ran earlier has another text now.
    #[error("migration {set}/{step} has changed since it was applied to this database")]
    Changed {
        /// The set.
        set: String,
        /// The step.
        step: String,
    },
    /// The database has steps that this program does not know.
    #[error(
        "the database has migration {set}/{step}, which this program does not know: it is newer than the program"
    )]
    Newer {
        /// The set.
        set: String,
        /// The step.
        step: String,
    },
    /// The engine refused a step.
    #[error("migration {set}/{step}: {source}")]
    Step {
        /// The set.
        set: &'static str,
        /// The step.
        step: &'static str,
        /// The engine's words.
        source: sqlx::Error,
    },
    /// Something else.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Something else of the driver.
    #[error("database: {0}")]
    Sqlx(#[from] sqlx::Error),
}

const RECORD: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    set_name TEXT NOT NULL, step TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (set_name, step))";
const RECORD_SQLITE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    set_name TEXT NOT NULL, step TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (set_name, step)) STRICT";
const APPLIED: &str = "SELECT set_name, step, checksum FROM schema_migration";
const NOTE: &str =
    "INSERT INTO schema_migration (set_name, step, checksum, applied_at) VALUES ($1, $2, $3, $4)";

/// What was applied, in order: `platform/0001_ground`.
pub type Applied = Vec<String>;

macro_rules! apply_on {
    ($connection:expr, $field:ident, $record:expr, $lock:expr, $sets:expr, $now:expr) => {{
        let mut transaction = $connection.begin().await?;
        if let Some(lock) = $lock {
            transaction.execute(lock).await?;
        }
        transaction.execute($record).await?;
        let known: Vec<(String, String, String)> =
            sqlx::query_as(APPLIED).fetch_all(&mut *transaction).await?;
        let mut done = Applied::new();
        for (set_name, step, _) in &known {
            let Some(set) = $sets.iter().find(|set| set.name == set_name) else {
                continue;
            };
            if !set.steps.iter().any(|ours| ours.name == step) {
                return Err(Error::Newer {
                    set: set_name.clone(),
                    step: step.clone(),
                });
            }
        }
        for set in $sets.iter() {
            for step in set.steps {
                let checksum = checksum(step.$field);
                if let Some((_, _, before)) = known
                    .iter()
                    .find(|row| row.0 == set.name && row.1 == step.name)
                {
                    if *before != checksum {
                        return Err(Error::Changed {
                            set: set.name.into(),
                            step: step.name.into(),
                        });
                    }
                    continue;
                }
                sqlx::raw_sql(step.$field)
                    .execute(&mut *transaction)
                    .await
                    .map_err(|source| Error::Step {
                        set: set.name,
                        step: step.name,
                        source,
                    })?;
                sqlx::query(NOTE)
                    .bind(set.name)
                    .bind(step.name)
                    .bind(checksum)
                    .bind($now)
                    .execute(&mut *transaction)
                    .await?;
                done.push(format!("{}/{}", set.name, step.name));
            }
        }
        transaction.commit().await?;
        Ok(done)
    }};
}

/// Applies what is missing, the ground floor's own set first, all in one transaction.
pub async fn apply(db: &Db, sets: &[&Set], now: i64) -> Result<Applied, Error> {
    let mut all: Vec<&Set> = vec![&GROUND];
    all.extend(sets.iter().filter(|set| set.name != GROUND.name));
    match db.native().await? {
        Native::Sqlite(mut connection) => {
            apply_on!(
                connection,
                sqlite,
                RECORD_SQLITE,
                None::<&'static str>,
                all,
                now
            )
        }
        Native::Postgres(mut connection) => apply_on!(
            connection,
            postgres,
            RECORD,
            // One migrating process at a time, whichever node it runs on.
            Some("SELECT pg_advisory_xact_lock(7205759403792794)"),
            all,
            now
        ),
    }
}

/// The steps that [`apply`] would run.
pub async fn pending(db: &Db, sets: &[&Set]) -> Result<Vec<String>, Error> {
    let known: Vec<(String, String)> = match db.native().await? {
        Native::Sqlite(mut connection) => {
            connection.execute(RECORD_SQLITE).await?;
            sqlx::query_as("SELECT set_name, step FROM schema_migration")
                .fetch_all(&mut connection)
                .await?
        }
        Native::Postgres(mut connection) => {
            connection.execute(RECORD).await?;
            sqlx::query_as("SELECT set_name, step FROM schema_migration")
                .fetch_all(&mut *connection)
                .await?
        }
    };
    let mut all: Vec<&Set> = vec![&GROUND];
    all.extend(sets.iter().filter(|set| set.name != GROUND.name));
    Ok(all
        .iter()
        .flat_map(|set| set.steps.iter().map(move |step| (set.name, step.name)))
        .filter(|(set, step)| !known.iter().any(|row| row.0 == *set && row.1 == *step))
        .map(|(set, step)| format!("{set}/{step}"))
        .collect())
}

fn checksum(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}
