//! Official mail: submission with per-device passwords, the mailbox's own signature, a durable queue, delivery and verification.
//! Standard: RFC 5321, RFC 6409, RFC 4954, RFC 3207, RFC 8551; each file names its clauses
//! It must never hold a private key, answer 250 to what is not on disk, or sign mail whose From is not the mailbox.
//!
//! Map: `domain` addresses, commands, heads, retries · `smtp` lines, sessions, listeners · `flows` sign in, check sender and recipient,
//! accept, deliver, notify, verify, mail passwords · `store` SQL · `jobs` the queue · `http` verification and queue pages ·
//! `ports` what is needed of others · `throttle` against guessing.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod config;
pub mod domain;
pub mod flows;
pub mod http;
pub mod jobs;
pub mod ports;
pub mod smtp;
pub mod store;
#[cfg(test)]
mod tests;
mod throttle;

pub use config::{Limits, MailConfig};
pub use http::{ROUTES, router};
pub use ports::{BoxFuture, MailTrust, MailboxSigner, MailboxSignerError, Trust};

use flows::spool::Spool;
use platform::Ground;
use platform::db::Statement;
use std::sync::Arc;
use throttle::Throttle;
use tokio::sync::{Notify, Semaphore};

platform::migrations! {
    /// Tables of mail, after those of certification.
    pub MIGRATIONS = "mail_relay": ["0001_mail"];
}

mod texts {
    #![allow(missing_docs, reason = "made by the macro")]
    fluent_templates::static_loader! {
        pub static TEXTS = {
            locales: "./locales",
            fallback_language: "vi",
            customise: |bundle| bundle.set_use_isolating(false),
        };
    }
}
pub use texts::TEXTS;

/// Every SQL statement of this crate.
pub fn statements() -> Vec<&'static Statement> {
    [store::password::ALL, store::queue::ALL].concat()
}

/// Why the relay did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The spool.
    #[error("spool: {0}")]
    Spool(#[from] std::io::Error),
    /// A hash of our own making.
    #[error("password hash: {0}")]
    Hash(String),
}

/// The service.
pub struct MailRelay {
    ground: Ground,
    config: MailConfig,
    signer: Arc<dyn MailboxSigner>,
    trust: Arc<dyn MailTrust>,
    spool: Spool,
    hashes: Semaphore,
    throttle: Throttle,
    nobodys_digest: String,
    wake: Notify,
}

impl MailRelay {
    /// Opens the spool and puts the service together.
    pub async fn new(
        ground: Ground,
        config: MailConfig,
        signer: Arc<dyn MailboxSigner>,
        trust: Arc<dyn MailTrust>,
    ) -> Result<Arc<Self>, StartError> {
        let spool = Spool::open(&config.spool)?;
        let mut relay = Self {
            hashes: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
            throttle: Throttle::default(),
            nobodys_digest: String::new(),
            wake: Notify::new(),
            ground,
            config,
            signer,
            trust,
            spool,
        };
        let secret = data_encoding::HEXLOWER.encode(&relay.ground.entropy.bytes::<32>());
        relay.nobodys_digest = flows::sign_in::digest(&relay, secret)
            .await
            .map_err(StartError::Hash)?;
        Ok(Arc::new(relay))
    }

    /// What all services share.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Settings.
    pub fn config(&self) -> &MailConfig {
        &self.config
    }

    /// Whether a domain's mailboxes are ours.
    pub fn is_ours(&self, domain: &str) -> bool {
        self.config.domains.iter().any(|d| {
            domain == d
                || domain
                    .strip_suffix(d.as_str())
                    .is_some_and(|rest| rest.ends_with('.'))
        })
    }

    pub(crate) fn signer(&self) -> &dyn MailboxSigner {
        self.signer.as_ref()
    }

    pub(crate) fn trust(&self) -> &dyn MailTrust {
        self.trust.as_ref()
    }

    pub(crate) fn spool(&self) -> &Spool {
        &self.spool
    }

    pub(crate) fn hashes(&self) -> &Semaphore {
        &self.hashes
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    pub(crate) fn nobodys_digest(&self) -> &str {
        &self.nobodys_digest
    }

    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }
}
