//! Backup, its proving drill, and restore: what of a data directory goes where, and in which order.
//! Standard: docs/operations/backup.md
//! It must never copy a database that knows keys which the copied signer store lacks, nor restore below a head that is known.

pub mod examine;
pub mod put_back;
pub mod take;

use crate::failure::Failure;
use platform::backup::Folder;
use std::path::{Path, PathBuf};

/// Where the parts of one backup lie.
#[derive(Debug, Clone)]
pub struct Place {
    /// The folder with the manifest.
    pub root: PathBuf,
    /// Database, papers, mail, sealed keys.
    pub data: PathBuf,
    /// What opens them.
    pub keys: PathBuf,
}

impl Place {
    /// `keys` is given when that folder lies elsewhere.
    pub fn new(root: &Path, keys: Option<&Path>) -> Self {
        Self {
            root: root.to_owned(),
            data: root.join(Folder::Data.name()),
            keys: keys.map_or_else(|| root.join(Folder::Keys.name()), Path::to_owned),
        }
    }

    /// One of the two folders.
    pub fn folder(&self, folder: Folder) -> &Path {
        match folder {
            Folder::Data => &self.data,
            Folder::Keys => &self.keys,
        }
    }
}

/// Whether a file of the data directory opens others, or opens doors.
fn opens_something(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.extension().is_some_and(|kind| kind == "key")
        || name == "people.json"
        || name == "demo.json"
        || name == "eoffice.json"
        || path.starts_with("government-ca")
}

/// What of a data directory is not copied as a file: locks, sockets, the database itself (copied by its engine), the signer's
/// store and the spool (copied in their own order), what is half written.
fn copied_otherwise(path: &Path) -> bool {
    let name = path.to_string_lossy();
    matches!(
        name.as_ref(),
        "antin.lock"
            | "antin.db"
            | "antin.db-wal"
            | "antin.db-shm"
            | "log.checkpoint"
            | "signer"
            | "mail/spool"
    ) || path
        .extension()
        .is_some_and(|kind| matches!(kind.to_str(), Some("sock" | "new" | "staged")))
}

/// A failure of the disk, with what was being done.
fn disk(what: &str) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |error| Failure::Unavailable(format!("{what}: {error}"))
}
