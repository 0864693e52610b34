//! Pages and endpoints.

mod authzen;
mod decisions;
mod grants;
mod handovers;
mod home;
mod mandates;
mod picture;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use platform::edge::routes::{Access, Lane, Route, route};

use crate::{Policies, Service};

/// Kinds of paper that have a name in both languages.
pub const KINDS: &[&str] = &[
    "quyet_dinh",
    "quyet_dinh_chu_tich",
    "cong_van",
    "giay_giao_viec",
    "giay_moi",
    "thong_bao",
    "bao_cao",
    "to_trinh",
];

/// Every route of this service.
pub const ROUTES: &[Route] = &[
    route("GET", "/", Access::Public),
    route("GET", "/decisions", Access::SignedIn),
    route("GET", "/handovers/new", Access::SignedIn),
    route("POST", "/handovers/new", Access::SignedIn),
    route("GET", "/mandates/new", Access::SignedIn),
    route("POST", "/mandates/new", Access::SignedIn),
    route("GET", "/mandates/{id}", Access::SignedIn),
    route("POST", "/mandates/{id}/end", Access::SignedIn),
    route("POST", "/mandates/{id}/suspend", Access::SignedIn),
    route("POST", "/mandates/{id}/resume", Access::SignedIn),
    route("POST", "/access/v1/evaluation", Access::Bearer("papers")),
    route("POST", "/access/v1/evaluations", Access::Bearer("papers")),
    route(
        "POST",
        "/access/v1/search/subject",
        Access::Bearer("papers"),
    ),
    route(
        "POST",
        "/access/v1/search/resource",
        Access::Bearer("papers"),
    ),
    route("POST", "/access/v1/search/action", Access::Bearer("papers")),
    route("GET", "/.well-known/authzen-configuration", Access::Public).through(Lane::Free),
];

/// The router of this service.
pub fn router(policies: Arc<Policies>) -> Router {
    let access = Router::new()
        .route("/access/v1/evaluation", post(authzen::evaluate))
        .route("/access/v1/evaluations", post(authzen::evaluate_many))
        .route("/access/v1/search/subject", post(authzen::search_subject))
        .route("/access/v1/search/resource", post(authzen::search_resource))
        .route("/access/v1/search/action", post(authzen::search_action))
        .layer(DefaultBodyLimit::max(authzen::MOST_BYTES))
        .layer(middleware::from_fn(authzen::give_id_back));
    Router::new()
        .merge(access)
        .route("/", get(home::show))
        .route("/decisions", get(decisions::show))
        .route(
            "/handovers/new",
            get(handovers::form).post(handovers::draft),
        )
        .route("/mandates/new", get(grants::form).post(grants::draft))
        .route("/mandates/{id}", get(mandates::show))
        .route("/mandates/{id}/suspend", post(mandates::suspend))
        .route("/mandates/{id}/resume", post(mandates::resume))
        .route("/mandates/{id}/end", post(mandates::end))
        .route("/.well-known/authzen-configuration", get(authzen::metadata))
        .with_state(Service(policies))
}
