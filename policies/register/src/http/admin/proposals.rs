//! `/admin/proposals`: dangerous acts on their way, and the page of one with what I may say to it.

use std::time::Duration;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use platform::clock::format_instant;
use platform::db::Error;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use serde::Deserialize;

use super::super::reading::broken;
use super::{Desk, words};
use crate::domain::proposal::{Act, Misfit, Proposal, Verdict};
use crate::domain::words::{Kind, ProposalState, Verb};
use crate::flows::carry_out_proposal::CarryOutError;
use crate::flows::decide_proposal::DecideProposalError;
use crate::flows::publish_plan::PublishPlanError;
use crate::flows::staging::StagingError;
use crate::flows::{carry_out_proposal, decide_proposal};
use crate::rights::may;
use crate::store::proposals;

/// How long a request waits for what it approved.
const PATIENCE: Duration = Duration::from_secs(8);
/// Shown at once.
const MOST: i64 = 200;

/// A proposal in words.
struct Line {
    href: String,
    act: String,
    effect: String,
    state: String,
    class: &'static str,
    by: String,
    at: String,
}

#[derive(Template)]
#[template(path = "admin_proposals.html")]
struct List {
    t: Tongue,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "admin_proposal.html")]
struct Page {
    t: Tongue,
    csrf: String,
    line: Line,
    place: String,
    basis: String,
    ends: String,
    decided: Option<(String, String, String)>,
    refusal: String,
    why_not: String,
    /// The plan to look at before deciding.
    plan: Option<String>,
    may_decide: bool,
    may_withdraw: bool,
    may_carry_out: bool,
}

async fn line(desk: &mut Desk, proposal: &Proposal) -> Result<Line, Error> {
    let t = desk.t;
    let (state, class) = words::state(&t, proposal, desk.now);
    Ok(Line {
        href: format!("/admin/proposals/{}", proposal.id),
        act: words::act_name(&t, &proposal.act),
        effect: words::effect(&t, &mut desk.conn, &proposal.act, desk.now).await?,
        by: words::person(&t, &mut desk.conn, &proposal.proposed_by).await?,
        at: format_instant(proposal.proposed_at),
        state,
        class,
    })
}

/// GET /admin/proposals
pub(crate) async fn list(mut desk: Desk) -> Response {
    match lines(&mut desk).await {
        Ok(lines) => {
            let page = List { t: desk.t, lines };
            let title = desk.t.text("door-proposals");
            desk.shell.page(StatusCode::OK, &title, &page)
        }
        Err(error) => broken(&error),
    }
}

async fn lines(desk: &mut Desk) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    for proposal in proposals::list(&mut desk.conn, &desk.scope, MOST).await? {
        lines.push(line(desk, &proposal).await?);
    }
    Ok(lines)
}

/// GET /admin/proposals/{id}
pub(crate) async fn show(desk: Desk, Path(id): Path<String>) -> Response {
    answer(desk, &id, String::new()).await
}

