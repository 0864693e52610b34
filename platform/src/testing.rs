//! For tests of every crate: fresh databases on both engines, a ground to stand on, a caller, a checkpoint signer.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used)]
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use arc_swap::ArcSwap;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::{Connection, Executor, PgConnection, Row};
use url::Url;

use crate::Ground;
use crate::caller::{Caller, CallerPort, Unresolved};
use crate::clock::Clock;
use crate::db::{Db, Limits};
use crate::log::{CheckpointSigner, SignedNote, SignerRefused, VerifierKey, note};
use crate::notices::{NoticePort, Uncounted};
use crate::random::Entropy;
use crate::secrets::Sealer;

static NEXT: AtomicU32 = AtomicU32::new(1);

fn limits() -> Limits {
    Limits {
        readers: 4,
        writers: 8,
        acquire: Duration::from_secs(30),
        // Shared test machines pause for long; the limit itself has its own test.
        unit: Duration::from_secs(5),
        ..Limits::default()
    }
}

/// A fresh directory, removed by a later test process once this one has ended.
pub fn directory() -> PathBuf {
    static SWEEP: Once = Once::new();
    let base = std::env::temp_dir();
    SWEEP.call_once(|| {
        for entry in std::fs::read_dir(&base).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(rest) = name.strip_prefix("antin-test-")
                && is_stale(rest)
            {
                let _already_gone = std::fs::remove_dir_all(entry.path());
            }
        }
    });
    let path = base.join(format!(
        "antin-test-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::SeqCst)
    ));
    std::fs::create_dir_all(&path).expect("a directory for a test database");
    path
}

fn is_stale(rest: &str) -> bool {
    rest.split(['-', '_'])
        .next()
        .and_then(|pid| pid.parse::<u32>().ok())
        .is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists())
}

/// A fresh SQLite file with the ground floor's tables.
pub async fn sqlite() -> Db {
    sqlite_with(limits()).await
}

/// The same with other limits.
pub async fn sqlite_with(limits: Limits) -> Db {
    let db = Db::open_sqlite_with(directory().join("antin.db"), limits)
        .await
        .expect("a fresh SQLite file");
    crate::migrations::apply(&db, &[], 0)
        .await
        .expect("the ground floor's tables");
    db
}

/// A fresh PostgreSQL database with the ground floor's tables. Panics when no server is named: nothing is skipped silently.
pub async fn postgres() -> Db {
    postgres_with(limits()).await
}

/// The same with other limits.
pub async fn postgres_with(limits: Limits) -> Db {
    let db = Db::open_postgres_with(&postgres_url().await, limits)
        .await
        .expect("a fresh PostgreSQL database");
    crate::migrations::apply(&db, &[], 0)
        .await
        .expect("the ground floor's tables");
    db
}

/// Creates an empty PostgreSQL database and gives its URL.
pub async fn postgres_url() -> String {
    postgres_like("template0").await
}

/// Copies a PostgreSQL database to which nothing is connected, and gives the copy's URL.
pub async fn postgres_copy(of: &str) -> String {
    let url = Url::parse(of).expect("a URL");
    postgres_like(url.path().trim_start_matches('/')).await
}

async fn postgres_like(template: &str) -> String {
    let server = std::env::var("TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!(
            "TEST_POSTGRES_URL is not set. These tests need a PostgreSQL server: run tests/run, which starts one, \
             or set TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:PORT/postgres"
        )
    });
    let name = format!(
        "antin_test_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::SeqCst)
    );
    let mut connection = PgConnection::connect(&server)
        .await
        .unwrap_or_else(|error| panic!("TEST_POSTGRES_URL={server}: {error}"));
    sweep(&mut connection).await;
    connection
        .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "CREATE DATABASE {name} TEMPLATE {template}"
        ))))
        .await
        .expect("a fresh database");
    let mut url = Url::parse(&server).expect("TEST_POSTGRES_URL is a URL");
    url.set_path(&name);
    url.into()
}

/// Drops, once per process, what earlier test processes left.
async fn sweep(connection: &mut PgConnection) {
    static SWEPT: Mutex<bool> = Mutex::new(false);
    {
        let mut swept = SWEPT.lock().expect("no test panics while sweeping");
        if *swept {
            return;
        }
        *swept = true;
    }
    let rows = connection
        .fetch_all("SELECT datname FROM pg_database WHERE datname LIKE 'antin_test_%'")
        .await
        .unwrap_or_default();
    for row in rows {
        let name: String = row.get(0);
        if name.strip_prefix("antin_test_").is_some_and(is_stale) {
            // Two processes may sweep at once: the second finds it gone.
            let _gone = connection
                .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
                    "DROP DATABASE IF EXISTS {name} WITH (FORCE)"
                ))))
                .await;
        }
    }
}

/// One fresh database on each engine.
pub async fn databases() -> Vec<(&'static str, Db)> {
    vec![("sqlite", sqlite().await), ("postgres", postgres().await)]
}

