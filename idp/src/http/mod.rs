//! Pages and endpoints: extract, call one flow, render.

mod account;
mod activate;
mod authorize;
mod browser;
mod choose_post;
mod client_endpoints;
mod discovery;
mod emergency;
mod letters;
mod login;
mod logout;
mod setup;
mod userinfo;

use crate::Idp;
use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use platform::Ground;
use platform::edge::routes::{Access, Lane, Route, route};
use std::sync::Arc;

/// State of every handler.
#[derive(Clone)]
pub(crate) struct Service(pub(crate) Arc<Idp>);

impl FromRef<Service> for Ground {
    fn from_ref(service: &Service) -> Self {
        service.0.ground().clone()
    }
}

impl FromRef<Service> for Arc<Idp> {
    fn from_ref(service: &Service) -> Self {
        Arc::clone(&service.0)
    }
}

/// Every route with who may call it.
pub const ROUTES: &[Route] = &[
    route("GET", "/.well-known/openid-configuration", Access::Public).through(Lane::Free),
    route(
        "GET",
        "/.well-known/oauth-authorization-server",
        Access::Public,
    )
    .through(Lane::Free),
    route("GET", "/jwks", Access::Public).through(Lane::Free),
    route("GET", "/authorize", Access::Public),
    route("POST", "/authorize", Access::Public),
    route("POST", "/token", Access::Client),
    route("POST", "/revoke", Access::Client),
    route("POST", "/introspect", Access::Client),
    route("GET", "/userinfo", Access::Bearer("openid")),
    route("POST", "/userinfo", Access::Bearer("openid")),
    route("GET", "/login", Access::Public),
    route("GET", "/login/passkey", Access::Public),
    route("POST", "/login/passkey", Access::Public).through(Lane::Secret),
    route("GET", "/login/password", Access::Public),
    route("POST", "/login/password", Access::Public).through(Lane::Secret),
    route("GET", "/activate", Access::Public).through(Lane::Secret),
    route("GET", "/activate/passkey", Access::Public),
    route("POST", "/activate/passkey", Access::Public).through(Lane::Secret),
    route("GET", "/activate/password", Access::Public),
    route("POST", "/activate/password", Access::Public).through(Lane::Secret),
    route("GET", "/activate/totp", Access::Public),
    route("POST", "/activate/totp", Access::Public).through(Lane::Secret),
    route("GET", "/setup", Access::Public),
    route("POST", "/setup", Access::Public).through(Lane::Secret),
    route("GET", "/setup/passkey", Access::Public),
    route("POST", "/setup/passkey", Access::Public).through(Lane::Secret),
    route("GET", "/emergency", Access::Public),
    route("POST", "/emergency", Access::Public).through(Lane::Secret),
    route("GET", "/choose-post", Access::SignedIn),
    route("POST", "/choose-post", Access::SignedIn),
    route("GET", "/account", Access::SignedIn),
    route("POST", "/account/passkeys", Access::SignedIn),
    route("POST", "/account/passkeys/remove", Access::SignedIn),
    route("POST", "/account/sessions/end", Access::SignedIn),
    route("POST", "/account/mail-passwords", Access::SignedIn),
    route("POST", "/account/mail-passwords/revoke", Access::SignedIn),
    route("GET", "/admin/letters", Access::Registrar),
    route("POST", "/admin/letters", Access::Registrar).through(Lane::Document),
    route("GET", "/logout", Access::Public),
    route("POST", "/logout", Access::Public),
];

/// The router of this service.
pub fn router(idp: Arc<Idp>) -> Router {
    Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(discovery::metadata),
        )
        .route(
            "/.well-known/oauth-authorization-server",
            get(discovery::metadata),
        )
        .route("/jwks", get(discovery::jwks))
        .route(
            "/authorize",
            get(authorize::by_query).post(authorize::by_form),
        )
        .route("/token", post(client_endpoints::token))
        .route("/revoke", post(client_endpoints::revoke))
        .route("/introspect", post(client_endpoints::introspect))
        .route("/userinfo", get(userinfo::show).post(userinfo::show))
        .route("/login", get(login::show))
        .route("/login/passkey", get(login::back).post(login::by_passkey))
        .route("/login/password", get(login::back).post(login::by_password))
        .route("/activate", get(activate::show))
        .route(
            "/activate/passkey",
            get(activate::back).post(activate::by_passkey),
        )
        .route(
            "/activate/password",
            get(activate::back).post(activate::by_password),
        )
        .route(
            "/activate/totp",
            get(activate::back).post(activate::by_totp),
        )
        .route("/setup", get(setup::show).post(setup::enter))
        .route("/setup/passkey", get(setup::back).post(setup::finish))
        .route("/emergency", get(emergency::show).post(emergency::open))
        .route(
            "/choose-post",
            get(choose_post::show).post(choose_post::choose),
        )
        .route("/account", get(account::show))
        .route(
            "/account/passkeys",
            get(account::back).post(account::add_passkey),
        )
        .route(
            "/account/passkeys/remove",
            get(account::back).post(account::remove_passkey),
        )
        .route(
            "/account/sessions/end",
            get(account::back).post(account::end_session),
        )
        .route(
            "/account/mail-passwords",
            get(account::back).post(account::create_mail_password),
        )
        .route(
            "/account/mail-passwords/revoke",
            get(account::back).post(account::revoke_mail_password),
        )
        .route("/admin/letters", get(letters::show).post(letters::act))
        .route("/logout", get(logout::show).post(logout::act))
        .with_state(Service(idp))
}
