//! The status origin: OCSP, lists, authorities' certificates, time stamps.
//! Standard: RFC 6960 appendix A; RFC 9919 §5; RFC 5280 §4.2.1.13, §4.2.2.1; RFC 3161 §3.4
//! It must never redirect, set a cookie, or answer with anything but the standard's own types.

use crate::flows::{answer_status, stamp_time};
use crate::service::Ca;
use crate::store::{anchors, revocations};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use platform::problem::Problem;
use std::sync::Arc;

/// POST /ocsp
pub async fn ocsp_post(State(ca): State<Arc<Ca>>, headers: HeaderMap, body: Bytes) -> Response {
    if !has_type(&headers, "application/ocsp-request") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    ocsp(&ca, &body).await
}

/// GET /ocsp/{base64 of the request, percent-decoded by the router}
pub async fn ocsp_get(State(ca): State<Arc<Ca>>, Path(request): Path<String>) -> Response {
    use base64::Engine as _;
    let request = request.trim_start_matches('/');
    let decoded = base64::engine::general_purpose::STANDARD.decode(request);
    match decoded {
        Ok(request) if request.len() <= 255 => ocsp(&ca, &request).await,
        _ => ocsp(&ca, &[]).await,
    }
}

async fn ocsp(ca: &Ca, request: &[u8]) -> Response {
    let answer = answer_status::run(ca, request).await;
    // Live answers: a cache in between would hide a revocation.
    (
        [
            (CONTENT_TYPE, "application/ocsp-response"),
            (CACHE_CONTROL, "no-store"),
        ],
        answer,
    )
        .into_response()
}

/// GET /crl/{authority}.crl
pub async fn list(State(ca): State<Arc<Ca>>, Path(file): Path<String>) -> Response {
    let Some(authority) = file.strip_suffix(".crl") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let found = async {
        let mut conn = ca.ground.db.read().await?;
        revocations::newest_list(&mut conn, authority).await
    };
    match found.await {
        Ok(Some(list)) => (
            [
                (CONTENT_TYPE, "application/pkix-crl"),
                (CACHE_CONTROL, "max-age=60"),
            ],
            list.der,
        )
            .into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// GET /ca/{authority}.cer
pub async fn authority(State(ca): State<Arc<Ca>>, Path(file): Path<String>) -> Response {
    let Some(authority) = file.strip_suffix(".cer") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let found = async {
        let mut conn = ca.ground.db.read().await?;
        anchors::issuer(&mut conn, authority).await
    };
    match found.await {
        Ok(Some(row)) if row.key_id.is_some() => (
            [
                (CONTENT_TYPE, "application/pkix-cert"),
                (CACHE_CONTROL, "max-age=3600"),
            ],
            row.certificate,
        )
            .into_response(),
        Ok(_) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// POST /tsa
pub async fn time_stamp(State(ca): State<Arc<Ca>>, headers: HeaderMap, body: Bytes) -> Response {
    if !has_type(&headers, "application/timestamp-query") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let answer = stamp_time::run(&ca, &body).await;
    (
        [
            (CONTENT_TYPE, "application/timestamp-reply"),
            (CACHE_CONTROL, "no-store"),
        ],
        answer,
    )
        .into_response()
}

fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value
                .split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
        })
}
