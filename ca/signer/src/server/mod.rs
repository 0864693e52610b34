//! The process: a Unix socket that only known users reach, bounded in size, number and time.
//! Standard: unix(7) SO_PEERCRED; the frames of `wire`.
//! It must never answer before the journal holds what it answers for.

mod answer;

use crate::config::{Clock, Config, EntropyFn};
use crate::domain::{Refusal, RefusalCode};
use crate::flows::{OpenError, Signer};
use crate::wire::{FrameError, LARGEST_FRAME, Response, read_frame, write_frame};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

const CONNECTIONS: usize = 256;
/// Requests worked on at once; most of them wait for the same write to the journal.
const WORKERS: usize = 64;
const IDLE: Duration = Duration::from_secs(300);

/// Why the signer ends.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It did not start.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The socket.
    #[error("socket {path}: {cause}")]
    Socket {
        /// Where.
        path: PathBuf,
        /// What happened.
        cause: std::io::Error,
    },
    /// Opening failed in an unforeseen way.
    #[error("the signer could not be opened: {0}")]
    Join(#[from] tokio::task::JoinError),
    /// The journal cannot be written any more.
    #[error("the journal cannot be written; nothing more is signed")]
    JournalStopped,
}

struct Shared {
    signer: Signer,
    callers: Vec<u32>,
    workers: Semaphore,
    connections: Arc<Semaphore>,
    journal_stopped: Notify,
}

/// Runs the signer until `stop` resolves or the journal fails.
pub async fn run(
    config: Config,
    clock: Clock,
    entropy: EntropyFn,
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let path = config.socket.clone();
    let failed = |cause| RunError::Socket {
        path: path.clone(),
        cause,
    };
    let opening = config.clone();
    let signer =
        tokio::task::spawn_blocking(move || Signer::open(&opening, clock, entropy)).await??;
    let own = std::fs::metadata("/proc/self").map_err(failed)?.uid();
    // The store's lock is ours: a socket that lies here is left over.
    match std::fs::remove_file(&path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(failed(cause)),
        _ => {}
    }
    let listener = UnixListener::bind(&path).map_err(failed)?;
    let mode = if config.callers.is_empty() {
        0o600
    } else {
        0o660
    };
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    let mut callers = config.callers.clone();
    callers.push(own);
    if config.demo {
        tracing::warn!(
            "DEMO: the signer shares its user (and perhaps its process) with its callers: this separates nothing"
        );
    }
    tracing::info!(socket = %path.display(), journal = signer.store().journal().length(), "signer ready");
    let shared = Arc::new(Shared {
        signer,
        callers,
        workers: Semaphore::new(WORKERS),
        connections: Arc::new(Semaphore::new(CONNECTIONS)),
        journal_stopped: Notify::new(),
    });
    let outcome = accept(&listener, &shared, stop).await;
    drop(listener);
    if let Err(error) = std::fs::remove_file(&path) {
        tracing::warn!(%error, "the socket file could not be removed");
    }
    outcome.map_err(|end| match end {
        End::Accept(cause) => failed(cause),
        End::Journal => RunError::JournalStopped,
    })
}

enum End {
    Accept(std::io::Error),
    Journal,
}

async fn accept(
    listener: &UnixListener,
    shared: &Arc<Shared>,
    stop: impl Future<Output = ()>,
) -> Result<(), End> {
    tokio::pin!(stop);
    let mut served = JoinSet::new();
    loop {
        while served.try_join_next().is_some() {}
        let permit = tokio::select! {
            () = &mut stop => return Ok(()),
            () = shared.journal_stopped.notified() => return Err(End::Journal),
            permit = shared.connections.clone().acquire_owned() => permit,
        };
        let stream = tokio::select! {
            () = &mut stop => return Ok(()),
            () = shared.journal_stopped.notified() => return Err(End::Journal),
            accepted = listener.accept() => accepted.map_err(End::Accept)?.0,
        };
        let shared = shared.clone();
        served.spawn(async move {
            let _permit = permit;
            if let Err(error) = serve(stream, &shared).await {
                tracing::debug!(%error, "a connection ended");
            }
        });
    }
}

async fn serve(mut stream: UnixStream, shared: &Arc<Shared>) -> Result<(), FrameError> {
    let peer = stream.peer_cred()?.uid();
    if !shared.callers.contains(&peer) {
        tracing::warn!(peer, "a user who may not call the signer was turned away");
        return Ok(());
    }
    loop {
        let read = tokio::time::timeout(IDLE, read_frame(&mut stream)).await;
        let (response, last) = match read {
            Err(_) | Ok(Ok(None)) => return Ok(()),
            Ok(Ok(Some(frame))) => (answered(shared, Some(frame)).await, false),
            Ok(Err(FrameError::TooLarge(_))) => (answered(shared, None).await, true),
            Ok(Err(error)) => return Err(error),
        };
        let bytes = serde_json::to_vec(&response).map_err(std::io::Error::other)?;
        write_frame(&mut stream, &bytes).await?;
        if shared.signer.store().journal().is_stopped() {
            shared.journal_stopped.notify_one();
        }
        if last {
            return Ok(());
        }
    }
}

/// Answers a frame off the run time's threads; `None` is a frame too large to be read.
async fn answered(shared: &Arc<Shared>, frame: Option<Vec<u8>>) -> Response {
    let internal = || {
        Response::Refused(Refusal::new(
            RefusalCode::Internal,
            "the request was not finished",
        ))
    };
    let Ok(_permit) = shared.workers.acquire().await else {
        return internal();
    };
    let working = shared.clone();
    tokio::task::spawn_blocking(move || match frame {
        Some(frame) => answer::answer(&working.signer, &frame),
        None => answer::refuse(
            &working.signer,
            "unreadable",
            None,
            Refusal::new(
                RefusalCode::Malformed,
                format!("the frame is larger than {LARGEST_FRAME} bytes"),
            ),
        ),
    })
    .await
    .unwrap_or_else(|error| {
        tracing::error!(%error, "a request ended in an unforeseen way");
        internal()
    })
}
