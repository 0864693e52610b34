//! The registration desk: passkeys that wait to be pinned, approved with the registrar's own passkey.

use super::{Service, webauthn};
use crate::TEXTS;
use crate::flows::bind_passkey::{self, BindPasskey, Pending};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use platform::caller::SignedIn;
use platform::clock::format_instant;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;
use serde::Deserialize;

struct Line {
    id: String,
    person: String,
    holder: String,
    label: String,
    asked: String,
    options: String,
}

#[derive(Template)]
#[template(path = "bindings.html")]
struct List {
    t: Tongue,
    csrf: String,
    registrar: bool,
    lines: Vec<Line>,
}

/// What an approval sends.
#[derive(Deserialize)]
pub struct Form {
    credential: String,
}

/// GET /admin/bindings
pub async fn list(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    match bind_passkey::pending(&service.ca, &caller).await {
        Ok((pending, registrar)) => {
            let lines: Result<Vec<Line>, Problem> = pending
                .iter()
                .map(|one| line(&service, one, registrar.as_deref()))
                .collect();
            match lines {
                Ok(lines) => {
                    let page = List {
                        csrf: shell.csrf.clone(),
                        registrar: registrar.is_some(),
                        lines,
                        t,
                    };
                    let title = page.t.text("bindings-title");
                    shell.page(StatusCode::OK, &title, &page)
                }
                Err(problem) => problem.into_response(),
            }
        }
        Err(error) => refused(&shell, &error),
    }
}

/// POST /admin/bindings/collect
pub async fn collect(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    CsrfForm(_): CsrfForm<Vec<(String, String)>>,
) -> Response {
    let collected = bind_passkey::collect_at_desk(&service.ca, &caller).await;
    done(&shell, collected.map(|_| ()))
}

/// POST /admin/bindings/{id}
pub async fn approve(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm<Form>,
) -> Response {
    let Ok(credential) = serde_json::from_str(&form.credential) else {
        return shell.error(StatusCode::BAD_REQUEST);
    };
    done(
        &shell,
        bind_passkey::approve(&service.ca, &caller, &id, &credential).await,
    )
}

/// POST /admin/bindings/{id}/refuse
pub async fn refuse(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm<Vec<(String, String)>>,
) -> Response {
    done(
        &shell,
        bind_passkey::refuse(&service.ca, &caller, &id).await,
    )
}

fn done(shell: &Shell, result: Result<(), BindPasskey>) -> Response {
    match result {
        Ok(()) => Redirect::to("/admin/bindings").into_response(),
        Err(error) => refused(shell, &error),
    }
}

fn line(service: &Service, one: &Pending, registrar: Option<&str>) -> Result<Line, Problem> {
    let credentials: Vec<&str> = registrar.into_iter().collect();
    Ok(Line {
        id: one.row.id.clone(),
        person: one.person.clone(),
        holder: one.holder.clone(),
        label: one.row.label.clone(),
        asked: format_instant(one.row.requested_at),
        options: webauthn::options(&service.ca, &one.challenge, &credentials)?,
    })
}

fn refused(shell: &Shell, error: &BindPasskey) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let (status, what) = match error {
        BindPasskey::NotRegistrar => return shell.error(StatusCode::FORBIDDEN),
        BindPasskey::NotFound => return shell.not_found(),
        BindPasskey::Decided => (StatusCode::CONFLICT, "bindings-decided"),
        BindPasskey::NoPasskey => (StatusCode::CONFLICT, "bindings-no-registrar"),
        BindPasskey::Own => (StatusCode::FORBIDDEN, "bindings-own"),
        BindPasskey::Signer(signer::client::ClientError::Refused { .. })
        | BindPasskey::Assertion(_) => (StatusCode::FORBIDDEN, "bindings-refused"),
        other => {
            tracing::error!(error = %other, "registration desk");
            return shell.error(StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    tracing::warn!(%error, "binding not approved");
    shell.refusal(
        status,
        &t.text("bindings-title"),
        &t.text(what),
        &t.text("bindings-next"),
    )
}
