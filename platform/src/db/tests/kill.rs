//! kill -9 in the middle of a crowd: every unit that was acknowledged is there, whole.
//! The test starts itself again as the program to be killed.
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::db::{Db, bench};
use crate::random::Entropy;

crate::statements! {
    pub SESSION = "SELECT count(*) AS found FROM bench_session s JOIN bench_grant g ON g.session = s.id JOIN audit_event e ON e.object_id = s.id WHERE s.id = $1";
    pub TOTALS = "SELECT (SELECT count(*) FROM bench_session) AS sessions, (SELECT count(*) FROM bench_grant) AS grants, (SELECT count(*) FROM audit_event) AS events";
}

const CHILD: &str = "ANTIN_TEST_KILL_DATABASE";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_unit_survives_kill_9() {
    if let Ok(path) = std::env::var(CHILD) {
        acknowledge_for_ever(Path::new(&path)).await;
        return;
    }
    let directory = crate::testing::directory();
    let path = directory.join("antin.db");
    let db = Db::open_sqlite(&path).await.unwrap();
    crate::migrations::apply(&db, &[], 0).await.unwrap();
    bench::prepare(&db, 100).await.unwrap();
    db.close().await;
    drop(db);
    let mut acknowledged = Vec::new();
    for round in 0..6_u64 {
        acknowledged.extend(round_of(&path, 150 + 70 * round));
    }
    assert!(
        acknowledged.len() > 200,
        "only {} units",
        acknowledged.len()
    );
    let db = Db::open_sqlite(&path).await.unwrap();
    let mut conn = db.read().await.unwrap();
    let mut missing = 0;
    for session in &acknowledged {
        let (found,): (i64,) = conn.one(&SESSION, (session,)).await.unwrap();
        missing += i64::from(found != 1);
    }
    assert_eq!(missing, 0, "of {} acknowledged units", acknowledged.len());
    let (sessions, grants, events): (i64, i64, i64) = conn.one(&TOTALS, ()).await.unwrap();
    assert_eq!((sessions, sessions), (grants, events), "units are whole");
    assert!(sessions >= acknowledged.len() as i64);
}

/// Starts the child, lets it work for some time after its first acknowledgement, kills it; gives what it acknowledged.
fn round_of(path: &Path, millis: u64) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "db::tests::kill::every_acknowledged_unit_survives_kill_9",
            "--nocapture",
        ])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut out = Vec::new();
    for line in lines.by_ref() {
        if let Some(session) = line.unwrap().strip_prefix("ack ") {
            out.push(session.to_owned());
            break;
        }
    }
    let reader = std::thread::spawn(move || {
        let mut rest = Vec::new();
        for line in lines {
            // The last line may be cut in the middle by the kill: only whole ids count.
            if let Ok(line) = line
                && let Some(session) = line.strip_prefix("ack ")
                && crate::ids::is("ses", session)
            {
                rest.push(session.to_owned());
            }
        }
        rest
    });
    std::thread::sleep(Duration::from_millis(millis));
    // On Unix this is SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    out.extend(reader.join().unwrap());
    out
}

async fn acknowledge_for_ever(path: &Path) {
    let db = Db::open_sqlite(path).await.unwrap();
    let tasks: Vec<_> = (0..64_u32)
        .map(|caller| {
            let db = db.clone();
            tokio::spawn(async move {
                loop {
                    // The parent misses the acknowledgements of a child that ends by itself.
                    let Ok(session) = bench::unit(&db, &Entropy::system(), caller, 0).await else {
                        return;
                    };
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "ack {session}").unwrap();
                    out.flush().unwrap();
                }
            })
        })
        .collect();
    for ended in futures_util::future::join_all(tasks).await {
        ended.unwrap();
    }
}
