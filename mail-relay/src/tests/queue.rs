//! The queue: once, again, given up; next hops played by servers of a few lines.

use super::world::{CHAIR, Client, DEPUTY, Ways, World, mail};
use crate::flows::deliver::{self, Outcome};
use crate::store::queue;
use platform::audit::Housekeeping;
use platform::db;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

/// What a fake server was told: the commands, then the bytes of each message as sent.
type Heard = Arc<Mutex<(Vec<String>, Vec<String>)>>;

/// A server that says yes to everything but what stands in `answers` (a beginning of a command, its reply; `.` is the end of data).
async fn fake(answers: &'static [(&'static str, &'static str)]) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, heard) = (listener.local_addr().unwrap(), Heard::default());
    let ears = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (ears, mut stream) = (ears.clone(), BufReader::new(stream));
            tokio::spawn(async move {
                stream.write_all(b"220 fake\r\n").await.unwrap();
                let mut line = String::new();
                while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                    ears.lock().unwrap().0.push(line.trim_end().to_owned());
                    let mut word = line.trim_end().to_owned();
                    let answer = |word: &str| {
                        answers
                            .iter()
                            .find(|(begin, _)| word.starts_with(begin))
                            .map(|(_, reply)| *reply)
                    };
                    if word == "DATA" && answer("DATA").is_none() {
                        stream.write_all(b"354 go\r\n").await.unwrap();
                        let mut message = String::new();
                        loop {
                            line.clear();
                            if stream.read_line(&mut line).await.unwrap_or(0) == 0
                                || line == ".\r\n"
                            {
                                break;
                            }
                            message.push_str(&line);
                        }
                        ears.lock().unwrap().1.push(message);
                        word = ".".into();
                    }
                    let reply = answer(&word).unwrap_or("250 ok");
                    if stream
                        .write_all(format!("{reply}\r\n").as_bytes())
                        .await
                        .is_err()
                    {
                        return;
                    }
                    line.clear();
                }
            });
        }
    });
    (address, heard)
}

async fn state(world: &World, address: &str) -> Vec<(String, String, i64)> {
    let mut conn = world.relay.ground().db.read().await.unwrap();
    let person = world.person("linhlm").await;
    let post = register::facts::posts_of(&mut conn, &person, super::world::NOW)
        .await
        .unwrap()[0]
        .post
        .clone();
    let scope = register::rights::scope_of(
        &mut conn,
        &person,
        Some(&post),
        register::rights::READING,
        super::world::NOW,
    )
    .await
    .unwrap();
    let rows = queue::waiting(&mut conn, &scope, 100).await.unwrap();
    rows.into_iter()
        .filter(|r| r.address == address)
        .map(|r| (r.state, r.last_reply.unwrap_or_default(), r.attempts))
        .collect()
}

async fn send_out(world: &World) {
    let mut client = world.signed_in(CHAIR).await;
    client.envelope(CHAIR, &["so@example.com"]).await;
    Client::expect(&client.data(&mail(CHAIR, "so@example.com")).await, "250");
}

