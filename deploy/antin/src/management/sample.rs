//! What is looked up when somebody asks for the measures: log, mail queue, processes.

use crate::wire_up::Province;
use platform::db;
use platform::telemetry::usage;

/// Looks; what cannot be read is said in a log line and keeps its last value.
pub async fn take(province: &Province, signer: Option<u32>) {
    if let Err(error) = stored(province).await {
        tracing::warn!(%error, "measures of the database could not be taken");
    }
    let processes = [("serve", None), ("signer", signer)];
    for (name, id) in processes
        .into_iter()
        .filter(|p| p.0 == "serve" || p.1.is_some())
    {
        match usage::of_process(id) {
            Ok(used) => province.ground.db.measures().process(name, &used),
            Err(error) => {
                tracing::warn!(%error, process = name, "a process could not be looked at")
            }
        }
    }
}

async fn stored(province: &Province) -> Result<(), db::Error> {
    let (measures, now) = (province.ground.db.measures(), province.ground.now());
    let mut conn = province.ground.db.read().await?;
    measures.log(platform::log::store::standing(&mut conn, now).await?);
    let queue = mail_relay::store::queue::standing(&mut conn, now).await?;
    for state in mail_relay::store::queue::STATES {
        let row = queue.iter().find(|row| row.0 == state);
        let (recipients, age) = row.map_or((0, 0), |row| (row.1, (now - row.2).max(0)));
        measures.mail_queue(state, recipients, age);
    }
    Ok(())
}
