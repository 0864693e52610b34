//! The chained file: verified when opened, appended in groups with one `fdatasync` each.

use super::event::Event;
use crate::domain::Bytes;
use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// One line: what is hashed and authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Index, from 0.
    pub index: u64,
    /// When, UTC milliseconds.
    pub at: i64,
    /// SHA-256 of the whole line before, 32 zero bytes for the first.
    pub previous: Bytes,
    /// What happened.
    pub event: Event,
}

/// What is wrong with the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error("journal {path}: {cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What happened.
        cause: std::io::Error,
    },
    /// A complete line that does not belong where it stands.
    #[error("the journal is broken at line {index}: {what}")]
    Broken {
        /// First broken line.
        index: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A write failed before: nothing may be answered any more.
    #[error("the journal could not be written; the signer stops")]
    Stopped,
}

/// Some lines, each with its hash, and where to go on.
pub type Page = (Vec<(Line, [u8; 32])>, Option<u64>);

/// The open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    mac: hmac::Key,
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug)]
struct State {
    /// Taken out by whoever writes.
    file: Option<File>,
    pending: Vec<u8>,
    previous: [u8; 32],
    /// Where each line begins, and where the next will.
    offsets: Vec<u64>,
    end: u64,
    durable: u64,
    stopped: bool,
}

/// How much of the file a page of lines may take.
const PAGE_BYTES: u64 = 256 * 1024;

