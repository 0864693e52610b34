//! The proving drill: a data directory made of a backup is opened and everything in it is checked, with figures.

use crate::failure::{Failure, unavailable};
use crate::wire_up::{self, Opened};
use platform::config::Config;
use platform::secrets::columns;
use signer::KeyEncryptionKey;
use std::path::Path;
use std::sync::Arc;

/// What was found, in figures.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Figures {
    /// Leaves of the log, every one recomputed.
    pub leaves: u64,
    /// Signed heads, every one verified.
    pub heads: u64,
    /// Decisions that acts used, decided again.
    pub decisions: u64,
    /// Sealed values, every one opened.
    pub sealed: u64,
    /// Private keys of the signer, every one opened.
    pub keys: u64,
    /// Lines of the signer's journal, every one verified.
    pub journal: u64,
    /// Messages that wait in the queue, every one in the spool.
    pub mail: u64,
    /// What could not be examined here, and why.
    pub not_examined: Vec<String>,
}

/// Examines `data`, which nobody else uses; opening it writes to it.
pub async fn run(config: &Config, data: &Path, sqlite: bool) -> Result<Figures, Failure> {
    let mut figures = Figures::default();
    if sqlite {
        let mut config = config.clone();
        config.data_dir = data.to_owned();
        config.database.url = None;
        let opened = wire_up::look_into(config).await?;
        database(&opened, &mut figures).await?;
        opened.db.close().await;
    } else {
        figures.not_examined.push(
            "the PostgreSQL database: load database.dump into an empty one with pg_restore, then run `antin log verify` and `antin log replay` on it".into(),
        );
    }
    signer_store(data, &mut figures)?;
    Ok(figures)
}

async fn database(opened: &Opened, figures: &mut Figures) -> Result<(), Failure> {
    let failed = unavailable::<platform::db::Error>("copied database");
    let damage = opened.db.damage().await.map_err(&failed)?;
    if !damage.is_empty() {
        return Err(Failure::Refused(format!(
            "the copied database is damaged:\n  {}",
            damage.join("\n  ")
        )));
    }
    let keys = wire_up::verifier_keys(&opened.config.data_dir)?;
    let mut conn = opened.db.read().await.map_err(&failed)?;
    let report = platform::log::verify_database(&mut conn, &keys)
        .await
        .map_err(|broken| Failure::Refused(format!("the copied log is broken: {broken}")))?;
    (figures.leaves, figures.heads) = (report.leaves, report.checkpoints);
    for id in policies::flows::recall::used(&mut conn)
        .await
        .map_err(unavailable("decisions"))?
    {
        let replayed = policies::flows::replay::replay(&mut conn, &id)
            .await
            .map_err(unavailable("replay"))?;
        if !replayed.agrees() {
            return Err(Failure::Refused(format!(
                "decision {id} is decided differently from the copied facts"
            )));
        }
        figures.decisions += 1;
    }
    let waiting = mail_relay::store::queue::waiting_messages(&mut conn)
        .await
        .map_err(&failed)?;
    drop(conn);
    let spool = opened.config.data_dir.join("mail/spool");
    for id in waiting {
        let file = spool.join(format!("{id}.eml"));
        if !file.exists() {
            return Err(Failure::Refused(format!(
                "message {id} waits in the queue and its file is not in the copied spool"
            )));
        }
        figures.mail += 1;
    }
    let count = columns::open_all(&opened.db, &opened.sealer, &wire_up::SEALED)
        .await
        .map_err(|error| {
            Failure::Refused(format!("master.key does not fit the database: {error}"))
        })?;
    figures.sealed = count.values;
    Ok(())
}

fn signer_store(data: &Path, figures: &mut Figures) -> Result<(), Failure> {
    let store = data.join("signer");
    if !store.exists() {
        figures
            .not_examined
            .push("the signer's store: it is not in this backup".into());
        return Ok(());
    }
    let key = store.join("key-encryption.key");
    if !key.exists() {
        figures.not_examined.push(
            "the signer's keys: the key-encryption key comes from an environment variable".into(),
        );
        return Ok(());
    }
    let (clock, entropy) = (
        platform::clock::Clock::system(),
        platform::random::Entropy::system(),
    );
    let fill = Arc::new(move |into: &mut [u8]| entropy.fill(into));
    let opened = signer::open_once(&store, KeyEncryptionKey::File(key), fill, clock.now());
    (figures.keys, figures.journal) =
        opened.map_err(|error| Failure::Refused(format!("the copied signer's store: {error}")))?;
    Ok(())
}
