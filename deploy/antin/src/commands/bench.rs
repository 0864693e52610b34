//! `antin bench`: durable units of work a second on both engines, and how fast people are found among a million.

use crate::failure::{Failure, unavailable};
use platform::clock::Clock;
use platform::db::Db;
use platform::db::bench::{self, Figure};
use platform::random::Entropy;
use std::process::ExitCode;
use std::time::Duration;

/// What to measure.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Units of work: one select, two inserts, one event, durable.
    Db {
        /// PostgreSQL server (or TEST_POSTGRES_URL); its database must be empty or made by an earlier bench.
        #[arg(long)]
        postgres: Option<String>,
        /// Seconds of one run.
        #[arg(long, default_value_t = 3)]
        seconds: u64,
        /// Runs of each.
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Lines of JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Search: seeds synthetic people and measures beginnings of names and a page deep in a list.
    Register {
        /// PostgreSQL database, empty; without it SQLite in a scratch directory.
        #[arg(long)]
        postgres: Option<String>,
        /// How many people.
        #[arg(long, default_value_t = 1_000_000)]
        people: u64,
        /// Searches of each kind.
        #[arg(long, default_value_t = 200)]
        runs: usize,
        /// How many rows deep the page lies.
        #[arg(long, default_value_t = 50_000)]
        deep: usize,
        /// Lines of JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
}

/// Rows that units refer to.
const ACCOUNTS: u32 = 1_000;

/// Runs the bench that was named.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.what {
        What::Db {
            postgres,
            seconds,
            runs,
            json,
        } => units(postgres, seconds, runs, json).await,
        What::Register {
            postgres,
            people,
            runs,
            deep,
            json,
        } => search(postgres, people, runs, deep, json).await,
    }
}

/// Finds people among many.
async fn search(
    postgres: Option<String>,
    people: u64,
    runs: usize,
    deep: usize,
    json: bool,
) -> Result<ExitCode, Failure> {
    let scratch = std::env::temp_dir().join(format!("antin-bench-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(unavailable("scratch directory"))?;
    let limits = platform::db::Limits {
        unit: Duration::from_secs(600),
        unit_postgres: Duration::from_secs(600),
        ..platform::db::Limits::default()
    };
    let db = match &postgres {
        Some(url) => Db::open_postgres_with(url, limits).await,
        None => Db::open_sqlite_with(scratch.join("bench.db"), limits).await,
    };
    let db = db.map_err(unavailable("database"))?;
    let (entropy, now) = (Entropy::system(), Clock::system().now());
    platform::migrations::apply(&db, &[&register::MIGRATIONS], now)
        .await
        .map_err(unavailable("schema"))?;
    let begin = std::time::Instant::now();
    let say = |made: u64| {
        if made.is_multiple_of(50_000) {
            eprintln!("{made} people after {:.0} s", begin.elapsed().as_secs_f64());
        }
    };
    let seeded = register::bench::seed(&db, &entropy, now, people, say)
        .await
        .map_err(unavailable("people"))?;
    let figures = register::bench::measure(&db, &entropy, &seeded, runs, deep)
        .await
        .map_err(unavailable("search"))?;
    for figure in figures {
        if json {
            println!(
                "{}",
                serde_json::to_string(&figure).map_err(unavailable("figure"))?
            );
        } else {
            println!(
                "{:<44} {:>6} runs  p50 {:>8.2} ms  p99 {:>8.2} ms",
                figure.what, figure.runs, figure.p50_ms, figure.p99_ms
            );
        }
    }
    db.close().await;
    std::fs::remove_dir_all(&scratch).map_err(unavailable("scratch directory"))?;
    Ok(ExitCode::SUCCESS)
}

/// Units of work: figures with the spread of the runs.
async fn units(
    postgres: Option<String>,
    seconds: u64,
    runs: usize,
    json: bool,
) -> Result<ExitCode, Failure> {
    let postgres = postgres.or_else(|| std::env::var("TEST_POSTGRES_URL").ok());
    let scratch = std::env::temp_dir().join(format!("antin-bench-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(unavailable("scratch directory"))?;
    let sqlite = Db::open_sqlite(scratch.join("bench.db"))
        .await
        .map_err(unavailable("SQLite"))?;
    let mut engines = vec![("sqlite", sqlite)];
    match &postgres {
        Some(url) => engines.push((
            "postgres",
            Db::open_postgres(url)
                .await
                .map_err(unavailable("PostgreSQL"))?,
        )),
        None => {
            eprintln!("PostgreSQL is not measured: give --postgres URL or set TEST_POSTGRES_URL")
        }
    }
    let entropy = Entropy::system();
    if !json {
        println!(
            "{:<9} {:>7} {:>10} {:>10} {:>10} {:>8} {:>8}",
            "engine", "callers", "median/s", "least/s", "most/s", "p50 ms", "p99 ms"
        );
    }
    for (name, db) in &engines {
        platform::migrations::apply(db, &[], Clock::system().now())
            .await
            .map_err(unavailable("schema"))?;
        bench::prepare(db, ACCOUNTS)
            .await
            .map_err(unavailable("rows"))?;
        for callers in [1, 16, 64] {
            let figures = bench::run(
                db,
                &entropy,
                callers,
                Duration::from_secs(seconds),
                runs,
                ACCOUNTS,
            )
            .await
            .map_err(unavailable("bench"))?;
            print(name, callers, figures, json)?;
        }
        db.close().await;
    }
    std::fs::remove_dir_all(&scratch).map_err(unavailable("scratch directory"))?;
    Ok(ExitCode::SUCCESS)
}

fn print(
    engine: &str,
    callers: usize,
    mut figures: Vec<Figure>,
    json: bool,
) -> Result<(), Failure> {
    if json {
        for figure in &figures {
            println!(
                "{}",
                serde_json::to_string(figure).map_err(unavailable("figure"))?
            );
        }
        return Ok(());
    }
    figures.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    if let (Some(least), Some(middle), Some(most)) = (
        figures.first(),
        figures.get(figures.len() / 2),
        figures.last(),
    ) {
        println!(
            "{engine:<9} {callers:>7} {:>10.0} {:>10.0} {:>10.0} {:>8.2} {:>8.2}",
            middle.per_second, least.per_second, most.per_second, middle.p50_ms, middle.p99_ms
        );
    }
    Ok(())
}
