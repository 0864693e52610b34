//! The set-up pages: they exist until the first administrator is there.

use super::Service;
use super::activate::label_of;
use super::browser::{failed, failed_db, see_other};
use crate::flows::set_up_first_administrator::{self as set_up, Entered, SetUpError};
use crate::{Idp, TEXTS};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "setup.html")]
struct CodePage<'a> {
    t: Tongue,
    csrf: &'a str,
    username: &'a str,
    trouble: Option<String>,
}

#[derive(Template)]
#[template(path = "setup_passkey.html")]
struct PasskeyPage<'a> {
    t: Tongue,
    csrf: &'a str,
    code: &'a str,
    username: &'a str,
    name: &'a str,
    ceremony: String,
    options: String,
}

pub(super) async fn show(State(service): State<Service>, shell: Shell) -> Response {
    match set_up::is_open(&service.0).await {
        Ok(true) => ask(&shell, StatusCode::OK, "", None),
        Ok(false) => shell.not_found(),
        Err(error) => failed_db(error),
    }
}

pub(super) async fn back() -> Response {
    see_other("/setup")
}

fn ask(shell: &Shell, status: StatusCode, username: &str, trouble: Option<String>) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    shell.page(
        status,
        &t.text("setup-title"),
        &CodePage {
            t,
            csrf: &shell.csrf,
            username,
            trouble,
        },
    )
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    code: String,
    username: String,
}

pub(super) async fn enter(
    State(service): State<Service>,
    shell: Shell,
    CsrfForm(form): CsrfForm<CodeForm>,
) -> Response {
    match set_up::enter(&service.0, &form.code, &form.username).await {
        Ok(entered) => ask_passkey(&service.0, &shell, &form, &entered).await,
        Err(error) => explain(&shell, &form.username, error),
    }
}

async fn ask_passkey(idp: &Idp, shell: &Shell, form: &CodeForm, entered: &Entered) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    match set_up::begin(idp, entered).await {
        Ok(begun) => {
            let body = PasskeyPage {
                t,
                csrf: &shell.csrf,
                code: &form.code,
                username: &form.username,
                name: &entered.name,
                ceremony: begun.id,
                options: begun.options.to_string(),
            };
            shell.page(StatusCode::OK, &t.text("setup-title"), &body)
        }
        Err(error) => explain(shell, &form.username, error),
    }
}

#[derive(Deserialize)]
pub(super) struct FinishForm {
    code: String,
    username: String,
    ceremony: String,
    credential: String,
    label: Option<String>,
}

pub(super) async fn finish(
    State(service): State<Service>,
    shell: Shell,
    CsrfForm(form): CsrfForm<FinishForm>,
) -> Response {
    let idp = &service.0;
    let entered = match set_up::enter(idp, &form.code, &form.username).await {
        Ok(entered) => entered,
        Err(error) => return explain(&shell, &form.username, error),
    };
    let label = label_of(form.label.as_deref(), shell.lang);
    match set_up::finish(idp, &entered, &form.ceremony, &form.credential, &label).await {
        Ok(()) => see_other("/login?activated=1"),
        Err(error) => explain(&shell, &form.username, error),
    }
}

fn explain(shell: &Shell, username: &str, error: SetUpError) -> Response {
    let key = match error {
        SetUpError::Over => return shell.not_found(),
        SetUpError::Db(error) => return failed_db(error),
        SetUpError::Code => "setup-code-bad",
        SetUpError::Person => "setup-person-unknown",
        SetUpError::Ceremony => "login-passkey-over",
        SetUpError::Passkey(why) => {
            tracing::info!(error = %why, "set-up refused");
            "login-passkey-refused"
        }
        other @ SetUpError::Role(_) => return failed(&other),
    };
    let trouble = Tongue::new(shell.lang, &TEXTS).text(key);
    ask(
        shell,
        StatusCode::UNPROCESSABLE_ENTITY,
        username,
        Some(trouble),
    )
}