impl Journal {
    /// Opens and verifies the journal, giving each line to `apply` in order; returns how many bytes of a torn last line were cut off.
    pub fn open(
        path: &Path,
        mac_key: &[u8; 32],
        mut apply: impl FnMut(&Line),
    ) -> Result<(Self, u64), JournalError> {
        let failed = |cause| JournalError::File {
            path: path.to_owned(),
            cause,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(failed)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let mac = hmac::Key::new(hmac::HMAC_SHA256, mac_key);
        let mut offsets = Vec::new();
        let mut end = 0u64;
        let mut previous = [0u8; 32];
        let mut rest = bytes.as_slice();
        while let Some(length) = rest.iter().position(|b| *b == b'\n') {
            let Some((raw, after)) = rest.split_at_checked(length) else {
                break;
            };
            let index = count(offsets.len());
            let line = read_line(raw, &mac, index, &previous)
                .map_err(|what| JournalError::Broken { index, what })?;
            apply(&line);
            previous = Sha256::digest(raw).into();
            offsets.push(end);
            end = end.saturating_add(count(length)).saturating_add(1);
            rest = after.get(1..).unwrap_or_default();
        }
        let torn = count(rest.len());
        if torn > 0 {
            file.set_len(end).map_err(failed)?;
            file.sync_all().map_err(failed)?;
        }
        let durable = count(offsets.len());
        Ok((
            Self {
                path: path.to_owned(),
                mac,
                state: Mutex::new(State {
                    file: Some(file),
                    pending: Vec::new(),
                    previous,
                    offsets,
                    end,
                    durable,
                    stopped: false,
                }),
                moved: Condvar::new(),
            },
            torn,
        ))
    }

    /// How many lines are durable.
    pub fn length(&self) -> u64 {
        self.lock().durable
    }

    /// Whether a write failed and the process has to end.
    pub fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Puts a line in order behind the others; it is durable only once [`Self::wait`] returned.
    pub fn enqueue(&self, at: i64, event: Event) -> Result<Line, JournalError> {
        let mut state = self.lock();
        if state.stopped {
            return Err(JournalError::Stopped);
        }
        let line = Line {
            index: count(state.offsets.len()),
            at,
            previous: Bytes(state.previous.to_vec()),
            event,
        };
        let json = serde_json::to_string(&line).map_err(|_| JournalError::Stopped)?;
        let tag = hmac::sign(&self.mac, json.as_bytes());
        let raw = format!("{json}\t{}", data_encoding::HEXLOWER.encode(tag.as_ref()));
        state.previous = Sha256::digest(raw.as_bytes()).into();
        let begins = state.end;
        state.offsets.push(begins);
        state.end = begins.saturating_add(count(raw.len())).saturating_add(1);
        state.pending.extend_from_slice(raw.as_bytes());
        state.pending.push(b'\n');
        Ok(line)
    }

    /// Waits until the line at `index` is on disk. Whoever comes first writes for all that wait.
    pub fn wait(&self, index: u64) -> Result<(), JournalError> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return Err(JournalError::Stopped);
            }
            if state.durable > index {
                return Ok(());
            }
            let Some(mut file) = state.file.take() else {
                state = self
                    .moved
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let batch = std::mem::take(&mut state.pending);
            let reached = count(state.offsets.len());
            drop(state);
            let written = file.write_all(&batch).and_then(|()| file.sync_data());
            state = self.lock();
            match written {
                Ok(()) => {
                    state.durable = reached;
                    state.file = Some(file);
                }
                Err(error) => {
                    tracing::error!(path = %self.path.display(), %error, "the journal cannot be written");
                    state.stopped = true;
                }
            }
            self.moved.notify_all();
        }
    }

    /// Durable lines from an index on, each with its hash, about 256 KiB at a time.
    pub fn page(&self, from: u64) -> Result<Page, JournalError> {
        let failed = |cause| JournalError::File {
            path: self.path.clone(),
            cause,
        };
        let (begins, ends, durable) = {
            let state = self.lock();
            let at = |index: u64| {
                usize::try_from(index)
                    .ok()
                    .and_then(|i| state.offsets.get(i).copied())
            };
            let Some(begins) = at(from).filter(|_| from < state.durable) else {
                return Ok((Vec::new(), None));
            };
            (
                begins,
                at(state.durable).unwrap_or(state.end),
                state.durable,
            )
        };
        let mut file = File::open(&self.path).map_err(failed)?;
        file.seek(SeekFrom::Start(begins)).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(
            ends.saturating_sub(begins)
                .min(PAGE_BYTES.saturating_mul(2)),
        )
        .read_to_end(&mut bytes)
        .map_err(failed)?;
        let mut lines = Vec::new();
        let mut index = from;
        let mut used = 0u64;
        for raw in bytes.split_inclusive(|b| *b == b'\n') {
            let Some(raw) = raw.strip_suffix(b"\n") else {
                break;
            };
            used = used.saturating_add(count(raw.len()));
            if used > PAGE_BYTES && !lines.is_empty() {
                break;
            }
            let (json, _) = split(raw).ok_or(JournalError::Broken {
                index,
                what: "not two columns",
            })?;
            let line: Line = serde_json::from_slice(json).map_err(|_| JournalError::Broken {
                index,
                what: "not a known event",
            })?;
            lines.push((line, Sha256::digest(raw).into()));
            index = index.saturating_add(1);
        }
        Ok((lines, (index < durable).then_some(index)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn split(raw: &[u8]) -> Option<(&[u8], &[u8])> {
    let tab = raw.iter().position(|b| *b == b'\t')?;
    let (json, tag) = raw.split_at_checked(tab)?;
    Some((json, tag.get(1..)?))
}

fn read_line(
    raw: &[u8],
    mac: &hmac::Key,
    index: u64,
    previous: &[u8; 32],
) -> Result<Line, &'static str> {
    let (json, tag) = split(raw).ok_or("not two columns")?;
    let tag = data_encoding::HEXLOWER
        .decode(tag)
        .map_err(|_| "the authenticator is not hexadecimal")?;
    hmac::verify(mac, json, &tag).map_err(|_| "the line was not written by this signer")?;
    let line: Line = serde_json::from_slice(json).map_err(|_| "not a known event")?;
    if line.index != index {
        return Err("a line is missing or doubled");
    }
    if line.previous.0 != previous {
        return Err("the line does not follow the one before");
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn open(path: &Path) -> Result<(Journal, Vec<Line>, u64), JournalError> {
        let mut lines = Vec::new();
        let (journal, torn) = Journal::open(path, &[7; 32], |l| lines.push(l.clone()))?;
        Ok((journal, lines, torn))
    }

    fn removed(n: u64) -> Event {
        Event::UnfinishedKeyRemoved {
            key: format!("key_{n}"),
        }
    }

    fn filled(path: &Path, n: u64) {
        let (journal, _, _) = open(path).unwrap();
        for i in 0..n {
            let line = journal
                .enqueue(i64::try_from(i).unwrap(), removed(i))
                .unwrap();
            journal.wait(line.index).unwrap();
        }
    }

    #[test]
    fn lines_come_back_in_order_with_their_chain() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        filled(&path, 5);
        let (journal, lines, torn) = open(&path).unwrap();
        assert_eq!((lines.len(), torn, journal.length()), (5, 0, 5));
        let (page, next) = journal.page(2).unwrap();
        assert_eq!((page.len(), next), (3, None));
        assert_eq!(page[0].0.event, removed(2));
        assert_eq!(page[1].0.previous.0, page[0].1);
    }

    #[test]
    fn many_writers_share_syncs_and_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let (journal, _, _) = open(&path).unwrap();
        let journal = Arc::new(journal);
        let threads: Vec<_> = (0..8)
            .map(|t| {
                let journal = journal.clone();
                std::thread::spawn(move || {
                    for i in 0..25 {
                        let line = journal.enqueue(0, removed(t * 100 + i)).unwrap();
                        journal.wait(line.index).unwrap();
                        assert!(journal.length() > line.index);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        drop(journal);
        assert_eq!(open(&path).unwrap().1.len(), 200);
    }

    #[test]
    fn a_torn_last_line_is_cut_off_at_any_length() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        filled(&path, 3);
        let whole = std::fs::read(&path).unwrap();
        let second = whole
            .iter()
            .enumerate()
            .filter(|(_, b)| **b == b'\n')
            .nth(1)
            .unwrap()
            .0
            + 1;
        for cut in second + 1..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (_, lines, torn) = open(&path).unwrap();
            assert_eq!(lines.len(), 2);
            assert_eq!(torn, u64::try_from(cut - second).unwrap());
            assert_eq!(std::fs::read(&path).unwrap(), &whole[..second]);
        }
    }

    #[test]
    fn a_changed_removed_or_swapped_line_is_a_break_and_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        filled(&path, 4);
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let broken_at = |text: String| {
            std::fs::write(&path, text).unwrap();
            match open(&path) {
                Err(JournalError::Broken { index, .. }) => Some(index),
                _ => None,
            }
        };
        assert_eq!(broken_at(text.replacen("key_1", "key_9", 1)), Some(1));
        assert_eq!(broken_at(format!("{}\n{}\n", lines[0], lines[2])), Some(1));
        assert_eq!(
            broken_at(format!("{}\n{}\n{}\n", lines[1], lines[0], lines[2])),
            Some(0)
        );
        let mut wrong_key = Vec::new();
        std::fs::write(&path, &text).unwrap();
        assert!(matches!(
            Journal::open(&path, &[8; 32], |l| wrong_key.push(l.clone())),
            Err(JournalError::Broken { index: 0, .. })
        ));
    }
}
