//! Checking the whole log, from the database or from an export, and naming the first place that is broken.
//! Standard: RFC 6962 §2.1; the export is one JSON object per line.
//! It must never need the network, nor trust a stored hash that it can compute.
use std::io::{BufRead, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use super::leaf;
use super::note::{SignedNote, VerifierKey};
use super::store::{self, StoredCheckpoint, StoredEntry};
use super::tiles::Reader;
use super::tree::{Frontier, leaf_hash, root_nodes};
use crate::db::{self, Conn};

/// The first place that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A place is empty, doubled or out of order.
    #[error("place {expected}: found place {found} instead (an event was removed, added or moved)")]
    Order {
        /// The place that should come.
        expected: u64,
        /// The place that came.
        found: u64,
    },
    /// The leaf is not of its kind.
    #[error("place {index}, event {event}: the leaf has no valid form")]
    Leaf {
        /// The place.
        index: u64,
        /// The event.
        event: String,
    },
    /// Text and leaf do not fit.
    #[error("place {index}, event {event}: the event's text was changed after it was written")]
    Body {
        /// The place.
        index: u64,
        /// The event.
        event: String,
    },
    /// A column beside the text says something else than the text.
    #[error("place {index}, event {event}: column {column} differs from the event's text")]
    Column {
        /// The place.
        index: u64,
        /// The event.
        event: String,
        /// The column.
        column: &'static str,
    },
    /// A stored tile is not what the leaves give.
    #[error("place {index}: the stored tree holds another hash than the leaf gives")]
    Tile {
        /// The place.
        index: u64,
    },
    /// A checkpoint's signature or form.
    #[error("checkpoint of {size} leaves: {reason}")]
    Note {
        /// Its size.
        size: u64,
        /// What is wrong.
        reason: String,
    },
    /// A signed head does not fit the leaves: a leaf before it was changed.
    #[error(
        "checkpoint of {size} leaves: the leaves give another root; something before place {size} and after place {last_good} was changed"
    )]
    Root {
        /// Its size.
        size: u64,
        /// The size of the last checkpoint that still held.
        last_good: u64,
    },
    /// A signed head covers leaves that are not there.
    #[error("checkpoint of {size} leaves: only {present} are there (the end was cut off)")]
    Cut {
        /// Its size.
        size: u64,
        /// How many leaves there are.
        present: u64,
    },
    /// A line of an export.
    #[error("line {line}: {reason}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The database could not be read.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// What was checked and held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Leaves.
    pub leaves: u64,
    /// Signed heads.
    pub checkpoints: u64,
    /// Leaves whose text is not there (lawfully erased, or left out of the export); their place in the tree still holds.
    pub unopened: u64,
    /// Leaves after the newest signed head, which nobody has vouched for yet.
    pub beyond_checkpoint: u64,
}

/// One line of an export.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    checkpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    entry: Option<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    index: u64,
    id: String,
    kind: String,
    at: i64,
    public: bool,
    body: Option<String>,
    salt: Option<String>,
    leaf: String,
}

struct Trail<'k> {
    keys: &'k [VerifierKey],
    frontier: Frontier,
    last_good: u64,
    report: Report,
}

impl<'k> Trail<'k> {
    fn new(keys: &'k [VerifierKey]) -> Self {
        Self {
            keys,
            frontier: Frontier::default(),
            last_good: 0,
            report: Report::default(),
        }
    }

