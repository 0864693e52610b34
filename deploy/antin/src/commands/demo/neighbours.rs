//! What stands beside the province in the demo: the look-alike Government CA with its lists, and the e-office.

use super::Ports;
use super::seed::Seeded;
use crate::failure::{Failure, unavailable};
use crate::wire_up::Stop;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::routing::get;
use demo::eoffice::{Eoffice, EofficeConfig};
use demo::government_ca::{GovernmentCa, Subject};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The look-alike and when its lists were made.
pub struct Government {
    ca: GovernmentCa,
    now: i64,
}

impl Government {
    /// Opens or makes it in `<data>/government-ca`.
    pub fn open(data: &Path, port: u16, now: i64) -> Result<Self, Failure> {
        let ca = GovernmentCa::open_or_create(
            &data.join("government-ca"),
            &format!("http://127.0.0.1:{port}"),
            now,
        )
        .map_err(unavailable("look-alike Government CA"))?;
        Ok(Self { ca, now })
    }

    /// Certificates of root and issuing CA.
    pub fn certificates(&self) -> (&[u8], &[u8]) {
        (self.ca.root(), self.ca.issuing())
    }

    /// Its lists: of the issuing CA, of the root.
    pub fn lists(&self) -> Result<[Vec<u8>; 2], Failure> {
        let number = (self.now / 1000).unsigned_abs();
        let failed = unavailable("look-alike Government CA");
        Ok([
            self.ca.crl(&[], number, self.now).map_err(&failed)?,
            self.ca.root_crl(number, self.now).map_err(&failed)?,
        ])
    }

    /// Certifies a key that the signer holds as a stand-in for an official token.
    pub fn certify(
        &self,
        subject: &Subject<'_>,
        spki: &[u8],
        serial: [u8; 16],
    ) -> Result<Vec<u8>, Failure> {
        self.ca
            .certify(subject, spki, serial, self.now)
            .map_err(unavailable("look-alike Government CA"))
    }

    /// Writes its certificates where newcomers, foreign tools and the signer find them.
    pub fn keep_anchors(&self, data: &Path) -> Result<(), Failure> {
        super::describe::pem(
            data,
            "government-root.pem",
            "CERTIFICATE",
            &[self.ca.root()],
        )?;
        super::describe::pem(
            data,
            "government-issuing.pem",
            "CERTIFICATE",
            &[self.ca.issuing()],
        )?;
        let lists = self.lists()?;
        super::describe::pem(
            data,
            "government-crls.pem",
            "X509 CRL",
            &[&lists[0], &lists[1]],
        )
    }
}

/// Starts both.
pub async fn start(
    services: &mut JoinSet<()>,
    government: &Arc<Government>,
    seeded: &Seeded,
    ports: Ports,
    data: &Path,
    stop: &Stop,
) -> Result<(), Failure> {
    let [issuing, root] = government.lists()?;
    let (root_certificate, issuing_certificate) = (
        government.certificates().0.to_vec(),
        government.certificates().1.to_vec(),
    );
    let serve = |bytes: Vec<u8>, kind: &'static str| {
        get(move || async move { ([(CONTENT_TYPE, kind)], bytes).into_response() })
    };
    let router = Router::new()
        .route(
            "/government/issuing.crl",
            serve(issuing, "application/pkix-crl"),
        )
        .route("/government/root.crl", serve(root, "application/pkix-crl"))
        .route(
            "/government/issuing.cer",
            serve(issuing_certificate, "application/pkix-cert"),
        )
        .route(
            "/government/root.cer",
            serve(root_certificate, "application/pkix-cert"),
        );
    listen(services, ports.government, router, stop).await?;
    let eoffice = Eoffice::new(EofficeConfig {
        issuer: format!("http://localhost:{}", ports.public),
        own_url: format!("http://127.0.0.1:{}", ports.eoffice),
        client_id: seeded.client_id.clone(),
        client_secret: seeded.client_secret.clone(),
        desk_file: data.join("eoffice.json"),
    })
    .map_err(unavailable("e-office"))?;
    listen(services, ports.eoffice, eoffice.router(), stop).await
}

async fn listen(
    services: &mut JoinSet<()>,
    port: u16,
    router: Router,
    stop: &Stop,
) -> Result<(), Failure> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|e| Failure::Unavailable(format!("port {port}: {e}")))?;
    let heard = stop.clone().heard();
    services.spawn(async move {
        if let Err(error) = axum::serve(listener, router)
            .with_graceful_shutdown(heard)
            .await
        {
            tracing::error!(%error, "a neighbour's listener ended");
        }
    });
    Ok(())
}
