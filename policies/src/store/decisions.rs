//! Decisions that acts used, kept byte for byte.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub USED = "SELECT id FROM decision_use ORDER BY used_at, id";
    pub INSERT = "INSERT INTO decision_use (id, act, person, post, action, paper, epoch, request, decision, rules, used_at, recorded_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    pub BY_ID = "SELECT d.id, d.act, d.request, d.decision, d.rules, d.used_at, e.log_index
        FROM decision_use d LEFT JOIN audit_event e ON e.id = d.recorded_by WHERE d.id = $1";
    pub OF_PAPER = "SELECT d.id, d.act, d.request, d.decision, d.rules, d.used_at, e.log_index
        FROM decision_use d LEFT JOIN audit_event e ON e.id = d.recorded_by WHERE d.paper = $1 ORDER BY d.used_at, d.id LIMIT 100";
    pub CHECKPOINT_BEFORE = "SELECT size FROM log_checkpoint WHERE size <= $1 ORDER BY size DESC LIMIT 1";
    pub CHECKPOINT_AFTER = "SELECT size FROM log_checkpoint WHERE size > $1 ORDER BY size LIMIT 1";
    pub MOVES = "SELECT log_index FROM audit_event WHERE log_index >= $1 AND log_index < $2
        AND (kind LIKE 'register.%' OR kind LIKE 'authority.mandate%') ORDER BY log_index LIMIT 64";
}

/// A row as stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// `dec_…`
    pub id: String,
    /// What used it.
    pub act: String,
    /// The request, JSON.
    pub request: String,
    /// The decision, JSON.
    pub decision: String,
    /// Digest of the rule rows it was made by.
    pub rules: String,
    /// When it was used.
    pub used_at: i64,
    /// Place in the log of the event that records the use.
    pub log_index: Option<i64>,
}

/// What is written.
pub struct NewUse<'a> {
    /// `dec_…`
    pub id: &'a str,
    /// What uses it.
    pub act: &'a str,
    /// The request.
    pub request: &'a engine::Request,
    /// Request and decision as JSON.
    pub texts: (&'a str, &'a str),
    /// Epoch of the decision.
    pub epoch: i64,
    /// Digest of the rule rows.
    pub rules: &'a str,
    /// When.
    pub used_at: i64,
    /// The event.
    pub recorded_by: &'a str,
}

/// Ids of every stored use, oldest first, for replaying them all.
pub async fn used(conn: &mut Conn) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn.all(&USED, ()).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Writes a use.
pub async fn insert(tx: &mut Tx, new: &NewUse<'_>) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            new.id,
            new.act,
            &new.request.person,
            &new.request.post,
            new.request.action.as_str(),
            &new.request.resource.id,
            new.epoch,
            new.texts.0,
            new.texts.1,
            new.rules,
            new.used_at,
            new.recorded_by,
        ),
    )
    .await
    .map(|_| ())
}

/// One stored decision.
pub async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<Row>, Error> {
    conn.optional(&BY_ID, (id,)).await
}

/// The stored decisions about one paper, in order of use.
pub async fn of_paper(conn: &mut Conn, paper: &str) -> Result<Vec<Row>, Error> {
    conn.all(&OF_PAPER, (paper,)).await
}

/// The sizes of the log between which a place was given: last checkpoint up to it, first checkpoint beyond it; none before that.
pub async fn checkpoints_around(conn: &mut Conn, index: i64) -> Result<Option<(i64, i64)>, Error> {
    let before: Option<(i64,)> = conn.optional(&CHECKPOINT_BEFORE, (index,)).await?;
    let after: Option<(i64,)> = conn.optional(&CHECKPOINT_AFTER, (index,)).await?;
    Ok(after.map(|(after,)| (before.map_or(0, |(before,)| before), after)))
}

/// Places between two sizes of the log at which facts of authority moved.
pub async fn moves(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<i64>, Error> {
    let rows: Vec<(i64,)> = conn.all(&MOVES, (from, to)).await?;
    Ok(rows.into_iter().map(|(index,)| index).collect())
}
