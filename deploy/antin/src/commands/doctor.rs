//! `antin doctor`: what is well, what is not, why, and what to do, in Vietnamese or English.

use crate::doctor::{self, State};
use crate::failure::{Failure, internal};
use crate::wire_up;
use platform::i18n::Lang;
use std::path::PathBuf;
use std::process::ExitCode;

/// Whom to look at.
#[derive(clap::Args)]
pub struct Arguments {
    /// The TOML file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data directory when the file names none.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// JSON instead of lines.
    #[arg(long)]
    json: bool,
    /// Lines in this language: vi or en.
    #[arg(long, default_value = "vi")]
    language: String,
}

fn word(state: State, lang: Lang) -> &'static str {
    match (state, lang) {
        (State::Good, Lang::Vi) => "TỐT",
        (State::Good, Lang::En) => "GOOD",
        (State::Warning, Lang::Vi) => "LƯU Ý",
        (State::Warning, Lang::En) => "NOTE",
        (State::Bad, Lang::Vi) => "HỎNG",
        (State::Bad, Lang::En) => "BAD",
    }
}

/// Looks and says; 0 when all is good, 3 with notes only, 1 when something is bad.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let lang = Lang::parse(&arguments.language)
        .ok_or_else(|| Failure::Input(format!("--language {}: vi or en", arguments.language)))?;
    let config = super::config::load(arguments.config.as_deref(), &arguments.data)?;
    let opened = match config.data_dir.exists() {
        true => wire_up::look_into(config.clone())
            .await
            .map_err(|error| error.to_string()),
        false => Err(format!("{} is not there", config.data_dir.display())),
    };
    let report = doctor::examine(&config, opened.as_ref().map_err(Clone::clone)).await;
    let worst = report.worst();
    if arguments.json {
        let said = serde_json::json!({ "state": worst, "findings": report.0 });
        println!(
            "{}",
            serde_json::to_string_pretty(&said).map_err(internal("findings"))?
        );
    } else {
        for finding in &report.0 {
            println!(
                "{:<6} {:<15} {}",
                word(finding.state, lang),
                finding.check,
                finding.found.word(lang)
            );
            if let Some(remedy) = &finding.remedy {
                println!("       → {}", remedy.word(lang));
            }
        }
    }
    Ok(ExitCode::from(match worst {
        State::Good => 0,
        State::Warning => 3,
        State::Bad => 1,
    }))
}
