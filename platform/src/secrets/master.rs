//! The master key file: keys by number, 0600, written beside and renamed, so that a crash leaves the old file or the new one.
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use super::Error;
use crate::random::Entropy;

/// The keys of a master key file; wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKeys(BTreeMap<u32, Zeroizing<[u8; 32]>>);

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKeys({:?})", self.0.keys())
    }
}

impl MasterKeys {
    /// From keys by number; `None` without any.
    pub fn new(keys: BTreeMap<u32, Zeroizing<[u8; 32]>>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// Numbers and keys, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u8; 32])> {
        self.0.iter().map(|(id, key)| (*id, &**key))
    }

    pub(super) fn by_id(&self) -> BTreeMap<u32, [u8; 32]> {
        self.0.iter().map(|(id, key)| (*id, **key)).collect()
    }

    /// The same with one more, which seals from now on.
    pub fn with_fresh(&self, entropy: &Entropy) -> Self {
        let next = self.0.keys().next_back().map_or(1, |last| last + 1);
        let mut keys = self.0.clone();
        keys.insert(next, Zeroizing::new(entropy.bytes::<32>()));
        Self(keys)
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::from(
            "# Master keys: number and 32 bytes; the last one seals. Keep a copy apart from the database.\n",
        ));
        for (id, key) in self.iter() {
            let line = Zeroizing::new(format!("{id} {}\n", data_encoding::HEXLOWER.encode(key)));
            text.push_str(&line);
        }
        text
    }
}

/// Reads the file; `None` when there is none. Refused when others can read it.
pub fn read(path: &Path) -> Result<Option<MasterKeys>, Error> {
    let io = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    let mode = match fs::metadata(path) {
        Ok(told) => told.permissions().mode() & 0o777,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    if mode & 0o077 != 0 {
        return Err(Error::Mode {
            path: path.to_owned(),
            mode,
        });
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(io)?);
    let broken = |line| Error::Format {
        path: path.to_owned(),
        line,
    };
    let mut keys = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (id, key) = line
            .split_once(' ')
            .and_then(|(id, key)| {
                let bytes = data_encoding::HEXLOWER_PERMISSIVE
                    .decode(key.trim().as_bytes())
                    .map(Zeroizing::new)
                    .ok()?;
                let key = <[u8; 32]>::try_from(bytes.as_slice()).ok()?;
                Some((id.parse::<u32>().ok()?, Zeroizing::new(key)))
            })
            .ok_or_else(|| broken(number + 1))?;
        keys.insert(id, key);
    }
    MasterKeys::new(keys).map(Some).ok_or_else(|| broken(1))
}

/// Makes the file with one key; another process that makes it at the same time wins.
pub(super) fn create(path: &Path, entropy: &Entropy) -> Result<MasterKeys, Error> {
    let keys = MasterKeys(BTreeMap::from([(1, Zeroizing::new(entropy.bytes::<32>()))]));
    match write_new(path, &keys) {
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::AlreadyExists => {}
        other => return other.map(|()| keys),
    }
    read(path)?.ok_or_else(|| Error::Io {
        path: path.to_owned(),
        source: std::io::Error::from(std::io::ErrorKind::NotFound),
    })
}

/// Writes the file where none may be yet.
pub fn write_new(path: &Path, keys: &MasterKeys) -> Result<(), Error> {
    write(path, keys, true)
}

/// Replaces the file.
pub fn replace(path: &Path, keys: &MasterKeys) -> Result<(), Error> {
    let beside = path.with_extension("key.new");
    let io = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    write(&beside, keys, false)?;
    fs::rename(&beside, path).map_err(io)?;
    match path.parent() {
        Some(folder) => File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(io),
        None => Ok(()),
    }
}

fn write(path: &Path, keys: &MasterKeys, new: bool) -> Result<(), Error> {
    let io = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    if new {
        options.create_new(true);
    } else {
        options.create(true).truncate(true);
    }
    let mut file = options.open(path).map_err(io)?;
    file.write_all(keys.text().as_bytes()).map_err(io)?;
    file.sync_all().map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_key_comes_last_and_the_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let entropy = Entropy::seeded(3);
        let first = create(&path, &entropy).unwrap();
        assert_eq!(
            create(&path, &entropy).unwrap(),
            first,
            "the file is made once"
        );
        let more = first.with_fresh(&entropy);
        replace(&path, &more).unwrap();
        let read = read(&path).unwrap().unwrap();
        assert_eq!(read, more);
        assert_eq!(read.iter().map(|(id, _)| id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(read.iter().next(), first.iter().next());
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        assert!(write_new(&path, &first).is_err(), "nothing is overwritten");
    }
}
