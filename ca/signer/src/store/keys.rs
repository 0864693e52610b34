//! Key files: one per key, written once (temporary file, fsync, rename, fsync of the directory), never changed.

use super::sealing::{KeyEncryption, SealingError};
use crate::consent::canonical;
use crate::domain::{Algorithm, Bytes, Purpose};
use openssl::pkey::{PKey, Private};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

/// What is wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or directory cannot be used.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// What happened.
        cause: std::io::Error,
    },
    /// Another signer has it.
    #[error("another signer uses {0}")]
    Locked(PathBuf),
    /// A key file that cannot be read.
    #[error("key file {0} is damaged")]
    Damaged(PathBuf),
    /// Keys without the journal that made them.
    #[error("there are keys, but the journal is missing or says nothing of them: {0}")]
    JournalMissing(PathBuf),
    /// Sealing.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] crate::journal::JournalError),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    about: About,
    sealed: Bytes,
}

/// What a sealed key is bound to.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    version: u32,
    key: String,
    purpose: Purpose,
    algorithm: Algorithm,
    public_key: Bytes,
}

impl About {
    fn bytes(&self) -> Result<Vec<u8>, SealingError> {
        canonical(self).map_err(|_| SealingError::Unsealable)
    }
}

/// The sealed keys.
pub struct KeyStore {
    directory: PathBuf,
    encryption: KeyEncryption,
    keys: RwLock<HashMap<String, KeyFile>>,
}

impl KeyStore {
    /// Whether any key file lies in the directory.
    pub fn is_empty(directory: &Path) -> bool {
        std::fs::read_dir(directory).map_or(true, |mut d| d.next().is_none())
    }

    /// Reads all key files; left-over temporary files are removed.
    pub fn open(directory: &Path, encryption: KeyEncryption) -> Result<Self, StoreError> {
        make_directory(directory)?;
        let failed = |cause| StoreError::File {
            path: directory.to_owned(),
            cause,
        };
        let mut keys = HashMap::new();
        for entry in std::fs::read_dir(directory).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|e| e == "new") {
                std::fs::remove_file(&path).map_err(failed)?;
                continue;
            }
            let bytes = std::fs::read(&path).map_err(failed)?;
            let file: KeyFile =
                serde_json::from_slice(&bytes).map_err(|_| StoreError::Damaged(path.clone()))?;
            if path.file_stem().and_then(|s| s.to_str()) != Some(&file.about.key) {
                return Err(StoreError::Damaged(path));
            }
            keys.insert(file.about.key.clone(), file);
        }
        let store = Self {
            directory: directory.to_owned(),
            encryption,
            keys: RwLock::new(keys),
        };
        // One key opened shows that the key-encryption key is the right one.
        let first = store.ids().into_iter().next();
        if let Some(key) = first {
            store.private(&key)?;
        }
        Ok(store)
    }

    /// Ids of all keys.
    pub fn ids(&self) -> Vec<String> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.keys().cloned().collect()
    }

    /// Seals and writes a new key.
    pub fn insert(
        &self,
        key: &str,
        purpose: &Purpose,
        algorithm: Algorithm,
        private: &PKey<Private>,
        public_key: &[u8],
    ) -> Result<(), StoreError> {
        let about = About {
            version: 1,
            key: key.to_owned(),
            purpose: purpose.clone(),
            algorithm,
            public_key: public_key.into(),
        };
        let secret = zeroize::Zeroizing::new(
            private
                .private_key_to_pkcs8()
                .map_err(|_| SealingError::Unsealable)?,
        );
        let sealed = Bytes(self.encryption.seal(&about.bytes()?, &secret)?);
        let file = KeyFile { about, sealed };
        let path = self.path(key);
        let bytes = serde_json::to_vec(&file).map_err(|_| StoreError::Damaged(path.clone()))?;
        write_new(&path, &bytes).map_err(|cause| StoreError::File { path, cause })?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.to_owned(), file);
        Ok(())
    }

    /// Removes a key nobody was ever told of.
    pub fn remove_unfinished(&self, key: &str) -> Result<(), StoreError> {
        let path = self.path(key);
        std::fs::remove_file(&path).map_err(|cause| StoreError::File { path, cause })?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.remove(key);
        Ok(())
    }

    /// The private key, opened for one use.
    pub fn private(&self, key: &str) -> Result<PKey<Private>, StoreError> {
        let damaged = || StoreError::Damaged(self.path(key));
        let secret = {
            let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
            let sealed = keys.get(key).ok_or_else(damaged)?;
            self.encryption
                .open(&sealed.about.bytes()?, &sealed.sealed)?
        };
        PKey::private_key_from_pkcs8(&secret).map_err(|_| damaged())
    }

    fn path(&self, key: &str) -> PathBuf {
        self.directory.join(format!("{key}.json"))
    }
}

/// Makes a directory of mode 0700 if it is absent.
pub fn make_directory(path: &Path) -> Result<(), StoreError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|cause| StoreError::File {
            path: path.to_owned(),
            cause,
        })
}

fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    match path.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}
