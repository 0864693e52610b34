//! The sign-out pages.
//! Standard: OpenID Connect RP-Initiated Logout 1.0 §2, §3, §4
//! It must never end a session without the person's own press of a button on our page.

use super::Service;
use super::browser::{failed_db, see_other, with_cookie};
use crate::TEXTS;
use crate::flows::end_session::{self, Afterwards, LogoutRequest};
use crate::wire::parameters::Parameters;
use askama::Template;
use axum::extract::{RawQuery, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use platform::edge::{cookies, csrf};
use platform::i18n::{Lang, Tongue};
use platform::pages::Shell;

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage<'a> {
    t: Tongue,
    csrf: &'a str,
    signed_in: Option<&'a str>,
    application: Option<&'a str>,
    returns: bool,
    refused_address: bool,
    request: &'a LogoutRequest,
}

fn request(p: &Parameters) -> LogoutRequest {
    LogoutRequest {
        id_token_hint: p.owned("id_token_hint"),
        client_id: p.owned("client_id"),
        post_logout_redirect_uri: p.owned("post_logout_redirect_uri"),
        state: p.owned("state"),
    }
}

pub(super) async fn show(
    State(service): State<Service>,
    shell: Shell,
    RawQuery(query): RawQuery,
) -> Response {
    let Ok(p) = Parameters::parse(&query.unwrap_or_default()) else {
        return shell.error(StatusCode::BAD_REQUEST);
    };
    let asked = request(&p);
    let after = match end_session::plan(&service.0, &asked).await {
        Ok(after) => after,
        Err(error) => return failed_db(error),
    };
    match (&shell.caller, &after.address) {
        (None, Some(address)) => see_other(address),
        _ => page(&shell, &asked, &after),
    }
}

fn page(shell: &Shell, asked: &LogoutRequest, after: &Afterwards) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let body = LogoutPage {
        t,
        csrf: &shell.csrf,
        signed_in: shell.caller.as_ref().map(|c| c.name.as_str()),
        application: after.client.as_ref().map(|(vi, en)| {
            if shell.lang == Lang::En {
                en.as_str()
            } else {
                vi.as_str()
            }
        }),
        returns: after.address.is_some(),
        refused_address: after.refused_address,
        request: asked,
    };
    shell.page(StatusCode::OK, &t.text("logout-title"), &body)
}

/// With a good form token the session ends; without one this is an application's request, shown as a page first.
pub(super) async fn act(State(service): State<Service>, request_: Request) -> Response {
    let idp = &service.0;
    let (mut parts, body) = request_.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, 64 * 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let Ok(p) = Parameters::parse(&String::from_utf8_lossy(&bytes)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let confirmed = match p.value("_csrf") {
        Some(token) => csrf::check(&mut parts, idp.ground(), token).await.is_ok(),
        None => false,
    };
    if !confirmed {
        return see_other(&format!("/logout?{}", p.query_without(&["_csrf"])));
    }
    let shell = match Shell::of(&mut parts, idp.ground()).await {
        Ok(shell) => shell,
        Err(problem) => return problem.into_response(),
    };
    let after = match end_session::plan(idp, &request(&p)).await {
        Ok(after) => after,
        Err(error) => return failed_db(error),
    };
    if let Some(caller) = &shell.caller
        && let Err(error) = end_session::run(idp, caller, &caller.session).await
    {
        return failed_db(error);
    }
    let response = see_other(after.address.as_deref().unwrap_or("/logout"));
    match cookies::end_session(idp.ground()) {
        Some(cookie) => with_cookie(response, cookie),
        None => response,
    }
}
