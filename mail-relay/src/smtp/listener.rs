//! Takes connections, greets them, does TLS, and runs their sessions; never more at once than configured.
//! Standard: RFC 3207; RFC 8314 §3.3
//! It must never let one slow handshake hold up another connection.

use super::session::{Door, End, Session};
use crate::MailRelay;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// When TLS begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tls {
    /// After STARTTLS.
    Offered,
    /// With the connection.
    Implicit,
}

/// Seconds a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Serves until told to stop; sessions under way may finish their command within five seconds.
pub async fn serve(
    relay: Arc<MailRelay>,
    listener: TcpListener,
    door: Door,
    tls: Arc<rustls::ServerConfig>,
    begin: Tls,
    stop: impl Future<Output = ()>,
) {
    let acceptor = TlsAcceptor::from(tls);
    let places = Arc::new(Semaphore::new(relay.config().limits.sessions));
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(pair) => pair,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            tokio::spawn(refuse(stream));
            continue;
        };
        let (relay, acceptor) = (relay.clone(), acceptor.clone());
        tokio::spawn(async move {
            let session = Session::new(
                relay,
                door,
                peer.ip(),
                begin == Tls::Implicit,
                begin == Tls::Offered,
            );
            if let Err(error) = converse(session, stream, acceptor, begin).await {
                tracing::debug!(%error, %peer, "a session broke off");
            }
            drop(place);
        });
    }
}

async fn refuse(mut stream: TcpStream) {
    // The peer is told if it still listens; if not, nothing is lost.
    let _ = stream
        .write_all(b"421 4.3.2 too many sessions, come back\r\n")
        .await;
}

async fn converse(
    mut session: Session,
    stream: TcpStream,
    acceptor: TlsAcceptor,
    begin: Tls,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = stream;
    if begin == Tls::Offered {
        stream.write_all(session.greet().as_bytes()).await?;
        if session.run(&mut stream).await? == End::Closed {
            return Ok(());
        }
        session.protected();
    }
    let mut protected = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream))
        .await
        .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
    if begin == Tls::Implicit {
        protected.write_all(session.greet().as_bytes()).await?;
    }
    session.run(&mut protected).await?;
    protected.shutdown().await
}
