//! `Conn` reads, `Tx` writes: the only two things a store function takes, and neither names a driver.
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt, stream::BoxStream};
use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite, Transaction};

use super::sqlite::Baton;
use super::{Error, Params, Row, Statement};
use crate::audit::{Event, Housekeeping};

/// One connection, held for a read or inside a unit of work.
pub struct Conn {
    pub(super) held: Held,
    pub(super) retry: Option<Arc<AtomicBool>>,
}

pub(super) enum Held {
    SqliteRead(PoolConnection<Sqlite>),
    SqliteWrite(Baton),
    PostgresRead(PoolConnection<Postgres>),
    PostgresWrite(Transaction<'static, Postgres>),
}

/// The one place where a call goes to one driver or the other.
macro_rules! on {
    ($self:ident, $statement:ident, $params:ident, |$connection:ident, $sql:ident, $arguments:ident| $body:expr) => {
        match &mut $self.held {
            Held::SqliteRead(held) => {
                let ($connection, $sql, $arguments) = (
                    &mut **held,
                    $statement.sqlite(),
                    $params.sqlite($statement)?,
                );
                $body
            }
            Held::SqliteWrite(baton) => {
                let ($connection, $sql, $arguments) = (
                    baton.connection()?,
                    $statement.sqlite(),
                    $params.sqlite($statement)?,
                );
                $body
            }
            Held::PostgresRead(held) => {
                let ($connection, $sql, $arguments) = (
                    &mut **held,
                    $statement.postgres(),
                    $params.postgres($statement)?,
                );
                $body
            }
            Held::PostgresWrite(held) => {
                let ($connection, $sql, $arguments) = (
                    &mut **held,
                    $statement.postgres(),
                    $params.postgres($statement)?,
                );
                $body
            }
        }
    };
}

fn note(retry: Option<&AtomicBool>, error: sqlx::Error) -> Error {
    if let (Some(flag), sqlx::Error::Database(inner)) = (retry, &error)
        && inner
            .code()
            .is_some_and(|code| code == "40001" || code == "40P01")
    {
        flag.store(true, Ordering::SeqCst);
    }
    error.into()
}

impl Conn {
    /// Exactly one row; [`Error::NotFound`] otherwise.
    pub async fn one<'q, T: Row, P: Params<'q>>(
        &mut self,
        statement: &'static Statement,
        params: P,
    ) -> Result<T, Error> {
        self.optional(statement, params)
            .await?
            .ok_or(Error::NotFound)
    }

    /// The first row, if there is one.
    pub async fn optional<'q, T: Row, P: Params<'q>>(
        &mut self,
        statement: &'static Statement,
        params: P,
    ) -> Result<Option<T>, Error> {
        let retry = self.retry.clone();
        on!(self, statement, params, |connection, sql, arguments| {
            sqlx::query_as_with::<_, T, _>(sql, arguments)
                .fetch_optional(connection)
                .await
        })
        .map_err(|error| note(retry.as_deref(), error))
    }

    /// All rows.
    pub async fn all<'q, T: Row, P: Params<'q>>(
        &mut self,
        statement: &'static Statement,
        params: P,
    ) -> Result<Vec<T>, Error> {
        let retry = self.retry.clone();
        on!(self, statement, params, |connection, sql, arguments| {
            sqlx::query_as_with::<_, T, _>(sql, arguments)
                .fetch_all(connection)
                .await
        })
        .map_err(|error| note(retry.as_deref(), error))
    }

    /// Rows one by one, for results too large to hold.
    pub fn stream<'c, 'q, T: Row + 'c, P: Params<'q>>(
        &'c mut self,
        statement: &'static Statement,
        params: P,
    ) -> Result<BoxStream<'c, Result<T, Error>>, Error> {
        let retry = self.retry.clone();
        Ok(on!(
            self,
            statement,
            params,
            |connection, sql, arguments| {
                sqlx::query_as_with::<_, T, _>(sql, arguments)
                    .fetch(connection)
                    .map(move |row| row.map_err(|error| note(retry.as_deref(), error)))
                    .boxed()
            }
        ))
    }

    pub(crate) async fn run<'q, P: Params<'q>>(
        &mut self,
        statement: &'static Statement,
        params: P,
    ) -> Result<u64, Error> {
        let retry = self.retry.clone();
        match &mut self.held {
            Held::SqliteRead(held) => {
                sqlx::query_with(statement.sqlite(), params.sqlite(statement)?)
                    .execute(&mut **held)
                    .await
                    .map(|done| done.rows_affected())
            }
            Held::SqliteWrite(baton) => {
                let arguments = params.sqlite(statement)?;
                sqlx::query_with(statement.sqlite(), arguments)
                    .execute(baton.connection()?)
                    .await
                    .map(|done| done.rows_affected())
            }
            Held::PostgresRead(held) => {
                sqlx::query_with(statement.postgres(), params.postgres(statement)?)
                    .execute(&mut **held)
                    .await
                    .map(|done| done.rows_affected())
            }
            Held::PostgresWrite(held) => {
                sqlx::query_with(statement.postgres(), params.postgres(statement)?)
                    .execute(&mut **held)
                    .await
                    .map(|done| done.rows_affected())
            }
        }
        .map_err(|error| note(retry.as_deref(), error))
    }

    /// Whether this is SQLite (for code that must choose between two ways, such as staging in bulk).
    pub fn is_sqlite(&self) -> bool {
        matches!(self.held, Held::SqliteRead(_) | Held::SqliteWrite(_))
    }
}

/// A unit of work under way. Owned: only [`Tx::commit`] and its siblings turn it into a [`Commit`].
pub struct Tx {
    pub(super) conn: Conn,
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

impl Tx {
    /// Runs a statement that writes; gives the number of rows it touched.
    pub async fn execute<'q, P: Params<'q>>(
        &mut self,
        statement: &'static Statement,
        params: P,
    ) -> Result<u64, Error> {
        self.conn.run(statement, params).await
    }

    /// Ends the unit well, with the event that says what happened.
    pub fn commit<T>(self, first: Event, value: T) -> Commit<T> {
        Commit {
            conn: self.conn,
            events: vec![first],
            value,
        }
    }

    /// Ends a unit that is bookkeeping, for one of the closed list of reasons.
    pub fn housekeeping<T>(self, reason: Housekeeping, value: T) -> Commit<T> {
        tracing::trace!(?reason, "housekeeping unit");
        Commit {
            conn: self.conn,
            events: Vec::new(),
            value,
        }
    }
}

/// A unit of work that ended well and waits to become durable.
#[must_use = "a unit only counts when it is returned from the closure of Db::write"]
pub struct Commit<T> {
    pub(super) conn: Conn,
    pub(super) events: Vec<Event>,
    pub(super) value: T,
}

impl<T> Commit<T> {
    /// One more event of the same unit.
    pub fn and(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// More events of the same unit.
    pub fn and_all(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.events.extend(events);
        self
    }

    /// Changes the value that the caller gets once the unit is durable.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Commit<U> {
        Commit {
            conn: self.conn,
            events: self.events,
            value: change(self.value),
        }
    }
}
