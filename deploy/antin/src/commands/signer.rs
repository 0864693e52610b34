//! `antin signer`: the process that holds private keys. `serve` starts it; apart from it run it under its own user.

use crate::failure::{Failure, unavailable};
use platform::clock::Clock;
use platform::random::Entropy;
use signer::config::{Config, KeyEncryptionKey};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// What it is started with; nothing of it can be changed by a request.
#[derive(clap::Args)]
pub struct Arguments {
    /// Data directory; the store lies in its folder `signer`.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Socket to listen on; without it `signer/signer.sock` in the data directory.
    #[arg(long)]
    socket: Option<PathBuf>,
    /// Origin of the pages on which people consent; may be given several times.
    #[arg(long, required = true)]
    origin: Vec<String>,
    /// WebAuthn relying-party id.
    #[arg(long)]
    rp_id: String,
    /// PEM file of an anchor whose people's signatures are accepted before a seal; may be given several times.
    #[arg(long)]
    anchor: Vec<PathBuf>,
    /// User ids that may connect besides the own one.
    #[arg(long)]
    caller: Vec<u32>,
    /// Environment variable with the key-encryption key; without it a file of mode 0600 in the store.
    #[arg(long)]
    key_variable: Option<String>,
    /// This is a demonstration on one machine under one user.
    #[arg(long)]
    demo: bool,
    /// End when standard input closes.
    #[arg(long)]
    until_stdin_closes: bool,
}

/// Runs until told to stop.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let directory = arguments.data.join("signer");
    let mut anchors = Vec::new();
    for path in &arguments.anchor {
        let text = std::fs::read_to_string(path).map_err(unavailable("anchor"))?;
        anchors.extend(
            pki::pem::certificates(&text)
                .map_err(unavailable("anchor"))?
                .iter()
                .map(|c| c.der().to_vec()),
        );
    }
    if arguments.demo {
        eprintln!(
            "signer: DEMO: it shares user and machine with its callers, which separates nothing"
        );
    }
    let config = Config {
        socket: arguments
            .socket
            .unwrap_or_else(|| directory.join("signer.sock")),
        key_encryption_key: match arguments.key_variable {
            Some(name) => KeyEncryptionKey::Environment(name),
            None => KeyEncryptionKey::File(directory.join("key-encryption.key")),
        },
        directory,
        origins: arguments.origin,
        rp_id: arguments.rp_id,
        callers: arguments.caller,
        profiles: pki::profile::BUILT_IN
            .iter()
            .map(|(_, text)| (*text).to_owned())
            .collect(),
        anchors,
        timestamp_policy: "1.3.6.1.4.1.32473.576.3.2".into(),
        demo: arguments.demo,
    };
    let clock = Clock::system();
    let entropy = Entropy::system();
    let stop = super::serve::told_to_stop(arguments.until_stdin_closes);
    signer::run(
        config,
        Arc::new(move || clock.now()),
        Arc::new(move |into: &mut [u8]| entropy.fill(into)),
        stop,
    )
    .await
    .map_err(unavailable("signer"))?;
    Ok(ExitCode::SUCCESS)
}
