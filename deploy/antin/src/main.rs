//! `antin`: the one binary. It parses the command line, runs one command, and turns its outcome into an exit code.
//! Standard: exit codes in docs/operations/commands.md
//! It must never do a service's work: commands wire services up (`wire_up.rs`) and call their flows.

mod backup;
mod commands;
mod doctor;
mod failure;
mod management;
mod wire_up;

use clap::{Parser, Subcommand};
use failure::Failure;
use std::process::ExitCode;

/// Ấn Tín: sign-in, authority, signatures, seals and official mail of a province.
#[derive(Parser)]
#[command(name = "antin", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every service.
    Serve(commands::serve::Arguments),
    /// Make a demo province, play the story, and go on serving.
    Demo(commands::demo::Arguments),
    /// Prepare an empty province and print the set-up code of the first administrator.
    Init(commands::init::Arguments),
    /// Bring the database to this program's schema.
    Migrate(commands::migrate::Arguments),
    /// Import agencies, units, posts and people from CSV files.
    Import(commands::import::Arguments),
    /// Reorganisations written ahead: preview, publish, list; and what an old code means.
    Plan(commands::plan::Arguments),
    /// Ask who may do what, and why.
    Decide(commands::decide::Arguments),
    /// Check a PDF: whole, trusted, allowed.
    Verify(commands::verify::Arguments),
    /// Check the log, export it, or replay the decisions it holds.
    Log(commands::log::Arguments),
    /// Copy everything beside a running province, or prove such a copy.
    Backup(commands::backup::Arguments),
    /// Put a backup into an empty data directory.
    Restore(commands::restore::Arguments),
    /// Say what is well, what is not, why, and what to do.
    Doctor(commands::doctor::Arguments),
    /// Rotate the master key; keys on paper and back.
    Keys(commands::keys::Arguments),
    /// Print three officers' codes for an emergency; the province must be stopped.
    Emergency(commands::emergency::Arguments),
    /// Run the signer alone (serve starts it unless told otherwise).
    Signer(commands::signer::Arguments),
    /// Measure.
    Bench(commands::bench::Arguments),
    /// List every route with who may call it.
    Routes(commands::routes::Arguments),
    /// Check a configuration file.
    Config(commands::config::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        eprintln!("antin: another TLS provider was installed before ours");
        return ExitCode::from(70);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("antin: the run time does not start: {error}");
            return ExitCode::from(70);
        }
    };
    let outcome = runtime.block_on(run(arguments.command));
    // A blocking read of standard input must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("antin: {failure}");
            failure.exit_code()
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(a) => commands::serve::run(a).await,
        Command::Demo(a) => commands::demo::run(a).await,
        Command::Init(a) => commands::init::run(a).await,
        Command::Migrate(a) => commands::migrate::run(a).await,
        Command::Import(a) => commands::import::run(a).await,
        Command::Plan(a) => commands::plan::run(a).await,
        Command::Decide(a) => commands::decide::run(a).await,
        Command::Verify(a) => commands::verify::run(a).await,
        Command::Log(a) => commands::log::run(a).await,
        Command::Backup(a) => commands::backup::run(a).await,
        Command::Restore(a) => commands::restore::run(a).await,
        Command::Doctor(a) => commands::doctor::run(a).await,
        Command::Keys(a) => commands::keys::run(a).await,
        Command::Emergency(a) => commands::emergency::run(a).await,
        Command::Signer(a) => commands::signer::run(a).await,
        Command::Bench(a) => commands::bench::run(a).await,
        Command::Routes(a) => commands::routes::run(a),
        Command::Config(a) => commands::config::run(a),
    }
}
