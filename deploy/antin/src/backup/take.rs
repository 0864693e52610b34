//! Takes a backup beside a running `serve`: first mail and signer, then the database, then the rest; whole or not at all.

use super::{Place, copied_otherwise, disk, opens_something};
use crate::failure::{Failure, internal, unavailable};
use crate::wire_up::Opened;
use platform::backup::{self, Entry, Folder, MANIFEST, Manifest, VERSION};
use platform::clock::rfc3339;
use std::fs;
use std::path::{Path, PathBuf};

/// How often it is begun anew because keys were made meanwhile.
const TRIES: u32 = 8;

/// What to take.
pub struct Wanted<'a> {
    /// Where to.
    pub to: &'a Path,
    /// Another place for the keys.
    pub keys: Option<&'a Path>,
    /// Data directory of a signer that runs apart.
    pub signer: Option<&'a Path>,
    /// The configuration file, which may hold the database's password.
    pub config: Option<&'a Path>,
}

/// Takes it; the manifest as written, and its SHA-256.
pub async fn run(opened: &Opened, wanted: &Wanted<'_>) -> Result<(Manifest, String), Failure> {
    let place = Place::new(wanted.to, wanted.keys);
    for path in [Some(wanted.to), wanted.keys].into_iter().flatten() {
        if path.exists() {
            return Err(Failure::Input(format!(
                "{} is there already: name a folder that is not there yet, such as one with the date",
                path.display()
            )));
        }
    }
    let stage = Place::new(&beside(wanted.to), wanted.keys.map(beside).as_deref());
    let store = signer_store(opened, wanted.signer);
    let mut left_out = Vec::new();
    let head = newest_head(opened).await?;
    let mut tries = 1;
    loop {
        clear(&stage)?;
        backup::make_folder(&stage.data).map_err(disk("backup"))?;
        backup::make_folder(&stage.keys).map_err(disk("backup"))?;
        spool(opened, &stage)?;
        let copied = match &store {
            Some(store) => Some(
                signer::copy(store, &stage.data.join("signer"))
                    .map_err(unavailable("signer's store"))?,
            ),
            None => None,
        };
        database(opened, &stage).await?;
        // The spool once more: what came in meanwhile has its row in the copied database.
        spool(opened, &stage)?;
        let moved = match (&store, copied) {
            (Some(store), Some(copied)) => {
                signer::moved_on(store, copied.journal).map_err(unavailable("signer's store"))?
            }
            _ => false,
        };
        if !moved {
            break;
        }
        tries += 1;
        if tries > TRIES {
            return Err(Failure::Unavailable(
                "keys are being made all the time, so that no copy of database and signer belong together: try again when no certificates are being issued".into(),
            ));
        }
    }
    rest(opened, wanted, &stage)?;
    if let Some(head) = &head {
        backup::write_file(&stage.data.join("log.checkpoint"), head.as_bytes())
            .map_err(disk("backup"))?;
    }
    match &store {
        None => left_out.push(
            "the signer's store: it runs apart. Name its data directory with --signer, as a user who may read it, or back it up on its machine BEFORE the database".into(),
        ),
        Some(store) => {
            let key = store.join("key-encryption.key");
            if !backup::copy_file(&key, &stage.keys.join("signer/key-encryption.key"))
                .map_err(disk("backup"))?
            {
                left_out.push("the signer's key-encryption key: it comes from an environment variable; keep a copy where that comes from".into());
            }
        }
    }
    left_out.extend(elsewhere(opened));
    let manifest = finish(opened, &stage, head, left_out)?;
    let (_, digest) = backup::measure(&stage.root.join(MANIFEST)).map_err(disk("backup"))?;
    for folder in [&stage.keys, &stage.root] {
        backup::settle(folder).map_err(disk("backup"))?;
    }
    if wanted.keys.is_some() {
        fs::rename(&stage.keys, &place.keys).map_err(disk("backup"))?;
    }
    fs::rename(&stage.root, &place.root).map_err(disk("backup"))?;
    Ok((manifest, digest))
}

/// Where it is put together: beside its place, so that the last step is one renaming.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}

