//! What the signer's tests share: a signer on a temporary store, a software authenticator, an office with its keys and certificates.
#![allow(dead_code, reason = "tests")]

pub mod authenticator;
pub mod hierarchy;
pub mod office;

use signer::client::{Client, ClientError};
use signer::domain::RefusalCode;
use signer::journal::Event;
use signer::{Config, KeyEncryptionKey};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// 15/03/2027, 08:00 in Hà Nội.
pub const START: i64 = 1_805_072_400_000;
pub const ORIGIN: &str = "http://localhost:8080";
pub const RP_ID: &str = "localhost";

pub fn config(directory: &Path) -> Config {
    Config {
        directory: directory.join("signer"),
        socket: directory.join("s.sock"),
        origins: vec![ORIGIN.into()],
        rp_id: RP_ID.into(),
        callers: vec![],
        profiles: vec![],
        anchors: vec![],
        timestamp_policy: "1.3.6.1.4.1.32473.576.4".into(),
        key_encryption_key: KeyEncryptionKey::File(directory.join("kek")),
        demo: true,
    }
}

pub struct Running {
    pub directory: PathBuf,
    pub client: Client,
    pub clock: Arc<AtomicI64>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<Result<(), signer::RunError>>,
    _kept: Option<tempfile::TempDir>,
}

impl Running {
    pub async fn fresh() -> Self {
        Self::fresh_with(|_| {}).await
    }

    pub async fn fresh_with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config(directory.path());
        change(&mut config);
        let mut running = Self::start(config).await.unwrap();
        running._kept = Some(directory);
        running
    }

    pub async fn start(config: Config) -> Result<Self, signer::RunError> {
        let clock = Arc::new(AtomicI64::new(START));
        let now = clock.clone();
        let drawn = AtomicU64::new(0);
        let entropy = move |bytes: &mut [u8]| {
            // Distinct, not secret: enough for a test.
            let n = drawn.fetch_add(1, Ordering::SeqCst);
            let seed = [
                n.to_be_bytes().as_slice(),
                &std::process::id().to_be_bytes(),
            ]
            .concat();
            for (i, chunk) in bytes.chunks_mut(32).enumerate() {
                let block =
                    openssl::sha::sha256(&[seed.as_slice(), &[u8::try_from(i).unwrap()]].concat());
                chunk.copy_from_slice(&block[..chunk.len()]);
            }
        };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let client = Client::new(&config.socket);
        let directory = config.directory.clone();
        let mut task = tokio::spawn(signer::run(
            config,
            Arc::new(move || now.load(Ordering::SeqCst)),
            Arc::new(entropy),
            async move {
                let _ = stopped.await;
            },
        ));
        loop {
            if client.health().await.is_ok() {
                break;
            }
            if task.is_finished() {
                return Err((&mut task).await.unwrap().unwrap_err());
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        Ok(Self {
            directory,
            client,
            clock,
            stop: Some(stop),
            task,
            _kept: None,
        })
    }

    pub async fn stop(mut self) -> Option<tempfile::TempDir> {
        let _ = self.stop.take().unwrap().send(());
        (&mut self.task).await.unwrap().unwrap();
        self._kept.take()
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub fn advance(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    pub async fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let mut from = Some(0);
        while let Some(index) = from {
            let page = self.client.journal(index).await.unwrap();
            events.extend(page.entries.into_iter().map(|entry| entry.event));
            from = page.next;
        }
        events
    }

    /// Asserts that an attempt was refused for this reason, that the journal says so last, and that nothing was signed by it.
    pub async fn refuses<T: std::fmt::Debug>(
        &self,
        attempt: impl Future<Output = Result<T, ClientError>>,
        expected: RefusalCode,
    ) {
        let before = self.client.health().await.unwrap().journal;
        let outcome = attempt.await;
        match &outcome {
            Err(ClientError::Refused { code, detail }) => {
                assert_eq!(*code, expected, "refused for another reason: {detail}");
            }
            other => panic!("expected a refusal ({expected:?}), got {other:?}"),
        }
        let page = self.client.journal(before).await.unwrap();
        assert!(
            !page.entries.is_empty(),
            "the refusal is not in the journal"
        );
        for entry in page.entries {
            match entry.event {
                Event::Refused { code, .. } => assert_eq!(code, expected),
                other => panic!("the attempt left {other:?} in the journal"),
            }
        }
    }
}

/// Runs a program and asserts that it succeeds; gives what it printed.
pub fn judged(program: &str, arguments: &[&str]) -> String {
    let output = std::process::Command::new(program)
        .args(arguments)
        .output()
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
    text
}
