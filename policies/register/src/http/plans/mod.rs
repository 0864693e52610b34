//! `/admin/plans`: plans of reorganisation, for those whose role records plans: list, upload, preview, answers, proposing to publish, giving up.

mod page;
mod report;
mod upload;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use platform::clock::format_date;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;

pub(crate) use page::show;
pub(crate) use report::report;
pub(crate) use upload::{FORM_LIMIT, upload};

use super::admin::Desk;
use super::reading::broken;
use crate::TEXTS;
use crate::domain::proposal::Act;
use crate::domain::words::PlanState;
use crate::flows::decide_in_plan::{self, DecideError};
use crate::flows::propose_act::{self, ProposeActError};
use crate::flows::publish_plan::{self, PublishPlanError};
use crate::flows::{cancel_plan, see_plan};

/// A plan in the list.
struct Line {
    href: String,
    name: String,
    day: String,
    basis: String,
    state: String,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "plans.html")]
struct List {
    t: Tongue,
    csrf: String,
    lines: Vec<Line>,
    problems: Vec<String>,
    name: String,
    at: String,
    basis: String,
}

/// What was typed into the form of a new plan.
#[derive(Debug, Default)]
struct Typed {
    name: String,
    at: String,
    basis: String,
}

fn tongue(shell: &Shell) -> Tongue {
    Tongue::new(shell.lang, &TEXTS)
}

/// `Đã công bố`, with the class of its badge.
fn state_words(t: &Tongue, state: PlanState) -> (String, &'static str) {
    let class = match state {
        PlanState::Draft => "badge wait",
        PlanState::Published => "badge ok",
        PlanState::Cancelled => "badge",
    };
    (t.text(&format!("plan-state-{}", state.as_str())), class)
}

pub(crate) async fn list(mut desk: Desk) -> Response {
    listed(&mut desk, StatusCode::OK, Typed::default(), Vec::new()).await
}

/// The list with the form of a new plan, and what was wrong with the last try.
async fn listed(
    desk: &mut Desk,
    status: StatusCode,
    typed: Typed,
    problems: Vec<String>,
) -> Response {
    let plans = match see_plan::list(&mut desk.conn).await {
        Ok(plans) => plans,
        Err(error) => return broken(&error),
    };
    let (t, shell) = (desk.t, &desk.shell);
    let lines = plans.into_iter().map(|plan| {
        let (state, class) = state_words(&t, plan.state);
        Line {
            href: format!("/admin/plans/{}", plan.id),
            day: format_date(plan.at),
            name: plan.name,
            basis: plan.basis,
            state,
            class,
        }
    });
    let page = List {
        lines: lines.collect(),
        csrf: shell.csrf.clone(),
        problems,
        name: typed.name,
        at: typed.at,
        basis: typed.basis,
        t,
    };
    let title = page.t.text("plans");
    shell.page(status, &title, &page)
}

fn back_to(plan: &str) -> Response {
    Redirect::to(&format!("/admin/plans/{plan}")).into_response()
}

/// A page that says what happened and what to do.
fn said(shell: &Shell, status: StatusCode, key: &str, value: &str) -> Response {
    let t = tongue(shell);
    let title = t.text(&format!("plan-no-{key}"));
    let what = t.with(&format!("plan-no-{key}-what"), &[("a", value)]);
    shell.refusal(
        status,
        &title,
        &what,
        &t.text(&format!("plan-no-{key}-next")),
    )
}

pub(crate) async fn decide(
    desk: Desk,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm<Vec<(String, String)>>,
) -> Response {
    let (ground, actor) = (desk.ground(), desk.actor());
    let Desk { shell, conn, .. } = desk;
    drop(conn);
    let answers = form.into_iter().filter_map(|(name, answer)| {
        let key = name.strip_prefix("answer.")?.to_string();
        Some((key, answer.trim().to_string()))
    });
    let answers: Vec<(String, String)> = answers.collect();
    let now = ground.now();
    match decide_in_plan::run(&ground.db, &ground.entropy, now, &actor, &id, &answers).await {
        Ok(()) => back_to(&id),
        Err(DecideError::Unknown) => shell.not_found(),
        Err(DecideError::Settled) => said(&shell, StatusCode::CONFLICT, "settled", ""),
        Err(DecideError::NoAnswer(key, answer)) => {
            let both = format!("{key} → {answer}");
            said(&shell, StatusCode::BAD_REQUEST, "answer", &both)
        }
        Err(DecideError::Db(error)) => broken(&error),
    }
}

pub(crate) async fn publish(
    desk: Desk,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm<Vec<(String, String)>>,
) -> Response {
    let (ground, actor) = (desk.ground(), desk.actor());
    let Desk {
        shell, mut conn, ..
    } = desk;
    let digest = match publish_plan::ready(&ground.db, &id).await {
        Ok(digest) => digest,
        Err(error) => return refused(&shell, &error),
    };
    let act = Act::PublishPlan {
        plan: id.clone(),
        digest,
    };
    let now = ground.now();
    let basis = match see_plan::find(&mut conn, &id).await {
        Ok(Some(kept)) => kept.head.basis,
        Ok(None) => return shell.not_found(),
        Err(error) => return broken(&error),
    };
    drop(conn);
    match propose_act::run(&ground.db, &ground.entropy, now, &actor, &act, &basis).await {
        Ok(proposal) => Redirect::to(&format!("/admin/proposals/{}", proposal.id)).into_response(),
        Err(ProposeActError::OnlyOneAdministrator) => {
            said(&shell, StatusCode::CONFLICT, "alone", "")
        }
        Err(ProposeActError::NotEntitled) => shell.error(StatusCode::FORBIDDEN),
        Err(ProposeActError::Db(error)) => broken(&error),
        Err(_) => said(&shell, StatusCode::CONFLICT, "settled", ""),
    }
}

fn refused(shell: &Shell, error: &PublishPlanError) -> Response {
    match error {
        PublishPlanError::Unknown => shell.not_found(),
        PublishPlanError::Settled | PublishPlanError::Changed | PublishPlanError::NotApproved => {
            said(shell, StatusCode::CONFLICT, "settled", "")
        }
        PublishPlanError::Problems(problems) => {
            let first = problems.first().map(|p| crate::fault_text(p, shell.lang));
            said(
                shell,
                StatusCode::CONFLICT,
                "problem",
                &first.unwrap_or_default(),
            )
        }
        PublishPlanError::Open(open) => said(shell, StatusCode::CONFLICT, "open", &open.join(", ")),
        PublishPlanError::Staging(crate::flows::staging::StagingError::Db(error))
        | PublishPlanError::Db(error) => broken(error),
        PublishPlanError::Staging(_) => said(shell, StatusCode::CONFLICT, "stale", ""),
    }
}

pub(crate) async fn cancel(
    desk: Desk,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm<Vec<(String, String)>>,
) -> Response {
    let (ground, actor) = (desk.ground(), desk.actor());
    let Desk { shell, conn, .. } = desk;
    drop(conn);
    let now = ground.now();
    match cancel_plan::run(&ground.db, &ground.entropy, now, &actor, &id).await {
        Ok(()) => back_to(&id),
        Err(cancel_plan::CancelPlanError::Unknown) => shell.not_found(),
        Err(cancel_plan::CancelPlanError::Db(error)) => broken(&error),
        Err(_) => said(&shell, StatusCode::CONFLICT, "settled", ""),
    }
}
