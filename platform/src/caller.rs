//! Who asks: the person, the post taken, how sure we are, and through which client. idp implements the port.
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};

use crate::Ground;
use crate::edge::cookies;
use crate::problem::Problem;

/// A caller whose session or token, and whose appointment, are in force at this instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// `acc_…`
    pub account: String,
    /// `psn_…`
    pub person: String,
    /// The person's name as written.
    pub name: String,
    /// `pst_…`, the post taken in this session or grant.
    pub post: Option<String>,
    /// The post in words, for the chip of the page head.
    pub post_title: Option<String>,
    /// `apt_…`, the appointment that gives the post.
    pub appointment: Option<String>,
    /// `agy_…`, the agency of the post.
    pub agency: Option<String>,
    /// The agency in words.
    pub agency_name: Option<String>,
    /// The session's id (not its cookie).
    pub session: String,
    /// `client_id` of the application, for tokens.
    pub client: Option<String>,
    /// How the person signed in.
    pub acr: String,
    /// When the person signed in, UTC ms.
    pub auth_time: i64,
    /// What the token may be used for; empty for sessions.
    pub scopes: Vec<String>,
}

/// The `acr` of a session that was opened with officers' codes when nobody else can administer.
pub const EMERGENCY: &str = "urn:antin:acr:emergency";

/// The only places where such a session is anybody: administration, what one looks up for it, and the way out. A path below one of
/// them belongs to it. Everywhere else, papers, signing, applications and the own account, it is nobody.
const OPEN_IN_EMERGENCY: [&str; 8] = [
    "/admin",
    "/organisation",
    "/agencies",
    "/people",
    "/posts",
    "/search",
    "/notices",
    "/logout",
];

fn open_in_emergency(path: &str) -> bool {
    path == "/"
        || OPEN_IN_EMERGENCY.iter().any(|place| {
            path.strip_prefix(place)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

impl Caller {
    /// Whether the session was opened with officers' codes.
    pub fn in_emergency(&self) -> bool {
        self.acr == EMERGENCY
    }

    /// Whether the token carries the scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|has| has == scope)
    }
}

/// Why the port could not answer (not: why the caller is refused; that is `None`).
#[derive(Debug, thiserror::Error)]
#[error("the caller cannot be resolved: {0}")]
pub struct Unresolved(pub String);

impl From<crate::db::Error> for Unresolved {
    fn from(error: crate::db::Error) -> Self {
        Self(error.to_string())
    }
}

/// Resolves a session cookie or a bearer token; both ask whether the appointment is in force now.
#[allow(
    clippy::wrong_self_convention,
    reason = "named for what the caller comes from"
)] // from what the caller is known, not a conversion
pub trait CallerPort: Send + Sync {
    /// The caller of a browser session.
    fn from_session<'a>(
        &'a self,
        cookie: &'a str,
        now: i64,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unresolved>>;

    /// The caller of an API.
    fn from_token<'a>(
        &'a self,
        bearer: &'a str,
        now: i64,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unresolved>>;
}

/// A page that needs somebody signed in; otherwise the browser goes to `/login?next=…`.
pub struct SignedIn(pub Caller);

/// A page that also works for nobody.
pub struct Maybe(pub Option<Caller>);

/// An API that needs a bearer token; otherwise 401 (RFC 6750 §3).
pub struct Bearer(pub Caller);

impl Bearer {
    /// The caller, if the token carries the scope; 403 `insufficient_scope` otherwise.
    pub fn scope(self, scope: &str) -> Result<Caller, Problem> {
        if self.0.has_scope(scope) {
            return Ok(self.0);
        }
        let mut problem = Problem::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            "Token thiếu quyền (scope) cần cho việc này",
        )
        .with("scope", scope);
        problem.header(
            WWW_AUTHENTICATE,
            format!("Bearer realm=\"antin\", error=\"insufficient_scope\", scope=\"{scope}\""),
        );
        Err(problem)
    }
}

/// Resolved once per request and kept in its extensions.
#[derive(Clone)]
struct Resolved(Option<Caller>);

/// The caller of a browser request, if any.
pub(crate) async fn of_session(
    parts: &mut Parts,
    ground: &Ground,
) -> Result<Option<Caller>, Problem> {
    if let Some(Resolved(caller)) = parts.extensions.get::<Resolved>() {
        return Ok(caller.clone());
    }
    let caller = match cookies::find(&parts.headers, cookies::session_name(ground)) {
        Some(cookie) => {
            let port: Arc<dyn CallerPort> = ground.callers.clone();
            port.from_session(cookie, ground.now())
                .await
                .map_err(|error| Problem::internal(&error))?
        }
        None => None,
    };
    let caller = caller.filter(|c| !c.in_emergency() || open_in_emergency(parts.uri.path()));
    parts.extensions.insert(Resolved(caller.clone()));
    Ok(caller)
}

impl<S: Send + Sync> FromRequestParts<S> for Maybe
where
    Ground: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        of_session(parts, &Ground::from_ref(state)).await.map(Maybe)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn
where
    Ground: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match of_session(parts, &Ground::from_ref(state)).await {
            Ok(Some(caller)) => Ok(SignedIn(caller)),
            Ok(None) => Err(to_login(parts)),
            Err(problem) => Err(problem.into_response()),
        }
    }
}

/// `303 /login?next=…`; after a refused POST the person comes back to the start page, not to a repeated POST.
fn to_login(parts: &Parts) -> Response {
    let next = if parts.method == Method::GET {
        parts
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str)
    } else {
        "/"
    };
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    Redirect::to(&format!("/login?next={next}")).into_response()
}

impl<S: Send + Sync> FromRequestParts<S> for Bearer
where
    Ground: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ground = Ground::from_ref(state);
        let Some(token) = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| {
                let (scheme, token) = value.split_once(' ')?;
                scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
            })
            .filter(|token| !token.is_empty())
        else {
            return Err(unauthorized("Bearer realm=\"antin\""));
        };
        let caller = ground
            .callers
            .from_token(token, ground.now())
            .await
            .map_err(|error| Problem::internal(&error))?;
        caller
            .map(Bearer)
            .ok_or_else(|| unauthorized("Bearer realm=\"antin\", error=\"invalid_token\""))
    }
}

fn unauthorized(challenge: &'static str) -> Problem {
    let mut problem = Problem::new(
        StatusCode::UNAUTHORIZED,
        "unauthorized",
        "Cần token còn hiệu lực",
    );
    problem.header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    problem
}
