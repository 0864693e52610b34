//! A backup on disk: two folders, `data` and `keys`, and a manifest with the SHA-256 of every file and the newest head of the log.
//! Standard: FIPS 180-4 (SHA-256).
//! It must never put a key beside the data, nor be taken for whole before its last file is on disk.
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Name of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// The form written today.
pub const VERSION: u32 = 1;

/// In which folder a file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Folder {
    /// Database, papers, mail, sealed keys of the signer.
    Data,
    /// What opens them.
    Keys,
}

impl Folder {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Keys => "keys",
        }
    }
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where.
    pub folder: Folder,
    /// Path within the folder, which is its path within the data directory.
    pub path: String,
    /// Octets.
    pub size: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

/// What a backup says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`VERSION`]
    pub version: u32,
    /// When it was finished, RFC 3339.
    pub made_at: String,
    /// Program and version.
    pub program: String,
    /// Whose.
    pub issuer: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The newest signed head when it was begun; the copied database holds at least that much.
    pub head: Option<String>,
    /// What lies elsewhere and how to back it up.
    pub left_out: Vec<String>,
    /// Every file, in order.
    pub files: Vec<Entry>,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> io::Error + '_ {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Makes a folder that only the owner reads, with those above it.
pub fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(at(path))
}

/// Writes a file that only the owner reads, and waits until it is on disk.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(above) = path.parent() {
        make_folder(above)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(at(path))?;
    file.write_all(bytes).map_err(at(path))?;
    file.sync_all().map_err(at(path))
}

/// Copies a file for its owner only, and waits until it is on disk. `false`: it is gone meanwhile.
pub fn copy_file(from: &Path, to: &Path) -> io::Result<bool> {
    let mut source = match File::open(from) {
        Ok(source) => source,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(at(from)(error)),
    };
    if let Some(above) = to.parent() {
        make_folder(above)?;
    }
    let mut target = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(to)
        .map_err(at(to))?;
    io::copy(&mut source, &mut target).map_err(at(to))?;
    target.sync_all().map_err(at(to))?;
    Ok(true)
}

/// Every plain file under a folder, as paths within it, in order. Links, sockets and what `skip` names are left out.
pub fn files_under(root: &Path, skip: &dyn Fn(&Path) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let here = root.join(&folder);
        let entries = match fs::read_dir(&here) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(at(&here)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(at(&here))?;
            let path = folder.join(entry.file_name());
            if skip(&path) {
                continue;
            }
            let kind = entry.file_type().map_err(at(&here))?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Size and SHA-256 of a file.
pub fn measure(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path).map_err(at(path))?;
    let (mut hash, mut size, mut buffer) = (Sha256::new(), 0_u64, vec![0_u8; 1 << 20]);
    loop {
        let read = file.read(&mut buffer).map_err(at(path))?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            break;
        };
        hash.update(part);
        size += read as u64;
    }
    Ok((size, data_encoding::HEXLOWER.encode(&hash.finalize())))
}

/// The entries of one folder as they lie there.
pub fn entries(root: &Path, folder: Folder) -> io::Result<Vec<Entry>> {
    files_under(root, &|_| false)?
        .into_iter()
        .map(|path| {
            let (size, sha256) = measure(&root.join(&path))?;
            Ok(Entry {
                folder,
                path: path.to_string_lossy().into_owned(),
                size,
                sha256,
            })
        })
        .collect()
}

/// Waits until the names in a folder and below are on disk.
pub fn settle(root: &Path) -> io::Result<()> {
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(at(&folder))? {
            let entry = entry.map_err(at(&folder))?;
            if entry.file_type().map_err(at(&folder))?.is_dir() {
                folders.push(entry.path());
            }
        }
        File::open(&folder)
            .and_then(|folder| folder.sync_all())
            .map_err(at(&folder))?;
    }
    Ok(())
}

/// A manifest that is not one.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Its text.
    #[error("{path}: {source}")]
    Json {
        /// Where.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Another form.
    #[error("the backup has form {0}; this program reads form {VERSION}")]
    Version(u32),
    /// A path that leads out of the backup.
    #[error("the manifest names {0:?}, which does not lie in the backup")]
    Path(String),
}

