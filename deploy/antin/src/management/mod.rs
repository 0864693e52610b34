//! The management address: `/live`, `/ready`, `/metrics` for the machine's own watchers. Decision: docs/adr/0010.
//! Standard: OpenMetrics 1.0 (text format).
//! It must never say anything that names a person, nor change anything.

mod ready;
mod sample;

use crate::wire_up::{Province, Stop};
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use platform::problem::Problem;
use platform::telemetry::measures;
pub use ready::checks;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What the handlers hold.
struct Watched {
    province: Arc<Province>,
    /// The signer's process, when it is ours.
    signer: Option<u32>,
}

/// Serves the management address until told to stop.
pub fn start(
    services: &mut JoinSet<()>,
    listener: TcpListener,
    province: &Arc<Province>,
    signer: Option<u32>,
    stop: &Stop,
) {
    province.ground.db.measures().started(province.ground.now());
    let watched = Arc::new(Watched {
        province: province.clone(),
        signer,
    });
    let router = Router::new()
        .route("/live", get(live))
        .route("/ready", get(answer_ready))
        .route("/metrics", get(metrics))
        .with_state(watched);
    let heard = stop.clone().heard();
    services.spawn(async move {
        if let Err(error) = platform::edge::serve(listener, router, heard).await {
            tracing::error!(%error, "the management listener ended");
        }
    });
}

/// The process runs and answers: nothing else is asked, so that a slow disk does not have it restarted.
async fn live() -> Response {
    let body = serde_json::json!({ "live": true, "version": env!("CARGO_PKG_VERSION") });
    ([(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn answer_ready(State(watched): State<Arc<Watched>>) -> Response {
    let checks = checks(&watched.province).await;
    let ready = checks.iter().all(|check| check.holds);
    let body = serde_json::json!({ "ready": ready, "checks": checks });
    let headers = [(CACHE_CONTROL, "no-store")];
    if ready {
        (headers, Json(body)).into_response()
    } else {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        (status, headers, [(RETRY_AFTER, "5")], Json(body)).into_response()
    }
}

async fn metrics(State(watched): State<Arc<Watched>>) -> Response {
    sample::take(&watched.province, watched.signer).await;
    match watched.province.ground.db.measures().text() {
        Ok(text) => (
            [
                (CONTENT_TYPE, measures::CONTENT_TYPE),
                (CACHE_CONTROL, "no-store"),
            ],
            text,
        )
            .into_response(),
        Err(error) => Problem::internal(&error).into_response(),
    }
}
