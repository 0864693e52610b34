//! kill -9 in the middle of a crowd of messages: each one that was answered with 250 is delivered.
//! The test starts itself again as the relay to be killed.

use super::authority::Port;
use super::world::{self, Client, DEPUTY, Ways};
use crate::jobs::run_queue;
use crate::smtp::session::Door;
use platform::db::Db;
use platform::testing::Callers;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const CHILD: &str = "ANTIN_TEST_KILL_RELAY";

async fn relay(folder: &Path) -> (Arc<crate::MailRelay>, platform::Ground) {
    let db = Db::open_sqlite(folder.join("antin.db")).await.unwrap();
    let mut ground = platform::testing::ground(db, Callers::default());
    // Ids of one run must differ from those of the next.
    ground.entropy = platform::random::Entropy::system();
    let relay = world::relay(
        ground.clone(),
        Arc::new(Port::default()),
        folder,
        Ways::default(),
    )
    .await;
    (relay, ground)
}

async fn serve_for_ever(folder: &Path) {
    let (relay, _) = relay(folder).await;
    let address = world::open(&relay, Door::Exchange).await;
    println!("\nopen {address}");
    run_queue::run(relay, std::future::pending()).await;
}

/// Sends until the line breaks; the numbers answered with 250.
async fn send_until_killed(
    server: std::net::SocketAddr,
    round: usize,
    sender: usize,
    stop: Arc<AtomicBool>,
) -> Vec<String> {
    let mut client = Client::greeted(server).await;
    let mut kept = Vec::new();
    for n in 0.. {
        let name = format!("no-{round}-{sender}-{n}-");
        for line in [
            "MAIL FROM:<a@b.test>\r\n".to_owned(),
            format!("RCPT TO:<{DEPUTY}>\r\n"),
            "DATA\r\n".into(),
            format!("From: a@b.test\r\nSubject: {name}\r\n\r\nhi\r\n.\r\n"),
        ] {
            if client.try_send(line.as_bytes()).await.is_err()
                || !client.reply().await.starts_with(['2', '3'])
            {
                assert!(
                    stop.load(Ordering::SeqCst),
                    "the relay refused before it was killed"
                );
                return kept;
            }
        }
        kept.push(name);
    }
    kept
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_answered_with_250_survives_kill_9_and_is_delivered_once() {
    if let Ok(folder) = std::env::var(CHILD) {
        return serve_for_ever(Path::new(&folder)).await;
    }
    let folder = platform::testing::directory();
    let db = Db::open_sqlite(folder.join("antin.db")).await.unwrap();
    platform::migrations::apply(&db, &[], 0).await.unwrap();
    world::people(
        &db,
        &platform::testing::ground(db.clone(), Callers::default()),
    )
    .await;
    db.close().await;
    drop(db);
    let mut kept = Vec::new();
    for round in 0..4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::kill::every_message_answered_with_250_survives_kill_9_and_is_delivered_once", "--nocapture"])
            .env(CHILD, &folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let server = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("open ").map(str::to_owned))
            .expect("the relay opened its door");
        let server = server.parse().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..4)
            .map(|n| tokio::spawn(send_until_killed(server, round, n, stop.clone())))
            .collect();
        tokio::time::sleep(Duration::from_millis(400 + 150 * round as u64)).await;
        stop.store(true, Ordering::SeqCst);
        child.kill().unwrap();
        child.wait().unwrap();
        for sender in senders {
            kept.extend(sender.await.unwrap());
        }
    }
    assert!(kept.len() > 20, "only {} messages", kept.len());
    let (relay, ground) = relay(&folder).await;
    // Leases of the dead run out.
    ground.clock.advance(200_000);
    while run_queue::some(&relay).await.unwrap() > 0 {}
    let delivered: Vec<String> = std::fs::read_dir(folder.join("maildir").join(DEPUTY).join("new"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    println!("{} acknowledged, {} delivered", kept.len(), delivered.len());
    for name in &kept {
        let copies = delivered
            .iter()
            .filter(|mail| mail.contains(name.as_str()))
            .count();
        assert_eq!(copies, 1, "{name} of {}", kept.len());
    }
}
