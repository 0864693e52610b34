//! The emergency page: it exists while two officers' codes can be used.

use super::Service;
use super::browser::{Browser, failed, failed_db, see_other_with_session};
use crate::TEXTS;
use crate::flows::open_emergency::{self, EmergencyError};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "emergency.html")]
struct Page<'a> {
    t: Tongue,
    csrf: &'a str,
    reason: &'a str,
    trouble: Option<String>,
}

pub(super) async fn show(State(service): State<Service>, shell: Shell) -> Response {
    match open_emergency::is_there(&service.0).await {
        Ok(true) => ask(&shell, StatusCode::OK, "", None),
        Ok(false) => shell.not_found(),
        Err(error) => failed_db(error),
    }
}

fn ask(shell: &Shell, status: StatusCode, reason: &str, trouble: Option<&str>) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let body = Page {
        t,
        csrf: &shell.csrf,
        reason,
        trouble: trouble.map(|key| t.text(key)),
    };
    shell.page(status, &t.text("emergency-title"), &body)
}

#[derive(Deserialize)]
pub(super) struct CodesForm {
    first: String,
    second: String,
    reason: String,
}

pub(super) async fn open(
    State(service): State<Service>,
    shell: Shell,
    browser: Browser,
    CsrfForm(form): CsrfForm<CodesForm>,
) -> Response {
    let idp = &service.0;
    let codes = (form.first.as_str(), form.second.as_str());
    let again = |key| {
        ask(
            &shell,
            StatusCode::UNPROCESSABLE_ENTITY,
            &form.reason,
            Some(key),
        )
    };
    match open_emergency::run(idp, codes, &form.reason, &browser.device).await {
        Ok(handle) => see_other_with_session(idp.ground(), "/admin", &handle),
        Err(EmergencyError::None) => shell.not_found(),
        Err(EmergencyError::Codes) => again("emergency-codes-bad"),
        Err(EmergencyError::Administers) => again("emergency-administers"),
        Err(EmergencyError::Reason) => again("emergency-reason-missing"),
        Err(EmergencyError::Db(error)) => failed_db(error),
        Err(error @ EmergencyError::Role(_)) => failed(&error),
    }
}
