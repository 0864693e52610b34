//! Tiles of 256 hashes: appending to them, and reading any node of the tree from them.
//! Standard: C2SP tlog-tiles (tile height 8, paths `tile/<L>/<N>[.p/<W>]`).
//! It must never rewrite a hash that a tile already holds.
use std::collections::HashMap;

use super::store;
use super::tree::{Hash, Node, join, node_hash};
use crate::db::{Conn, Error, Tx};

/// Hashes in a full tile.
pub const WIDTH: u64 = 256;
const HASH: usize = 32;

fn hashes(tile: &[u8]) -> Vec<Hash> {
    tile.as_chunks::<HASH>().0.to_vec()
}

/// The root of 2^n hashes.
fn complete_root(mut row: Vec<Hash>) -> Option<Hash> {
    while row.len() > 1 {
        row = row
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[left, right]| node_hash(left, right))
            .collect();
    }
    row.pop()
}

/// Appends leaf hashes after the first `size`, filling tiles upwards.
pub async fn append(tx: &mut Tx, size: u64, leaves: Vec<Hash>) -> Result<(), Error> {
    let (mut level, mut first, mut row) = (0_i64, size, leaves);
    while !row.is_empty() {
        let mut above = Vec::new();
        let mut above_first = None;
        let mut rest = row.as_slice();
        let mut position = first;
        while !rest.is_empty() {
            let number = position / WIDTH;
            let held = usize::try_from(position % WIDTH).unwrap_or(0);
            let mut tile = store::tile(tx, level, to_i64(number)).await?;
            if tile.len() != held * HASH {
                return Err(Error::Commit(
                    format!("log tile {level}/{number} does not fit the head").into(),
                ));
            }
            let take = rest.len().min(256 - held);
            let (now, later) = rest.split_at(take);
            for hash in now {
                tile.extend_from_slice(hash);
            }
            store::put_tile(tx, level, to_i64(number), &tile).await?;
            if held + take == 256
                && let Some(root) = complete_root(hashes(&tile))
            {
                above_first.get_or_insert(number);
                above.push(root);
            }
            position += take as u64;
            rest = later;
        }
        level += 1;
        first = above_first.unwrap_or(0);
        row = above;
    }
    Ok(())
}

fn to_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads nodes from tiles, each tile once.
#[derive(Default)]
pub struct Reader {
    seen: HashMap<(u32, u64), Vec<Hash>>,
}

impl Reader {
    /// One complete subtree's hash; `None` when the log does not reach that far.
    pub async fn node(&mut self, conn: &mut Conn, node: Node) -> Result<Option<Hash>, Error> {
        let (level, within) = (node.height / 8, node.height % 8);
        let first = node.number << within;
        let number = first / WIDTH;
        let tile = match self.seen.entry((level, number)) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let tile = store::tile(conn, i64::from(level), to_i64(number)).await?;
                entry.insert(hashes(&tile))
            }
        };
        let from = usize::try_from(first % WIDTH).unwrap_or(usize::MAX);
        Ok(tile
            .get(from..from + (1 << within))
            .and_then(|row| complete_root(row.to_vec())))
    }

    /// The hash of a range given as its complete subtrees.
    pub async fn range(&mut self, conn: &mut Conn, nodes: &[Node]) -> Result<Option<Hash>, Error> {
        let mut parts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match self.node(conn, *node).await? {
                Some(hash) => parts.push(hash),
                None => return Ok(None),
            }
        }
        Ok(Some(join(&parts)))
    }
}

/// The tile path of C2SP tlog-tiles after `tile/`: level, number, and the width of a partial tile.
pub fn parse_path(path: &str) -> Option<(u32, u64, u64)> {
    let (level, rest) = path.split_once('/')?;
    let (rest, width) = match rest.split_once(".p/") {
        Some((rest, width)) => (rest, width.parse().ok().filter(|w| (1..256).contains(w))?),
        None => (rest, WIDTH),
    };
    let mut number: u64 = 0;
    let mut parts = rest.split('/').peekable();
    while let Some(part) = parts.next() {
        let digits = match (part.strip_prefix('x'), parts.peek()) {
            (Some(digits), Some(_)) => digits,
            (None, None) => part,
            _ => return None,
        };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        number = number
            .checked_mul(1000)?
            .checked_add(digits.parse().ok()?)?;
    }
    let level: u32 = level.parse().ok().filter(|level| *level < 64)?;
    Some((level, number, width))
}
