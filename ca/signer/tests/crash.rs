//! A signer killed at any moment leaves a store that opens, a journal that holds, and every answered key and pin in place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use signer::client::Client;
use signer::domain::{Algorithm, Purpose};
use signer::journal::Event;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use support::authenticator::Authenticator;
use support::office::binding;
use support::{Running, START, config};

const DIRECTORY: &str = "SIGNER_UNDER_TEST";

/// Not a test by itself: the process that is killed. Without the variable it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_that_is_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let entropy = Arc::new(|bytes: &mut [u8]| openssl::rand::rand_bytes(bytes).unwrap());
    let config = config(std::path::Path::new(&directory));
    signer::run(config, Arc::new(|| START), entropy, std::future::pending())
        .await
        .unwrap();
}

async fn spawned(directory: &std::path::Path) -> (Child, Client) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["the_process_that_is_killed", "--exact"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let client = Client::new(directory.join("s.sock"));
    for _ in 0..1000 {
        if client.health().await.is_ok() {
            return (child, client);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("the signer did not start");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_lose_no_answered_key_and_no_answered_pin() {
    let directory = tempfile::tempdir().unwrap();
    let mut registrar = Authenticator::es256("registrar");
    let mut answered_keys: Vec<String> = Vec::new();
    let mut answered_pins: Vec<(String, Vec<u8>)> = Vec::new();
    for round in 0..20u64 {
        let (mut child, client) = spawned(directory.path()).await;
        if round == 0 {
            let (id, key) = (
                registrar.credential_id.0.clone(),
                registrar.public_key.0.clone(),
            );
            client.pin_registrar(id, key).await.unwrap();
        }
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move {
                    let mut made = Vec::new();
                    let person = Purpose::Person {
                        person: "psn_an".into(),
                    };
                    while let Ok(info) = client
                        .generate_key(person.clone(), Algorithm::EcdsaP256)
                        .await
                    {
                        made.push(info.key);
                    }
                    made
                })
            })
            .collect();
        let pins = async {
            let mut pinned = Vec::new();
            if let Ok(info) = client
                .generate_key(
                    Purpose::Person {
                        person: "psn_an".into(),
                    },
                    Algorithm::EcdsaP256,
                )
                .await
            {
                for n in 0..u64::MAX {
                    let passkey = Authenticator::es256(&format!("passkey-{round}-{n}"));
                    let bound = binding(&passkey, "psn_an", &info.key, START);
                    let assertion = registrar.assert(&bound.challenge().unwrap());
                    if client.pin_consent(bound, assertion).await.is_err() {
                        break;
                    }
                    pinned.push((info.key.clone(), passkey.credential_id.0.clone()));
                }
            }
            pinned
        };
        let killer = async {
            tokio::time::sleep(Duration::from_millis(15 + round * 17 % 90)).await;
            child.kill().unwrap();
            child.wait().unwrap();
        };
        let (pinned, ()) = tokio::join!(pins, killer);
        answered_pins.extend(pinned);
        for writer in writers {
            answered_keys.extend(writer.await.unwrap());
        }
    }
    assert!(
        answered_keys.len() > 20 && answered_pins.len() > 20,
        "{} keys, {} pins",
        answered_keys.len(),
        answered_pins.len()
    );
    let running = Running::start(config(directory.path())).await.unwrap();
    let mut journalled = std::collections::HashSet::new();
    for event in running.events().await {
        if let Event::KeyGenerated { key, .. } = event {
            journalled.insert(key);
        }
    }
    for key in &answered_keys {
        assert!(journalled.contains(key));
        running.client.public_key(key).await.unwrap();
    }
    for (key, credential) in &answered_pins {
        let pins = running.client.credentials(key).await.unwrap();
        assert!(
            pins.iter()
                .any(|pin| pin.binding.credential_id.0 == *credential)
        );
    }
    let files = std::fs::read_dir(directory.path().join("signer/keys"))
        .unwrap()
        .count();
    assert_eq!(
        files,
        journalled.len(),
        "every key file has its line and the other way round"
    );
}

#[tokio::test]
async fn a_restart_keeps_pins_counters_certificates_and_the_last_checkpoint() {
    let mut office = support::office::Office::open().await;
    office.signed(b"before").await;
    let log = office
        .running
        .client
        .generate_key(Purpose::Log, Algorithm::Ed25519)
        .await
        .unwrap()
        .key;
    office
        .running
        .client
        .sign_checkpoint(&log, "log.example", 1, [1; 32], vec![])
        .await
        .unwrap();
    let counter = office.official.counter;
    let kept = office.running.stop().await.unwrap();
    office.running = Running::start(config(kept.path())).await.unwrap();
    assert!(
        office
            .running
            .client
            .health()
            .await
            .unwrap()
            .registrar_pinned
    );
    assert_eq!(
        office
            .running
            .client
            .last_checkpoint(&log)
            .await
            .unwrap()
            .unwrap()
            .size,
        1
    );
    // A copied authenticator that is behind is still found out.
    office.official.counter = counter - 1;
    let statement = office.statement(b"after").await;
    let request = office.person_request(&statement, b"after");
    let attempt = office.running.client.sign_person(request);
    office
        .running
        .refuses(attempt, signer::domain::RefusalCode::AssertionCounter)
        .await;
    office.signed(b"after").await;
}

#[tokio::test]
async fn a_changed_journal_or_a_lost_one_or_another_encryption_key_refuses_to_start() {
    let office = support::office::Office::open().await;
    let kept = office.running.stop().await.unwrap();
    let journal = kept.path().join("signer/journal.jsonl");
    let kek = kept.path().join("kek");
    let (text, secret) = (
        std::fs::read(&journal).unwrap(),
        std::fs::read(&kek).unwrap(),
    );
    let starts = || Running::start(config(kept.path()));
    let changed = String::from_utf8(text.clone())
        .unwrap()
        .replacen("psn_an", "psn_xx", 1);
    std::fs::write(&journal, changed).unwrap();
    assert!(
        starts()
            .await
            .err()
            .unwrap()
            .to_string()
            .contains("broken at line")
    );
    std::fs::remove_file(&journal).unwrap();
    assert!(
        starts()
            .await
            .err()
            .unwrap()
            .to_string()
            .contains("journal is missing")
    );
    std::fs::write(&journal, &text).unwrap();
    std::fs::write(&kek, "00".repeat(32)).unwrap();
    assert!(
        starts()
            .await
            .err()
            .unwrap()
            .to_string()
            .contains("does not open")
    );
    std::fs::remove_file(&kek).unwrap();
    assert!(
        starts()
            .await
            .err()
            .unwrap()
            .to_string()
            .contains("is missing")
    );
    std::fs::write(&kek, &secret).unwrap();
    assert!(
        starts()
            .await
            .err()
            .unwrap()
            .to_string()
            .contains("may be read by others")
    );
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&kek, std::fs::Permissions::from_mode(0o600)).unwrap();
    // A torn last line is repaired and said.
    std::fs::write(&journal, &text[..text.len() - 10]).unwrap();
    let running = starts().await.unwrap();
    assert!(
        running
            .events()
            .await
            .iter()
            .any(|e| matches!(e, Event::Recovered { .. }))
    );
    // What lies on disk is readable by its owner only, and no key lies there open.
    for entry in std::fs::read_dir(kept.path().join("signer/keys")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert_eq!(
        std::fs::metadata(kept.path().join("signer"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o700
    );
}
