//! `antin keys`: rotates the master key, prints keys as shares on paper, brings them back from paper.

use super::config::Where;
use crate::failure::{Failure, input, internal, unavailable};
use crate::wire_up::{self, ClockCheck, Opened};
use platform::audit::{Actor, Event};
use platform::data_dir::DataDir;
use platform::secrets::columns::{self, ColumnError};
use platform::secrets::shares::{self, Paper, Secrets};
use platform::secrets::{Sealer, master};
use platform::{backup, clock, db};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zeroize::Zeroizing;

/// What to do.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Say which master keys there are and what is sealed under older ones.
    Status {
        #[command(flatten)]
        place: Where,
    },
    /// Make a new master key and seal everything under it; the province must be stopped.
    Rotate {
        #[command(flatten)]
        place: Where,
    },
    /// Print the keys as shares on paper; the province must be stopped.
    Shares {
        #[command(flatten)]
        place: Where,
        /// How many shares bring the keys back.
        #[arg(long)]
        threshold: u8,
        /// How many shares are printed.
        #[arg(long)]
        of: u8,
        /// One file for each share in this folder, which must not be there yet, instead of standard output.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Bring the keys back from typed shares, one file each; `-` reads one from standard input.
    Recover {
        #[command(flatten)]
        place: Where,
        /// The shares.
        #[arg(required = true)]
        shares: Vec<PathBuf>,
    },
}

/// Runs one of them.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.what {
        What::Status { place } => status(&place).await,
        What::Rotate { place } => rotate(&place).await,
        What::Shares {
            place,
            threshold,
            of,
            out,
        } => print_shares(&place, threshold, of, out.as_deref()).await,
        What::Recover { place, shares } => recover(&place, &shares),
    }
}

fn columns_failed(error: ColumnError) -> Failure {
    match error {
        ColumnError::Db(error) => Failure::Unavailable(format!("database: {error}")),
        value => Failure::Refused(format!(
            "{value}. Nothing after it was changed; what was sealed again stays good"
        )),
    }
}

async fn status(place: &Where) -> Result<ExitCode, Failure> {
    let config = place.load()?;
    let opened = wire_up::look_into(config).await?;
    let count = columns::open_all(&opened.db, &opened.sealer, &wire_up::SEALED)
        .await
        .map_err(columns_failed)?;
    println!(
        "master key {} seals; {} sealed values, {} of them under an older key",
        opened.sealer.current(),
        count.values,
        count.stale
    );
    Ok(ExitCode::SUCCESS)
}

/// Owns the directory, so that nothing seals meanwhile under a key of before.
async fn own(place: &Where, who: &str) -> Result<Opened, Failure> {
    let config = place.load()?;
    super::serve::start_log(&config)?;
    if !config.data_dir.join("master.key").exists() {
        return Err(Failure::Unavailable(format!(
            "{} holds no province: there is no master.key",
            config.data_dir.display()
        )));
    }
    wire_up::open(config, who, ClockCheck::Strict).await
}

async fn rotate(place: &Where) -> Result<ExitCode, Failure> {
    let opened = own(place, "antin keys rotate").await?;
    let path = opened.config.data_dir.join("master.key");
    let before = columns::open_all(&opened.db, &opened.sealer, &wire_up::SEALED)
        .await
        .map_err(columns_failed)?;
    // A rotation that was stopped half-way is finished, not followed by another.
    let sealer = if before.stale == 0 {
        let keys = master::read(&path)
            .map_err(unavailable("master key"))?
            .ok_or_else(|| Failure::Unavailable("master.key is gone".into()))?
            .with_fresh(&opened.entropy);
        master::replace(&path, &keys).map_err(unavailable("master key"))?;
        Sealer::load_or_create(&path, opened.entropy.clone()).map_err(unavailable("master key"))?
    } else {
        println!(
            "an earlier rotation was not finished: {} values remain",
            before.stale
        );
        opened.sealer.clone()
    };
    let done = columns::seal_again(&opened.db, &sealer, &wire_up::SEALED)
        .await
        .map_err(columns_failed)?;
    let after = columns::open_all(&opened.db, &sealer, &wire_up::SEALED)
        .await
        .map_err(columns_failed)?;
    if after.stale != 0 {
        return Err(Failure::Internal(format!(
            "{} values are still under an older key: run it again",
            after.stale
        )));
    }
    record(
        &opened,
        "master_key_rotated",
        serde_json::json!({ "key": sealer.current(), "values": done }),
    )
    .await?;
    println!(
        "master key {} seals; {done} values sealed again, {} in all.\nKeep a new copy of {} apart from the database, and print new shares: those of before do not hold the new key. Earlier backups need the earlier keys, which stay in the file",
        sealer.current(),
        after.values,
        path.display()
    );
    Ok(ExitCode::SUCCESS)
}

async fn record(
    opened: &Opened,
    kind: &'static str,
    detail: serde_json::Value,
) -> Result<(), Failure> {
    let (now, actor) = (opened.clock.now(), Actor::System("keys"));
    let event = Event::new(kind, now, actor, &opened.entropy).detail(detail);
    let event = &event;
    opened
        .db
        .write(|tx| async move { Ok::<_, db::Error>(tx.commit(event.clone(), ())) })
        .await
        .map_err(unavailable("database"))
}

/// The signer's key-encryption key, when it lies in a file of this directory.
fn key_encryption_file(data: &Path) -> PathBuf {
    data.join("signer").join("key-encryption.key")
}

