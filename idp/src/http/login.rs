//! The sign-in page.

use super::Service;
use super::browser::{Browser, failed, failed_db, see_other, see_other_with_session};
use crate::domain::return_path::ReturnPath;
use crate::flows::open_session::{Opened, Previous};
use crate::flows::show_account;
use crate::flows::sign_in_with_passkey::{self, PasskeySignInError};
use crate::flows::sign_in_with_password::{self, Attempt, SignInError};
use crate::wire::authorization::with_parameters;
use crate::wire::parameters::Parameters;
use crate::{Idp, TEXTS};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use platform::edge::CsrfForm;
use platform::i18n::{Lang, Tongue};
use platform::pages::Shell;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    t: Tongue,
    csrf: &'a str,
    next: &'a str,
    opens: Option<String>,
    host: String,
    ceremony: String,
    options: String,
    username: &'a str,
    trouble: Option<Trouble>,
    activated: bool,
}

struct Trouble {
    what: String,
    next: String,
    by_password: bool,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
    again: Option<String>,
    login_hint: Option<String>,
    activated: Option<String>,
}

pub(super) async fn show(
    State(service): State<Service>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Response {
    let next = ReturnPath::or_home(asked.next.as_deref());
    if shell.caller.is_some() && asked.again.is_none() {
        return see_other(next.as_str());
    }
    let hint: String = asked
        .login_hint
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(64)
        .collect();
    page(
        &service.0,
        &shell,
        StatusCode::OK,
        &next,
        &hint,
        None,
        asked.activated.is_some(),
    )
    .await
}

/// Somebody reloaded the answer to a form.
pub(super) async fn back() -> Response {
    see_other("/login")
}

async fn page(
    idp: &Idp,
    shell: &Shell,
    status: StatusCode,
    next: &ReturnPath,
    username: &str,
    trouble: Option<Trouble>,
    activated: bool,
) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let begun = match sign_in_with_passkey::begin(idp).await {
        Ok(begun) => begun,
        Err(PasskeySignInError::Db(error)) => return failed_db(error),
        Err(error) => return failed(&error),
    };
    let body = LoginPage {
        t,
        csrf: &shell.csrf,
        next: next.as_str(),
        opens: application(idp, shell.lang, next).await,
        host: idp
            .ground()
            .public_url
            .host_str()
            .unwrap_or_default()
            .to_owned(),
        ceremony: begun.id,
        options: begun.options.to_string(),
        username,
        trouble,
        activated,
    };
    shell.page(status, &t.text("login-title"), &body)
}

/// The name of the application that waits behind the sign-in.
async fn application(idp: &Idp, lang: Lang, next: &ReturnPath) -> Option<String> {
    let p = Parameters::parse(next.as_str().strip_prefix("/authorize?")?).ok()?;
    match show_account::application(idp, p.value("client_id")?).await {
        Ok(known) => known.map(|(vi, en)| if lang == Lang::En { en } else { vi }),
        Err(error) => {
            tracing::warn!(%error, "name of an application");
            None
        }
    }
}

#[derive(Deserialize)]
pub(super) struct PasskeyForm {
    ceremony: String,
    credential: String,
    next: Option<String>,
}

pub(super) async fn by_passkey(
    State(service): State<Service>,
    shell: Shell,
    browser: Browser,
    CsrfForm(form): CsrfForm<PasskeyForm>,
) -> Response {
    let idp = &service.0;
    let next = ReturnPath::or_home(form.next.as_deref());
    let t = Tongue::new(shell.lang, &TEXTS);
    let finished = sign_in_with_passkey::finish(
        idp,
        &form.ceremony,
        &form.credential,
        previous(&shell),
        &browser.device,
    )
    .await;
    let outcome = match &finished {
        Ok(_) => "good",
        Err(PasskeySignInError::Db(_)) => "failed",
        Err(_) => "refused",
    };
    idp.ground().db.measures().sign_in("passkey", outcome);
    match finished {
        Ok(opened) => welcome(idp, &opened, &next),
        Err(PasskeySignInError::Db(error)) => failed_db(error),
        Err(error) => {
            tracing::info!(%error, "passkey sign-in refused");
            let what = if matches!(error, PasskeySignInError::Over) {
                "login-passkey-over"
            } else {
                "login-passkey-refused"
            };
            let trouble = Trouble {
                what: t.text(what),
                next: t.text(&format!("{what}-next")),
                by_password: false,
            };
            page(
                idp,
                &shell,
                StatusCode::UNPROCESSABLE_ENTITY,
                &next,
                "",
                Some(trouble),
                false,
            )
            .await
        }
    }
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    username: String,
    password: String,
    code: String,
    next: Option<String>,
}

pub(super) async fn by_password(
    State(service): State<Service>,
    shell: Shell,
    browser: Browser,
    CsrfForm(form): CsrfForm<PasswordForm>,
) -> Response {
    let idp = &service.0;
    let next = ReturnPath::or_home(form.next.as_deref());
    let attempt = Attempt {
        username: &form.username,
        password: &form.password,
        code: &form.code,
        address: browser.address,
        device: &browser.device,
        previous: previous(&shell),
    };
    let signed_in = sign_in_with_password::run(idp, attempt).await;
    let outcome = match &signed_in {
        Ok(_) => "good",
        Err(SignInError::Refused { .. }) => "refused",
        Err(SignInError::Wait { .. }) => "closed",
        Err(_) => "failed",
    };
    idp.ground().db.measures().sign_in("password", outcome);
    let trouble = match signed_in {
        Ok(opened) => return welcome(idp, &opened, &next),
        Err(error) => explain(shell.lang, &error),
    };
    match trouble {
        Some((status, trouble)) => {
            page(
                idp,
                &shell,
                status,
                &next,
                &form.username,
                Some(trouble),
                false,
            )
            .await
        }
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn explain(lang: Lang, error: &SignInError) -> Option<(StatusCode, Trouble)> {
    let t = Tongue::new(lang, &TEXTS);
    match error {
        SignInError::Refused { left } => Some((
            StatusCode::UNPROCESSABLE_ENTITY,
            Trouble {
                what: t.text("login-refused"),
                next: t.count("login-refused-next", "left", *left),
                by_password: true,
            },
        )),
        SignInError::Wait { milliseconds } => {
            let minutes = (milliseconds + 59_999) / 60_000;
            let next = t.count("login-wait-next", "minutes", minutes);
            Some((
                StatusCode::TOO_MANY_REQUESTS,
                Trouble {
                    what: t.text("login-wait"),
                    next,
                    by_password: true,
                },
            ))
        }
        other => {
            tracing::error!(error = %other, "password sign-in");
            None
        }
    }
}

fn previous(shell: &Shell) -> Option<Previous> {
    shell.caller.as_ref().map(|c| Previous {
        session: c.session.clone(),
        account: c.account.clone(),
    })
}

/// On to where the person wanted to go; first to the choice of a post, when our own pages need one.
fn welcome(idp: &Idp, opened: &Opened, next: &ReturnPath) -> Response {
    let to = if opened.choose_post && !next.as_str().starts_with("/authorize?") {
        with_parameters("/choose-post", &[("next", Some(next.as_str()))])
    } else {
        next.as_str().to_owned()
    };
    see_other_with_session(idp.ground(), &to, &opened.handle)
}
