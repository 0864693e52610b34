//! `antin serve`: every service in one process, the signer beside it, until told to stop.

use crate::failure::Failure;
use crate::management;
use crate::wire_up::signer_process::SignerProcess;
use crate::wire_up::{self, ClockCheck, Province, Stop};
use platform::config::{Config, LogFormat, is_loopback};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What to serve.
#[derive(clap::Args)]
pub struct Arguments {
    /// The TOML file; without it the loopback defaults.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data directory when the file names none.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Start although the clock does not fit the last record.
    #[arg(long)]
    accept_clock: bool,
}

/// Beside the database of a demo; `serve` refuses such a directory off loopback.
pub const DEMO_MARK: &str = "DEMO";

/// Starts logging as configured.
pub fn start_log(config: &Config) -> Result<(), Failure> {
    let format = match config.log.format {
        LogFormat::Human => platform::telemetry::Format::Human,
        LogFormat::Json => platform::telemetry::Format::Json,
    };
    platform::telemetry::start(format, &config.log.filter).map_err(Failure::Config)
}

/// The anchors a signer is started with: every PEM file that names a foreign root.
pub fn foreign_anchors(data: &Path) -> Vec<PathBuf> {
    let path = data.join("anchors").join("government-root.pem");
    let issuing = data.join("anchors").join("government-issuing.pem");
    [path, issuing].into_iter().filter(|p| p.exists()).collect()
}

/// Serves.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = super::config::load(arguments.config.as_deref(), &arguments.data)?;
    let demo = config.data_dir.join(DEMO_MARK).exists();
    if demo && !is_loopback(&config.public_url) {
        return Err(Failure::Config(format!(
            "{} holds a demo province, which is served on loopback only",
            config.data_dir.display()
        )));
    }
    start_log(&config)?;
    let stopped = told_to_stop(false);
    let began = std::time::Instant::now();
    let clock_check = if demo || arguments.accept_clock {
        ClockCheck::Warn
    } else {
        ClockCheck::Strict
    };
    let opened = wire_up::open(config.clone(), "antin serve", clock_check).await?;
    let signer = match &config.signer.socket {
        Some(_) => None,
        None => {
            Some(SignerProcess::start(&config, &foreign_anchors(&config.data_dir), demo).await?)
        }
    };
    let province = Arc::new(Province::assemble(opened, demo).await?);
    let (tell, stop) = Stop::new();
    let services = start(&province, &config, signer.as_ref(), &stop).await?;
    tracing::info!(issuer = %config.public_url, ms = began.elapsed().as_millis() as u64, "ready");
    stopped.await;
    end(tell, services, signer).await;
    Ok(ExitCode::SUCCESS)
}

/// Binds every listener, then starts services and jobs.
pub async fn start(
    province: &Arc<Province>,
    config: &Config,
    signer: Option<&SignerProcess>,
    stop: &Stop,
) -> Result<JoinSet<()>, Failure> {
    let public = listen(config.listen.public).await?;
    let status = listen(config.listen.status).await?;
    let watched = listen(config.listen.management).await?;
    let log = province.log(&config.data_dir).await?;
    let mut services = JoinSet::new();
    mail(province, config, stop, &mut services).await?;
    serve_http(&mut services, public, province.router(), stop);
    serve_http(&mut services, status, province.status_router(), stop);
    let (ground, authority) = (province.ground.clone(), province.authority.clone());
    services.spawn(policies::jobs::follow_epoch::run(
        ground.db.clone(),
        ground.clock.clone(),
        authority,
        stop.clone().heard(),
    ));
    services.spawn(register::jobs::forget_files::run(
        ground.clone(),
        stop.clone().heard(),
    ));
    services.spawn(ca::start_jobs(province.ca.clone(), stop.clone().heard()));
    services.spawn(idp::jobs::run(province.idp.clone(), stop.clone().heard()));
    let heard = stop.clone().heard();
    services.spawn(async move { log.run(heard).await });
    let signer = signer.and_then(SignerProcess::id);
    management::start(&mut services, watched, province, signer, stop);
    Ok(services)
}

async fn mail(
    province: &Arc<Province>,
    config: &Config,
    stop: &Stop,
    services: &mut JoinSet<()>,
) -> Result<(), Failure> {
    wire_up::adapters::start_mail(province, config, stop, services).await
}

fn serve_http(
    services: &mut JoinSet<()>,
    listener: TcpListener,
    router: axum::Router,
    stop: &Stop,
) {
    let heard = stop.clone().heard();
    services.spawn(async move {
        if let Err(error) = platform::edge::serve::serve(listener, router, heard).await {
            tracing::error!(%error, "a listener ended");
        }
    });
}

async fn listen(address: std::net::SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|e| Failure::Unavailable(format!("{address} cannot be listened on: {e}. Stop what uses it, or set another address under [listen]")))
}

/// Tells everything to stop and waits for it.
pub async fn end(
    tell: tokio::sync::watch::Sender<bool>,
    mut services: JoinSet<()>,
    signer: Option<SignerProcess>,
) {
    // Nobody listening any more is an end as well.
    let _ = tell.send(true);
    let all = async { while services.join_next().await.is_some() {} };
    if tokio::time::timeout(std::time::Duration::from_secs(10), all)
        .await
        .is_err()
    {
        tracing::warn!("some services did not end within 10 s");
    }
    if let Some(signer) = signer {
        signer.end().await;
    }
}

/// Waits for Ctrl-C, SIGTERM, or the end of standard input when asked to watch it. Listening begins at once, not at the first
/// poll: a stop that is asked for during the start is kept until somebody waits.
pub fn told_to_stop(watch_input: bool) -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    let listen = |kind| {
        signal(kind)
            .inspect_err(|error| tracing::error!(%error, "a signal cannot be listened for"))
            .ok()
    };
    let (interrupted, terminated) = (
        listen(SignalKind::interrupt()),
        listen(SignalKind::terminate()),
    );
    let received = async |signal: Option<Signal>| match signal {
        Some(mut signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    };
    async move {
        let input_closed = async {
            if !watch_input {
                std::future::pending::<()>().await;
            }
            // A thread of its own: a blocking read cannot be taken back.
            let (tell, closed) = tokio::sync::oneshot::channel();
            std::thread::spawn(move || {
                use std::io::Read as _;
                let mut bytes = [0; 64];
                while std::io::stdin().read(&mut bytes).is_ok_and(|read| read > 0) {}
                // The other end is gone when something else ended the wait first.
                let _ = tell.send(());
            });
            if closed.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = received(interrupted) => {}
            () = received(terminated) => {}
            () = input_closed => {}
        }
    }
}
