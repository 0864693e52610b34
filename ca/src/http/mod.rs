//! Pages and addresses: each handler extracts, calls one flow, and renders.

mod bindings;
mod certificates;
mod chart;
mod consent;
mod pages;
mod papers_api;
mod problems;
mod rate;
mod status;
mod verify;
mod webauthn;

use crate::service::Ca;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::{get, post};
use platform::Ground;
use platform::edge::routes::{Access, Lane, Route, route};
use rate::Rate;
use std::sync::Arc;

/// What handlers hold.
#[derive(Clone)]
pub struct Service {
    ca: Arc<Ca>,
    rate: Arc<Rate>,
}

impl FromRef<Service> for Ground {
    fn from_ref(service: &Service) -> Self {
        service.ca.ground.clone()
    }
}

/// Every address on the public origin.
pub const ROUTES: &[Route] = &[
    route("POST", "/api/papers", Access::Bearer("papers")).through(Lane::Document),
    route("GET", "/api/papers/{id}", Access::Bearer("papers")),
    route("GET", "/api/papers/{id}/document", Access::Bearer("papers")),
    route(
        "POST",
        "/api/papers/{id}/signature-requests",
        Access::Bearer("papers"),
    ),
    route("POST", "/api/papers/{id}/number", Access::Bearer("papers")),
    route(
        "POST",
        "/api/papers/{id}/seal-requests",
        Access::Bearer("papers"),
    ),
    route(
        "POST",
        "/api/certificates/{id}/revocation",
        Access::Bearer("papers"),
    ),
    route("POST", "/api/verify", Access::Public).through(Lane::Document),
    route("GET", "/verify", Access::Public),
    route("POST", "/verify", Access::Public).through(Lane::Document),
    route("GET", "/papers", Access::SignedIn),
    route("GET", "/papers/{id}", Access::SignedIn),
    route("GET", "/papers/{id}/document.pdf", Access::SignedIn),
    route("POST", "/papers/{id}/sign", Access::SignedIn),
    route("POST", "/papers/{id}/number", Access::SignedIn),
    route("POST", "/papers/{id}/seal", Access::SignedIn),
    route("GET", "/consent/{id}", Access::SignedIn),
    route("POST", "/consent/{id}", Access::SignedIn),
    route("POST", "/consent/{id}/refuse", Access::SignedIn),
    route("GET", "/certificates", Access::SignedIn),
    route("GET", "/certificates/{id}", Access::SignedIn),
    route("POST", "/certificates/{id}/revoke", Access::Registrar),
    route("GET", "/admin/bindings", Access::Registrar),
    route("POST", "/admin/bindings/collect", Access::Registrar),
    route("POST", "/admin/bindings/{id}", Access::Registrar),
    route("POST", "/admin/bindings/{id}/refuse", Access::Registrar),
];

/// Every address on the status origin.
pub const STATUS_ROUTES: &[Route] = &[
    route("POST", "/ocsp", Access::Public),
    route("GET", "/ocsp/{*request}", Access::Public),
    route("GET", "/crl/{file}", Access::Public).through(Lane::Free),
    route("GET", "/ca/{file}", Access::Public).through(Lane::Free),
    route("POST", "/tsa", Access::Public),
];

/// The router of the public origin.
pub fn router(ca: Arc<Ca>) -> Router {
    let limit = ca.config.document_limit;
    let service = Service {
        rate: Arc::new(Rate::new(ca.config.verifications_per_minute)),
        ca,
    };
    let uploads = Router::new()
        .route("/api/papers", post(papers_api::submit))
        .route("/api/verify", post(verify::api))
        .route("/verify", get(verify::form).post(verify::upload))
        // Base64 and multipart take a third more.
        .layer(DefaultBodyLimit::max(limit / 2 * 3));
    Router::new()
        .merge(uploads)
        .route("/api/papers/{id}", get(papers_api::show))
        .route("/api/papers/{id}/document", get(papers_api::document))
        .route(
            "/api/papers/{id}/signature-requests",
            post(papers_api::request_signature),
        )
        .route("/api/papers/{id}/number", post(papers_api::number))
        .route(
            "/api/papers/{id}/seal-requests",
            post(papers_api::request_seal),
        )
        .route(
            "/api/certificates/{id}/revocation",
            post(certificates::revoke_api),
        )
        .route("/papers", get(pages::list))
        .route("/papers/{id}", get(pages::show))
        .route("/papers/{id}/document.pdf", get(pages::document))
        .route("/papers/{id}/sign", post(pages::sign))
        .route("/papers/{id}/number", post(pages::number))
        .route("/papers/{id}/seal", post(pages::seal))
        .route("/consent/{id}", get(consent::show).post(consent::give))
        .route("/consent/{id}/refuse", post(consent::refuse))
        .route("/certificates", get(certificates::list))
        .route("/certificates/{id}", get(certificates::show))
        .route("/certificates/{id}/revoke", post(certificates::revoke))
        .route("/admin/bindings", get(bindings::list))
        .route("/admin/bindings/collect", post(bindings::collect))
        .route("/admin/bindings/{id}", post(bindings::approve))
        .route("/admin/bindings/{id}/refuse", post(bindings::refuse))
        .with_state(service)
}

/// The router of the status origin.
pub fn status_router(ca: Arc<Ca>) -> Router {
    Router::new()
        .route("/ocsp", post(status::ocsp_post))
        .route("/ocsp/{*request}", get(status::ocsp_get))
        .route("/crl/{file}", get(status::list))
        .route("/ca/{file}", get(status::authority))
        .route("/tsa", post(status::time_stamp))
        .layer(DefaultBodyLimit::max(64 * 1024))
        .with_state(ca)
}
