//! The page of one mandate: what it gives and until when; its suspension and its early end.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use engine::Form;
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
use crate::flows::suspend_mandate::{self, SuspendMandate};
use crate::wording::Words;
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
    may_suspend: bool,
    may_resume: bool,
    may_sign: bool,
    form: &'static str,
    paper: Option<String>,
    kinds: String,
    ceiling: Option<String>,
    /// The other receivers of the same instrument, with the page of their mandate.
    others: Vec<(String, String)>,
    id: String,
}

impl Page {
    /// The text of its form.
    fn of(&self, before: &str, form: &str) -> String {
        self.t.text(&format!("{before}{form}"))
    }
}

/// `500.000.000`, as amounts are written.
pub(super) fn dong(amount: i64) -> String {
    let digits = amount.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    grouped
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
            Standing::Suspended => "suspended",
        },
        from: seen
            .mandate
            .as_ref()
            .map(|mandate| clock::format_instant(mandate.valid_from)),
        until: match (
            &seen.standing,
            seen.mandate.as_ref().and_then(|one| one.valid_to),
        ) {
            (Standing::Ended, Some(to)) => clock::format_instant(to),
            _ => match seen.clause.valid_to {
                Some(to) => {
                    let day = clock::format_last_day(to);
                    t.with("end-of-day", &[("day", day.as_str())])
                }
                None => t.text("no-end"),
            },
        },
        may_end: seen.own && matches!(seen.standing, Standing::InForce | Standing::Suspended),
        may_suspend: seen.own && seen.standing == Standing::InForce,
        may_resume: seen.own && seen.standing == Standing::Suspended,
        form: match seen.instrument.form {
            Form::Kt => "kt",
            Form::Tl => "tl",
            Form::TlKt => "tl-kt",
            Form::Tuq => "tuq",
            Form::Uq => "uq",
        },
        paper: seen
            .clause
            .reach
            .papers
            .first()
            .map(|paper| paper.to_string()),
        kinds: {
            let words = Words::new(shell.lang);
            let reach = seen
                .clause
                .reach
                .kinds
                .iter()
                .chain(&seen.clause.reach.fields);
            reach
                .map(|word| words.kind(word))
                .collect::<Vec<_>>()
                .join(", ")
        },
        ceiling: seen.clause.reach.ceiling.map(dong),
        others: seen.others.clone(),
        may_sign: seen.own && seen.standing == Standing::Waiting,
        id: seen
            .mandate
            .as_ref()
            .map_or_else(String::new, |mandate| mandate.id.clone()),
        seen,
        t,
    };
    let title = page.of("mandate-title-", page.form);
    Ok(shell.page(StatusCode::OK, &title, &page))
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

/// POST /mandates/{id}/suspend
pub async fn suspend(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm<End>,
) -> Result<Response, Problem> {
    let policies = &service.0;
    let reason: String = form.reason.trim().chars().take(400).collect();
    let done = suspend_mandate::run(&policies.ground, &policies.authority, &caller, &id, &reason);
    suspended(&shell, &id, done.await)
}

/// POST /mandates/{id}/resume
pub async fn resume(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm<End>,
) -> Result<Response, Problem> {
    let policies = &service.0;
    let reason: String = form.reason.trim().chars().take(400).collect();
    let done =
        suspend_mandate::resume(&policies.ground, &policies.authority, &caller, &id, &reason);
    suspended(&shell, &id, done.await)
}

fn suspended(
    shell: &Shell,
    id: &str,
    done: Result<(), SuspendMandate>,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/mandates/{id}")).into_response()),
        Err(SuspendMandate::Unknown) => Ok(shell.not_found()),
        Err(SuspendMandate::NotGrantor) => Ok(shell.error(StatusCode::FORBIDDEN)),
        Err(error) => Err(Problem::internal(&error)),
    }
}