/// Removes what an interrupted backup left.
fn clear(stage: &Place) -> Result<(), Failure> {
    for folder in [&stage.root, &stage.keys] {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::Unavailable(format!(
                    "{}: {error}",
                    folder.display()
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

fn signer_store(opened: &Opened, apart: Option<&Path>) -> Option<PathBuf> {
    match (apart, &opened.config.signer.socket) {
        (Some(data), _) => Some(data.join("signer")),
        (None, Some(_)) => None,
        (None, None) => Some(opened.config.data_dir.join("signer")).filter(|store| store.exists()),
    }
}

async fn newest_head(opened: &Opened) -> Result<Option<String>, Failure> {
    let mut conn = opened.db.read().await.map_err(unavailable("database"))?;
    let newest = platform::log::store::newest(&mut conn)
        .await
        .map_err(unavailable("database"))?;
    Ok(newest.map(|newest| newest.note))
}

fn spool(opened: &Opened, stage: &Place) -> Result<(), Failure> {
    let from = opened.config.data_dir.join("mail/spool");
    let unfinished = |path: &Path| path.extension().is_some_and(|kind| kind == "staged");
    for path in backup::files_under(&from, &unfinished).map_err(disk("spool"))? {
        // A message delivered meanwhile is gone, and is in the copy of before or not needed.
        backup::copy_file(
            &from.join(&path),
            &stage.data.join("mail/spool").join(&path),
        )
        .map_err(disk("spool"))?;
    }
    Ok(())
}

async fn database(opened: &Opened, stage: &Place) -> Result<(), Failure> {
    let file = stage.data.join("antin.db");
    let copied = opened
        .db
        .copy_to(&file)
        .await
        .map_err(unavailable("copy of the database"))?;
    if copied {
        // The engine has written the file and not waited for the disk.
        fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(&file)
            .and_then(|file| {
                use std::os::unix::fs::PermissionsExt as _;
                file.set_permissions(fs::Permissions::from_mode(0o600))?;
                file.sync_all()
            })
            .map_err(disk("copy of the database"))?;
    }
    Ok(())
}

/// Everything else of the data directory, and the configuration file.
fn rest(opened: &Opened, wanted: &Wanted<'_>, stage: &Place) -> Result<(), Failure> {
    let root = &opened.config.data_dir;
    for path in backup::files_under(root, &copied_otherwise).map_err(disk("data directory"))? {
        let folder = if opens_something(&path) {
            &stage.keys
        } else {
            &stage.data
        };
        backup::copy_file(&root.join(&path), &folder.join(&path)).map_err(disk("backup"))?;
    }
    if let Some(config) = wanted.config {
        backup::copy_file(config, &stage.keys.join("antin.toml")).map_err(disk("backup"))?;
    }
    Ok(())
}

/// What a backup of this directory cannot hold.
fn elsewhere(opened: &Opened) -> Vec<String> {
    let config = &opened.config;
    let mut out = Vec::new();
    if config.database.url.is_some() {
        out.push("the PostgreSQL database: run pg_dump AFTER this backup, so that it knows no less than the signer".into());
    }
    let inside = |path: &PathBuf| path.starts_with(&config.data_dir);
    if let Some(maildir) = config.mail.maildir.as_ref().filter(|path| !inside(path)) {
        out.push(format!("delivered mail in {}", maildir.display()));
    }
    for file in [&config.mail.tls_certificate, &config.mail.tls_key]
        .into_iter()
        .flatten()
        .filter(|path| !inside(path))
    {
        out.push(format!("{}, named in the configuration", file.display()));
    }
    out
}

fn finish(
    opened: &Opened,
    stage: &Place,
    head: Option<String>,
    left_out: Vec<String>,
) -> Result<Manifest, Failure> {
    let mut files: Vec<Entry> = Vec::new();
    for folder in [Folder::Data, Folder::Keys] {
        files.extend(backup::entries(stage.folder(folder), folder).map_err(disk("backup"))?);
    }
    let manifest = Manifest {
        version: VERSION,
        made_at: rfc3339(opened.clock.now()),
        program: format!("antin {}", env!("CARGO_PKG_VERSION")),
        issuer: opened.config.public_url.origin().ascii_serialization(),
        database: if opened.config.database.url.is_some() {
            "postgres".into()
        } else {
            "sqlite".into()
        },
        head,
        left_out,
        files,
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(internal("manifest"))?;
    backup::write_file(&stage.root.join(MANIFEST), &text).map_err(disk("backup"))?;
    Ok(manifest)
}

/// The command that backs up PostgreSQL, with the password left out.
pub fn dump_command(opened: &Opened, to: &Path) -> Option<String> {
    let mut url = url::Url::parse(opened.config.database.url.as_deref()?).ok()?;
    // A URL without a password has none to take out.
    let _ = url.set_password(None);
    Some(format!(
        "pg_dump --format=custom --no-owner --file={} {url}",
        to.join("database.dump").display()
    ))
}

/// Anything but this directory's own lock and sockets.
pub fn is_elsewhere(data: &Path, to: &Path) -> bool {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    !absolute(to).starts_with(absolute(data))
}