fn read_key_encryption(path: &Path) -> Result<Option<Zeroizing<[u8; 32]>>, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::Unavailable(format!("{}: {error}", path.display()))),
    };
    let bytes = data_encoding::HEXLOWER_PERMISSIVE
        .decode(text.trim().as_bytes())
        .map(Zeroizing::new)
        .map_err(input("key-encryption key"))?;
    let key = <[u8; 32]>::try_from(bytes.as_slice())
        .map_err(|_| Failure::Input(format!("{}: not 32 octets", path.display())))?;
    Ok(Some(Zeroizing::new(key)))
}

async fn print_shares(
    place: &Where,
    threshold: u8,
    of: u8,
    out: Option<&Path>,
) -> Result<ExitCode, Failure> {
    if out.is_some_and(Path::exists) {
        return Err(Failure::Input(
            "the folder for the shares is there already: name one that is not".into(),
        ));
    }
    let opened = own(place, "antin keys shares").await?;
    let path = opened.config.data_dir.join("master.key");
    let master = master::read(&path)
        .map_err(unavailable("master key"))?
        .ok_or_else(|| Failure::Unavailable("master.key is gone".into()))?;
    let secrets = Secrets {
        master,
        key_encryption: read_key_encryption(&key_encryption_file(&opened.config.data_dir))?,
    };
    let papers = shares::share(&secrets, threshold, of, &opened.entropy)
        .map_err(|error| Failure::Input(error.to_string()))?;
    // Written down before anybody has one: a printing that nobody knows of would be worse than one that was not used.
    let set = papers.first().map_or("", |paper| paper.set.as_str());
    record(
        &opened,
        "keys_shared_on_paper",
        serde_json::json!({ "printing": set, "threshold": threshold, "shares": of }),
    )
    .await?;
    let today = clock::format_date(opened.clock.now());
    for paper in &papers {
        let text = page(
            paper,
            &opened.config.province,
            &today,
            of,
            secrets.key_encryption.is_some(),
        );
        match out {
            Some(folder) => {
                let file = folder.join(format!("share-{:02}.txt", paper.number));
                backup::write_file(&file, text.as_bytes()).map_err(internal("share"))?;
            }
            None => print!("{text}\u{c}"),
        }
    }
    eprintln!(
        "{of} shares of printing {set}; any {threshold} bring the keys back. Give each to another officer in a sealed envelope{}",
        out.map_or_else(String::new, |folder| format!(
            "; print and then destroy the files in {}",
            folder.display()
        ))
    );
    Ok(ExitCode::SUCCESS)
}

/// What is printed on one sheet.
fn page(paper: &Paper, province: &str, today: &str, of: u8, with_signer: bool) -> String {
    let what = if with_signer {
        "khóa chủ và khóa niêm phong của dịch vụ ký / master keys and key-encryption key"
    } else {
        "khóa chủ / master keys"
    };
    format!(
        "ẤN TÍN · {province} · {today}\nTờ {} trong {of} tờ; cần {} tờ / Share {} of {of}; {} are needed\n{what}\nGiữ kín, tách rời các tờ khác. Khi cần: antin keys recover\nKeep secret, apart from the others. When needed: antin keys recover\n\n{}\n",
        paper.number,
        paper.threshold,
        paper.number,
        paper.threshold,
        paper.lines().join("\n")
    )
}

fn recover(place: &Where, files: &[PathBuf]) -> Result<ExitCode, Failure> {
    let config = super::config::load(place.config.as_deref(), &place.data)?;
    let mut papers = Vec::new();
    for file in files {
        let mut text = Zeroizing::new(String::new());
        if file.as_os_str() == "-" {
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(input("standard input"))?;
        } else {
            *text = std::fs::read_to_string(file)
                .map_err(|error| Failure::Input(format!("{}: {error}", file.display())))?;
        }
        let paper = Paper::read(&text)
            .map_err(|error| Failure::Input(format!("{}: {error}", file.display())))?;
        papers.push(paper);
    }
    let secrets = shares::recover(&papers).map_err(|error| Failure::Input(error.to_string()))?;
    let now = clock::Clock::system().now();
    let _lock = DataDir::take(&config.data_dir, "antin keys recover", now)
        .map_err(|error| Failure::Unavailable(error.to_string()))?;
    let path = config.data_dir.join("master.key");
    match master::read(&path).map_err(unavailable("master key"))? {
        Some(there) if there == secrets.master => {
            println!("{} is there and holds the same keys", path.display());
        }
        Some(_) => {
            return Err(Failure::Refused(format!(
                "{} is there with other keys: move it away first, and keep it until everything opens",
                path.display()
            )));
        }
        None => {
            master::write_new(&path, &secrets.master).map_err(unavailable("master key"))?;
            println!("{} written", path.display());
        }
    }
    if let Some(key) = &secrets.key_encryption {
        let file = key_encryption_file(&config.data_dir);
        match read_key_encryption(&file)? {
            Some(there) if there == *key => {
                println!("{} is there and holds the same key", file.display());
            }
            Some(_) => {
                return Err(Failure::Refused(format!(
                    "{} is there with another key: move it away first",
                    file.display()
                )));
            }
            None => {
                let text = Zeroizing::new(data_encoding::HEXLOWER.encode(key.as_slice()));
                backup::write_file(&file, text.as_bytes())
                    .map_err(internal("key-encryption key"))?;
                println!("{} written", file.display());
            }
        }
    }
    println!(
        "Check it: antin doctor --data {}",
        config.data_dir.display()
    );
    Ok(ExitCode::SUCCESS)
}
