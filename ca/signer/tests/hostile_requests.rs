//! A hostile web process sends raw bytes, oversize frames, mail of others and forked log heads: it gets nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use signer::client::ClientError;
use signer::domain::{Algorithm, Digest, Purpose, RefusalCode as Code};
use signer::journal::Event;
use signer::wire::{MailboxSignature, Response};
use support::Running;
use support::hierarchy::{ADDRESS, Hierarchy};
use support::office::digest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

async fn exchanged(running: &Running, bytes: &[u8]) -> Vec<u8> {
    let mut stream = UnixStream::connect(running.directory.parent().unwrap().join("s.sock"))
        .await
        .unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut length = [0u8; 4];
    stream.read_exact(&mut length).await.unwrap();
    let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
    stream.read_exact(&mut answer).await.unwrap();
    answer
}

fn frame(text: &str) -> Vec<u8> {
    let mut bytes = u32::try_from(text.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

async fn refused_raw(running: &Running, bytes: &[u8]) {
    let before = running.client.health().await.unwrap().journal;
    let answer: Response = serde_json::from_slice(&exchanged(running, bytes).await).unwrap();
    assert!(
        matches!(&answer, Response::Refused(r) if r.code == Code::Malformed),
        "{answer:?}"
    );
    let page = running.client.journal(before).await.unwrap();
    assert!(matches!(&page.entries[..], [e] if matches!(e.event, Event::Refused { .. })));
}

#[tokio::test]
async fn there_is_no_request_for_raw_bytes() {
    let running = Running::fresh().await;
    let key = running
        .client
        .generate_key(
            Purpose::Person {
                person: "psn_an".into(),
            },
            Algorithm::EcdsaP256,
        )
        .await
        .unwrap()
        .key;
    for text in [
        format!(r#"{{"request":"sign","key":"{key}","bytes":"AAAA"}}"#),
        format!(r#"{{"request":"sign_raw","key":"{key}","digest":"AAAA"}}"#),
        format!(
            r#"{{"request":"sign_person","key":"{key}","digest":{{"algorithm":"sha-256","value":"AAAA"}}}}"#
        ),
        format!(r#"{{"request":"public_key","key":"{key}","bytes":"AAAA"}}"#),
        format!(r#"{{"request":"public_key","key":"{key}","key":"other"}}"#),
        r#"{"request":"export_key"}"#.to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        String::new(),
        "[".repeat(100_000),
    ] {
        refused_raw(&running, &frame(&text)).await;
    }
}

#[tokio::test]
async fn an_oversize_frame_is_refused_before_it_is_read() {
    let running = Running::fresh().await;
    refused_raw(&running, &(1024u32 * 1024 + 1).to_be_bytes()).await;
    refused_raw(&running, &u32::MAX.to_be_bytes()).await;
    // The signer goes on.
    running.client.health().await.unwrap();
}

#[tokio::test]
async fn a_frame_that_breaks_off_harms_nobody() {
    let running = Running::fresh().await;
    let path = running.directory.parent().unwrap().join("s.sock");
    for bytes in [&[0u8, 0][..], &[0, 0, 1, 0, b'{']] {
        let mut stream = UnixStream::connect(&path).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        drop(stream);
    }
    running.client.health().await.unwrap();
}

#[tokio::test]
async fn a_time_stamp_is_made_by_the_signers_clock_or_not_at_all() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let client = &running.client;
    let stamp = |policy: Option<&str>, digest: Digest| {
        client.sign_timestamp(&ours.tsa.key, digest, None, policy.map(str::to_owned), true)
    };
    running
        .refuses(stamp(Some("1.2.3"), digest(b"x")), Code::Unsupported)
        .await;
    let mut short = digest(b"x");
    short.value.0.pop();
    running.refuses(stamp(None, short), Code::Malformed).await;
    running.advance(60_000);
    stamp(None, digest(b"x")).await.unwrap();
    running.advance(-5_000);
    running
        .refuses(stamp(None, digest(b"x")), Code::Clock)
        .await;
}

#[tokio::test]
async fn a_mailbox_signs_for_its_own_address_and_time_only() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let client = &running.client;
    let now = running.now();
    let mail = |from: &str, signing_time, key: &str| {
        client.sign_mailbox(MailboxSignature {
            key: key.into(),
            digest: digest(b"mail"),
            signing_time,
            from: from.into(),
            chain: vec![],
        })
    };
    let key = &ours.mailbox.key;
    running
        .refuses(
            mail("chutich@binhdinh.example", now, key),
            Code::AddressMismatch,
        )
        .await;
    running
        .refuses(mail(ADDRESS, now - 600_000, key), Code::Clock)
        .await;
    running
        .refuses(mail(ADDRESS, now, &ours.tsa.key), Code::WrongPurpose)
        .await;
    let riding = MailboxSignature {
        key: key.clone(),
        digest: digest(b"mail"),
        signing_time: now,
        from: ADDRESS.into(),
        chain: vec![b"any bytes".as_slice().into()],
    };
    running
        .refuses(client.sign_mailbox(riding), Code::Malformed)
        .await;
}

#[tokio::test]
async fn a_log_head_that_rolls_back_or_forks_is_refused() {
    let running = Running::fresh().await;
    let client = &running.client;
    let key = client
        .generate_key(Purpose::Log, Algorithm::Ed25519)
        .await
        .unwrap()
        .key;
    let leaf = |n: u8| -> [u8; 32] { openssl::sha::sha256(&[0, n]) };
    let node = |l: [u8; 32], r: [u8; 32]| -> [u8; 32] {
        openssl::sha::sha256(&[&[1][..], &l, &r].concat())
    };
    let two = node(leaf(0), leaf(1));
    let three = node(two, leaf(2));
    let origin = "log.binhdinh.example";
    let sign = |origin: &'static str, size, root, proof: Vec<[u8; 32]>| {
        client.sign_checkpoint(&key, origin, size, root, proof)
    };
    sign(origin, 2, two, vec![]).await.unwrap();
    sign(origin, 3, three, vec![leaf(2)]).await.unwrap();
    sign(origin, 3, three, vec![]).await.unwrap();
    let fork = node(node(leaf(0), leaf(9)), leaf(2));
    let refuse = Code::LogInconsistent;
    running.refuses(sign(origin, 2, two, vec![]), refuse).await;
    running.refuses(sign(origin, 3, fork, vec![]), refuse).await;
    let four = node(two, node(leaf(2), leaf(3)));
    running.refuses(sign(origin, 4, four, vec![]), refuse).await;
    running
        .refuses(
            sign(origin, 4, node(fork, leaf(3)), vec![leaf(2), leaf(3), two]),
            refuse,
        )
        .await;
    running
        .refuses(
            sign("other.example", 4, four, vec![leaf(2), leaf(3), two]),
            refuse,
        )
        .await;
    sign(origin, 4, four, vec![leaf(2), leaf(3), two])
        .await
        .unwrap();
    let last = client.last_checkpoint(&key).await.unwrap().unwrap();
    assert_eq!((last.size, last.root.0), (4, four.to_vec()));
}

#[tokio::test]
async fn algorithms_not_made_for_a_purpose_are_refused() {
    let running = Running::fresh().await;
    for (purpose, algorithm) in [
        (Purpose::Log, Algorithm::EcdsaP256),
        (Purpose::CaIssuing, Algorithm::EcdsaP384),
        (
            Purpose::Person {
                person: "psn_an".into(),
            },
            Algorithm::Ed25519,
        ),
    ] {
        let attempt = running.client.generate_key(purpose, algorithm);
        running.refuses(attempt, Code::AlgorithmNotAllowed).await;
    }
}

#[tokio::test]
async fn a_stopped_signer_is_unavailable_and_a_second_one_is_turned_away() {
    let running = Running::fresh().await;
    let mut config = support::config(running.directory.parent().unwrap());
    config.socket = running.directory.join("second.sock");
    let second = Running::start(config).await;
    assert!(second.err().unwrap().to_string().contains("another signer"));
    let client = running.client.clone();
    let kept = running.stop().await;
    assert!(matches!(
        client.health().await,
        Err(ClientError::Unavailable { .. })
    ));
    drop(kept);
}
