//! The staged import killed with SIGKILL at seeded points: afterwards register, audit and epoch are as before or as after, and a new run ends the work.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use platform::db::Db;
use platform::random::Entropy;
use register::flows::import_register::{Tools, prepare, publish, stage_chunk};

use super::support::{ACTOR, Csv, NOW, import, migrate, picture, rows, sealer};

const POINTS_ON_SQLITE: u64 = 50;
const POINTS_ON_POSTGRES: u64 = 10;
const CHILD: &str = "REGISTER_CRASH_CHILD";

async fn open(place: &str) -> Db {
    if place.starts_with("postgres") {
        Db::open_postgres(place).await.unwrap()
    } else {
        Db::open_sqlite(place).await.unwrap()
    }
}

/// Not a test of its own: the process that is killed. It imports and says on its output where it is.
#[tokio::test]
async fn child_that_imports_until_it_is_killed() {
    let Ok(place) = std::env::var(CHILD) else {
        return;
    };
    let db = open(&place).await;
    let (entropy, sealer, csv) = (Entropy::system(), sealer(), Csv::small());
    let tools = Tools {
        db: &db,
        entropy: &entropy,
        sealer: &sealer,
    };
    let mut prepared = prepare(tools, NOW, &csv.files()).await.unwrap();
    std::fs::write(std::env::var("REGISTER_CRASH_MARK").unwrap(), "staging").unwrap();
    while stage_chunk(tools, &mut prepared).await.unwrap() {}
    std::fs::write(std::env::var("REGISTER_CRASH_MARK").unwrap(), "publishing").unwrap();
    publish(tools, NOW, &ACTOR, prepared).await.unwrap();
    std::fs::write(std::env::var("REGISTER_CRASH_MARK").unwrap(), "done").unwrap();
}

/// Starts the child on a database and kills it so long after it said the word. Gives how far it had come.
fn run_and_kill(place: &str, mark: &std::path::Path, word: &str, after: Duration) -> String {
    let _absent_at_first = std::fs::remove_file(mark);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_that_imports_until_it_is_killed"])
        .env(CHILD, place)
        .env("REGISTER_CRASH_MARK", mark)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    let said = || std::fs::read_to_string(mark).unwrap_or_default();
    while said() != word && said() != "done" && begin.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_micros(200));
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    said()
}

async fn kills(places: Vec<String>, seed: u64) {
    let clean = platform::testing::sqlite().await;
    migrate(&clean).await;
    let before = picture(&clean).await;
    import(&clean, &Csv::small()).await.unwrap();
    let (after, all_rows) = (picture(&clean).await, rows(&clean).await);
    let (points, mut seen) = (Entropy::seeded(seed), (0, 0, 0));
    let mark = platform::testing::directory().join("mark");
    for (place, n) in places.iter().zip(0_u64..) {
        let dice = u64::from_le_bytes(points.bytes());
        // Half of the kills fall anywhere in the staging, half around the last unit.
        let (word, after_ms) = if n % 2 == 0 {
            ("staging", dice % 120)
        } else {
            ("publishing", dice % 8)
        };
        let reached = run_and_kill(place, &mark, word, Duration::from_millis(after_ms));
        let db = open(place).await;
        let found = picture(&db).await;
        assert!(
            found == before || found == after,
            "kill {n} (seed {seed}, {word} + {after_ms} ms, reached {reached}) left something in between"
        );
        if found == before {
            seen.0 += 1
        } else {
            seen.1 += 1
        }
        let report = import(&db, &Csv::small()).await.unwrap();
        if report.resumed {
            seen.2 += 1
        }
        assert_eq!(
            picture(&db).await,
            after,
            "kill {n}: the next run ends the work"
        );
        assert_eq!(rows(&db).await, all_rows, "kill {n}: nothing is left over");
        db.close().await;
    }
    println!(
        "{} kills, seed {seed}: {} as before, {} as after, {} runs resumed",
        places.len(),
        seen.0,
        seen.1,
        seen.2
    );
    assert!(
        seen.0 > 0 && seen.2 > 0,
        "the kills fell outside the work: {seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_leave_sqlite_as_before_or_as_after() {
    let mut places = Vec::new();
    for _ in 0..POINTS_ON_SQLITE {
        let place = platform::testing::directory()
            .join("antin.db")
            .to_string_lossy()
            .into_owned();
        let db = open(&place).await;
        migrate(&db).await;
        db.close().await;
        places.push(place);
    }
    kills(places, 576).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_kills_leave_postgresql_as_before_or_as_after() {
    let mut places = Vec::new();
    for _ in 0..POINTS_ON_POSTGRES {
        let place = platform::testing::postgres_url().await;
        let db = open(&place).await;
        migrate(&db).await;
        db.close().await;
        places.push(place);
    }
    kills(places, 577).await;
}
