//! Answers of the introspection endpoint.
//! Standard: RFC 7662 §2.2
//! It must never say more than `active: false` about a token that is not good.

use crate::domain::tokens::AccessClaims;
use serde::Serialize;

/// An answer.
#[derive(Debug, Serialize)]
pub struct Introspection {
    active: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    claims: Option<Claims>,
}

#[derive(Debug, Serialize)]
struct Claims {
    token_type: &'static str,
    scope: String,
    client_id: String,
    sub: String,
    aud: String,
    iss: String,
    exp: i64,
    iat: i64,
    jti: String,
    acr: String,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<String>,
}

/// The answer about a token.
pub fn answer(claims: Option<AccessClaims>) -> Introspection {
    Introspection {
        active: claims.is_some(),
        claims: claims.map(|c| Claims {
            token_type: "Bearer",
            scope: c.scope,
            client_id: c.client_id,
            sub: c.sub,
            aud: c.aud,
            iss: c.iss,
            exp: c.exp,
            iat: c.iat,
            jti: c.jti,
            acr: c.acr,
            auth_time: c.auth_time,
            post: c.post,
        }),
    }
}
