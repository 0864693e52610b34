//! `antin verify FILE`: whole, trusted, allowed; with the province's data directory all three, without it the first two.

use crate::failure::{Failure, input, internal};
use crate::wire_up::{self, Province};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to check.
#[derive(clap::Args)]
pub struct Arguments {
    /// The PDF.
    file: PathBuf,
    /// The TOML file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data directory of the province.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// JSON instead of sentences.
    #[arg(long)]
    json: bool,
    /// Sentences in this language: vi or en.
    #[arg(long, default_value = "vi")]
    language: String,
}

/// Checks; exit code 0 only when all three verdicts are good.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let bytes = std::fs::read(&arguments.file).map_err(|e| Failure::Input(format!("{}: {e}", arguments.file.display())))?;
    let config = super::config::load(arguments.config.as_deref(), &arguments.data)?;
    let opened = wire_up::look_into(config).await?;
    let province = Province::assemble(opened, false).await?;
    let verdict = ca::flows::verify_document::run(&province.ca, bytes).await.map_err(input("document"))?;
    let shown = ca::wire::verification::Document::of(&verdict, &arguments.language);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&shown).map_err(internal("verdict"))?);
    } else {
        print!("{shown}");
    }
    Ok(if verdict.is_good() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
