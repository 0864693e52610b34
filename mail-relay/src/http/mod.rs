//! The pages of mail: what a signature is worth, and the queue.

mod queue;
mod verify;

use crate::MailRelay;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::get;
use platform::Ground;
use platform::edge::routes::{Access, Lane, Route, route};
use std::sync::Arc;

/// Every route of this crate.
pub const ROUTES: &[Route] = &[
    route("GET", "/mail/verify", Access::Public),
    route("POST", "/mail/verify", Access::Public).through(Lane::Document),
    route("GET", "/admin/mail", Access::Registrar),
];

/// What handlers get.
#[derive(Clone)]
struct Service(Arc<MailRelay>);

impl FromRef<Service> for Ground {
    fn from_ref(service: &Service) -> Self {
        service.0.ground().clone()
    }
}

/// The pages.
pub fn router(relay: Arc<MailRelay>) -> Router {
    let limit = relay.config().limits.size + 65_536;
    Router::new()
        .route(
            "/mail/verify",
            get(verify::form)
                .post(verify::check)
                .layer(DefaultBodyLimit::max(limit)),
        )
        .route("/admin/mail", get(queue::page))
        .with_state(Service(relay))
}
