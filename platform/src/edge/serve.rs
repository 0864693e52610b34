//! Finishing a router (limits, headers, error pages) and serving it until told to stop.
//! Standard: RFC 9110 §15 (status codes), RFC 9112 (HTTP/1.1).
//! It must never let a panic, a slow body or a huge body of one request be felt by another.
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::{assets, gate, headers};
use crate::problem::Problem;
use crate::{Ground, pages};

/// Bodies larger than this are refused unless a route sets its own `DefaultBodyLimit`.
pub const BODY_LIMIT: usize = 2 << 20;
/// A request that takes longer is answered 503.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// Wraps the services' merged router: assets, 404 page, body and time limits, panics, admission, headers, measures.
pub fn finish(services: Router, ground: &Ground) -> Router {
    let dressed = admitted(
        services
            .merge(assets::router())
            .fallback(|| async { StatusCode::NOT_FOUND })
            .layer(DefaultBodyLimit::max(BODY_LIMIT)),
        ground,
    )
    .layer(middleware::from_fn_with_state(ground.clone(), dress))
    .layer(middleware::from_fn_with_state(
        ground.clone(),
        headers::secure,
    ));
    observed(dressed, ground, "public")
}

/// Wraps the router of the status address: time limit, panics, admission, measures; answers stay as the standards want them.
pub fn finish_status(services: Router, ground: &Ground) -> Router {
    let services = services.fallback(|| async { StatusCode::NOT_FOUND });
    observed(admitted(services, ground), ground, "status")
}

fn admitted(services: Router, ground: &Ground) -> Router {
    services
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            REQUEST_LIMIT,
        ))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(ground.clone(), gate::admit))
        .layer(middleware::from_fn_with_state(
            ground.clone(),
            gate::name_client,
        ))
}

fn observed(services: Router, ground: &Ground, listener: &'static str) -> Router {
    let state = gate::Observed {
        measures: ground.db.measures().clone(),
        gate: ground.gate.clone(),
        listener,
    };
    services.layer(middleware::from_fn_with_state(state, gate::observe))
}

fn panicked(_cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    // The panic hook has logged the place; the caller learns only that it was our fault.
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Gives an error without a body a page (browsers) or a problem document (others).
async fn dress(State(ground): State<Ground>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let page = wants_page(&parts.headers);
    let kept = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error())
        || response.headers().contains_key(CONTENT_TYPE)
    {
        return response;
    }
    parts = kept;
    let mut dressed = if !page {
        bare(status).into_response()
    } else if response.extensions().get::<gate::AtTheDoor>().is_some() {
        pages::page_at_the_door(&parts, &ground, status)
    } else {
        pages::error_page(&mut parts, &ground, status).await
    };
    // What the answer says itself goes before what its dress would say.
    for name in response.headers().keys() {
        dressed.headers_mut().remove(name);
    }
    for (name, value) in response.headers() {
        if name != http::header::CONTENT_LENGTH {
            dressed.headers_mut().append(name.clone(), value.clone());
        }
    }
    dressed
}

fn bare(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::SERVICE_UNAVAILABLE => Problem::unavailable(2),
        StatusCode::TOO_MANY_REQUESTS => Problem::new(
            status,
            "too_many_requests",
            "Quá nhiều yêu cầu trong một phút, hãy đợi rồi thử lại",
        ),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            status,
            "method_not_allowed",
            "Phương thức không được phép ở địa chỉ này",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(status, "too_large", "Nội dung gửi lên quá lớn")
        }
        status if status.is_server_error() => {
            Problem::new(status, "internal", "Lỗi trong hệ thống")
        }
        status => Problem::new(status, "invalid_request", "Yêu cầu không hợp lệ"),
    }
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}

/// Serves until `stop` resolves, then lets requests under way finish.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // The peer's address goes along: throttling by network reads ConnectInfo<SocketAddr>.
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(stop)
        .await
}
