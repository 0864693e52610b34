//! Endpoints that clients call with their own credentials: token, revocation, introspection.
//! Standard: RFC 6749 §2.3.1, §3.2, §5.1, §5.2; RFC 7009 §2; RFC 7662 §2
//! It must never read credentials from an address, nor accept two ways of proving a client at once.

use super::Service;
use crate::Idp;
use crate::domain::client::Client;
use crate::flows::authenticate_client::{self, AuthenticateClientError};
use crate::flows::exchange_code::{self, Exchange, ExchangeError};
use crate::flows::issue_tokens::Tokens;
use crate::flows::refresh_tokens::{self, RefreshError};
use crate::flows::{introspect_token, revoke_token};
use crate::wire::introspection;
use crate::wire::parameters::Parameters;
use crate::wire::token::{ErrorResponse, TokenErrorCode, TokenResponse};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use std::fmt::Display;

struct Refusal {
    code: TokenErrorCode,
    description: &'static str,
    by_header: bool,
}

impl From<(TokenErrorCode, &'static str)> for Refusal {
    fn from((code, description): (TokenErrorCode, &'static str)) -> Self {
        Self {
            code,
            description,
            by_header: false,
        }
    }
}

fn broken(error: &dyn Display) -> Refusal {
    tracing::error!(%error, "client endpoint");
    (TokenErrorCode::ServerError, "try again later").into()
}

pub(super) async fn token(
    State(service): State<Service>,
    headers: HeaderMap,
    body: String,
) -> Response {
    answer(
        give(&service.0, &headers, &body)
            .await
            .map(|t| TokenResponse {
                access_token: t.access_token,
                token_type: "Bearer",
                expires_in: t.expires_in,
                refresh_token: t.refresh_token,
                id_token: t.id_token,
                scope: t.scope,
            }),
    )
}

async fn give(idp: &Idp, headers: &HeaderMap, body: &str) -> Result<Tokens, Refusal> {
    let (client, p) = client(idp, headers, body).await?;
    let missing = |what| Refusal::from((TokenErrorCode::InvalidRequest, what));
    match p.value("grant_type") {
        Some("authorization_code") => {
            let exchange = Exchange {
                client: &client,
                code: p.value("code").ok_or_else(|| missing("code is missing"))?,
                redirect_uri: p
                    .value("redirect_uri")
                    .ok_or_else(|| missing("redirect_uri is missing"))?,
                verifier: p
                    .value("code_verifier")
                    .ok_or_else(|| missing("code_verifier is missing"))?,
            };
            exchange_code::run(idp, exchange)
                .await
                .map_err(|e| match e {
                    ExchangeError::InvalidGrant(why) => (TokenErrorCode::InvalidGrant, why).into(),
                    other => broken(&other),
                })
        }
        Some("refresh_token") => {
            let presented = p
                .value("refresh_token")
                .ok_or_else(|| missing("refresh_token is missing"))?;
            refresh_tokens::run(idp, &client, presented, p.value("scope"))
                .await
                .map_err(|e| match e {
                    RefreshError::InvalidGrant(why) => (TokenErrorCode::InvalidGrant, why).into(),
                    RefreshError::InvalidScope => {
                        (TokenErrorCode::InvalidScope, "scope goes beyond the grant").into()
                    }
                    other => broken(&other),
                })
        }
        Some(_) => Err((
            TokenErrorCode::UnsupportedGrantType,
            "authorization_code and refresh_token are supported",
        )
            .into()),
        None => Err(missing("grant_type is missing")),
    }
}

pub(super) async fn revoke(
    State(service): State<Service>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let done = async {
        let (client, p) = client(&service.0, &headers, &body).await?;
        let token = p
            .value("token")
            .ok_or((TokenErrorCode::InvalidRequest, "token is missing"))?;
        revoke_token::run(&service.0, &client, token)
            .await
            .map_err(|e| broken(&e))
    };
    match done.await {
        Ok(()) => fresh(StatusCode::OK.into_response()),
        Err(refusal) => refuse(refusal),
    }
}

pub(super) async fn introspect(
    State(service): State<Service>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let found = async {
        let (client, p) = client(&service.0, &headers, &body).await?;
        let token = p
            .value("token")
            .ok_or((TokenErrorCode::InvalidRequest, "token is missing"))?;
        introspect_token::run(&service.0, &client, token)
            .await
            .map_err(|e| broken(&e))
    };
    answer(found.await.map(introspection::answer))
}

async fn client(
    idp: &Idp,
    headers: &HeaderMap,
    body: &str,
) -> Result<(Client, Parameters), Refusal> {
    let bad = |what| Refusal::from((TokenErrorCode::InvalidRequest, what));
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(bad("the body must be application/x-www-form-urlencoded"));
    }
    let p = Parameters::parse(body)
        .map_err(|_| bad("a parameter is repeated or there are too many"))?;
    let by_header = headers.contains_key(AUTHORIZATION);
    let refused = || Refusal {
        code: TokenErrorCode::InvalidClient,
        description: "client authentication failed",
        by_header,
    };
    let (id, secret) = if by_header {
        if p.value("client_secret").is_some() {
            return Err(bad("two ways of client authentication"));
        }
        let (id, secret) = basic(headers).ok_or_else(refused)?;
        if p.value("client_id").is_some_and(|named| named != id) {
            return Err(bad("client_id differs from the header"));
        }
        (id, secret)
    } else {
        (
            p.owned("client_id").ok_or_else(refused)?,
            p.owned("client_secret").ok_or_else(refused)?,
        )
    };
    match authenticate_client::run(idp, &id, &secret).await {
        Ok(client) => Ok((client, p)),
        Err(AuthenticateClientError::Refused) => Err(refused()),
        Err(error) => Err(broken(&error)),
    }
}

/// Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, credentials) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |part: &str| {
        let pair = format!("x={part}");
        let value = url::form_urlencoded::parse(pair.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned());
        value.filter(|_| !part.contains('&'))
    };
    Some((decode(id)?, decode(secret)?))
}

fn answer<T: Serialize>(result: Result<T, Refusal>) -> Response {
    match result {
        Ok(value) => fresh(Json(value).into_response()),
        Err(refusal) => refuse(refusal),
    }
}

fn refuse(refusal: Refusal) -> Response {
    let status = match refusal.code {
        TokenErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
        TokenErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = ErrorResponse {
        error: refusal.code.as_str(),
        error_description: refusal.description,
    };
    let mut response = (status, Json(body)).into_response();
    if refusal.by_header && status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"antin\", charset=\"UTF-8\""),
        );
    }
    fresh(response)
}

fn fresh(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
        .headers_mut()
        .insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
