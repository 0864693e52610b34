//! The authorization endpoint.
//! Standard: OpenID Connect Core 1.0 §3.1.2.1, §3.1.2.2, §3.1.2.6; RFC 6749 §4.1.2.1; RFC 9207 §2
//! It must never answer an address that is not registered, nor show on a page what the request said.

use super::Service;
use super::browser::{failed_db, see_other};
use crate::domain::authorization::{PageReason, Rejection};
use crate::flows::authorize::{self, Answer};
use crate::wire::authorization::{requested, with_parameters};
use crate::wire::parameters::Parameters;
use crate::{Idp, TEXTS};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use platform::i18n::{Lang, Tongue};
use platform::pages::Shell;

pub(super) async fn by_query(
    State(service): State<Service>,
    shell: Shell,
    RawQuery(query): RawQuery,
) -> Response {
    respond(&service.0, &shell, &query.unwrap_or_default()).await
}

/// A browser that was sent here by a foreign form has no session cookie with it; asked again by address, it has.
pub(super) async fn by_form(shell: Shell, body: String) -> Response {
    match Parameters::parse(&body) {
        Ok(p) => see_other(&format!("/authorize?{}", p.query_without(&[]))),
        Err(_) => refusal(&shell, PageReason::Malformed),
    }
}

async fn respond(idp: &Idp, shell: &Shell, query: &str) -> Response {
    let Ok(p) = Parameters::parse(query) else {
        return refusal(shell, PageReason::Malformed);
    };
    let sid = shell.caller.as_ref().map(|c| c.session.as_str());
    match authorize::run(idp, &requested(&p), sid).await {
        Err(error) => failed_db(error),
        Ok(Answer::Rejected(Rejection::Page(reason))) => refusal(shell, reason),
        Ok(Answer::Rejected(Rejection::Redirect {
            redirect_uri,
            state,
            error,
            description,
        })) => see_other(&with_parameters(
            &redirect_uri,
            &[
                ("error", Some(error.as_str())),
                ("error_description", Some(description)),
                ("state", state.as_deref()),
                ("iss", Some(idp.issuer())),
            ],
        )),
        Ok(Answer::Code {
            redirect_uri,
            state,
            code,
        }) => see_other(&with_parameters(
            &redirect_uri,
            &[
                ("code", Some(&code)),
                ("state", state.as_deref()),
                ("iss", Some(idp.issuer())),
            ],
        )),
        Ok(Answer::SignIn { again }) => see_other(&sign_in_address(&p, again)),
        Ok(Answer::ChoosePost { client }) => {
            let next = format!("/authorize?{}", p.query_without(&["prompt"]));
            see_other(&with_parameters(
                "/choose-post",
                &[
                    ("client", Some(&client)),
                    ("next", Some(&next)),
                    ("lang", language(&p)),
                ],
            ))
        }
    }
}

/// Afterwards the request comes back without what the sign-in has satisfied, or it would ask for ever.
fn sign_in_address(p: &Parameters, again: bool) -> String {
    let keeps_consent = p
        .value("prompt")
        .is_some_and(|words| words.split(' ').any(|w| w == "consent"));
    let mut next = format!("/authorize?{}", p.query_without(&["prompt", "max_age"]));
    if keeps_consent {
        next.push_str("&prompt=consent");
    }
    let again = again.then_some("1");
    with_parameters(
        "/login",
        &[
            ("next", Some(&next)),
            ("again", again),
            ("login_hint", p.value("login_hint")),
            ("lang", language(p)),
        ],
    )
}

fn language(p: &Parameters) -> Option<&'static str> {
    p.value("ui_locales")?
        .split(' ')
        .find_map(Lang::parse)
        .map(Lang::code)
}

fn refusal(shell: &Shell, reason: PageReason) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let what = match reason {
        PageReason::UnknownClient => "authorize-unknown-client",
        PageReason::RedirectAddress => "authorize-redirect-address",
        PageReason::Malformed => "authorize-malformed",
    };
    shell.refusal(
        StatusCode::BAD_REQUEST,
        &t.text("authorize-refused"),
        &t.text(what),
        &t.text("authorize-refused-next"),
    )
}
