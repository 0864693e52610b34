//! Reading pages: organisation, agency, person, post, search. Extract, open a reading with the reader's scope, load, render.

pub mod admin;
mod agency;
pub mod api;
mod organisation;
mod person;
mod picture;
mod post;
mod reading;
mod search;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use platform::Ground;
use platform::edge::Access;
use platform::edge::routes::{Route, route};

/// What the register's pages stand on.
pub struct Register {
    ground: Ground,
}

impl Register {
    /// The register on its ground.
    pub fn new(ground: Ground) -> Self {
        Self { ground }
    }

    /// The ground under it.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }
}

/// State of the router: the register, shared.
#[derive(Clone)]
pub(crate) struct Service(Arc<Register>);

impl FromRef<Service> for Ground {
    fn from_ref(service: &Service) -> Self {
        service.0.ground.clone()
    }
}

/// The reading pages and who may call them; those of administration: [`admin::routes`].
pub const ROUTES: &[Route] = &[
    route("GET", "/organisation", Access::SignedIn),
    route("GET", "/agencies/{id}", Access::SignedIn),
    route("GET", "/people/{id}", Access::SignedIn),
    route("GET", "/posts/{id}", Access::SignedIn),
    route("GET", "/search", Access::SignedIn),
];

/// The pages as a router.
pub fn router(register: Arc<Register>) -> Router {
    Router::new()
        .merge(admin::router())
        .merge(api::router())
        .route("/organisation", get(organisation::show))
        .route("/agencies/{id}", get(agency::show))
        .route("/people/{id}", get(person::show))
        .route("/posts/{id}", get(post::show))
        .route("/search", get(search::show))
        .with_state(Service(register))
}
