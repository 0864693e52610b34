//! `antin demo`: the demo province on loopback, its story, and then service until told to stop.

use super::import::Folder;
use crate::failure::{Failure, internal, unavailable};
use crate::wire_up::signer_process::SignerProcess;
use crate::wire_up::{self, ClockCheck, Province, Stop};
use demo::story::{self, Stage};
use platform::audit::Actor;
use platform::config::Config;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

mod describe;
mod neighbours;
mod seed;

/// How.
#[derive(clap::Args)]
pub struct Arguments {
    /// Data directory; made when absent, used again when present.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Stop after the story.
    #[arg(long)]
    story_only: bool,
    /// First of twelve ports in a row instead of the usual ones.
    #[arg(long)]
    port_base: Option<u16>,
    /// End when standard input closes (for tests).
    #[arg(long)]
    until_stdin_closes: bool,
}

/// Where everything of the demo listens.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Ports {
    pub public: u16,
    pub status: u16,
    pub eoffice: u16,
    pub government: u16,
    pub submission: u16,
    pub submissions: u16,
    pub mx: u16,
    pub management: u16,
}

impl Ports {
    fn of(base: Option<u16>) -> Self {
        match base {
            Some(b) => Self {
                public: b,
                status: b + 1,
                eoffice: b + 2,
                government: b + 3,
                submission: b + 4,
                submissions: b + 5,
                mx: b + 6,
                management: b + 7,
            },
            None => Self {
                public: 8080,
                status: 8081,
                eoffice: 8090,
                government: 8091,
                submission: 8587,
                submissions: 8465,
                mx: 8025,
                management: 9090,
            },
        }
    }
}

fn configuration(arguments: &Arguments, ports: Ports) -> Result<Config, Failure> {
    let mut config = super::config::load(None, &arguments.data)?;
    let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let address = |text: String| url::Url::parse(&text).map_err(internal("address"));
    config.public_url = address(format!("http://localhost:{}/", ports.public))?;
    config.status_url = address(format!("http://127.0.0.1:{}/", ports.status))?;
    config.listen.public = loopback(ports.public);
    config.listen.status = loopback(ports.status);
    config.listen.management = loopback(ports.management);
    config.mail.submission = loopback(ports.submission);
    config.mail.submissions = loopback(ports.submissions);
    config.mail.mx = loopback(ports.mx);
    config.province = "tỉnh Bình Định".into();
    if std::env::var_os("ANTIN_LOG__FILTER").is_none() {
        config.log.filter = "warn".into();
    }
    Ok(config)
}

/// Makes or finds the province, plays the story, serves on.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let ports = Ports::of(arguments.port_base);
    let config = configuration(&arguments, ports)?;
    super::serve::start_log(&config)?;
    println!(
        "Ấn Tín · DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ\nSổ bộ dựng theo tỉnh Bình Định ngày 30/11/2024; người và văn bản đều hư cấu."
    );
    let began = std::time::Instant::now();
    let opened = wire_up::open(config.clone(), "antin demo", ClockCheck::Warn).await?;
    std::fs::write(config.data_dir.join(super::serve::DEMO_MARK), "DEMO\n")
        .map_err(unavailable("data directory"))?;
    let imported = std::time::Instant::now();
    let report = Folder::of_the_demo()
        .import(&opened, &Actor::System("demo"))
        .await?;
    println!(
        "Sổ bộ: {} ({} ms)",
        super::import::in_words(&report),
        imported.elapsed().as_millis()
    );
    let now = opened.clock.now();
    let government = Arc::new(neighbours::Government::open(
        &config.data_dir,
        ports.government,
        now,
    )?);
    government.keep_anchors(&config.data_dir)?;
    let signer = SignerProcess::start(
        &config,
        &super::serve::foreign_anchors(&config.data_dir),
        true,
    )
    .await?;
    let province = Arc::new(Province::assemble(opened, true).await?);
    let seeded = seed::run(&province, &government, &config, ports).await?;
    let (tell, stop) = Stop::new();
    let mut services = super::serve::start(&province, &config, Some(&signer), &stop).await?;
    neighbours::start(
        &mut services,
        &government,
        &seeded,
        ports,
        &config.data_dir,
        &stop,
    )
    .await?;
    println!(
        "Sẵn sàng sau {} ms: {}",
        began.elapsed().as_millis(),
        config.public_url
    );
    describe::write(&config, &province, ports, &seeded, signer.id()).await?;

    let outcome = play(&config, ports, &seeded).await;
    match &outcome {
        Ok(()) => describe::finish(&config, &province, ports, &seeded).await?,
        Err(error) => eprintln!("antin demo: the story stopped: {error}"),
    }
    if outcome.is_ok() {
        println!(
            "STORY-DONE\nXem {}/story/README.md. Mở {} và http://127.0.0.1:{}/.",
            config.data_dir.display(),
            config.public_url,
            ports.eoffice
        );
    }
    if outcome.is_ok() && !arguments.story_only {
        println!("Đang phục vụ; Ctrl-C để dừng.");
        super::serve::told_to_stop(arguments.until_stdin_closes).await;
    }
    super::serve::end(tell, services, Some(signer)).await;
    outcome.map_err(|e| Failure::Refused(e.to_string()))?;
    Ok(ExitCode::SUCCESS)
}

/// Seconds since the epoch are read where the story begins; it knows no other clock.
fn now() -> i64 {
    platform::clock::Clock::system().now()
}

async fn play(
    config: &Config,
    ports: Ports,
    seeded: &seed::Seeded,
) -> Result<(), story::StoryError> {
    let stage = Stage {
        issuer: config.public_url.origin().ascii_serialization(),
        eoffice: format!("http://127.0.0.1:{}", ports.eoffice),
        data: config.data_dir.clone(),
        setup_code: seeded.setup_code.clone(),
        submission_port: ports.submission,
        own_root_pem: config.data_dir.join("anchors").join("own-root.pem"),
        maildir: maildir(&config.data_dir),
        binary: own_binary(),
        now,
    };
    story::play(&stage, |step| {
        println!("\n({}) {}", step.number, step.title);
        for line in &step.seen {
            println!("    {line}");
        }
    })
    .await?;
    Ok(())
}

/// Maildir folders of the demo.
pub fn maildir(data: &Path) -> PathBuf {
    data.join("mail").join("maildir")
}

/// The running binary, for commands of the story.
fn own_binary() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("antin"))
}
