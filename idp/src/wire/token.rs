//! Answers of the token endpoint.
//! Standard: RFC 6749 §5.1, §5.2; OpenID Connect Core 1.0 §3.1.3.3
//! It must never carry internal text in a description.

use serde::Serialize;

/// A good answer.
#[derive(Debug, Serialize)]
pub struct TokenResponse {
    /// Access token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: i64,
    /// Refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// ID token.
    pub id_token: String,
    /// Scopes granted.
    pub scope: String,
}

/// Error codes of the endpoints that clients call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenErrorCode {
    /// Malformed.
    InvalidRequest,
    /// The client did not prove itself.
    InvalidClient,
    /// Code or refresh token are not good.
    InvalidGrant,
    /// Not a grant we know.
    UnsupportedGrantType,
    /// More than was granted.
    InvalidScope,
    /// Our fault.
    ServerError,
}

impl TokenErrorCode {
    /// The code of the standard.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::ServerError => "server_error",
        }
    }
}

/// A bad answer.
#[derive(Debug, Serialize)]
pub struct ErrorResponse {
    /// Code.
    pub error: &'static str,
    /// For the client's developers.
    pub error_description: &'static str,
}
