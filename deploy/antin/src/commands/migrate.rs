//! `antin migrate`: brings the database to this program's schema and says what it did.

use crate::failure::Failure;
use crate::wire_up::{self, ClockCheck};
use std::path::PathBuf;
use std::process::ExitCode;

/// Which database.
#[derive(clap::Args)]
pub struct Arguments {
    /// The TOML file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data directory when the file names none.
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// Migrates.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = super::config::load(arguments.config.as_deref(), &arguments.data)?;
    super::serve::start_log(&config)?;
    let opened = wire_up::open(config, "antin migrate", ClockCheck::Strict).await?;
    let missing = platform::migrations::pending(&opened.db, &wire_up::SETS)
        .await
        .map_err(crate::failure::unavailable("schema"))?;
    println!("the schema is up to date ({} steps missing)", missing.len());
    Ok(ExitCode::SUCCESS)
}
