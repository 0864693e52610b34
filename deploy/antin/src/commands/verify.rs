//! `antin verify FILE`: whole, trusted, allowed; with the province's data directory all three, without it the first two.

use crate::failure::{Failure, input, internal};
use crate::wire_up::{self, Province};
use ca::wire::verification::{Document, Said};
use platform::i18n::Lang;
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
    let bytes = std::fs::read(&arguments.file)
        .map_err(|e| Failure::Input(format!("{}: {e}", arguments.file.display())))?;
    let config = super::config::load(arguments.config.as_deref(), &arguments.data)?;
    let opened = wire_up::look_into(config).await?;
    let province = Province::assemble(opened, false).await?;
    let verdict = ca::flows::verify_document::run(&province.ca, bytes)
        .await
        .map_err(input("document"))?;
    let lang = Lang::parse(&arguments.language)
        .ok_or_else(|| Failure::Input(format!("--language {}: vi or en", arguments.language)))?;
    let shown = ca::wire::verification::Document::of(&verdict, lang);
    if arguments.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&shown).map_err(internal("verdict"))?
        );
    } else {
        print(&shown);
    }
    Ok(if verdict.good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// The report as lines.
fn print(report: &Document) {
    let line = |name: &str, said: &Said| {
        println!("{name:<18} {:<8} {}", said.answer, said.reasons.join(" "))
    };
    line("Nguyên vẹn", &report.verdicts.whole);
    line("Đáng tin", &report.verdicts.trusted);
    line("Đúng thẩm quyền", &report.verdicts.allowed);
    for signature in &report.signatures {
        println!(
            "\n{} · {} · {}",
            signature.role, signature.signer, signature.time_words
        );
        if !signature.block_lines.is_empty() {
            println!("  {}", signature.block_lines.join(" / "));
        }
        for said in [&signature.whole, &signature.trusted, &signature.allowed] {
            println!("  {:<8} {}", said.answer, said.reasons.join(" "));
        }
    }
    println!("\nSHA-256 {}", report.sha256);
}
