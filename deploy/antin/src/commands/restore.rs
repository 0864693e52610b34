//! `antin restore`: a backup into an empty data directory, refused when a newer head of its log is known.

use crate::backup::{Place, put_back};
use crate::failure::{Failure, unavailable};
use platform::data_dir::DataDir;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to restore, and where.
#[derive(clap::Args)]
pub struct Arguments {
    /// The backup.
    backup: PathBuf,
    /// Where its keys lie, when not in it.
    #[arg(long)]
    keys: Option<PathBuf>,
    /// A signed head kept elsewhere (a copy of /log/checkpoint); may be given several times.
    #[arg(long)]
    seen: Vec<PathBuf>,
    /// The TOML file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data directory when the file names none.
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// Restores.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = super::config::load(arguments.config.as_deref(), &arguments.data)?;
    let place = Place::new(&arguments.backup, arguments.keys.as_deref());
    let manifest = put_back::whole(&place)?;
    let apart = match &config.signer.socket {
        Some(socket) => last_head(socket).await?,
        None => None,
    };
    let clock = platform::clock::Clock::system();
    let _lock = DataDir::take(&config.data_dir, "antin restore", clock.now())
        .map_err(|error| Failure::Unavailable(error.to_string()))?;
    let known = put_back::Known {
        seen: &arguments.seen,
        into: &config.data_dir,
        apart,
    };
    let kept = put_back::run(&place, &manifest, &known).await?;
    println!(
        "{} holds the backup of {} from {}: {} files",
        config.data_dir.display(),
        manifest.issuer,
        manifest.made_at,
        manifest.files.len()
    );
    if kept {
        println!("the signer's store that was there is kept: it is not older than the backup's");
    }
    for what in &manifest.left_out {
        println!("not in the backup: {what}");
    }
    if manifest.database == "postgres" {
        println!(
            "now run: pg_restore --no-owner --dbname=<database.url> {}",
            arguments.backup.join("database.dump").display()
        );
    }
    if let Some(file) = put_back::configuration(&manifest, &config.data_dir) {
        println!("the configuration of then: {}", file.display());
    }
    println!(
        "Check it: antin log verify --data {0}; antin doctor --data {0}; then start antin serve",
        config.data_dir.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// What a signer that runs apart has signed last. One that does not answer could not refuse either, so it must run.
async fn last_head(socket: &std::path::Path) -> Result<Option<u64>, Failure> {
    let failed =
        unavailable("the signer that runs apart must answer, since it knows the newest head");
    let signer = signer::client::Client::new(socket);
    let keys = signer.keys().await.map_err(&failed)?;
    let log = keys
        .into_iter()
        .find(|key| key.purpose == signer::domain::Purpose::Log);
    match log {
        Some(key) => Ok(signer
            .last_checkpoint(&key.key)
            .await
            .map_err(&failed)?
            .map(|last| last.size)),
        None => Ok(None),
    }
}
