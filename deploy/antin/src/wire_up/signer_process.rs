//! The signer as a child process: started with the data directory, ended when its standard input closes with ours.

use crate::failure::{Failure, unavailable};
use platform::config::Config;
use signer::client::Client;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// A running signer. Dropping it closes its standard input, upon which it ends by itself.
pub struct SignerProcess {
    child: Child,
}

/// How long a signer may take until it answers.
const PATIENCE: Duration = Duration::from_secs(20);

impl SignerProcess {
    /// Starts it and waits until it answers. `anchors` are PEM files whose people's signatures it accepts before a seal.
    pub async fn start(config: &Config, anchors: &[PathBuf], demo: bool) -> Result<Self, Failure> {
        let own = std::env::current_exe().map_err(unavailable("own binary"))?;
        let mut command = Command::new(own);
        command.arg("signer").arg("--data").arg(&config.data_dir);
        command
            .arg("--origin")
            .arg(config.public_url.origin().ascii_serialization());
        command
            .arg("--rp-id")
            .arg(config.public_url.host_str().unwrap_or("localhost"));
        command.arg("--until-stdin-closes");
        for anchor in anchors {
            command.arg("--anchor").arg(anchor);
        }
        if demo {
            command.arg("--demo");
        }
        let child = command
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(unavailable("signer"))?;
        let mut process = Self { child };
        process
            .answers(&Client::new(super::signer_socket(config)))
            .await?;
        Ok(process)
    }

    async fn answers(&mut self, client: &Client) -> Result<(), Failure> {
        let began = tokio::time::Instant::now();
        loop {
            match client.health().await {
                Ok(_) => return Ok(()),
                Err(error) if began.elapsed() > PATIENCE => {
                    return Err(Failure::Unavailable(format!(
                        "the signer does not answer: {error}"
                    )));
                }
                Err(_) => {}
            }
            if let Some(status) = self.child.try_wait().map_err(unavailable("signer"))? {
                return Err(Failure::Unavailable(format!(
                    "the signer ended at once ({status}); its own words stand above"
                )));
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// Closes its input and waits for its end.
    pub async fn end(mut self) {
        drop(self.child.stdin.take());
        if tokio::time::timeout(Duration::from_secs(5), self.child.wait())
            .await
            .is_err()
        {
            tracing::warn!("the signer did not end by itself and is killed");
        }
    }

    /// Process id, for figures.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }
}
