//! The service: the ground it stands on, the signer it asks, the authority it obeys, and what it trusts.

use crate::config::Config;
use crate::domain::trust::TrustSet;
use crate::domain::vocabulary::{Vocabulary, VocabularyError};
use crate::flows::load_trust::{self, LoadTrust};
use crate::passkeys::PasskeyDirectory;
use arc_swap::ArcSwap;
use platform::Ground;
use policies::Authority;
use signer::client::Client;
use std::sync::Arc;

/// The service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Kinds of papers.
    #[error(transparent)]
    Vocabulary(#[from] VocabularyError),
    /// Anchors and lists.
    #[error(transparent)]
    Trust(#[from] LoadTrust),
}

/// Certification.
pub struct Ca {
    /// What all services share.
    pub ground: Ground,
    /// Settings.
    pub config: Config,
    /// The only holder of private keys.
    pub signer: Client,
    /// Who may do what.
    pub authority: Authority,
    /// Whose passkeys are which.
    pub passkeys: Arc<dyn PasskeyDirectory>,
    /// Kinds of papers.
    pub vocabulary: Vocabulary,
    trust: ArcSwap<TrustSet>,
}

impl Ca {
    /// Compiles authority anew if it moved since the last look, so that a fact recorded a moment ago does not make a consent stale.
    /// A failure only costs that: acts are safe meanwhile, since each looks at the epoch in its own unit.
    pub async fn follow_authority(&self) {
        if let Err(error) = self.authority.refresh(&self.ground.db).await {
            tracing::warn!(%error, "authority could not be looked at; the job will");
        }
    }

    /// Opens the service on a migrated database.
    pub async fn new(
        ground: Ground,
        config: Config,
        signer: Client,
        authority: Authority,
        passkeys: Arc<dyn PasskeyDirectory>,
    ) -> Result<Arc<Self>, StartError> {
        let trust = load_trust::run(&ground.db).await?;
        Ok(Arc::new(Self {
            ground,
            config,
            signer,
            authority,
            passkeys,
            vocabulary: Vocabulary::built_in()?,
            trust: ArcSwap::from_pointee(trust),
        }))
    }

    /// Now, UTC ms.
    pub fn now(&self) -> i64 {
        self.ground.now()
    }

    /// What is trusted at this moment.
    pub fn trust(&self) -> Arc<TrustSet> {
        self.trust.load_full()
    }

    /// Reads anchors, authorities and lists again.
    pub async fn refresh_trust(&self) -> Result<(), LoadTrust> {
        let trust = load_trust::run(&self.ground.db).await?;
        self.trust.store(Arc::new(trust));
        Ok(())
    }

    /// The status service as certificates name it, without a slash at the end.
    pub fn status_address(&self) -> String {
        self.config
            .published_status_url
            .clone()
            .unwrap_or_else(|| self.ground.status_url.to_string())
            .trim_end_matches('/')
            .to_owned()
    }
}
