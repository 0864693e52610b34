//! Pages of administration. Which right a route needs is one table; every handler starts at a `Desk`, which asks it.

mod appointments;
mod assignments;
mod calendar;
mod feeds;
mod form;
mod history;
mod many;
mod people;
mod pick;
mod proposals;
mod quality;
mod rights;
mod start;
pub(crate) mod words;

use axum::Router;
use axum::extract::{FromRef, FromRequestParts, MatchedPath};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::request::Parts;
use platform::Ground;
use platform::audit::Actor;
use platform::caller::{Caller, SignedIn};
use platform::db::{Conn, Error};
use platform::edge::Access;
use platform::edge::routes::{Route, route};
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;

use super::Service;
use super::reading::broken;
use crate::TEXTS;
use crate::domain::administration::{Need, PROVINCE, READING};
use crate::domain::words::{Kind, Verb};
use crate::rights::{Scope, ScopeError, scope_of};
use crate::store::roles;

/// What each page of administration needs; `(See, Agency)` comes with every role.
pub const NEEDS: &[(&str, &str, Need)] = &[
    ("GET", "/admin", READING),
    ("GET", "/admin/rights", (Verb::See, Kind::Role)),
    ("GET", "/admin/rights/new", (Verb::Grant, Kind::Role)),
    ("POST", "/admin/rights/new", (Verb::Grant, Kind::Role)),
    ("GET", "/admin/rights/{id}/end", (Verb::Grant, Kind::Role)),
    ("POST", "/admin/rights/{id}/end", (Verb::Grant, Kind::Role)),
    ("GET", "/admin/proposals", (Verb::See, Kind::Proposal)),
    ("GET", "/admin/proposals/{id}", (Verb::See, Kind::Proposal)),
    (
        "POST",
        "/admin/proposals/{id}",
        (Verb::Propose, Kind::Proposal),
    ),
    (
        "GET",
        "/admin/people/{id}/erase",
        (Verb::Erase, Kind::Person),
    ),
    (
        "POST",
        "/admin/people/{id}/erase",
        (Verb::Erase, Kind::Person),
    ),
    ("GET", "/admin/people/new", (Verb::Record, Kind::Person)),
    ("POST", "/admin/people/new", (Verb::Record, Kind::Person)),
    (
        "GET",
        "/admin/people/{id}/correct",
        (Verb::Record, Kind::Person),
    ),
    (
        "POST",
        "/admin/people/{id}/correct",
        (Verb::Record, Kind::Person),
    ),
    (
        "GET",
        "/admin/appointments/new",
        (Verb::Record, Kind::Appointment),
    ),
    (
        "POST",
        "/admin/appointments/new",
        (Verb::Record, Kind::Appointment),
    ),
    (
        "GET",
        "/admin/appointments/{id}/end",
        (Verb::Record, Kind::Appointment),
    ),
    (
        "POST",
        "/admin/appointments/{id}/end",
        (Verb::Record, Kind::Appointment),
    ),
    (
        "GET",
        "/admin/appointments/{id}/suspend",
        (Verb::Record, Kind::Appointment),
    ),
    (
        "POST",
        "/admin/appointments/{id}/suspend",
        (Verb::Record, Kind::Appointment),
    ),
    (
        "GET",
        "/admin/assignments/new",
        (Verb::Record, Kind::Assignment),
    ),
    (
        "POST",
        "/admin/assignments/new",
        (Verb::Record, Kind::Assignment),
    ),
    (
        "GET",
        "/admin/assignments/{id}/end",
        (Verb::Record, Kind::Assignment),
    ),
    (
        "POST",
        "/admin/assignments/{id}/end",
        (Verb::Record, Kind::Assignment),
    ),
    (
        "GET",
        "/admin/agencies/{id}/people",
        (Verb::Record, Kind::Appointment),
    ),
    (
        "POST",
        "/admin/agencies/{id}/people",
        (Verb::Record, Kind::Appointment),
    ),
    ("GET", "/admin/plans", (Verb::Record, Kind::Plan)),
    ("POST", "/admin/plans", (Verb::Record, Kind::Plan)),
    ("GET", "/admin/plans/{id}", (Verb::Record, Kind::Plan)),
    (
        "GET",
        "/admin/plans/{id}/report.csv",
        (Verb::Record, Kind::Plan),
    ),
    (
        "POST",
        "/admin/plans/{id}/decide",
        (Verb::Record, Kind::Plan),
    ),
    (
        "POST",
        "/admin/plans/{id}/publish",
        (Verb::Record, Kind::Plan),
    ),
    (
        "POST",
        "/admin/plans/{id}/cancel",
        (Verb::Record, Kind::Plan),
    ),
    ("GET", "/admin/feeds", (Verb::See, Kind::Feed)),
    ("POST", "/admin/feeds", (Verb::Record, Kind::Feed)),
    ("POST", "/admin/feeds/{id}/end", (Verb::Record, Kind::Feed)),
    ("GET", "/admin/calendar", (Verb::See, Kind::Appointment)),
    ("GET", "/admin/quality", (Verb::See, Kind::Quality)),
    (
        "GET",
        "/admin/history/{kind}/{id}",
        (Verb::See, Kind::Audit),
    ),
];