    fn entry(&mut self, entry: &StoredEntry) -> Result<[u8; 32], Broken> {
        let (expected, found) = (self.frontier.size(), entry.log_index.unsigned_abs());
        if expected != found {
            return Err(Broken::Order { expected, found });
        }
        let (index, event) = (found, entry.id.clone());
        if !leaf::is_well_formed(&entry.leaf, entry.is_public) {
            return Err(Broken::Leaf { index, event });
        }
        match &entry.body {
            Some(body) => {
                if !leaf::matches(&entry.leaf, entry.is_public, body, entry.salt.as_deref()) {
                    return Err(Broken::Body { index, event });
                }
                let text: serde_json::Value =
                    serde_json::from_str(body).unwrap_or(serde_json::Value::Null);
                for (column, holds) in [
                    (
                        "id",
                        text.get("id").and_then(|v| v.as_str()) == Some(&entry.id),
                    ),
                    (
                        "kind",
                        text.get("kind").and_then(|v| v.as_str()) == Some(&entry.kind),
                    ),
                    (
                        "at",
                        text.get("at").and_then(serde_json::Value::as_i64) == Some(entry.at),
                    ),
                ] {
                    if !holds {
                        return Err(Broken::Column {
                            index,
                            event,
                            column,
                        });
                    }
                }
            }
            None if entry.is_public => return Err(Broken::Body { index, event }),
            None => self.report.unopened += 1,
        }
        let hash = leaf_hash(&entry.leaf);
        self.frontier.push(hash);
        self.report.leaves += 1;
        Ok(hash)
    }

    fn checkpoint(&mut self, size: u64, note: &str) -> Result<(), Broken> {
        let checkpoint = SignedNote(note.to_owned())
            .open(self.keys)
            .map_err(|error| Broken::Note {
                size,
                reason: error.to_string(),
            })?;
        if checkpoint.size != size {
            return Err(Broken::Note {
                size,
                reason: format!("its note speaks of {} leaves", checkpoint.size),
            });
        }
        if checkpoint.size != self.frontier.size() {
            return Err(Broken::Cut {
                size,
                present: self.frontier.size(),
            });
        }
        if checkpoint.root != self.frontier.root() {
            return Err(Broken::Root {
                size,
                last_good: self.last_good,
            });
        }
        self.last_good = size;
        self.report.checkpoints += 1;
        Ok(())
    }

    fn finish(mut self) -> Report {
        self.report.beyond_checkpoint = self.report.leaves - self.last_good;
        self.report
    }
}

/// Refuses a database that is older than, or another than, a checkpoint seen elsewhere (the copy beside it, a witness, a proof).
pub async fn check_not_older(
    conn: &mut Conn,
    seen: &SignedNote,
    keys: &[VerifierKey],
) -> Result<(), Broken> {
    let checkpoint = seen.open(keys).map_err(|error| Broken::Note {
        size: 0,
        reason: error.to_string(),
    })?;
    let present = store::size(conn).await?.unsigned_abs();
    if present < checkpoint.size {
        return Err(Broken::Cut {
            size: checkpoint.size,
            present,
        });
    }
    let root = Reader::default()
        .range(conn, &root_nodes(checkpoint.size))
        .await?;
    if root == Some(checkpoint.root) {
        Ok(())
    } else {
        Err(Broken::Root {
            size: checkpoint.size,
            last_good: 0,
        })
    }
}

/// Checks every leaf, tile and checkpoint of a database.
pub async fn verify_database(conn: &mut Conn, keys: &[VerifierKey]) -> Result<Report, Broken> {
    const CHUNK: i64 = 4096;
    let checkpoints: Vec<StoredCheckpoint> = conn.all(&store::CHECKPOINTS, ()).await?;
    let mut checkpoints = checkpoints.into_iter().peekable();
    // The log grows while it is read: what it held when its heads were read is what is checked.
    let held = store::size(conn).await?;
    let mut trail = Trail::new(keys);
    let mut from = 0_i64;
    while from < held {
        let upto = held.min(from + CHUNK);
        let entries: Vec<StoredEntry> = conn.all(&store::ENTRIES, (from, upto)).await?;
        for entry in &entries {
            covered(&mut trail, &mut checkpoints, entry.log_index.unsigned_abs())?;
            let hash = trail.entry(entry)?;
            let index = trail.frontier.size() - 1;
            let tile = store::tile(conn, 0, (index / 256) as i64).await?;
            let at = (index % 256) as usize * 32;
            if tile.get(at..at + 32) != Some(hash.as_slice()) {
                return Err(Broken::Tile { index });
            }
        }
        from = upto;
    }
    let present = trail.frontier.size();
    covered(&mut trail, &mut checkpoints, present)?;
    let head = checkpoints.next().map_or(held, |next| next.size);
    let size = head.unsigned_abs();
    if size == present {
        Ok(trail.finish())
    } else {
        Err(Broken::Cut { size, present })
    }
}

