//! What can go wrong between a unit of work and the disk, in words a flow can act on.
use std::sync::Arc;

/// A failure of the database layer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `one` found no row.
    #[error("no such row")]
    NotFound,
    /// A row with this key exists already. SQLite names no constraint, so judge by the operation, not by this text.
    #[error("the row exists already ({0})")]
    Conflict(String),
    /// A row that this one points at does not exist, or is still pointed at.
    #[error("a reference between rows does not hold ({0})")]
    Reference(String),
    /// A CHECK or NOT NULL rule of the schema refused the value.
    #[error("the schema refused the value ({0})")]
    Refused(String),
    /// The unit of work did not end within its limit.
    #[error("the unit of work ran over its time limit")]
    Timeout,
    /// More units are waiting than the queue may hold; ask again later.
    #[error("the database is overloaded")]
    Overloaded,
    /// The COMMIT failed: nothing of this unit may be relied on.
    #[error("the commit failed: {0}")]
    Commit(Arc<str>),
    /// A statement was given another number of parameters than it has.
    #[error("statement {statement} takes {expected} parameters, {given} were given")]
    Parameters {
        /// Its name.
        statement: &'static str,
        /// How many `$n` it has.
        expected: usize,
        /// How many the caller passed.
        given: usize,
    },
    /// The driver refuses the parameter's value.
    #[error("a parameter of {statement} cannot be bound: {reason}")]
    Bind {
        /// Its name.
        statement: &'static str,
        /// The driver's words.
        reason: String,
    },
    /// Anything else the driver reports.
    #[error("database: {0}")]
    Sqlx(sqlx::Error),
}

impl Error {
    /// Whether a fresh attempt may succeed without any change.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Timeout | Self::Overloaded | Self::Commit(_))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::PoolTimedOut => Self::Overloaded,
            sqlx::Error::Database(inner) => {
                let named = || {
                    inner
                        .constraint()
                        .map_or_else(|| inner.message().to_owned(), str::to_owned)
                };
                match inner.kind() {
                    sqlx::error::ErrorKind::UniqueViolation => Self::Conflict(named()),
                    sqlx::error::ErrorKind::ForeignKeyViolation => Self::Reference(named()),
                    sqlx::error::ErrorKind::CheckViolation
                    | sqlx::error::ErrorKind::NotNullViolation => Self::Refused(named()),
                    _ => Self::Sqlx(error),
                }
            }
            _ => Self::Sqlx(error),
        }
    }
}
