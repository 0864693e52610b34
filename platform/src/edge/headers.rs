//! Security headers of every answer.
//! Standard: CSP Level 3; RFC 6797 (HSTS over TLS); Referrer Policy; RFC 9111 §5.2.2.5 (no-store).
//! It must never widen the policy for one page: what a page needs beyond this, it does without.
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue};

use crate::Ground;

/// The request id given to every request and returned with its answer.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// The header it travels in.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The content policy, with the origins to which forms may end up.
pub fn content_policy(ground: &Ground) -> String {
    let mut targets = String::new();
    for origin in ground.form_targets.load().iter() {
        // One origin is one token; anything that could end the directive is left out.
        if !origin.is_empty()
            && origin
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'\'' | b'"'))
        {
            targets.push(' ');
            targets.push_str(origin);
        }
    }
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self'{targets}"
    )
}

/// Layer: request id in, headers out.
pub async fn secure(State(ground): State<Ground>, mut request: Request, next: Next) -> Response {
    let id = crate::ids::new("req", &ground.entropy);
    request.extensions_mut().insert(RequestId(id.clone()));
    // The template, not the path: what stands in a path may name somebody.
    let (method, route) = (request.method().clone(), ground.gate.route(&request));
    let began = std::time::Instant::now();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    if response.status().is_server_error() {
        tracing::warn!(request = %id, %method, route, status, micros, "answered");
    } else {
        tracing::debug!(request = %id, %method, route, status, micros, "answered");
    }
    let https = ground.is_https();
    let headers = response.headers_mut();
    // An interface whose standard has the caller's own id given back has set it already.
    let named = headers.contains_key(REQUEST_ID);
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(CONTENT_SECURITY_POLICY, &content_policy(&ground));
    put(X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(X_FRAME_OPTIONS, "DENY");
    // Not no-referrer: with it browsers send "Origin: null" with our own forms.
    put(REFERRER_POLICY, "same-origin");
    put(
        HeaderName::from_static("permissions-policy"),
        "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()",
    );
    put(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    if !named {
        put(REQUEST_ID, &id);
    }
    if https {
        put(
            STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        );
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
