//! `antin log`: checks every leaf, tile and signed head; exports; replays the decisions that acts used.

use super::config::Where;
use crate::failure::{Failure, unavailable};
use crate::wire_up;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Check the whole log and name the first broken place.
    Verify {
        #[command(flatten)]
        place: Where,
        /// Check this export instead of the database.
        #[arg(long)]
        export: Option<PathBuf>,
    },
    /// Write the log as lines of JSON to standard output.
    Export {
        #[command(flatten)]
        place: Where,
        /// With texts and salts of committed leaves, for those who may read them.
        #[arg(long)]
        openings: bool,
    },
    /// Decide again every decision that an act used, from the facts as known then.
    Replay {
        #[command(flatten)]
        place: Where,
        /// JSON instead of a sentence.
        #[arg(long)]
        json: bool,
    },
}

/// Runs one of them.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.what {
        What::Verify { place, export } => verify(place, export).await,
        What::Export { place, openings } => {
            let opened = wire_up::look_into(place.load()?).await?;
            let mut conn = opened.db.read().await.map_err(unavailable("database"))?;
            let count = platform::log::export(&mut conn, &mut std::io::stdout(), openings)
                .await
                .map_err(unavailable("export"))?;
            eprintln!("{count} lines");
            Ok(ExitCode::SUCCESS)
        }
        What::Replay { place, json } => replay(place, json).await,
    }
}

async fn verify(place: Where, export: Option<PathBuf>) -> Result<ExitCode, Failure> {
    let config = place.load()?;
    let keys = wire_up::verifier_keys(&config.data_dir)?;
    let report = match export {
        Some(path) => {
            let file = std::fs::File::open(&path)
                .map_err(|e| Failure::Input(format!("{}: {e}", path.display())))?;
            platform::log::verify_export(std::io::BufReader::new(file), &keys)
        }
        None => {
            let opened = wire_up::look_into(config).await?;
            let mut conn = opened.db.read().await.map_err(unavailable("database"))?;
            platform::log::verify_database(&mut conn, &keys).await
        }
    };
    let report =
        report.map_err(|broken| Failure::Refused(format!("the log is broken: {broken}")))?;
    println!(
        "whole: {} leaves, {} signed heads, {} leaves not opened, {} after the newest head",
        report.leaves, report.checkpoints, report.unopened, report.beyond_checkpoint
    );
    Ok(ExitCode::SUCCESS)
}

async fn replay(place: Where, json: bool) -> Result<ExitCode, Failure> {
    let opened = wire_up::look_into(place.load()?).await?;
    let mut conn = opened.db.read().await.map_err(unavailable("database"))?;
    let used = policies::flows::recall::used(&mut conn)
        .await
        .map_err(unavailable("decisions"))?;
    let mut different = Vec::new();
    for id in &used {
        let replayed = policies::flows::replay::replay(&mut conn, id)
            .await
            .map_err(unavailable("replay"))?;
        if !replayed.agrees() {
            different.push(id.clone());
        }
    }
    if json {
        println!(
            "{}",
            serde_json::json!({ "decisions": used.len(), "different": different.len(), "ids": different })
        );
    } else {
        println!(
            "{} decisions used by acts, {} decided differently when replayed",
            used.len(),
            different.len()
        );
    }
    if different.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::Refused(format!(
        "decisions that do not replay: {}",
        different.join(", ")
    )))
}
