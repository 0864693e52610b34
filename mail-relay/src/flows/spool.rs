//! The spool: one file per message, on disk before its row says so, removed after its last recipient.
//! Standard: RFC 5321 §4.2.5 (responsibility begins with 250)
//! It must never name a file by anything that came from outside.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A directory of message files.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: PathBuf,
}

impl Spool {
    /// Opens or makes the folder (0700).
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.eml"))
    }

    /// Writes a message so that it survives a power cut: file, then folder, are synced.
    pub fn keep(&self, id: &str, message: &[u8]) -> std::io::Result<()> {
        write_durably(&self.path(id), message)
    }

    /// Reads a message.
    pub fn read(&self, id: &str) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(self.path(id))?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Removes a message that has no recipient left; one that is gone already is fine.
    pub fn remove(&self, id: &str) -> std::io::Result<()> {
        match std::fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// How old a file is, ms, as the file system dates it.
    pub fn age(&self, id: &str, now: i64) -> std::io::Result<i64> {
        let modified = std::fs::metadata(self.path(id))?.modified()?;
        let at = modified
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| d.as_millis() as i64);
        Ok(now - at)
    }

    /// Ids of all files.
    pub fn ids(&self) -> std::io::Result<Vec<String>> {
        let mut ids = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            ids.extend(name.strip_suffix(".eml").map(str::to_owned));
        }
        Ok(ids)
    }
}

/// Writes a file beside its place, syncs it, renames it, syncs the folder.
pub fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let staged = path.with_extension("staged");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&staged)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&staged, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
