//! Adapters of the composition root: each passes the call of one service's trait on to another service.

use crate::failure::{Failure, unavailable};
use ca::{Passkey, PasskeyDirectory, PasskeyDirectoryError};
use platform::Ground;
use platform::config::Config;
use platform::db::Db;
use platform::log::tree::Hash;
use platform::log::{CheckpointSigner, SignedNote, SignerRefused, VerifierKey};
use signer::client::{Client, ClientError};
use std::pin::Pin;
use std::sync::Arc;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The passkeys that sign-in knows, for binding to signer keys.
pub struct Passkeys(pub Db);

impl PasskeyDirectory for Passkeys {
    fn passkeys_of<'a>(&'a self, person: &'a str) -> BoxFuture<'a, Result<Vec<Passkey>, PasskeyDirectoryError>> {
        Box::pin(async move {
            let failed = |e: String| PasskeyDirectoryError(e);
            let mut conn = self.0.read().await.map_err(|e| failed(e.to_string()))?;
            let known = idp::passkeys_of(&mut conn, person).await.map_err(|e| failed(e.to_string()))?;
            Ok(known.into_iter().map(|p| Passkey { credential_id: p.credential_id, cose_key: p.cose_key, label: p.label }).collect())
        })
    }
}

/// Checkpoints signed by the signer's log key.
pub struct SignedHeads {
    signer: Client,
    key: String,
    verifier: VerifierKey,
}

impl SignedHeads {
    /// Finds or makes the log key.
    pub async fn open(signer: Client, name: &str) -> Result<Self, ClientError> {
        let info = super::log_key(&signer).await?;
        let raw = info.public_key.0.get(info.public_key.0.len().saturating_sub(32)..).and_then(|k| <[u8; 32]>::try_from(k).ok());
        let verifier = raw
            .and_then(|key| VerifierKey::new(name, key))
            .ok_or_else(|| ClientError::Protocol("the log key is not an Ed25519 key".into()))?;
        Ok(Self { signer, key: info.key, verifier })
    }

    /// The key that verifies its notes.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

impl CheckpointSigner for SignedHeads {
    fn sign<'a>(&'a self, size: u64, root: Hash, origin: &'a str, consistency: &'a [Hash], _now: i64) -> BoxFuture<'a, Result<SignedNote, SignerRefused>> {
        Box::pin(async move {
            let signed = self.signer.sign_checkpoint(&self.key, origin, size, root, consistency.to_vec()).await.map_err(|e| super::refused(&e))?;
            Ok(super::note(signed.note))
        })
    }
}
