//! The page of one hand-over, and its early end.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use platform::caller::SignedIn;
use platform::clock;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;
use serde::Deserialize;

use crate::flows::end_mandate::{self, EndMandate};
use crate::flows::see_handover::{self, Seen, Standing};
use crate::{Service, TEXTS};

#[derive(Template)]
#[template(path = "mandate.html")]
struct Page {
    t: Tongue,
    csrf: String,
    seen: Seen,
    state: &'static str,
    from: Option<String>,
    until: String,
    may_end: bool,
    may_sign: bool,
    id: String,
}

/// GET /mandates/{id}
pub async fn show(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let policies = &service.0;
    let mut conn = policies.ground.db.read().await?;
    let seen = see_handover::run(
        &mut conn,
        &policies.authority,
        &caller,
        &id,
        policies.ground.now(),
    )
    .await?;
    let Some(seen) = seen else {
        return Ok(shell.not_found());
    };
    let t = Tongue::new(shell.lang, &TEXTS);
    let page = Page {
        csrf: shell.csrf.clone(),
        state: match seen.standing {
            Standing::Waiting => "waiting",
            Standing::InForce => "in-force",
            Standing::Over => "over",
            Standing::Ended => "ended",
        },
        from: seen
            .mandate
            .as_ref()
            .map(|mandate| clock::format_instant(mandate.valid_from)),
        until: match (&seen.standing, &seen.mandate) {
            (Standing::Ended, Some(mandate)) => clock::format_instant(mandate.valid_to),
            _ => t.with("end-of-day", &[("day", seen.instrument.last_day.as_str())]),
        },
        may_end: seen.own && seen.standing == Standing::InForce,
        may_sign: seen.own && seen.standing == Standing::Waiting,
        id: seen
            .mandate
            .as_ref()
            .map_or_else(String::new, |mandate| mandate.id.clone()),
        seen,
        t,
    };
    Ok(shell.page(StatusCode::OK, &t.text("mandate-title"), &page))
}

/// The form's field.
#[derive(Debug, Deserialize)]
pub struct End {
    #[serde(default)]
    reason: String,
}

/// POST /mandates/{id}/end
pub async fn end(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm<End>,
) -> Result<Response, Problem> {
    let policies = &service.0;
    let reason: String = form.reason.trim().chars().take(400).collect();
    match end_mandate::run(&policies.ground, &policies.authority, &caller, &id, &reason).await {
        Ok(()) => Ok(Redirect::to(&format!("/mandates/{id}")).into_response()),
        Err(EndMandate::Unknown) => Ok(shell.not_found()),
        Err(EndMandate::NotGrantor) => Ok(shell.error(StatusCode::FORBIDDEN)),
        Err(error) => Err(Problem::internal(&error)),
    }
}
