//! Signing keys are made at the first start and read at every other.
//! Standard: RFC 7517; RFC 7518 §3.1
//! It must never write a private key unsealed.

use crate::domain::client::Algorithm;
use crate::domain::keys::{self, KeyError, KeyRing, SigningKey};
use crate::store::key;
use platform::audit::{Actor, Event};
use platform::{Ground, db, ids, secrets};
use serde_json::json;

/// Why the keys are not there.
#[derive(Debug, thiserror::Error)]
pub enum MakeKeysError {
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A key could not be made or read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A sealed key does not open.
    #[error("signing key: {0}")]
    Seal(#[from] secrets::Error),
}

/// Reads the ring, after making what is missing.
pub async fn run(ground: &Ground) -> Result<KeyRing, MakeKeysError> {
    let known = key::all(&mut ground.db.read().await?).await?;
    for alg in Algorithm::ALL {
        if !known.iter().any(|k| k.alg == alg.as_str()) {
            make(ground, alg).await?;
        }
    }
    let mut ring = Vec::new();
    for stored in key::all(&mut ground.db.read().await?).await? {
        let alg = Algorithm::parse(&stored.alg).ok_or(KeyError)?;
        let private = ground
            .sealer
            .open("signing_key", "private", &stored.id, &stored.private)?;
        ring.push(SigningKey::read(stored.id, alg, &private)?);
    }
    Ok(KeyRing::new(ring))
}

async fn make(ground: &Ground, alg: Algorithm) -> Result<(), MakeKeysError> {
    let private = keys::generate(alg)?;
    let id = ids::new("key", &ground.entropy);
    let sealed = ground
        .sealer
        .seal("signing_key", "private", &id, &private)?;
    let now = ground.now();
    let event = Event::public(
        "signing_key.made",
        now,
        Actor::System("idp"),
        &ground.entropy,
    )
    .about("signing_key", id.clone())
    .detail(json!({ "alg": alg.as_str() }));
    let (id, sealed, event) = (&id, &sealed, &event);
    ground
        .db
        .write(|mut tx| async move {
            key::insert(&mut tx, id, alg.as_str(), sealed, now).await?;
            Ok(tx.commit(event.clone(), ()))
        })
        .await
}
