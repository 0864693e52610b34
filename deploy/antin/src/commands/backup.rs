//! `antin backup`: a copy of everything beside a running `serve`, and the drill that proves it.

use crate::backup::{Place, examine, put_back, take};
use crate::failure::{Failure, internal};
use crate::wire_up;
use platform::telemetry::usage;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    check: Option<What>,
    #[command(flatten)]
    take: Take,
}

/// Taking one.
#[derive(clap::Args)]
pub struct Take {
    /// Folder for the backup; it must not be there yet.
    #[arg(long, required = false)]
    to: Option<PathBuf>,
    /// Another folder for the keys, such as one on another disk; without it `keys` in the backup.
    #[arg(long)]
    keys: Option<PathBuf>,
    /// Data directory of a signer that runs apart.
    #[arg(long)]
    signer: Option<PathBuf>,
    /// The TOML file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data directory when the file names none.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// JSON instead of sentences.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum What {
    /// Prove a backup: every file, every row, every key, every decision.
    Check {
        /// The backup.
        backup: PathBuf,
        /// Where its keys lie, when not in it.
        #[arg(long)]
        keys: Option<PathBuf>,
        /// JSON instead of sentences.
        #[arg(long)]
        json: bool,
    },
}

/// Takes or proves.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.check {
        Some(What::Check { backup, keys, json }) => {
            check(&Place::new(&backup, keys.as_deref()), json).await
        }
        None => take(arguments.take).await,
    }
}

async fn take(asked: Take) -> Result<ExitCode, Failure> {
    let Some(to) = asked.to else {
        return Err(Failure::Input(
            "name the folder of the backup with --to, or a backup to be proved with `antin backup check`".into(),
        ));
    };
    let config = super::config::load(asked.config.as_deref(), &asked.data)?;
    if [Some(&to), asked.keys.as_ref()]
        .into_iter()
        .flatten()
        .any(|path| !take::is_elsewhere(&config.data_dir, path))
    {
        return Err(Failure::Input(
            "the backup would lie in the data directory that it copies: name another place, best on another disk".into(),
        ));
    }
    let opened = wire_up::look_into(config).await?;
    let wanted = take::Wanted {
        to: &to,
        keys: asked.keys.as_deref(),
        signer: asked.signer.as_deref(),
        config: asked.config.as_deref(),
    };
    let (manifest, digest) = take::run(&opened, &wanted).await?;
    let dump = take::dump_command(&opened, &to);
    if asked.json {
        let said = serde_json::json!({ "backup": to, "files": manifest.files.len(), "octets": manifest.size(), "manifest_sha256": digest, "left_out": manifest.left_out, "then_run": dump });
        println!("{said}");
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{}: {} files, {} MB; SHA-256 of the manifest {digest}",
        to.display(),
        manifest.files.len(),
        manifest.size() >> 20
    );
    for what in &manifest.left_out {
        println!("not in it: {what}");
    }
    if let Some(command) = dump {
        println!("now run: {command}");
    }
    println!(
        "Keep the keys apart from the data, and write the SHA-256 down elsewhere. Prove it: antin backup check {}",
        to.display()
    );
    Ok(ExitCode::SUCCESS)
}

async fn check(place: &Place, json: bool) -> Result<ExitCode, Failure> {
    let manifest = put_back::whole(place)?;
    let folder = tempfile::Builder::new()
        .prefix("antin-drill-")
        .tempdir()
        .map_err(internal("temporary folder"))?;
    let (free, _) = usage::room(folder.path()).map_err(internal("temporary folder"))?;
    if free < manifest.size() + (64 << 20) {
        return Err(Failure::Unavailable(format!(
            "the drill needs {} MB in {} and there are {}: set TMPDIR to a larger place",
            (manifest.size() >> 20) + 64,
            folder.path().display(),
            free >> 20
        )));
    }
    let data = folder.path().join("data");
    put_back::copy(place, &manifest, &data, false)?;
    let config = platform::config::Config::loopback(&data);
    let figures = examine::run(&config, &data, manifest.database == "sqlite").await?;
    if json {
        let said = serde_json::json!({ "good": true, "made_at": manifest.made_at, "issuer": manifest.issuer, "files": manifest.files.len(), "octets": manifest.size(), "figures": figures });
        println!("{said}");
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "good: backup of {} from {}: {} files, {} MB, each as its manifest says\n{}",
        manifest.issuer,
        manifest.made_at,
        manifest.files.len(),
        manifest.size() >> 20,
        in_words(&figures)
    );
    for what in manifest.left_out.iter().chain(&figures.not_examined) {
        println!("not examined: {what}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The figures as sentences.
pub fn in_words(figures: &examine::Figures) -> String {
    format!(
        "log whole: {} leaves, {} signed heads; {} decisions replayed; {} sealed values opened; signer: {} keys opened, {} journal lines verified; {} messages wait, each in the spool",
        figures.leaves,
        figures.heads,
        figures.decisions,
        figures.sealed,
        figures.keys,
        figures.journal,
        figures.mail
    )
}
