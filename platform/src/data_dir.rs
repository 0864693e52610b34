//! The data directory has one owner: the first process locks it, the second is told who holds it.
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The lock on a data directory, held as long as this value (and the process) lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// Why a data directory could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process owns it.
    #[error(
        "{path} is in use by {holder}. Stop that process, or give another directory with --data"
    )]
    Held {
        /// The directory.
        path: PathBuf,
        /// Who: command, process id, since when.
        holder: String,
    },
    /// The disk refused.
    #[error("{path}: {source}")]
    Io {
        /// What.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
}

impl DataDir {
    /// Makes the directory (mode 0700) if needed and takes it. `who` is the command, such as "antin serve".
    pub fn take(path: &Path, who: &str, now: i64) -> Result<Self, Error> {
        let io = |source| Error::Io {
            path: path.to_owned(),
            source,
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(io)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join("antin.lock"))
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(io)?;
                let holder = match holder.trim() {
                    "" => "another process".to_owned(),
                    text => text.to_owned(),
                };
                return Err(Error::Held {
                    path: path.to_owned(),
                    holder,
                });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        write!(
            file,
            "{who} (process {}, since {})",
            std::process::id(),
            crate::clock::format_instant(now)
        )
        .map_err(io)?;
        file.sync_all().map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: file,
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The SQLite file.
    pub fn database(&self) -> PathBuf {
        self.path.join("antin.db")
    }

    /// The master key file.
    pub fn master_key(&self) -> PathBuf {
        self.path.join("master.key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_owner_is_told_who_holds_the_directory_and_may_have_it_afterwards() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        let first = DataDir::take(&path, "antin serve", 0).unwrap();
        let refused = DataDir::take(&path, "antin import", 0)
            .unwrap_err()
            .to_string();
        assert!(refused.contains("antin serve (process "), "{refused}");
        assert!(refused.contains("01/01/1970"), "{refused}");
        drop(first);
        DataDir::take(&path, "antin import", 0).unwrap();
    }
}
