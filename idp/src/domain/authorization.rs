//! The authorization request, checked against the client that it names.
//! Standard: OpenID Connect Core 1.0 §3.1.2; RFC 6749 §4.1.1, §4.1.2.1; RFC 9700 §2.1; RFC 9207 §2
//! It must never send anything to an address before client and address are known to belong together.

use crate::domain::client::Client;
use crate::domain::pkce;
use crate::domain::scope::{Scope, Scopes};

/// The parameters as they came, each at most once.
#[derive(Debug, Clone, Default)]
pub struct Requested {
    /// `client_id`
    pub client_id: Option<String>,
    /// `redirect_uri`
    pub redirect_uri: Option<String>,
    /// `response_type`
    pub response_type: Option<String>,
    /// `response_mode`
    pub response_mode: Option<String>,
    /// `scope`
    pub scope: Option<String>,
    /// `state`
    pub state: Option<String>,
    /// `nonce`
    pub nonce: Option<String>,
    /// `code_challenge`
    pub code_challenge: Option<String>,
    /// `code_challenge_method`
    pub code_challenge_method: Option<String>,
    /// `prompt`
    pub prompt: Option<String>,
    /// `max_age`
    pub max_age: Option<String>,
    /// `login_hint`
    pub login_hint: Option<String>,
    /// `id_token_hint`
    pub id_token_hint: Option<String>,
    /// `request`
    pub request: Option<String>,
    /// `request_uri`
    pub request_uri: Option<String>,
    /// `registration`
    pub registration: Option<String>,
}

/// Error codes that an application may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationError {
    /// Malformed, or against a rule.
    InvalidRequest,
    /// The person or we refuse.
    AccessDenied,
    /// Anything but `code`.
    UnsupportedResponseType,
    /// Missing `openid`, or nothing this client may ask for.
    InvalidScope,
    /// Our fault.
    ServerError,
    /// `prompt=none`, and nobody is signed in.
    LoginRequired,
    /// `prompt=none`, and a post must be chosen.
    InteractionRequired,
    /// `request` is not supported.
    RequestNotSupported,
    /// `request_uri` is not supported.
    RequestUriNotSupported,
    /// `registration` is not supported.
    RegistrationNotSupported,
}

impl AuthorizationError {
    /// The code of the standard.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::ServerError => "server_error",
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
        }
    }
}

/// What the application asks to happen in between.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prompt {
    /// No page may be shown.
    pub none: bool,
    /// The person must prove himself again.
    pub login: bool,
    /// The person must choose and confirm again.
    pub consent: bool,
}

/// A request that is in order.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// Where the answer goes.
    pub redirect_uri: String,
    /// What is asked for, within what the client may have.
    pub scopes: Scopes,
    /// Echoed.
    pub state: Option<String>,
    /// Echoed in the ID token.
    pub nonce: Option<String>,
    /// S256 challenge.
    pub code_challenge: String,
    /// In between.
    pub prompt: Prompt,
    /// Greatest age of the sign-in, in seconds.
    pub max_age: Option<i64>,
    /// Whom the application expects.
    pub id_token_hint: Option<String>,
}

/// Why a request goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Nobody may be told but the person in front of us.
    Page(PageReason),
    /// The application is told.
    Redirect {
        /// Registered address.
        redirect_uri: String,
        /// Echoed.
        state: Option<String>,
        /// What.
        error: AuthorizationError,
        /// For its developers.
        description: &'static str,
    },
}

/// Why a request is answered by a page of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageReason {
    /// No such client.
    UnknownClient,
    /// The address is not registered for the client.
    RedirectAddress,
    /// The same parameter twice, or parameters that cannot be read.
    Malformed,
}

