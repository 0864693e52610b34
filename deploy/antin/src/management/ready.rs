//! Whether this copy should be given work: each check with why it does not hold and what to do.

use crate::wire_up::{self, Province};
use std::time::Duration;

/// How long one check may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How far the signed head of the log may lie behind, ms. It is signed every 400 ms when all is well.
const MOST_LAG: i64 = 15_000;
/// How far the signer's clock may be from ours, ms.
const MOST_SKEW: i64 = 2_000;

/// One check and its outcome.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Check {
    /// Its name, also in `antin_ready`.
    pub name: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// What was found.
    pub why: String,
    /// What to do about it; empty when it holds.
    #[serde(rename = "do")]
    pub remedy: &'static str,
}

type Found = Result<String, String>;

/// Runs every check, and counts them.
pub async fn checks(province: &Province) -> Vec<Check> {
    let (database, schema, log, signer) = tokio::join!(
        within(database(province)),
        within(schema(province)),
        within(log(province)),
        within(signer(province)),
    );
    let all = [
        (
            "database",
            database,
            "see that the disk is there and has room (SQLite), or that PostgreSQL runs and database.url is right; then look at the log lines",
        ),
        (
            "schema",
            schema,
            "run `antin migrate` with the newer program, or start the program that made the schema",
        ),
        (
            "log",
            log,
            "look at the signer first: without it no head is signed; then at lines that say “the log did not move on”",
        ),
        (
            "signer",
            signer,
            "start `antin signer`, see that signer.socket is right and that its user may be reached; its own log lines say more",
        ),
    ];
    all.into_iter()
        .map(|(name, found, remedy)| {
            let holds = found.is_ok();
            province.ground.db.measures().check(name, holds);
            Check {
                name,
                holds,
                why: found.unwrap_or_else(|why| why),
                remedy: if holds { "" } else { remedy },
            }
        })
        .collect()
}

async fn within(check: impl Future<Output = Found>) -> Found {
    tokio::time::timeout(PATIENCE, check)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
}

async fn database(province: &Province) -> Found {
    let mut conn = province.ground.db.read().await.map_err(words)?;
    platform::log::store::size(&mut conn).await.map_err(words)?;
    Ok("it answers".into())
}

async fn schema(province: &Province) -> Found {
    let missing = platform::migrations::pending(&province.ground.db, &wire_up::SETS)
        .await
        .map_err(words)?;
    if missing.is_empty() {
        Ok("every step is there".into())
    } else {
        Err(format!("steps are missing: {}", missing.join(", ")))
    }
}

async fn log(province: &Province) -> Found {
    let mut conn = province.ground.db.read().await.map_err(words)?;
    let standing = platform::log::store::standing(&mut conn, province.ground.now())
        .await
        .map_err(words)?;
    if standing.lag > MOST_LAG {
        return Err(format!(
            "an event has waited for a signed head for {} s; {} leaves, {} signed",
            standing.lag / 1000,
            standing.leaves,
            standing.signed
        ));
    }
    Ok(format!(
        "{} leaves, {} signed",
        standing.leaves, standing.signed
    ))
}

async fn signer(province: &Province) -> Found {
    let health = province.signer.health().await.map_err(words)?;
    // The services' clock may be moved by a test switch; the signer's never is.
    let skew = health.now - platform::clock::Clock::system().now();
    if skew.abs() > MOST_SKEW {
        return Err(format!("its clock is {skew} ms away from this machine's"));
    }
    Ok(format!("it answers; {} keys", health.keys))
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
