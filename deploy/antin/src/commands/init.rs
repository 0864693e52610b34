//! `antin init`: an empty province and the set-up code of its first administrator, printed once.

use crate::failure::{Failure, unavailable};
use crate::wire_up::{self, ClockCheck, Province};
use std::path::PathBuf;
use std::process::ExitCode;

/// Where.
#[derive(clap::Args)]
pub struct Arguments {
    /// The TOML file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data directory when the file names none.
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// Prepares and prints the code.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = super::config::load(arguments.config.as_deref(), &arguments.data)?;
    super::serve::start_log(&config)?;
    let page = format!("{}/setup", config.public_url.origin().ascii_serialization());
    let opened = wire_up::open(config, "antin init", ClockCheck::Strict).await?;
    let province = Province::assemble(opened, false).await?;
    let code = idp::flows::set_up_first_administrator::issue_code(&province.idp)
        .await
        .map_err(unavailable("set-up code"))?;
    println!(
        "Set-up code (30 minutes, one use): {code}\nImport the register, start `antin serve`, and enter the code at {page}"
    );
    Ok(ExitCode::SUCCESS)
}
