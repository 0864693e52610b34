//! Reading pages: organisation, agency, person, post, search; notices; and plans of reorganisation. Extract, open with the reader's scope or right,
//! call one flow, render.

pub mod admin;
mod agency;
pub mod api;
mod list_claims;
mod list_pages;
mod lists;
mod notices;
mod organisation;
mod person;
mod picture;
mod plans;
mod post;
mod reading;
mod search;
mod words;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::{get, post};
use platform::Ground;
use platform::edge::Access;
use platform::edge::routes::{Route, route};

use crate::domain::intake::sheet::MAX_BYTES;

/// What the register's pages stand on.
pub struct Register {
    ground: Ground,
    /// Lists that a task of this process is publishing.
    publishing: Mutex<BTreeSet<String>>,
}

impl Register {
    /// The register on its ground.
    pub fn new(ground: Ground) -> Self {
        Self {
            ground,
            publishing: Mutex::default(),
        }
    }

    /// Whether a task of this process is publishing the list.
    pub(crate) fn is_publishing(&self, list: &str) -> bool {
        let publishing = self.publishing.lock();
        publishing
            .unwrap_or_else(PoisonError::into_inner)
            .contains(list)
    }

    /// Notes that a task begins; `false` when one is at it.
    pub(crate) fn begins_publishing(&self, list: &str) -> bool {
        let publishing = self.publishing.lock();
        publishing
            .unwrap_or_else(PoisonError::into_inner)
            .insert(list.to_owned())
    }

    /// Notes that the task is done.
    pub(crate) fn ends_publishing(&self, list: &str) {
        let publishing = self.publishing.lock();
        publishing
            .unwrap_or_else(PoisonError::into_inner)
            .remove(list);
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
    route("GET", "/notices", Access::SignedIn),
    route("POST", "/notices", Access::SignedIn),
    route("GET", "/admin/imports", Access::Registrar),
    route("POST", "/admin/imports", Access::Registrar),
    route("GET", "/admin/imports/{id}", Access::Registrar),
    route("POST", "/admin/imports/{id}/choose", Access::Registrar),
    route("POST", "/admin/imports/{id}/claim", Access::Registrar),
    route("POST", "/admin/imports/{id}/publish", Access::Registrar),
    route("POST", "/admin/imports/{id}/undo", Access::Registrar),
    route("POST", "/admin/imports/{id}/discard", Access::Registrar),
    route("GET", "/admin/export.csv", Access::Registrar),
    route("GET", "/admin/export.xlsx", Access::Registrar),
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
        .route("/notices", get(notices::show).post(notices::mark))
        .route(
            "/admin/imports",
            get(lists::list)
                .post(lists::receive)
                .layer(DefaultBodyLimit::max(MAX_BYTES + (64 << 10))),
        )
        .route("/admin/imports/{id}", get(lists::show))
        .route("/admin/imports/{id}/choose", post(lists::choose))
        .route("/admin/imports/{id}/claim", post(list_claims::claim))
        .route("/admin/imports/{id}/publish", post(lists::publish))
        .route("/admin/imports/{id}/undo", post(lists::undo))
        .route("/admin/imports/{id}/discard", post(lists::discard))
        .route("/admin/export.csv", get(lists::export_csv))
        .route("/admin/export.xlsx", get(lists::export_xlsx))
        .route(
            "/admin/plans",
            get(plans::list)
                .post(plans::upload)
                .layer(DefaultBodyLimit::max(plans::FORM_LIMIT)),
        )
        .route("/admin/plans/{id}", get(plans::show))
        .route("/admin/plans/{id}/report.csv", get(plans::report))
        .route("/admin/plans/{id}/decide", post(plans::decide))
        .route("/admin/plans/{id}/publish", post(plans::publish))
        .route("/admin/plans/{id}/cancel", post(plans::cancel))
        .with_state(Service(register))
}
