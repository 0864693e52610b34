//! A stored decision is read back, for verification and for the auditor.
//! Standard: none.
//! It must never repair or reinterpret what was stored.

use platform::db::{self, Conn};
use thiserror::Error;

use crate::authority::Decided;
use crate::store::decisions::{self, Row};

/// Ids of every decision that an act used, oldest first.
pub async fn used(conn: &mut Conn) -> Result<Vec<String>, Recall> {
    Ok(decisions::used(conn).await?)
}

/// A decision as an act used it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDecision {
    /// Question and answer.
    pub decided: Decided,
    /// What used it.
    pub act: String,
    /// When.
    pub used_at: i64,
    /// Digest of the rule rows it was made by.
    pub rules: String,
    /// Place of the use in the log, once sequenced.
    pub log_index: Option<i64>,
}

/// Why a stored decision could not be read.
#[derive(Debug, Error)]
pub enum Recall {
    /// The stored text is not what this program writes.
    #[error("stored decision {id}: {error}")]
    Unreadable {
        /// Which.
        id: String,
        /// The reader's words.
        error: serde_json::Error,
    },
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// One stored decision.
pub async fn load(conn: &mut Conn, id: &str) -> Result<Option<StoredDecision>, Recall> {
    decisions::by_id(conn, id).await?.map(read).transpose()
}

/// The stored decisions about one paper, in order of use.
pub async fn of_paper(conn: &mut Conn, paper: &str) -> Result<Vec<StoredDecision>, Recall> {
    decisions::of_paper(conn, paper)
        .await?
        .into_iter()
        .map(read)
        .collect()
}

fn read(row: Row) -> Result<StoredDecision, Recall> {
    let unreadable = |error| Recall::Unreadable {
        id: row.id.clone(),
        error,
    };
    Ok(StoredDecision {
        decided: Decided {
            id: row.id.clone(),
            request: serde_json::from_str(&row.request).map_err(unreadable)?,
            decision: serde_json::from_str(&row.decision).map_err(unreadable)?,
        },
        act: row.act,
        used_at: row.used_at,
        rules: row.rules,
        log_index: row.log_index,
    })
}
