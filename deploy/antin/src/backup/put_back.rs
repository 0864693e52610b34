//! Puts a backup back into an empty data directory, unless a newer head of its log is known.

use super::{Place, disk};
use crate::failure::{Failure, unavailable};
use crate::wire_up;
use platform::backup::{self, Folder, Manifest};
use platform::log::{Checkpoint, SignedNote};
use std::fs;
use std::path::{Path, PathBuf};

/// In a directory that is being restored; a directory with it is no province yet.
const UNDER_WAY: &str = "restore-under-way";

/// Reads the manifest and refuses a backup in which a file is missing, changed or added.
pub fn whole(place: &Place) -> Result<Manifest, Failure> {
    let manifest =
        Manifest::read(&place.root).map_err(|error| Failure::Input(error.to_string()))?;
    let faults = manifest
        .faults(&place.data, &place.keys)
        .map_err(disk("backup"))?;
    if faults.is_empty() {
        return Ok(manifest);
    }
    Err(Failure::Refused(format!(
        "the backup is not what its manifest says:\n  {}",
        faults.join("\n  ")
    )))
}

/// Copies both folders into a directory.
pub fn copy(
    place: &Place,
    manifest: &Manifest,
    into: &Path,
    keep_signer: bool,
) -> Result<(), Failure> {
    // The database last: a directory without it is no province.
    let (last, first): (Vec<_>, Vec<_>) = manifest
        .files
        .iter()
        .partition(|entry| entry.path == "antin.db");
    for entry in first.into_iter().chain(last) {
        if keep_signer && entry.path.starts_with("signer/") {
            continue;
        }
        let from = place.folder(entry.folder).join(&entry.path);
        if !backup::copy_file(&from, &into.join(&entry.path)).map_err(disk("restore"))? {
            return Err(Failure::Refused(format!("{} is gone", from.display())));
        }
    }
    backup::settle(into).map_err(disk("restore"))
}

/// The signed head that a backup was begun with, read with the log's own key.
fn head(place: &Place, manifest: &Manifest) -> Result<Option<Checkpoint>, Failure> {
    let Some(note) = &manifest.head else {
        return Ok(None);
    };
    let keys = wire_up::verifier_keys(&place.data)?;
    SignedNote(note.clone())
        .open(&keys)
        .map(Some)
        .map_err(|error| Failure::Refused(format!("the head in the manifest: {error}")))
}

/// What else is known of the log: a head kept elsewhere, the copy that lies in the directory, what the signer there has signed.
pub struct Known<'a> {
    /// Heads that the operator kept elsewhere.
    pub seen: &'a [PathBuf],
    /// The data directory to restore into.
    pub into: &'a Path,
    /// The last head of a signer that runs apart: how many leaves.
    pub apart: Option<u64>,
}

/// How many leaves the newest known head covers, and where it was seen.
fn newest_known(place: &Place, known: &Known<'_>) -> Result<Option<(u64, String)>, Failure> {
    let mut found = Vec::new();
    let beside = wire_up::past::head_copy(known.into);
    for path in known
        .seen
        .iter()
        .chain(Some(&beside).filter(|path| path.exists()))
    {
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::Input(format!("{}: {error}", path.display())))?;
        let keys = wire_up::verifier_keys(&place.data)?;
        let head = SignedNote(text)
            .open(&keys)
            .map_err(|error| Failure::Input(format!("{}: {error}", path.display())))?;
        found.push((head.size, path.display().to_string()));
    }
    let store = known.into.join("signer");
    if store.exists() {
        let heads = signer::heads(&store).map_err(unavailable("signer's store"))?;
        found.extend(
            heads
                .into_values()
                .map(|size| (size, store.display().to_string())),
        );
    }
    found.extend(
        known
            .apart
            .map(|size| (size, "the signer that runs apart".to_owned())),
    );
    Ok(found.into_iter().max())
}

/// Restores; gives whether the signer's store that was there is kept.
pub async fn run(place: &Place, manifest: &Manifest, known: &Known<'_>) -> Result<bool, Failure> {
    let into = known.into;
    let keep_signer = into.join("signer").exists() && !into.join(UNDER_WAY).exists();
    may_be_filled(into)?;
    if let Some((newest, where_seen)) = newest_known(place, known)? {
        let held = held_by(place, manifest).await?;
        if held.is_some_and(|held| newest > held) {
            return Err(Failure::Refused(format!(
                "a newer head of this log is known: {where_seen} holds one of {newest} leaves, the backup has {}. Going back would deny what was recorded since, and nobody may do that alone. Look for the newest database or a newer backup",
                held.unwrap_or(0)
            )));
        }
    }
    backup::write_file(&into.join(UNDER_WAY), b"antin restore\n").map_err(disk("restore"))?;
    copy(place, manifest, into, keep_signer)?;
    fs::remove_file(into.join(UNDER_WAY)).map_err(disk("restore"))?;
    backup::settle(into).map_err(disk("restore"))?;
    Ok(keep_signer)
}

/// How many leaves the copied database holds; `None` when that cannot be asked (PostgreSQL).
async fn held_by(place: &Place, manifest: &Manifest) -> Result<Option<u64>, Failure> {
    if manifest.database != "sqlite" {
        return Ok(head(place, manifest)?.map(|head| head.size));
    }
    // A copy, since opening a database writes beside it.
    let folder = tempfile::tempdir().map_err(disk("temporary folder"))?;
    let file = folder.path().join("antin.db");
    backup::copy_file(&place.data.join("antin.db"), &file).map_err(disk("temporary folder"))?;
    let db = platform::db::Db::open_sqlite(&file)
        .await
        .map_err(unavailable("copied database"))?;
    let mut conn = db.read().await.map_err(unavailable("copied database"))?;
    let size = platform::log::store::size(&mut conn)
        .await
        .map_err(unavailable("copied database"))?;
    drop(conn);
    db.close().await;
    Ok(Some(size.unsigned_abs()))
}

/// A directory is filled only when it is empty but for a head, a signer's store, a lock, or what a restore left half done.
fn may_be_filled(into: &Path) -> Result<(), Failure> {
    backup::make_folder(into).map_err(disk("restore"))?;
    let half_done = into.join(UNDER_WAY).exists();
    let entries = fs::read_dir(into).map_err(disk("restore"))?;
    for entry in entries {
        let name = entry.map_err(disk("restore"))?.file_name();
        let known = ["log.checkpoint", "signer", "antin.lock", UNDER_WAY];
        if !half_done && !known.iter().any(|known| name == *known) {
            return Err(Failure::Input(format!(
                "{} is not empty: it holds {}. Restore into an empty directory; only log.checkpoint and the signer's folder may lie there",
                into.display(),
                name.display()
            )));
        }
    }
    Ok(())
}

/// The manifest's keys folder may hold the configuration; where it was put.
pub fn configuration(manifest: &Manifest, into: &Path) -> Option<PathBuf> {
    manifest
        .files
        .iter()
        .any(|entry| entry.folder == Folder::Keys && entry.path == "antin.toml")
        .then(|| into.join("antin.toml"))
}
