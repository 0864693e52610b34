//! Certificates by expiry, one certificate, and its revocation by a registrar.

use super::chart::{self, Month};
use super::{Service, problems};
use crate::TEXTS;
use crate::domain::certificate::{AnchorKind, RevocationReason};
use crate::flows::revoke_certificate;
use crate::flows::see_certificates::{self, Seen};
use crate::wire::papers::RevocationRequest;
use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use platform::caller::{Bearer, SignedIn};
use platform::clock::{DAY, format_date, format_instant};
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;
use serde::Deserialize;
use serde_json::json;

struct Line {
    id: String,
    who: String,
    kind: &'static str,
    kind_words: String,
    issuer: String,
    law: &'static str,
    serial: String,
    ends: String,
    class: &'static str,
    state: String,
}

#[derive(Template)]
#[template(path = "certificates.html")]
struct List {
    t: Tongue,
    lines: Vec<Line>,
    months: Vec<Month>,
    soon: usize,
    revoked: usize,
    good: usize,
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct One {
    t: Tongue,
    csrf: String,
    line: Line,
    subject: String,
    begins: String,
    fingerprint: String,
    rests_on: String,
    may_revoke: bool,
    reasons: Vec<(&'static str, String)>,
}

/// What the revocation form sends.
#[derive(Deserialize)]
pub struct RevokeForm {
    reason: String,
    #[serde(default)]
    note: String,
}

/// GET /certificates
pub async fn list(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
) -> Response {
    let ca = &service.ca;
    match see_certificates::list(ca, &caller, 200).await {
        Ok((seen, ends)) => {
            let t = Tongue::new(shell.lang, &TEXTS);
            let now = ca.now();
            let lines: Vec<Line> = seen.iter().map(|one| line(&t, one, now)).collect();
            let count = |class: &str| lines.iter().filter(|line| line.class == class).count();
            let page = List {
                months: chart::months(&ends, now),
                soon: count("warn"),
                revoked: count("no"),
                good: count("ok"),
                lines,
                t,
            };
            let title = page.t.text("certificates-title");
            shell.page(StatusCode::OK, &title, &page)
        }
        Err(error) => {
            tracing::error!(%error, "certificates not listed");
            shell.error(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// GET /certificates/{id}
pub async fn show(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
) -> Response {
    let ca = &service.ca;
    match see_certificates::one(ca, &caller, &id).await {
        Ok(Some((seen, may_revoke))) => {
            let t = Tongue::new(shell.lang, &TEXTS);
            let row = &seen.line;
            let page = One {
                csrf: shell.csrf.clone(),
                subject: row.subject.clone(),
                begins: format_date(row.not_before),
                fingerprint: row.fingerprint.clone(),
                rests_on: row.rests_on.clone().unwrap_or_default(),
                may_revoke: may_revoke && row.revoked_at.is_none(),
                reasons: RevocationReason::ALL
                    .iter()
                    .map(|reason| {
                        (
                            reason.word(),
                            t.text(&format!("revocation-{}", reason.code())),
                        )
                    })
                    .collect(),
                line: line(&t, &seen, ca.now()),
                t,
            };
            let title = page.line.who.clone();
            shell.page(StatusCode::OK, &title, &page)
        }
        Ok(None) => shell.not_found(),
        Err(error) => {
            tracing::error!(%error, "certificate not shown");
            shell.error(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// POST /certificates/{id}/revoke
pub async fn revoke(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm<RevokeForm>,
) -> Response {
    let Some(reason) = RevocationReason::of(&form.reason) else {
        return shell.error(StatusCode::BAD_REQUEST);
    };
    match revoke_certificate::run(&service.ca, &id, reason, &form.note, &caller).await {
        Ok(list) => {
            note_list(list);
            Redirect::to(&format!("/certificates/{id}")).into_response()
        }
        Err(error) => shell.error(problems::revoke(error).status()),
    }
}

/// POST /api/certificates/{id}/revocation
pub async fn revoke_api(
    State(service): State<Service>,
    bearer: Bearer,
    Path(id): Path<String>,
    Json(asked): Json<RevocationRequest>,
) -> Result<Response, Problem> {
    let caller = bearer.scope("papers")?;
    let reason = RevocationReason::of(&asked.reason)
        .ok_or_else(|| Problem::invalid("reason không thuộc RFC 5280 §5.3.1 mà nơi này dùng."))?;
    let list = revoke_certificate::run(&service.ca, &id, reason, &asked.note, &caller)
        .await
        .map_err(problems::revoke)?;
    note_list(list);
    Ok(Json(json!({"certificate": id, "revoked": true})).into_response())
}

/// The revocation stands; a list that could not be signed now is signed by the next job.
fn note_list(list: Option<crate::flows::publish_list::PublishList>) {
    if let Some(error) = list {
        tracing::error!(%error, "revoked, but the list is not published yet");
    }
}

fn line(t: &Tongue, seen: &Seen, now: i64) -> Line {
    let row = &seen.line;
    let kind = match row.holder_kind.as_str() {
        "person" | "post" => "person",
        "agency" => "agency",
        "mailbox" => "mailbox",
        _ => "service",
    };
    let (class, state) = match row.revoked_at {
        Some(at) => (
            "no",
            t.with("certificate-revoked-at", &[("at", format_instant(at))]),
        ),
        None if row.not_after < now => ("no", t.text("certificate-over")),
        None if row.not_after < now + 30 * DAY => (
            "warn",
            t.count("certificate-days-left", "days", (row.not_after - now) / DAY),
        ),
        None => ("ok", t.text("certificate-good")),
    };
    Line {
        id: row.id.clone(),
        who: seen.holder.clone(),
        kind,
        kind_words: t.text(&format!("holder-{kind}")),
        issuer: row.issuer_name.clone(),
        law: AnchorKind::of(&row.anchor_kind).map_or("", AnchorKind::signature_name),
        serial: row.serial.clone(),
        ends: format_date(row.not_after),
        class,
        state,
    }
}
