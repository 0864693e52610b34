//! How many notices somebody has not read yet, for the head of every page. register implements the port.
use futures_util::future::BoxFuture;

use crate::caller::Caller;

/// Why they could not be counted. The page is shown all the same, without a number.
#[derive(Debug, thiserror::Error)]
#[error("unread notices cannot be counted: {0}")]
pub struct Uncounted(pub String);

impl From<crate::db::Error> for Uncounted {
    fn from(error: crate::db::Error) -> Self {
        Self(error.to_string())
    }
}

/// Counts what concerns a person and what he has not marked as read.
pub trait NoticePort: Send + Sync {
    /// How many there are at this instant.
    fn unread<'a>(&'a self, caller: &'a Caller, now: i64) -> BoxFuture<'a, Result<i64, Uncounted>>;
}
