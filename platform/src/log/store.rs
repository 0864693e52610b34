//! The log's rows: head, tiles of 256 hashes, checkpoints, and the events' places.
use crate::db::{Conn, Error, Tx};
use crate::telemetry::measures::LogStanding;

crate::statements! {
    pub HEAD_FOR_UPDATE = "SELECT size FROM log_head WHERE id = 1", postgres "SELECT size FROM log_head WHERE id = 1 FOR UPDATE";
    pub HEAD = "SELECT size FROM log_head WHERE id = 1";
    pub SET_HEAD = "UPDATE log_head SET size = $1 WHERE id = 1";
    pub ANY_UNSEQUENCED = "SELECT id FROM audit_event WHERE log_index IS NULL ORDER BY at, ordinal, id LIMIT 1";
    pub NUMBER = "UPDATE audit_event SET log_index = numbered.log_index
        FROM (SELECT id, CAST($1 AS BIGINT) + row_number() OVER (ORDER BY at, ordinal, id) - 1 AS log_index
              FROM (SELECT id, at, ordinal FROM audit_event WHERE log_index IS NULL ORDER BY at, ordinal, id LIMIT $2) AS waiting) AS numbered
        WHERE audit_event.id = numbered.id";
    pub LEAVES_FROM = "SELECT log_index, leaf FROM audit_event WHERE log_index >= $1 ORDER BY log_index";
    pub ENTRIES = "SELECT log_index, id, kind, at, is_public, body, salt, leaf FROM audit_event WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index";
    pub INDEX_OF = "SELECT log_index, leaf FROM audit_event WHERE id = $1";
    pub TILE = "SELECT hashes FROM log_tile WHERE level = $1 AND number = $2";
    pub PUT_TILE = "INSERT INTO log_tile (level, number, hashes) VALUES ($1, $2, $3)
        ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes";
    pub ADD_CHECKPOINT = "INSERT INTO log_checkpoint (size, root, at, note) VALUES ($1, $2, $3, $4) ON CONFLICT (size) DO NOTHING";
    pub NEWEST_CHECKPOINT = "SELECT size, root, at, note FROM log_checkpoint ORDER BY size DESC LIMIT 1";
    pub CHECKPOINT_AT = "SELECT size, root, at, note FROM log_checkpoint WHERE at <= $1 ORDER BY size DESC LIMIT 1";
    pub OLDEST_UNSIGNED = "SELECT min(at) AS oldest FROM audit_event WHERE log_index >= $1 OR log_index IS NULL";
    pub CHECKPOINTS = "SELECT size, root, at, note FROM log_checkpoint ORDER BY size";
}

/// A stored checkpoint.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredCheckpoint {
    /// How many leaves it covers.
    pub size: i64,
    /// The root.
    pub root: Vec<u8>,
    /// When it was made, UTC ms.
    pub at: i64,
    /// The signed note.
    pub note: String,
}

/// An event in its place.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredEntry {
    /// Its place.
    pub log_index: i64,
    /// `evt_…`
    pub id: String,
    /// What kind of thing happened.
    pub kind: String,
    /// When, UTC ms.
    pub at: i64,
    /// Whether the leaf is readable by everybody.
    pub is_public: bool,
    /// What was hashed, unless erased.
    pub body: Option<String>,
    /// The salt of a committed leaf, unless erased.
    pub salt: Option<Vec<u8>>,
    /// The leaf.
    pub leaf: Vec<u8>,
}

/// How many leaves are numbered.
pub async fn size(conn: &mut Conn) -> Result<i64, Error> {
    let (size,): (i64,) = conn.one(&HEAD, ()).await?;
    Ok(size)
}

/// The newest checkpoint.
pub async fn newest(conn: &mut Conn) -> Result<Option<StoredCheckpoint>, Error> {
    conn.optional(&NEWEST_CHECKPOINT, ()).await
}

/// How far the log has come, and how far behind its signed head is at `now`.
pub async fn standing(conn: &mut Conn, now: i64) -> Result<LogStanding, Error> {
    let leaves = size(conn).await?;
    let signed = newest(conn).await?.map_or(0, |newest| newest.size);
    let (oldest,): (Option<i64>,) = conn.one(&OLDEST_UNSIGNED, (signed,)).await?;
    Ok(LogStanding {
        leaves,
        signed,
        lag: oldest.map_or(0, |at| now.saturating_sub(at).max(0)),
    })
}

/// The last checkpoint at or before an instant: what was known then.
pub async fn checkpoint_at(conn: &mut Conn, at: i64) -> Result<Option<StoredCheckpoint>, Error> {
    conn.optional(&CHECKPOINT_AT, (at,)).await
}

/// One tile's hashes, concatenated; empty when it does not exist.
pub async fn tile(conn: &mut Conn, level: i64, number: i64) -> Result<Vec<u8>, Error> {
    let row: Option<(Vec<u8>,)> = conn.optional(&TILE, (level, number)).await?;
    Ok(row.map(|row| row.0).unwrap_or_default())
}

/// Writes one tile.
pub async fn put_tile(tx: &mut Tx, level: i64, number: i64, hashes: &[u8]) -> Result<(), Error> {
    tx.execute(&PUT_TILE, (level, number, hashes)).await?;
    Ok(())
}
