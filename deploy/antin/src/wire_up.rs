//! Composition root: opens the database and the signer, puts the services together, and wires what one needs of another.
//! Standard: docs/ARCHITECTURE.md, “Arrows”
//! It must never decide anything: adapters here only pass calls on.

use crate::failure::{Failure, internal, unavailable};
use platform::clock::Clock;
use platform::config::Config;
use platform::data_dir::DataDir;
use platform::db::Db;
use platform::edge::{Gate, Route};
use platform::log::{CheckpointSigner, Log, SignedNote, SignerRefused, VerifierKey};
use platform::migrations::Set;
use platform::pages::NavItem;
use platform::random::Entropy;
use platform::secrets::Sealer;
use platform::secrets::columns::SealedColumn;
use platform::{Ground, caller::CallerPort};
use policies::Authority;
use signer::client::Client;
use signer::domain::{Algorithm, Purpose};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

pub mod adapters;
pub mod past;
pub mod signer_process;
pub use adapters::{Passkeys, SignedHeads};
pub use past::ClockCheck;

/// Every crate's migrations, in the order of their tables.
pub const SETS: [&Set; 5] = [
    &register::MIGRATIONS,
    &policies::MIGRATIONS,
    &idp::MIGRATIONS,
    &ca::MIGRATIONS,
    &mail_relay::MIGRATIONS,
];

/// Every route of the public origin.
pub fn routes() -> Vec<Route> {
    let mut all = [
        platform::edge::routes::ROUTES,
        register::ROUTES,
        policies::ROUTES,
        idp::ROUTES,
        ca::ROUTES,
        mail_relay::ROUTES,
    ]
    .concat();
    all.extend(register::admin::routes());
    all.extend(register::api::routes());
    all
}

/// The door before both origins.
fn gate(config: &Config) -> Gate {
    let all = [routes(), ca::STATUS_ROUTES.to_vec()].concat();
    Gate::new(&config.limits, &config.listen.trusted_proxies, &all)
}

/// Every column that holds sealed values.
pub static SEALED: [&SealedColumn; 6] = {
    let [activation, credential, key] = idp::SEALED;
    let ([tls], [number, list]) = (ca::SEALED, register::SEALED);
    [activation, credential, key, tls, number, list]
};

/// The pages of the bar, all of which exist.
const NAV: &[NavItem] = &[
    NavItem::new("/", "Trang chủ", "Home"),
    NavItem::signed_in("/papers", "Ký số", "Papers"),
    NavItem::signed_in("/handovers/new", "Giao việc", "Hand over"),
    NavItem::signed_in("/decisions", "Thẩm quyền", "Authority"),
    NavItem::new("/verify", "Xác minh", "Verify"),
    NavItem::signed_in("/organisation", "Tổ chức", "Organisation"),
];

/// Database, secrets and time, opened but with nothing running.
pub struct Opened {
    /// What was configured.
    pub config: Config,
    /// The database, migrated.
    pub db: Db,
    /// The services' clock.
    pub clock: Clock,
    /// The system's randomness.
    pub entropy: Entropy,
    /// Sealed columns and blind indexes.
    pub sealer: Sealer,
    lock: Option<DataDir>,
}

/// Where the signer listens.
pub fn signer_socket(config: &Config) -> PathBuf {
    config
        .signer
        .socket
        .clone()
        .unwrap_or_else(|| config.data_dir.join("signer").join("signer.sock"))
}

/// The SQLite file of a data directory.
fn database_file(data: &Path) -> PathBuf {
    data.join("antin.db")
}

/// Opens as the owner: takes the data directory, connects, migrates, and compares clock and log with what is recorded.
pub async fn open(config: Config, who: &str, clock_check: ClockCheck) -> Result<Opened, Failure> {
    let (clock, entropy) = (
        Clock::system_with_offset(config.test.clock_offset),
        Entropy::system(),
    );
    let lock = DataDir::take(&config.data_dir, who, clock.now())
        .map_err(|e| Failure::Unavailable(e.to_string()))?;
    let sealer = Sealer::load_or_create(&lock.master_key(), entropy.clone())
        .map_err(unavailable("master key"))?;
    let db = match &config.database.url {
        Some(url) => Db::open_postgres(url)
            .await
            .map_err(unavailable("PostgreSQL"))?,
        None => Db::open_sqlite(lock.database())
            .await
            .map_err(unavailable("SQLite"))?,
    };
    let applied = platform::migrations::apply(&db, &SETS, clock.now())
        .await
        .map_err(unavailable("schema"))?;
    if !applied.is_empty() {
        tracing::info!(steps = applied.join(", "), "schema brought up to date");
    }
    let phrases = register::flows::index_people::run(&db)
        .await
        .map_err(unavailable("phrases of people"))?;
    if phrases > 0 {
        tracing::info!(
            records = phrases,
            "people recorded earlier can be searched by phrases"
        );
    }
    past::check(&db, &config.data_dir, &clock, clock_check).await?;
    Ok(Opened {
        config,
        db,
        clock,
        entropy,
        sealer,
        lock: Some(lock),
    })
}

