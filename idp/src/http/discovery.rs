//! Discovery document and key set.
//! Standard: OpenID Connect Discovery 1.0 §4; RFC 8414 §3; RFC 7517 §5; Fetch standard (CORS)
//! It must never build an address from the Host header of a request.

use super::Service;
use super::browser::failed;
use crate::wire;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;

pub(super) async fn metadata(State(service): State<Service>) -> Response {
    public(
        &wire::discovery::metadata(service.0.issuer()),
        "application/json",
        "public, max-age=300",
    )
}

pub(super) async fn jwks(State(service): State<Service>) -> Response {
    match wire::jwks::jwks(&service.0.ring()) {
        Ok(keys) => public(&keys, "application/jwk-set+json", "public, max-age=300"),
        Err(error) => failed(&error),
    }
}

fn public<T: Serialize>(value: &T, kind: &'static str, cache: &'static str) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => {
            let mut response = text.into_response();
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            response
        }
        Err(error) => failed(&error),
    }
}