impl Manifest {
    /// Reads the manifest of a backup; no path in it leads out of its folder.
    pub fn read(backup: &Path) -> Result<Self, Unreadable> {
        let path = backup.join(MANIFEST);
        let bytes = fs::read(&path).map_err(at(&path))?;
        let manifest: Self =
            serde_json::from_slice(&bytes).map_err(|source| Unreadable::Json { path, source })?;
        if manifest.version != VERSION {
            return Err(Unreadable::Version(manifest.version));
        }
        for entry in &manifest.files {
            let plain = Path::new(&entry.path)
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)));
            if !plain || entry.path.is_empty() {
                return Err(Unreadable::Path(entry.path.clone()));
            }
        }
        Ok(manifest)
    }

    /// What in the folders is not as the manifest says: changed, missing, added. Empty when all is well.
    pub fn faults(&self, data: &Path, keys: &Path) -> io::Result<Vec<String>> {
        let mut there = BTreeMap::new();
        for (root, folder) in [(data, Folder::Data), (keys, Folder::Keys)] {
            for entry in entries(root, folder)? {
                there.insert((folder, entry.path.clone()), entry);
            }
        }
        let mut faults = Vec::new();
        for entry in &self.files {
            let name = format!("{}/{}", entry.folder.name(), entry.path);
            match there.remove(&(entry.folder, entry.path.clone())) {
                None => faults.push(format!("{name} is missing")),
                Some(found) if found != *entry => faults.push(format!(
                    "{name} was changed: {} octets and SHA-256 {} instead of {} and {}",
                    found.size, found.sha256, entry.size, entry.sha256
                )),
                Some(_) => {}
            }
        }
        faults.extend(there.into_keys().map(|(folder, path)| {
            format!("{}/{path} does not belong to the backup", folder.name())
        }));
        Ok(faults)
    }

    /// Octets of all files.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|entry| entry.size).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(folder: &Path) -> Manifest {
        write_file(&folder.join("data/antin.db"), b"rows").unwrap();
        write_file(&folder.join("data/mail/spool/a.eml"), b"mail").unwrap();
        write_file(&folder.join("keys/master.key"), b"key").unwrap();
        let mut files = entries(&folder.join("data"), Folder::Data).unwrap();
        files.extend(entries(&folder.join("keys"), Folder::Keys).unwrap());
        let manifest = Manifest {
            version: VERSION,
            made_at: "2026-01-01T00:00:00Z".into(),
            program: "test".into(),
            issuer: "http://localhost".into(),
            database: "sqlite".into(),
            head: None,
            left_out: Vec::new(),
            files,
        };
        write_file(
            &folder.join(MANIFEST),
            &serde_json::to_vec(&manifest).unwrap(),
        )
        .unwrap();
        manifest
    }

    #[test]
    fn every_changed_missing_and_added_file_of_a_backup_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        backup(root);
        let manifest = Manifest::read(root).unwrap();
        let faults = || {
            manifest
                .faults(&root.join("data"), &root.join("keys"))
                .unwrap()
        };
        assert_eq!(faults(), Vec::<String>::new());
        assert_eq!(manifest.size(), 11);
        write_file(&root.join("data/antin.db"), b"rowz").unwrap();
        write_file(&root.join("data/added"), b"").unwrap();
        fs::remove_file(root.join("keys/master.key")).unwrap();
        let found = faults().join("\n");
        for expected in [
            "data/antin.db was changed",
            "keys/master.key is missing",
            "data/added does not belong",
        ] {
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn a_manifest_that_leads_out_of_its_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["../etc/passwd", "/etc/passwd", "a/../../b", ""] {
            let mut manifest = backup(folder.path());
            manifest.files[0].path = path.into();
            let text = serde_json::to_vec(&manifest).unwrap();
            write_file(&folder.path().join(MANIFEST), &text).unwrap();
            assert!(
                matches!(Manifest::read(folder.path()), Err(Unreadable::Path(_))),
                "{path}"
            );
        }
    }
}
