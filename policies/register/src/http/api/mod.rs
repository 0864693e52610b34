//! The JSON interface `/api/register/…`. One table says what there is, what it needs and what it answers: routes, rights and the
//! OpenAPI document all come from it.

mod acts;
mod deliveries;
mod lists;
mod openapi;
mod table;

use axum::Json;
use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, FromRef, FromRequestParts, MatchedPath, Path, Query};
use axum::routing::{get, post};
use http::StatusCode;
use http::request::Parts;
use platform::Ground;
use platform::audit::Actor;
use platform::caller::{Bearer, Caller};
use platform::db::Conn;
use platform::edge::Access;
use platform::edge::routes::{Route, route};
use platform::problem::Problem;

use super::Service;
use crate::rights::{Scope, ScopeError, scope_of};
use crate::wire::acts::is_id;
use crate::wire::scim::MOST_BYTES;

pub use openapi::document;
pub use table::{OPERATIONS, Operation};

/// The scope that a token must carry.
pub const SCOPE: &str = "register";
/// Where the OpenAPI document is.
const DOCUMENT: &str = "/api/openapi.json";

/// The routes of the interface.
pub fn routes() -> impl Iterator<Item = Route> {
    OPERATIONS
        .iter()
        .map(|operation| route(operation.method, operation.path, Access::Bearer(SCOPE)))
        .chain([route("GET", DOCUMENT, Access::Public)])
}

/// The interface as a router.
pub(crate) fn router() -> Router<Service> {
    Router::new()
        .route("/api/register/agencies", get(lists::agencies))
        .route("/api/register/agencies/{id}", get(lists::agency))
        .route("/api/register/units", get(lists::units))
        .route("/api/register/units/{id}", get(lists::unit))
        .route("/api/register/posts", get(lists::posts))
        .route("/api/register/posts/{id}", get(lists::post))
        .route(
            "/api/register/people",
            get(lists::people).post(acts::new_person),
        )
        .route("/api/register/people/{id}", get(lists::person))
        .route(
            "/api/register/people/{id}/corrections",
            post(acts::correct_person),
        )
        .route(
            "/api/register/appointments",
            get(lists::appointments).post(acts::new_appointment),
        )
        .route("/api/register/appointments/{id}", get(lists::appointment))
        .route(
            "/api/register/appointments/{id}/end",
            post(acts::end_appointment),
        )
        .route(
            "/api/register/appointments/{id}/suspensions",
            post(acts::suspend_appointment),
        )
        .route(
            "/api/register/assignments",
            get(lists::assignments).post(acts::new_assignment),
        )
        .route("/api/register/assignments/{id}", get(lists::assignment))
        .route(
            "/api/register/assignments/{id}/end",
            post(acts::end_assignment),
        )
        .route(
            "/api/register/feeds/{id}/deliveries",
            post(deliveries::deliver).layer(DefaultBodyLimit::max(MOST_BYTES)),
        )
        .route("/api/register/deliveries/{id}", get(deliveries::report))
        .route(DOCUMENT, get(openapi::show))
}

/// An application at work for a person, with the scope that the operation's right gives.
pub(crate) struct Counter {
    pub(crate) caller: Caller,
    pub(crate) conn: Conn,
    pub(crate) scope: Scope,
    pub(crate) ground: Ground,
    pub(crate) now: i64,
}

impl Counter {
    /// Who acts, for events.
    pub(crate) fn actor(&self) -> Actor {
        Actor::of(&self.caller)
    }
}

impl FromRequestParts<Service> for Counter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let caller = Bearer::from_request_parts(parts, service)
            .await?
            .scope(SCOPE)?;
        let path = parts
            .extensions
            .get::<MatchedPath>()
            .map(MatchedPath::as_str);
        let operation = OPERATIONS
            .iter()
            .find(|known| known.method == parts.method.as_str() && Some(known.path) == path)
            .ok_or_else(|| Problem::internal(&"an operation outside the table"))?;
        let ground = Ground::from_ref(service);
        let now = ground.now();
        let mut conn = ground.db.read().await?;
        // Reading comes with a post or a role; acts come with roles of administration alone.
        let post = caller.post.as_deref().filter(|_| operation.method == "GET");
        let scope = match scope_of(&mut conn, &caller.person, post, operation.need, now).await {
            Ok(scope) => scope,
            Err(ScopeError::NoRight) => return Err(forbidden(operation)),
            Err(ScopeError::NoProvince) => return Err(Problem::not_found()),
            Err(ScopeError::Db(error)) => return Err(error.into()),
        };
        Ok(Self {
            caller,
            conn,
            scope,
            ground,
            now,
        })
    }
}

fn forbidden(operation: &Operation) -> Problem {
    let (verb, kind) = operation.need;
    Problem::new(
        StatusCode::FORBIDDEN,
        "no_right",
        "Không có quyền làm việc này",
    )
    .detail("Việc này cần một vai trò quản trị cho phép; quản trị viên tỉnh có thể giao.")
    .with("verb", verb)
    .with("kind", kind)
}

/// The query; one that cannot be read is a problem document like every other refusal.
pub(crate) struct Asking(pub(crate) lists::Asked);

impl FromRequestParts<Service> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        Query::from_request_parts(parts, service)
            .await
            .map(|Query(asked)| Self(asked))
            .map_err(|rejection| Problem::invalid(rejection.body_text()))
    }
}

/// The id in the address; what has not the form of one is not found.
pub(crate) struct Named(pub(crate) String);

impl FromRequestParts<Service> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, service).await {
            Ok(Path(id)) if is_id(&id) => Ok(Self(id)),
            Ok(_) | Err(_) => Err(Problem::not_found()),
        }
    }
}

/// The body, or what is wrong with it.
pub(crate) fn body<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    match body {
        Ok(Json(body)) => Ok(body),
        Err(rejection) => {
            let (code, title) = match rejection.status() {
                StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                    ("unsupported_media_type", "Cần application/json")
                }
                StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "Nội dung quá lớn"),
                StatusCode::UNPROCESSABLE_ENTITY => ("invalid_fields", "Có trường không hợp lệ"),
                _ => ("invalid_request", "Yêu cầu không hợp lệ"),
            };
            Err(Problem::new(rejection.status(), code, title).detail(rejection.body_text()))
        }
    }
}
