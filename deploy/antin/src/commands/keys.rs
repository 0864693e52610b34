//! `antin keys`: says which master key seals, and rotates it.

use super::config::Where;
use crate::failure::{Failure, unavailable};
use crate::wire_up::{self, ClockCheck, Opened};
use platform::audit::{Actor, Event};
use platform::db;
use platform::secrets::columns::{self, ColumnError};
use platform::secrets::{Sealer, master};
use std::process::ExitCode;

/// What to do.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Say which master keys there are and what is sealed under older ones.
    Status {
        #[command(flatten)]
        place: Where,
    },
    /// Make a new master key and seal everything under it; the province must be stopped.
    Rotate {
        #[command(flatten)]
        place: Where,
    },
}

/// Runs one of them.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.what {
        What::Status { place } => status(&place).await,
        What::Rotate { place } => rotate(&place).await,
    }
}

fn columns_failed(error: ColumnError) -> Failure {
    match error {
        ColumnError::Db(error) => Failure::Unavailable(format!("database: {error}")),
        value => Failure::Refused(format!(
            "{value}. Nothing after it was changed; what was sealed again stays good"
        )),
    }
}

async fn status(place: &Where) -> Result<ExitCode, Failure> {
    let config = place.load()?;
    let opened = wire_up::look_into(config).await?;
    let count = columns::open_all(&opened.db, &opened.sealer, &wire_up::SEALED)
        .await
        .map_err(columns_failed)?;
    println!(
        "master key {} seals; {} sealed values, {} of them under an older key",
        opened.sealer.current(),
        count.values,
        count.stale
    );
    Ok(ExitCode::SUCCESS)
}

/// Owns the directory, so that nothing seals meanwhile under a key of before.
async fn own(place: &Where, who: &str) -> Result<Opened, Failure> {
    let config = place.load()?;
    super::serve::start_log(&config)?;
    if !config.data_dir.join("master.key").exists() {
        return Err(Failure::Unavailable(format!(
            "{} holds no province: there is no master.key",
            config.data_dir.display()
        )));
    }
    wire_up::open(config, who, ClockCheck::Strict).await
}

async fn rotate(place: &Where) -> Result<ExitCode, Failure> {
    let opened = own(place, "antin keys rotate").await?;
    let path = opened.config.data_dir.join("master.key");
    let before = columns::open_all(&opened.db, &opened.sealer, &wire_up::SEALED)
        .await
        .map_err(columns_failed)?;
    // A rotation that was stopped half-way is finished, not followed by another.
    let sealer = if before.stale == 0 {
        let keys = master::read(&path)
            .map_err(unavailable("master key"))?
            .ok_or_else(|| Failure::Unavailable("master.key is gone".into()))?
            .with_fresh(&opened.entropy);
        master::replace(&path, &keys).map_err(unavailable("master key"))?;
        Sealer::load_or_create(&path, opened.entropy.clone()).map_err(unavailable("master key"))?
    } else {
        println!(
            "an earlier rotation was not finished: {} values remain",
            before.stale
        );
        opened.sealer.clone()
    };
    let done = columns::seal_again(&opened.db, &sealer, &wire_up::SEALED)
        .await
        .map_err(columns_failed)?;
    let after = columns::open_all(&opened.db, &sealer, &wire_up::SEALED)
        .await
        .map_err(columns_failed)?;
    if after.stale != 0 {
        return Err(Failure::Internal(format!(
            "{} values are still under an older key: run it again",
            after.stale
        )));
    }
    record(
        &opened,
        "master_key_rotated",
        serde_json::json!({ "key": sealer.current(), "values": done }),
    )
    .await?;
    println!(
        "master key {} seals; {done} values sealed again, {} in all.\nKeep a new copy of {} apart from the database. Earlier backups need the earlier keys, which stay in the file",
        sealer.current(),
        after.values,
        path.display()
    );
    Ok(ExitCode::SUCCESS)
}

async fn record(
    opened: &Opened,
    kind: &'static str,
    detail: serde_json::Value,
) -> Result<(), Failure> {
    let (now, actor) = (opened.clock.now(), Actor::System("keys"));
    let event = Event::new(kind, now, actor, &opened.entropy).detail(detail);
    let event = &event;
    opened
        .db
        .write(|tx| async move { Ok::<_, db::Error>(tx.commit(event.clone(), ())) })
        .await
        .map_err(unavailable("database"))
}