/// The routes of these pages: each for somebody with the right that it needs.
pub fn routes() -> impl Iterator<Item = Route> {
    NEEDS
        .iter()
        .map(|(method, path, _)| route(method, path, Access::Registrar))
}

/// The pages as a router.
pub(crate) fn router() -> Router<Service> {
    Router::new()
        .route("/admin", get(start::show))
        .route("/admin/rights", get(rights::show))
        .route("/admin/rights/new", get(rights::form).post(rights::propose))
        .route(
            "/admin/rights/{id}/end",
            get(rights::end_form).post(rights::propose_end),
        )
        .route("/admin/proposals", get(proposals::list))
        .route(
            "/admin/proposals/{id}",
            get(proposals::show).post(proposals::decide),
        )
        .route(
            "/admin/people/{id}/erase",
            get(rights::erase_form).post(rights::propose_erasure),
        )
        .route("/admin/people/new", get(people::form).post(people::record))
        .route(
            "/admin/people/{id}/correct",
            get(people::correct_form).post(people::correct),
        )
        .route(
            "/admin/appointments/new",
            get(appointments::form).post(appointments::record),
        )
        .route(
            "/admin/appointments/{id}/end",
            get(appointments::end_form).post(appointments::end),
        )
        .route(
            "/admin/appointments/{id}/suspend",
            get(appointments::suspend_form).post(appointments::suspend),
        )
        .route(
            "/admin/assignments/new",
            get(assignments::form).post(assignments::record),
        )
        .route(
            "/admin/assignments/{id}/end",
            get(assignments::end_form).post(assignments::end),
        )
        .route(
            "/admin/agencies/{id}/people",
            get(many::form).post(many::change),
        )
        .route("/admin/feeds", get(feeds::show).post(feeds::record))
        .route("/admin/feeds/{id}/end", post(feeds::end))
        .route("/admin/calendar", get(calendar::show))
        .route("/admin/quality", get(quality::show))
        .route("/admin/history/{kind}/{id}", get(history::show))
}

/// Somebody at work on the register, with the scope that the right of this route gives through roles of administration.
pub(crate) struct Desk {
    pub(crate) shell: Shell,
    pub(crate) caller: Caller,
    pub(crate) conn: Conn,
    pub(crate) scope: Scope,
    pub(crate) now: i64,
    pub(crate) t: Tongue,
}

impl Desk {
    /// Who acts, for events.
    pub(crate) fn actor(&self) -> Actor {
        Actor::of(&self.caller)
    }

    /// The ground under the page.
    pub(crate) fn ground(&self) -> Ground {
        self.shell.ground().clone()
    }
}

/// The right that the matched route needs; a route outside the table needs one that nobody has.
fn need_of(parts: &Parts) -> Option<Need> {
    let path = parts.extensions.get::<MatchedPath>()?.as_str();
    NEEDS
        .iter()
        .find(|(method, known, _)| *method == parts.method.as_str() && *known == path)
        .map(|(_, _, need)| *need)
}

impl FromRequestParts<Service> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Response> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, service).await?;
        let ground = Ground::from_ref(service);
        let shell = Shell::of(parts, &ground)
            .await
            .map_err(IntoResponse::into_response)?;
        let now = ground.now();
        let mut conn = ground.db.read().await.map_err(|error| broken(&error))?;
        let Some(need) = need_of(parts) else {
            return Err(
                Problem::internal(&"a route of administration without a need").into_response(),
            );
        };
        match scope_of(&mut conn, &caller.person, None, need, now).await {
            Ok(scope) => Ok(Self {
                t: Tongue::new(shell.lang, &TEXTS),
                shell,
                caller,
                conn,
                scope,
                now,
            }),
            Err(ScopeError::NoRight) => Err(refused(&shell, &mut conn, need, now).await),
            Err(ScopeError::NoProvince) => Err(shell.error(StatusCode::NOT_FOUND)),
            Err(ScopeError::Db(error)) => Err(broken(&error)),
        }
    }
}

/// A refusal that names the right and who has it.
async fn refused(shell: &Shell, conn: &mut Conn, need: Need, now: i64) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let who = match administrators(conn, now).await {
        Ok(names) if names.is_empty() => t.text("admin-nobody-yet"),
        Ok(names) => names.join(", "),
        Err(error) => return broken(&error),
    };
    shell.refusal(
        StatusCode::FORBIDDEN,
        &t.text("admin-refused"),
        &t.with(
            "admin-refused-what",
            &[("right", words::need(&t, need).as_str())],
        ),
        &t.with("admin-refused-who", &[("who", who.as_str())]),
    )
}

/// The first administrators of the province by name.
async fn administrators(conn: &mut Conn, now: i64) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for person in roles::holders(conn, PROVINCE, now).await?.iter().take(3) {
        let found = crate::store::people::find(conn, person).await?;
        names.extend(found.filter(|p| !p.erased).map(|p| p.full_name));
    }
    Ok(names)
}
