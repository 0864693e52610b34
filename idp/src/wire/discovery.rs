//! What the provider says about itself; only what is true.
//! Standard: OpenID Connect Discovery 1.0 §3, §4; RFC 8414 §2; RFC 9207 §3
//! It must never name an endpoint, a method or an algorithm that a client could not use.

use crate::domain::scope::Scope;
use crate::domain::session::Assurance;
use serde::Serialize;

/// Provider metadata.
#[derive(Debug, Serialize)]
pub struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    acr_values_supported: Vec<&'static str>,
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 2],
    revocation_endpoint_auth_methods_supported: [&'static str; 2],
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    prompt_values_supported: [&'static str; 4],
    claim_types_supported: [&'static str; 1],
    claims_supported: Vec<&'static str>,
    ui_locales_supported: [&'static str; 2],
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_request_uri_registration: bool,
    authorization_response_iss_parameter_supported: bool,
}

const AUTH: [&str; 2] = ["client_secret_basic", "client_secret_post"];

/// The metadata of an issuer.
pub fn metadata(issuer: &str) -> Metadata {
    let at = |path: &str| format!("{issuer}{path}");
    Metadata {
        issuer: issuer.to_owned(),
        authorization_endpoint: at("/authorize"),
        token_endpoint: at("/token"),
        userinfo_endpoint: at("/userinfo"),
        jwks_uri: at("/jwks"),
        end_session_endpoint: at("/logout"),
        revocation_endpoint: at("/revoke"),
        introspection_endpoint: at("/introspect"),
        scopes_supported: Scope::ALL.iter().map(|s| s.as_str()).collect(),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        acr_values_supported: Assurance::OFFERED.iter().map(|a| a.acr()).collect(),
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["ES256", "RS256"],
        token_endpoint_auth_methods_supported: AUTH,
        revocation_endpoint_auth_methods_supported: AUTH,
        introspection_endpoint_auth_methods_supported: AUTH,
        code_challenge_methods_supported: ["S256"],
        prompt_values_supported: ["none", "login", "select_account", "consent"],
        claim_types_supported: ["normal"],
        claims_supported: vec![
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "acr",
            "amr",
            "sid",
            "at_hash",
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "preferred_username",
            "email",
            "post",
            "post_title",
            "agency",
            "agency_name",
        ],
        ui_locales_supported: ["vi", "en"],
        claims_parameter_supported: false,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
        require_request_uri_registration: false,
        authorization_response_iss_parameter_supported: true,
    }
}