fn covered(
    trail: &mut Trail<'_>,
    checkpoints: &mut std::iter::Peekable<std::vec::IntoIter<StoredCheckpoint>>,
    size: u64,
) -> Result<(), Broken> {
    while let Some(next) = checkpoints.next_if(|next| next.size.unsigned_abs() <= size) {
        trail.checkpoint(next.size.unsigned_abs(), &next.note)?;
    }
    Ok(())
}

/// Writes the whole log as lines of JSON. With `openings`, texts and salts go along (for auditors with the right to read them);
/// without, only public leaves are readable.
pub async fn export(
    conn: &mut Conn,
    out: &mut (dyn Write + Send),
    openings: bool,
) -> Result<u64, Broken> {
    let io = |error: std::io::Error| Broken::Line {
        line: 0,
        reason: error.to_string(),
    };
    let put = |line: &Line, out: &mut (dyn Write + Send)| -> Result<(), Broken> {
        let text = serde_json::to_string(line).map_err(|error| Broken::Line {
            line: 0,
            reason: error.to_string(),
        })?;
        writeln!(out, "{text}").map_err(io)
    };
    let checkpoints: Vec<StoredCheckpoint> = conn.all(&store::CHECKPOINTS, ()).await?;
    let mut checkpoints = checkpoints.into_iter().peekable();
    let size = store::size(conn).await?;
    let mut count = 0_u64;
    let mut entries = conn.stream::<StoredEntry, _>(&store::ENTRIES, (0_i64, size))?;
    loop {
        let entry = entries.next().await.transpose()?;
        let reached = entry.as_ref().map_or(i64::MAX, |entry| entry.log_index);
        while let Some(next) = checkpoints.next_if(|next| next.size <= reached) {
            put(
                &Line {
                    checkpoint: Some(next.note),
                    entry: None,
                },
                out,
            )?;
        }
        let Some(entry) = entry else {
            return Ok(count);
        };
        let readable = openings || entry.is_public;
        put(
            &Line {
                checkpoint: None,
                entry: Some(Entry {
                    index: entry.log_index.unsigned_abs(),
                    id: entry.id,
                    kind: entry.kind,
                    at: entry.at,
                    public: entry.is_public,
                    body: entry.body.filter(|_| readable),
                    salt: entry
                        .salt
                        .filter(|_| readable)
                        .map(|salt| STANDARD.encode(salt)),
                    leaf: STANDARD.encode(entry.leaf),
                }),
            },
            out,
        )?;
        count += 1;
    }
}

/// Checks an export offline.
pub fn verify_export(input: impl BufRead, keys: &[VerifierKey]) -> Result<Report, Broken> {
    let mut trail = Trail::new(keys);
    for (number, line) in input.lines().enumerate() {
        let broken = |reason: String| Broken::Line {
            line: number + 1,
            reason,
        };
        let line = line.map_err(|error| broken(error.to_string()))?;
        let line: Line = serde_json::from_str(&line).map_err(|error| broken(error.to_string()))?;
        match (line.checkpoint, line.entry) {
            (Some(note), None) => {
                let claimed = SignedNote(note.clone())
                    .claimed()
                    .map_err(|error| broken(error.to_string()))?;
                trail.checkpoint(claimed.size, &note)?;
            }
            (None, Some(entry)) => {
                let decode = |text: &str| {
                    STANDARD
                        .decode(text)
                        .map_err(|error| broken(error.to_string()))
                };
                let entry = StoredEntry {
                    log_index: i64::try_from(entry.index)
                        .map_err(|error| broken(error.to_string()))?,
                    id: entry.id,
                    kind: entry.kind,
                    at: entry.at,
                    is_public: entry.public,
                    body: entry.body,
                    salt: match entry.salt {
                        Some(salt) => Some(decode(&salt)?),
                        None => None,
                    },
                    leaf: decode(&entry.leaf)?,
                };
                trail.entry(&entry)?;
            }
            _ => return Err(broken("neither one entry nor one checkpoint".into())),
        }
    }
    Ok(trail.finish())
}
