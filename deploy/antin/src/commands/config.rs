//! `antin config`: says every complaint about a configuration file at once, or lists every key there is.

use crate::failure::Failure;
use platform::config::Config;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Which province, for commands with verbs of their own.
#[derive(clap::Args)]
pub struct Where {
    /// The TOML file.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Data directory when the file names none.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
}

impl Where {
    /// Its configuration.
    pub fn load(&self) -> Result<Config, Failure> {
        load(self.config.as_deref(), &self.data)
    }
}

/// What to do with it.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Read the file and the environment as `serve` would, and start nothing.
    Check {
        /// The TOML file.
        #[arg(long)]
        config: Option<PathBuf>,
        /// Data directory when the file names none.
        #[arg(long, default_value = "data")]
        data: PathBuf,
    },
    /// List every key with its form, default and meaning, as Markdown.
    Reference,
}

/// Reads a configuration; all complaints in one failure.
pub fn load(file: Option<&Path>, data: &Path) -> Result<Config, Failure> {
    Config::load(file, data).map_err(|complaints| {
        Failure::Config(
            complaints
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        )
    })
}

/// Checks and says what it found.
pub fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let (config, data) = match arguments.what {
        What::Check { config, data } => (config, data),
        What::Reference => {
            print!("{}", platform::config::reference::table());
            return Ok(ExitCode::SUCCESS);
        }
    };
    let read = load(config.as_deref(), &data)?;
    println!(
        "good: issuer {}, data in {}, database {}",
        read.public_url,
        read.data_dir.display(),
        read.database
            .url
            .as_deref()
            .map_or("SQLite", |_| "PostgreSQL")
    );
    Ok(ExitCode::SUCCESS)
}