/// Opens beside a running owner, to read: no lock, no migration. A database with steps missing is refused.
pub async fn look_into(config: Config) -> Result<Opened, Failure> {
    let (clock, entropy) = (
        Clock::system_with_offset(config.test.clock_offset),
        Entropy::system(),
    );
    let key = config.data_dir.join("master.key");
    if !key.exists() {
        return Err(Failure::Unavailable(format!(
            "{} holds no province: run `antin init` or `antin demo` first",
            config.data_dir.display()
        )));
    }
    let sealer =
        Sealer::load_or_create(&key, entropy.clone()).map_err(unavailable("master key"))?;
    let db = match &config.database.url {
        Some(url) => Db::open_postgres(url)
            .await
            .map_err(unavailable("PostgreSQL"))?,
        None => Db::open_sqlite(database_file(&config.data_dir))
            .await
            .map_err(unavailable("SQLite"))?,
    };
    let missing = platform::migrations::pending(&db, &SETS)
        .await
        .map_err(unavailable("schema"))?;
    if !missing.is_empty() {
        return Err(Failure::Unavailable(format!(
            "the database lacks {}; run `antin migrate`",
            missing.join(", ")
        )));
    }
    Ok(Opened {
        config,
        db,
        clock,
        entropy,
        sealer,
        lock: None,
    })
}

/// All services of one process.
pub struct Province {
    /// What they share.
    pub ground: Ground,
    /// Agencies, posts, people.
    pub register: Arc<register::Register>,
    /// The compiled state of authority.
    pub authority: Authority,
    /// Mandates and decisions.
    pub policies: Arc<policies::Policies>,
    /// Sign-in.
    pub idp: Arc<idp::Idp>,
    /// Certificates, papers, verification.
    pub ca: Arc<ca::Ca>,
    /// Mail.
    pub mail: Arc<mail_relay::MailRelay>,
    /// The signer's other end.
    pub signer: Client,
    _lock: Option<DataDir>,
}

impl Province {
    /// Puts the services together over an opened database and a signer that need not run yet.
    pub async fn assemble(opened: Opened, demo: bool) -> Result<Self, Failure> {
        let Opened {
            config,
            db,
            clock,
            entropy,
            sealer,
            lock,
        } = opened;
        let measures = db.measures().clone();
        let signer = Client::observed(
            signer_socket(&config),
            Arc::new(move |request, outcome, time| measures.signer(request, outcome, time)),
        );
        let callers = idp::Callers::new(
            db.clone(),
            &config.public_url,
            idp::config::Config::default(),
        );
        let ground = Ground {
            db: db.clone(),
            clock,
            entropy: entropy.clone(),
            sealer,
            public_url: config.public_url.clone(),
            status_url: config.status_url.clone(),
            gate: gate(&config),
            callers: callers.clone() as Arc<dyn CallerPort>,
            notices: Arc::new(register::Notices::new(db.clone())),
            demo,
            province: Arc::from(config.province.as_str()),
            nav: Arc::new(NAV.to_vec()),
            form_targets: Arc::default(),
        };
        let register = Arc::new(register::Register::new(ground.clone()));
        let authority = Authority::load(&db, &entropy)
            .await
            .map_err(unavailable("authority"))?;
        let certification = ca::Config {
            organisational_unit: demo.then(|| "DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ".to_owned()),
            ..ca::Config::default()
        };
        let ca = ca::Ca::new(
            ground.clone(),
            certification,
            signer.clone(),
            authority.clone(),
            Arc::new(Passkeys(db.clone())),
        )
        .await
        .map_err(unavailable("certification"))?;
        let desk = Arc::new(ca::Desk::new(ca.clone()));
        let policies = Arc::new(policies::Policies::new(
            ground.clone(),
            authority.clone(),
            desk,
            policies::config::Config::default(),
        ));
        let mail = adapters::mail_relay(&ground, &config, &ca).await?;
        let idp = idp::Idp::new(
            ground.clone(),
            &callers,
            idp::config::Config {
                letter_life: i64::from(config.accounts.letter_days) * platform::clock::DAY,
                ..idp::config::Config::default()
            },
            Arc::new(adapters::MailProgramPasswords(mail.clone())),
            Arc::new(adapters::LetterPress),
        )
        .await
        .map_err(unavailable("sign-in"))?;
        Ok(Self {
            ground,
            register,
            authority,
            policies,
            idp: Arc::new(idp),
            ca,
            mail,
            signer,
            _lock: lock,
        })
    }