/// Two tests from one body: `name::on_sqlite` and `name::on_postgres`.
#[macro_export]
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: Db) $body:block)*) => {
        $(
            mod $name {
                #[allow(unused_imports)]
                use super::*;

                $(#[$meta])*
                async fn body($db: $crate::db::Db) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_sqlite() {
                    body($crate::testing::sqlite().await).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_postgres() {
                    body($crate::testing::postgres().await).await;
                }
            }
        )*
    };
}

/// Callers by cookie or token, in memory.
#[derive(Clone, Default)]
pub struct Callers(Arc<Mutex<Vec<(String, Caller)>>>);

impl Callers {
    /// From now on this cookie or token is this caller.
    pub fn admit(&self, secret: &str, caller: Caller) {
        let mut list = self.0.lock().expect("no test panics while admitting");
        list.push((secret.to_owned(), caller));
    }

    /// From now on it is nobody.
    pub fn dismiss(&self, secret: &str) {
        let mut list = self.0.lock().expect("no test panics while dismissing");
        list.retain(|(known, _)| known != secret);
    }

    fn find(&self, secret: &str) -> Option<Caller> {
        let list = self.0.lock().expect("no test panics while finding");
        list.iter()
            .find(|(known, _)| known == secret)
            .map(|(_, caller)| caller.clone())
    }
}

impl CallerPort for Callers {
    fn from_session<'a>(
        &'a self,
        cookie: &'a str,
        _now: i64,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unresolved>> {
        let found = self.find(cookie);
        async move { Ok(found) }.boxed()
    }

    fn from_token<'a>(
        &'a self,
        bearer: &'a str,
        _now: i64,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unresolved>> {
        let found = self.find(bearer);
        async move { Ok(found) }.boxed()
    }
}

/// Nobody has notices.
pub struct NoNotices;

impl NoticePort for NoNotices {
    fn unread<'a>(
        &'a self,
        _caller: &'a Caller,
        _now: i64,
    ) -> BoxFuture<'a, Result<i64, Uncounted>> {
        async move { Ok(0) }.boxed()
    }
}

/// A caller with a post, signed in with a passkey.
pub fn caller(person: &str, post: Option<&str>) -> Caller {
    Caller {
        account: format!("acc_of_{person}"),
        person: person.to_owned(),
        name: "Ngô Đức Thịnh".into(),
        post: post.map(str::to_owned),
        post_title: post.map(|_| "Phó Chủ tịch UBND tỉnh".into()),
        appointment: post.map(|post| format!("apt_of_{person}_{post}")),
        agency: post.map(|_| "agy_h08".into()),
        agency_name: post.map(|_| "UBND tỉnh Bình Định".into()),
        session: format!("ses_of_{person}"),
        client: None,
        acr: "passkey".into(),
        auth_time: 0,
        scopes: Vec::new(),
    }
}

/// A ground over a database: a fixed clock at 2026-11-30 01:00 UTC, seeded entropy, loopback addresses.
pub fn ground(db: Db, callers: Callers) -> Ground {
    let entropy = Entropy::seeded(1);
    let master = std::collections::BTreeMap::from([(1, [7_u8; 32])]);
    Ground {
        db,
        clock: Clock::fixed(1_796_000_400_000),
        sealer: Sealer::new(&master, entropy.clone()).expect("a sealer from one key"),
        entropy,
        public_url: Url::parse("http://localhost:8080").expect("a constant"),
        status_url: Url::parse("http://127.0.0.1:8081").expect("a constant"),
        gate: crate::edge::Gate::new(
            &crate::config::Limits::default(),
            &[],
            crate::edge::routes::ROUTES,
        ),
        callers: Arc::new(callers),
        notices: Arc::new(NoNotices),
        demo: false,
        province: "tỉnh Bình Định".into(),
        nav: Arc::new(crate::pages::NAV.to_vec()),
        form_targets: Arc::new(ArcSwap::from_pointee(Vec::new())),
    }
}

/// Signs checkpoints with a key in memory: for tests only, since it signs whatever it is given.
pub struct MemorySigner {
    key: Ed25519KeyPair,
    verifier: VerifierKey,
    last: std::sync::atomic::AtomicU64,
}

impl MemorySigner {
    /// A key from a seed, under the log's name.
    pub fn new(name: &str, seed: [u8; 32]) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes are a seed");
        let public: [u8; 32] = key.public_key().as_ref().try_into().expect("32 bytes");
        Self {
            key,
            verifier: VerifierKey::new(name, public).expect("a plain name"),
            last: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// What verifies its notes.
    pub fn verifier(&self) -> VerifierKey {
        self.verifier.clone()
    }
}

impl CheckpointSigner for MemorySigner {
    fn last_size(&self) -> BoxFuture<'_, Result<u64, SignerRefused>> {
        let last = self.last.load(std::sync::atomic::Ordering::SeqCst);
        async move { Ok(last) }.boxed()
    }

    fn sign<'a>(
        &'a self,
        size: u64,
        root: [u8; 32],
        origin: &'a str,
        _consistency: &'a [[u8; 32]],
        _now: i64,
    ) -> BoxFuture<'a, Result<SignedNote, SignerRefused>> {
        let body = note::Checkpoint {
            origin: origin.to_owned(),
            size,
            root,
        }
        .body();
        let signature = self.key.sign(body.as_bytes());
        let note = self.verifier.note(&body, signature.as_ref());
        self.last.store(size, std::sync::atomic::Ordering::SeqCst);
        async move { Ok(note) }.boxed()
    }
}
