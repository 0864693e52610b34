//! The two static files: one stylesheet, one script.
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};

/// The stylesheet.
pub const STYLESHEET: &str = include_str!("../../assets/antin.css");
/// The progressive script for forms with `data-webauthn`.
pub const SCRIPT: &str = include_str!("../../assets/passkey.js");

/// Serves both.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route(
            "/assets/antin.css",
            get(|headers: HeaderMap| async move {
                file(&headers, "text/css; charset=utf-8", STYLESHEET)
            }),
        )
        .route(
            "/assets/passkey.js",
            get(|headers: HeaderMap| async move {
                file(&headers, "text/javascript; charset=utf-8", SCRIPT)
            }),
        )
}

fn file(headers: &HeaderMap, kind: &'static str, text: &'static str) -> Response {
    let digest = Sha256::digest(text.as_bytes());
    let tag = format!("\"{}\"", data_encoding::BASE64URL_NOPAD.encode(&digest));
    let caching = [
        (CACHE_CONTROL, "public, max-age=3600".to_owned()),
        (ETAG, tag.clone()),
    ];
    if headers
        .get(IF_NONE_MATCH)
        .is_some_and(|seen| seen.as_bytes() == tag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(CONTENT_TYPE, kind)], text).into_response()
}