/// Checks parameters against the client they name.
pub fn check(r: &Requested, client: Option<&Client>) -> Result<AuthorizationRequest, Rejection> {
    let client = client.ok_or(Rejection::Page(PageReason::UnknownClient))?;
    let redirect_uri = match &r.redirect_uri {
        Some(uri) if client.may_redirect_to(uri) => uri.clone(),
        _ => return Err(Rejection::Page(PageReason::RedirectAddress)),
    };
    let refuse = |error, description| {
        Err(Rejection::Redirect {
            redirect_uri: redirect_uri.clone(),
            state: r.state.clone(),
            error,
            description,
        })
    };
    if r.request.is_some() {
        return refuse(
            AuthorizationError::RequestNotSupported,
            "request objects are not supported",
        );
    }
    if r.request_uri.is_some() {
        return refuse(
            AuthorizationError::RequestUriNotSupported,
            "request_uri is not supported",
        );
    }
    if r.registration.is_some() {
        return refuse(
            AuthorizationError::RegistrationNotSupported,
            "registration is not supported",
        );
    }
    match r.response_type.as_deref() {
        Some("code") => {}
        Some(_) => {
            return refuse(
                AuthorizationError::UnsupportedResponseType,
                "only response_type=code is supported",
            );
        }
        None => {
            return refuse(
                AuthorizationError::InvalidRequest,
                "response_type is missing",
            );
        }
    }
    if r.response_mode.as_deref().is_some_and(|m| m != "query") {
        return refuse(
            AuthorizationError::InvalidRequest,
            "only response_mode=query is supported",
        );
    }
    let scopes = Scopes::parse(r.scope.as_deref().unwrap_or_default()).within(&client.scopes);
    if !scopes.holds(Scope::OpenId) {
        return refuse(AuthorizationError::InvalidScope, "scope must hold openid");
    }
    let challenge = match (
        r.code_challenge.as_deref(),
        r.code_challenge_method.as_deref(),
    ) {
        (Some(challenge), Some("S256")) if pkce::is_challenge(challenge) => challenge.to_owned(),
        (None, _) => {
            return refuse(
                AuthorizationError::InvalidRequest,
                "code_challenge is required (RFC 7636)",
            );
        }
        (Some(_), Some("S256")) => {
            return refuse(
                AuthorizationError::InvalidRequest,
                "code_challenge is malformed",
            );
        }
        (Some(_), _) => {
            return refuse(
                AuthorizationError::InvalidRequest,
                "code_challenge_method must be S256",
            );
        }
    };
    let mut prompt = Prompt::default();
    for word in r
        .prompt
        .as_deref()
        .unwrap_or_default()
        .split(' ')
        .filter(|w| !w.is_empty())
    {
        match word {
            "none" => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            _ => {
                return refuse(
                    AuthorizationError::InvalidRequest,
                    "prompt holds an unknown value",
                );
            }
        }
    }
    if prompt.none && (prompt.login || prompt.consent) {
        return refuse(
            AuthorizationError::InvalidRequest,
            "prompt=none stands alone",
        );
    }
    let max_age = match r.max_age.as_deref().map(str::parse::<i64>) {
        None => None,
        Some(Ok(seconds)) if seconds >= 0 => Some(seconds),
        Some(_) => {
            return refuse(
                AuthorizationError::InvalidRequest,
                "max_age is not a number of seconds",
            );
        }
    };
    let long = |text: &Option<String>| text.as_ref().is_some_and(|t| t.len() > 512);
    if long(&r.nonce) || long(&r.login_hint) || r.state.as_ref().is_some_and(|s| s.len() > 2048) {
        return refuse(
            AuthorizationError::InvalidRequest,
            "a parameter is too long",
        );
    }
    Ok(AuthorizationRequest {
        redirect_uri: redirect_uri.clone(),
        scopes,
        state: r.state.clone(),
        nonce: r.nonce.clone(),
        code_challenge: challenge,
        prompt,
        max_age,
        id_token_hint: r.id_token_hint.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::Algorithm;
    use crate::domain::secret;

    fn client() -> Client {
        Client {
            id: "c".into(),
            name_vi: String::new(),
            name_en: String::new(),
            secret: secret::digest("s"),
            scopes: Scopes::parse("openid profile papers"),
            id_token_alg: Algorithm::Es256,
            redirect_uris: vec!["https://app.example/cb".into()],
            post_logout_redirect_uris: vec![],
        }
    }

    fn good() -> Requested {
        Requested {
            client_id: Some("c".into()),
            redirect_uri: Some("https://app.example/cb".into()),
            response_type: Some("code".into()),
            scope: Some("openid email papers".into()),
            state: Some("st".into()),
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into()),
            code_challenge_method: Some("S256".into()),
            ..Requested::default()
        }
    }

    fn error_of(change: impl FnOnce(&mut Requested)) -> &'static str {
        let mut r = good();
        change(&mut r);
        match check(&r, Some(&client())) {
            Err(Rejection::Redirect { error, state, .. }) => {
                assert_eq!(state.as_deref(), Some("st"));
                error.as_str()
            }
            Err(Rejection::Page(_)) => "page",
            Ok(_) => "ok",
        }
    }

    #[test]
    fn a_request_in_order_is_accepted_with_the_scopes_of_its_client() {
        let request = check(&good(), Some(&client())).unwrap();
        assert_eq!(request.scopes.to_string(), "openid papers");
    }

    #[test]
    fn without_a_known_client_and_its_exact_address_nothing_is_redirected() {
        assert_eq!(
            check(&good(), None).unwrap_err(),
            Rejection::Page(PageReason::UnknownClient)
        );
        assert_eq!(error_of(|r| r.redirect_uri = None), "page");
        assert_eq!(
            error_of(|r| r.redirect_uri = Some("https://app.example/cb/".into())),
            "page"
        );
        assert_eq!(
            error_of(|r| r.redirect_uri = Some("https://evil.example/cb".into())),
            "page"
        );
    }

    #[test]
    fn pkce_cannot_be_left_out_or_weakened() {
        assert_eq!(error_of(|r| r.code_challenge = None), "invalid_request");
        assert_eq!(
            error_of(|r| r.code_challenge_method = None),
            "invalid_request"
        );
        assert_eq!(
            error_of(|r| r.code_challenge_method = Some("plain".into())),
            "invalid_request"
        );
        assert_eq!(
            error_of(|r| r.code_challenge = Some("x".into())),
            "invalid_request"
        );
    }

    #[test]
    fn what_is_not_supported_has_the_error_of_its_standard() {
        assert_eq!(
            error_of(|r| r.response_type = Some("token".into())),
            "unsupported_response_type"
        );
        assert_eq!(
            error_of(|r| r.response_type = Some("code id_token".into())),
            "unsupported_response_type"
        );
        assert_eq!(error_of(|r| r.response_type = None), "invalid_request");
        assert_eq!(
            error_of(|r| r.response_mode = Some("fragment".into())),
            "invalid_request"
        );
        assert_eq!(
            error_of(|r| r.scope = Some("profile".into())),
            "invalid_scope"
        );
        assert_eq!(
            error_of(|r| r.request = Some("x".into())),
            "request_not_supported"
        );
        assert_eq!(
            error_of(|r| r.request_uri = Some("x".into())),
            "request_uri_not_supported"
        );
        assert_eq!(
            error_of(|r| r.registration = Some("{}".into())),
            "registration_not_supported"
        );
        assert_eq!(
            error_of(|r| r.prompt = Some("none login".into())),
            "invalid_request"
        );
        assert_eq!(
            error_of(|r| r.prompt = Some("dance".into())),
            "invalid_request"
        );
        assert_eq!(
            error_of(|r| r.max_age = Some("-1".into())),
            "invalid_request"
        );
        assert_eq!(
            error_of(|r| r.nonce = Some("n".repeat(513))),
            "invalid_request"
        );
    }
}