platform::both_engines! {
    async fn a_worker_that_died_after_delivering_does_not_make_a_second_copy(db: Db) {
        let world = World::new(db.clone()).await;
        let mut client = world.signed_in(CHAIR).await;
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&mail(CHAIR, DEPUTY)).await, "250");
        let now = world.relay.ground().now();
        let taken = db.write(|mut tx| async move {
            let taken = queue::take(&mut tx, "lse_dead", now, now + 120_000, 10).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::QueueProgress, taken))
        }).await.unwrap();
        assert_eq!(taken.len(), 1);
        world.run_queue().await;
        assert_eq!(world.new_mail(DEPUTY).len(), 0, "the lease is another's");
        let row = queue::message(&mut db.read().await.unwrap(), &taken[0].message).await.unwrap().unwrap();
        let message = world.relay.spool().read(&row.id).unwrap();
        let outcome = deliver::run(&world.relay, &row, &taken[0], &message).await;
        assert!(matches!(outcome, Outcome::Delivered(_)), "{outcome:?}");
        world.relay.ground().clock.advance(120_001);
        world.run_queue().await;
        assert_eq!((world.new_mail(DEPUTY).len(), world.spooled()), (1, 0));
        let late = db.write(|mut tx| async {
            let mine = queue::finish(&mut tx, &taken[0], "lse_dead", "failed", "late", now).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::QueueProgress, mine))
        }).await.unwrap();
        assert!(!late, "who lost its lease says nothing any more");
        // Moved on by a reader meanwhile: still no second copy.
        let folder = world.folder.join("maildir").join(DEPUTY);
        let file = std::fs::read_dir(folder.join("new")).unwrap().next().unwrap().unwrap();
        let seen = format!("{}:2,S", file.file_name().to_string_lossy());
        std::fs::rename(file.path(), folder.join("cur").join(seen)).unwrap();
        deliver::run(&world.relay, &row, &taken[0], &message).await;
        assert_eq!(world.new_mail(DEPUTY).len(), 0);
    }

    async fn a_next_hop_that_is_away_is_tried_again_and_given_up_with_a_report(db: Db) {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let world = World::with(db, Ways { smart_host: Some(closed.to_string()), lmtp: None }).await;
        send_out(&world).await;
        world.run_queue().await;
        let clock = world.relay.ground().clock.clone();
        assert_eq!(state(&world, "so@example.com").await[0].2, 1);
        clock.advance(59_000);
        world.run_queue().await;
        assert_eq!(state(&world, "so@example.com").await[0].2, 1);
        clock.advance(1_001);
        world.run_queue().await;
        let waiting = state(&world, "so@example.com").await;
        assert_eq!((waiting[0].0.as_str(), waiting[0].2, world.spooled()), ("queued", 2, 1));
        clock.advance(4 * 86_400_000);
        world.run_queue().await;
        assert_eq!((state(&world, "so@example.com").await[0].0.as_str(), world.spooled()), ("failed", 0));
        let reports = world.new_mail(CHAIR);
        assert_eq!(reports.len(), 1);
        let text = String::from_utf8(reports[0].clone()).unwrap();
        for piece in ["Return-Path: <>\r\n", "Auto-Submitted: auto-replied\r\n", "multipart/report; report-type=delivery-status;", "Content-Type: message/delivery-status", "Final-Recipient: rfc822; so@example.com", "Action: failed"] {
            assert!(text.contains(piece), "{piece}: {text}");
        }
    }

    async fn a_next_hop_gets_the_signed_bytes_and_its_refusal_is_final(db: Db) {
        let (server, heard) = fake(&[("RCPT TO:<no@", "550 5.1.1 unknown\r\n550 x")]).await;
        let world = World::with(db, Ways { smart_host: Some(server.to_string()), lmtp: None }).await;
        send_out(&world).await;
        let id = world.relay.spool().ids().unwrap()[0].clone();
        let kept = String::from_utf8(world.relay.spool().read(&id).unwrap()).unwrap();
        world.run_queue().await;
        let (commands, messages) = heard.lock().unwrap().clone();
        assert!(commands.iter().any(|c| c.starts_with(&format!("MAIL FROM:<{CHAIR}>"))), "{commands:?}");
        assert_eq!(messages.len(), 1);
        let sent = messages[0].replace("\r\n..", "\r\n.");
        // The client library may add an empty line before the final dot: after the last boundary, outside of what is signed.
        assert_eq!(sent.trim_end_matches("\r\n"), kept.trim_end_matches("\r\n"));
        assert!(messages[0].contains("\r\n..hai\r\n") && world.found(sent.as_bytes()).is_good());
        assert_eq!(state(&world, "so@example.com").await.len(), 0);
        let mut client = world.signed_in(CHAIR).await;
        client.envelope(CHAIR, &["no@example.com"]).await;
        Client::expect(&client.data(&mail(CHAIR, "no@example.com")).await, "250");
        world.run_queue().await;
        let failed = state(&world, "no@example.com").await;
        assert!(failed[0].0 == "failed" && failed[0].1.contains("550"), "{failed:?}");
        assert_eq!((world.new_mail(CHAIR).len(), world.spooled()), (1, 0));
    }

    async fn a_report_that_cannot_be_delivered_makes_no_report(db: Db) {
        let (server, _) = fake(&[("RCPT", "550 5.1.1 unknown")]).await;
        let world = World::with(db, Ways { smart_host: None, lmtp: Some(server) }).await;
        let mut client = world.signed_in(CHAIR).await;
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&mail(CHAIR, DEPUTY)).await, "250");
        world.run_queue().await;
        assert_eq!((state(&world, DEPUTY).await.len(), state(&world, CHAIR).await.len(), world.spooled()), (1, 1, 0));
    }

    async fn lmtp_takes_the_mail_of_our_mailboxes_and_its_4xx_means_later(db: Db) {
        let (server, heard) = fake(&[]).await;
        let world = World::with(db, Ways { smart_host: None, lmtp: Some(server) }).await;
        let mut client = world.signed_in(CHAIR).await;
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&mail(CHAIR, DEPUTY)).await, "250");
        world.run_queue().await;
        let (commands, messages) = heard.lock().unwrap().clone();
        assert_eq!(commands[..4], ["LHLO mail.binhdinh.test", &format!("MAIL FROM:<{CHAIR}>"), &format!("RCPT TO:<{DEPUTY}>"), "DATA"]);
        assert!(world.found(messages[0].replace("\r\n..", "\r\n.").as_bytes()).is_good());
        assert_eq!(world.spooled(), 0);
    }

    async fn an_lmtp_server_that_is_full_is_asked_again(db: Db) {
        let (server, _) = fake(&[(".", "452 4.2.2 full")]).await;
        let world = World::with(db, Ways { smart_host: None, lmtp: Some(server) }).await;
        let mut client = world.signed_in(CHAIR).await;
        client.envelope(CHAIR, &[DEPUTY]).await;
        Client::expect(&client.data(&mail(CHAIR, DEPUTY)).await, "250");
        world.run_queue().await;
        let waiting = state(&world, DEPUTY).await;
        assert!(waiting[0].0 == "queued" && waiting[0].1.contains("452"), "{waiting:?}");
        assert_eq!(world.spooled(), 1);
    }
}