    /// All pages and interfaces of the public address.
    pub fn router(&self) -> axum::Router {
        let services = axum::Router::new()
            .merge(register::router(self.register.clone()))
            .merge(policies::router(self.policies.clone()))
            .merge(idp::router(self.idp.clone()))
            .merge(ca::router(self.ca.clone()))
            .merge(mail_relay::router(self.mail.clone()))
            .merge(platform::log::http::router::<Ground>().with_state(self.ground.clone()));
        platform::edge::serve::finish(services, &self.ground)
    }

    /// Status of certificates and time stamps.
    pub fn status_router(&self) -> axum::Router {
        platform::edge::finish_status(ca::status_router(self.ca.clone()), &self.ground)
    }

    /// The log with the signer as its hand; makes the log key at the first call.
    pub async fn log(&self, data: &Path) -> Result<Log, Failure> {
        let name = log_origin(&self.ground);
        let heads = SignedHeads::open(self.signer.clone(), &name)
            .await
            .map_err(unavailable("log key"))?;
        keep_verifier_key(data, heads.verifier())?;
        Ok(Log::new(
            self.ground.db.clone(),
            self.ground.clock.clone(),
            &name,
            Arc::new(heads) as Arc<dyn CheckpointSigner>,
        )
        .with_copy(&past::head_copy(data)))
    }
}

/// The log's name in checkpoints: the public address without its scheme.
pub fn log_origin(ground: &Ground) -> String {
    let host = ground.public_url.host_str().unwrap_or("localhost");
    match ground.public_url.port() {
        Some(port) => format!("{host}:{port}/log"),
        None => format!("{host}/log"),
    }
}

/// Told to every task that has to end.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// A stop and the hand that gives it.
    pub fn new() -> (watch::Sender<bool>, Self) {
        let (tell, heard) = watch::channel(false);
        (tell, Self(heard))
    }

    /// Resolves when told.
    pub async fn heard(mut self) {
        // A dropped sender means that the process is ending as well.
        let _ = self.0.wait_for(|told| *told).await;
    }
}

/// The log key of a running signer, found by its purpose.
pub async fn log_key(
    signer: &Client,
) -> Result<signer::domain::KeyInfo, signer::client::ClientError> {
    if let Some(key) = signer
        .keys()
        .await?
        .into_iter()
        .find(|k| k.purpose == Purpose::Log)
    {
        return Ok(key);
    }
    signer.generate_key(Purpose::Log, Algorithm::Ed25519).await
}

/// Which keys may sign the log of this data directory: written beside the database when the log key is made.
pub fn verifier_keys(data: &Path) -> Result<Vec<VerifierKey>, Failure> {
    let path = data.join("log.vkey");
    let text = std::fs::read_to_string(&path).map_err(unavailable("log.vkey"))?;
    text.lines()
        .map(|line| {
            VerifierKey::parse(line)
                .ok_or_else(|| Failure::Internal(format!("{}: not a verifier key", path.display())))
        })
        .collect()
}

/// Keeps the verifier key where offline checks find it.
pub fn keep_verifier_key(data: &Path, key: &VerifierKey) -> Result<(), Failure> {
    std::fs::write(data.join("log.vkey"), format!("{key}\n")).map_err(internal("log.vkey"))
}

/// A note as the platform carries it.
pub(crate) fn note(text: String) -> SignedNote {
    SignedNote(text)
}

/// A refusal as the platform carries it.
pub(crate) fn refused(error: &signer::client::ClientError) -> SignerRefused {
    SignerRefused(error.to_string())
}