async fn answer(mut desk: Desk, id: &str, refusal: String) -> Response {
    match load(&mut desk, id, refusal).await {
        Ok(Some(page)) => {
            let status = if page.refusal.is_empty() {
                StatusCode::OK
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            let title = page.line.act.clone();
            desk.shell.page(status, &title, &page)
        }
        Ok(None) => desk.shell.not_found(),
        Err(error) => broken(&error),
    }
}

async fn load(desk: &mut Desk, id: &str, refusal: String) -> Result<Option<Page>, Error> {
    let Some(known) = proposals::load(&mut desk.conn, &desk.scope, id).await? else {
        return Ok(None);
    };
    let t = desk.t;
    let me = desk.caller.person.clone();
    let approves = may(
        &mut desk.conn,
        &me,
        (Verb::Approve, Kind::Proposal),
        known.agency.as_deref(),
        desk.now,
    )
    .await?;
    let fits = known.after(Verdict::Approve, &me, desk.now);
    let why_not = match fits {
        Ok(_) if !approves => t.text("decide-not-entitled"),
        Err(Misfit::OwnEyes) => t.text("decide-own-eyes"),
        Err(Misfit::Expired) => t.text("decide-expired"),
        _ => String::new(),
    };
    let decided = match (&known.decided_by, known.decided_at) {
        (Some(person), Some(at)) => Some((
            words::person(&t, &mut desk.conn, person).await?,
            format_instant(at),
            known.reason.clone().unwrap_or_default(),
        )),
        (None, Some(at)) => Some((t.text("decided-alone"), format_instant(at), String::new())),
        _ => None,
    };
    Ok(Some(Page {
        csrf: desk.shell.csrf.clone(),
        line: line(desk, &known).await?,
        place: words::agency(&t, &mut desk.conn, known.agency.as_deref(), desk.now).await?,
        basis: known.basis.clone(),
        ends: format_instant(known.expires_at),
        may_decide: fits.is_ok() && approves,
        may_withdraw: known.after(Verdict::Withdraw, &me, desk.now).is_ok(),
        may_carry_out: known.state == ProposalState::Approved
            && (approves || known.proposed_by == me),
        decided,
        refusal,
        why_not,
        plan: match &known.act {
            Act::PublishPlan { plan, .. } => Some(format!("/admin/plans/{plan}")),
            _ => None,
        },
        t,
    }))
}

/// What was pressed.
#[derive(Deserialize)]
pub(crate) struct Said {
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    reason: String,
}

/// POST /admin/proposals/{id}
pub(crate) async fn decide(
    mut desk: Desk,
    Path(id): Path<String>,
    CsrfForm(said): CsrfForm<Said>,
) -> Response {
    match proposals::load(&mut desk.conn, &desk.scope, &id).await {
        Ok(Some(_)) => {}
        Ok(None) => return desk.shell.not_found(),
        Err(error) => return broken(&error),
    }
    let verdict = match said.verdict.as_str() {
        "approve" => Some(Verdict::Approve),
        "reject" => Some(Verdict::Reject),
        "withdraw" => Some(Verdict::Withdraw),
        "carry_out" => None,
        _ => {
            let refusal = desk.t.text("decide-nothing-said");
            return answer(desk, &id, refusal).await;
        }
    };
    let refusal = match act(&desk, &id, verdict, &said.reason).await {
        Ok(refusal) => refusal,
        Err(error) => return broken(&error),
    };
    match refusal {
        None => Redirect::to(&format!("/admin/proposals/{id}")).into_response(),
        Some(key) => {
            let words = desk.t.text(key);
            answer(desk, &id, words).await
        }
    }
}

/// Records the verdict and carries out what is approved; gives the key of a refusal.
async fn act(
    desk: &Desk,
    id: &str,
    verdict: Option<Verdict>,
    reason: &str,
) -> Result<Option<&'static str>, Error> {
    let (ground, actor) = (desk.ground(), desk.actor());
    if let Some(verdict) = verdict {
        let said = decide_proposal::run(
            &ground.db,
            &ground.entropy,
            desk.now,
            &actor,
            id,
            verdict,
            reason,
        )
        .await;
        match said {
            Ok(ProposalState::Approved) => {}
            Ok(_) => return Ok(None),
            Err(DecideProposalError::Db(error)) => return Err(error),
            Err(refused) => return Ok(Some(refused_key(&refused))),
        }
    }
    // A plan of reorganisation takes seconds: what is not done when patience ends goes on, and the page of the plan says how far it is.
    let (now, id) = (desk.now, id.to_owned());
    let work = tokio::spawn(async move {
        let done = carry_out_proposal::run(&ground.db, &ground.entropy, now, &actor, &id).await;
        if let Err(error) = &done {
            tracing::warn!(%error, "an approved act was not carried out");
        }
        done
    });
    let done = match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => return Err(Error::Refused(error.to_string())),
        Err(_) => return Ok(None),
    };
    match done {
        Ok(_) => Ok(None),
        Err(CarryOutError::Db(error)) => Err(error),
        Err(CarryOutError::Plan(error)) => Ok(Some(match error {
            PublishPlanError::Db(error) | PublishPlanError::Staging(StagingError::Db(error)) => {
                return Err(error);
            }
            PublishPlanError::Changed => "carry-out-plan-changed",
            PublishPlanError::Staging(_) => "carry-out-plan-again",
            _ => "carry-out-plan",
        })),
        Err(CarryOutError::NotApproved) => Ok(Some("carry-out-not-approved")),
        Err(CarryOutError::Role(_)) => Ok(Some("carry-out-role")),
        Err(CarryOutError::Erase(_)) => Ok(Some("carry-out-erase")),
    }
}

fn refused_key(refused: &DecideProposalError) -> &'static str {
    match refused {
        DecideProposalError::Misfit(Misfit::OwnEyes) => "decide-own-eyes",
        DecideProposalError::Misfit(Misfit::Expired) => "decide-expired",
        DecideProposalError::Misfit(Misfit::NotTheProposer) => "decide-not-proposer",
        DecideProposalError::Misfit(Misfit::Decided) | DecideProposalError::Changed => {
            "decide-decided"
        }
        DecideProposalError::NotEntitled => "decide-not-entitled",
        DecideProposalError::Reason => "decide-reason",
        DecideProposalError::Unknown | DecideProposalError::Db(_) => "propose-unknown",
    }
}
