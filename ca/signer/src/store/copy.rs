//! Copies of the store for backups: taken beside a running signer, compared with what it wrote meanwhile, proved by opening.

use super::keys::{KeyStore, StoreError};
use super::state::Store;
use crate::config::{Config, EntropyFn, KeyEncryptionKey};
use crate::journal::{Event, Line};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const JOURNAL: &str = "journal.jsonl";
const KEYS: &str = "keys";

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Key files.
    pub keys: u64,
    /// Octets of the journal, whole lines.
    pub journal: u64,
}

/// A store that cannot be copied or read.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A file.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// What happened.
        cause: std::io::Error,
    },
    /// A line that says nothing known.
    #[error("{path}: line {line} cannot be read")]
    Line {
        /// The journal.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// The copy does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> CopyError + '_ {
    move |cause| CopyError::File {
        path: path.to_owned(),
        cause,
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CopyError> {
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(file(path))?;
    out.write_all(bytes).map_err(file(path))?;
    out.sync_all().map_err(file(path))
}

/// Copies journal and sealed keys, not the key-encryption key. The journal goes first: a key is on disk before its line is, so
/// every key the copied journal knows is copied.
pub fn copy(from: &Path, to: &Path) -> Result<Copied, CopyError> {
    let journal = from.join(JOURNAL);
    let mut lines = std::fs::read(&journal).map_err(file(&journal))?;
    // What comes after the last line's end was never answered.
    let whole = lines
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    lines.truncate(whole);
    let folder = to.join(KEYS);
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(file(&folder))?;
    write_new(&to.join(JOURNAL), &lines)?;
    let (source, mut keys) = (from.join(KEYS), 0);
    for entry in std::fs::read_dir(&source).map_err(file(&source))? {
        let path = entry.map_err(file(&source))?.path();
        if path.extension().is_some_and(|kind| kind == "json")
            && let Some(name) = path.file_name()
        {
            let bytes = std::fs::read(&path).map_err(file(&path))?;
            write_new(&folder.join(name), &bytes)?;
            keys += 1;
        }
    }
    Ok(Copied {
        keys,
        journal: whole as u64,
    })
}

fn events(path: &Path, from: u64) -> Result<Vec<Event>, CopyError> {
    let mut bytes = Vec::new();
    let mut journal = File::open(path).map_err(file(path))?;
    journal.seek(SeekFrom::Start(from)).map_err(file(path))?;
    journal.read_to_end(&mut bytes).map_err(file(path))?;
    let mut events = Vec::new();
    // A last piece without its line's end is not looked at.
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    let bytes = bytes.get(..whole).unwrap_or_default();
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let json = line.split(|byte| *byte == b'\t').next().unwrap_or_default();
        if json.is_empty() {
            continue;
        }
        let line: Line = serde_json::from_slice(json).map_err(|_| CopyError::Line {
            path: path.to_owned(),
            line: number + 1,
        })?;
        events.push(line.event);
    }
    Ok(events)
}

/// Whether keys, certificates or passkeys changed after the first `journal` octets: then a database copied meanwhile may know
/// more than the copied store.
pub fn moved_on(from: &Path, journal: u64) -> Result<bool, CopyError> {
    let later = events(&from.join(JOURNAL), journal)?;
    Ok(later.iter().any(|event| {
        matches!(
            event,
            Event::KeyGenerated { .. }
                | Event::CertificateInstalled { .. }
                | Event::RegistrarPinned { .. }
                | Event::ConsentPinned { .. }
                | Event::ConsentUnpinned { .. }
        )
    }))
}

/// The size of the last head signed for each log, as the journal says; its authenticators are not checked here.
pub fn heads(store: &Path) -> Result<BTreeMap<String, u64>, CopyError> {
    let mut heads = BTreeMap::new();
    for event in events(&store.join(JOURNAL), 0)? {
        if let Event::CheckpointSigned { origin, size, .. } = event {
            heads.insert(origin, size);
        }
    }
    Ok(heads)
}

/// Opens a copy as the signer would, verifies every line of its journal and opens every key; gives how many there are of both.
/// It writes a line, so give it a copy of the copy.
pub fn open_once(
    store: &Path,
    key_encryption_key: KeyEncryptionKey,
    entropy: EntropyFn,
    now: i64,
) -> Result<(u64, u64), StoreError> {
    let config = Config {
        directory: store.to_owned(),
        socket: PathBuf::new(),
        origins: Vec::new(),
        rp_id: String::new(),
        callers: Vec::new(),
        profiles: Vec::new(),
        anchors: Vec::new(),
        timestamp_policy: String::new(),
        key_encryption_key,
        demo: false,
    };
    if KeyStore::is_empty(&store.join(KEYS)) && !store.join(JOURNAL).exists() {
        return Err(StoreError::JournalMissing(store.join(JOURNAL)));
    }
    let opened = Store::open(&config, entropy, now)?;
    let ids = opened.keys().ids();
    for key in &ids {
        opened.keys().private(key)?;
    }
    // The line that opening wrote is not counted.
    let lines = opened.journal().length().saturating_sub(1);
    Ok((ids.len() as u64, lines))
}
