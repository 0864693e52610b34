//! Papers of the signed-in person: list, one paper with its steps, its file, and the acts he may try.

use super::{Service, problems};
use crate::TEXTS;
use crate::flows::request_signature::{RequestSignature, Waiting};
use crate::flows::{number_paper, request_seal, request_signature, see_paper};
use crate::service::Ca;
use crate::store::papers::PaperRow;
use crate::store::signatures::SignatureRow;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use platform::caller::{Caller, SignedIn};
use platform::clock::format_instant;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;
use policies::Words;
use policies::engine::Capacity;
use serde::Deserialize;

struct Line {
    id: String,
    title: String,
    kind: String,
    notation: String,
    state: &'static str,
    state_words: String,
    changed: String,
}

#[derive(Template)]
#[template(path = "papers.html")]
struct List {
    t: Tongue,
    lines: Vec<Line>,
}

struct Signed {
    seal: bool,
    name: String,
    title: String,
    block: String,
    at: String,
}

struct Choice {
    word: &'static str,
    name: String,
}

#[derive(Template)]
#[template(path = "paper.html")]
struct One {
    t: Tongue,
    csrf: String,
    line: Line,
    agency: String,
    field: String,
    date: String,
    sha256: String,
    step: usize,
    signed: Vec<Signed>,
    capacities: Vec<Choice>,
    may_sign: bool,
    may_number: bool,
    may_seal: bool,
}

/// What the sign form sends.
#[derive(Deserialize)]
pub struct SignForm {
    capacity: Option<String>,
}

/// GET /papers
pub async fn list(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    match see_paper::list(&service.ca, &caller, 100).await {
        Ok(papers) => {
            let lines = papers
                .iter()
                .map(|paper| line(&service.ca, &t, shell.lang.code(), paper))
                .collect();
            let title = t.text("papers-title");
            shell.page(StatusCode::OK, &title, &List { t, lines })
        }
        Err(error) => hidden(&shell, &problems::see(&error)),
    }
}

/// GET /papers/{id}
pub async fn show(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
) -> Response {
    let ca = &service.ca;
    match see_paper::with_signatures(ca, &caller, &id).await {
        Ok((paper, signatures)) => match one(ca, &shell, &caller, &paper, &signatures).await {
            Ok(page) => shell.page(StatusCode::OK, &page.line.title, &page),
            Err(problem) => hidden(&shell, &problem),
        },
        Err(error) => hidden(&shell, &problems::see(&error)),
    }
}

/// GET /papers/{id}/document.pdf: never rendered on this origin, only downloaded.
pub async fn document(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
) -> Response {
    match see_paper::document(&service.ca, &caller, &id).await {
        Ok((paper, revision)) => {
            let name = format!("attachment; filename=\"{}.pdf\"", paper.id);
            let headers = [
                (CONTENT_TYPE, "application/pdf".to_owned()),
                (CONTENT_DISPOSITION, name),
                (CONTENT_SECURITY_POLICY, "sandbox".to_owned()),
                (
                    HeaderName::from_static("x-content-type-options"),
                    "nosniff".to_owned(),
                ),
            ];
            (headers, revision.document).into_response()
        }
        Err(error) => hidden(&shell, &problems::see(&error)),
    }
}

/// POST /papers/{id}/sign
pub async fn sign(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm<SignForm>,
) -> Response {
    let capacity = form.capacity.as_deref().and_then(Capacity::parse);
    let back = format!("/papers/{id}");
    let asked = request_signature::run(&service.ca, &caller, &id, capacity, &back).await;
    to_consent(&shell, asked)
}

/// POST /papers/{id}/seal
pub async fn seal(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm<Vec<(String, String)>>,
) -> Response {
    let back = format!("/papers/{id}");
    to_consent(
        &shell,
        request_seal::run(&service.ca, &caller, &id, &back).await,
    )
}

/// POST /papers/{id}/number
pub async fn number(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm<Vec<(String, String)>>,
) -> Response {
    match number_paper::run(&service.ca, &caller, &id).await {
        Ok(_) => Redirect::to(&format!("/papers/{id}")).into_response(),
        Err(number_paper::NumberPaper::Request(RequestSignature::Refused(explained))) => {
            said(&shell, &explained)
        }
        Err(error) => hidden(&shell, &problems::number(error)),
    }
}

fn to_consent(shell: &Shell, asked: Result<Waiting, RequestSignature>) -> Response {
    match asked {
        Ok(waiting) => Redirect::to(&format!("/consent/{}", waiting.request)).into_response(),
        Err(RequestSignature::Refused(explained)) => said(shell, &explained),
        Err(error) => hidden(shell, &problems::request(error)),
    }
}

/// A refusal in words: calm, with the clause and who could.
fn said(shell: &Shell, explained: &policies::flows::explain::Explanation) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let words = Words::new(shell.lang);
    shell.refusal(
        StatusCode::FORBIDDEN,
        &t.text("consent-refused-title"),
        &words.detail(explained),
        &explained.decided.clause.clone().unwrap_or_default(),
    )
}

/// A problem as a page.
fn hidden(shell: &Shell, problem: &Problem) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    match problem.code() {
        "not_found" => shell.not_found(),
        "unsigned" | "not_numbered" | "wrong_state" | "no_certificate" | "changed"
        | "no_number_fields" | "document" | "stale" | "not_in_post" => {
            let key = format!("problem-{}", problem.code().replace('_', "-"));
            shell.refusal(
                problem.status(),
                &t.text("problem-title"),
                &t.text(&key),
                &t.text("problem-next"),
            )
        }
        _ => shell.error(problem.status()),
    }
}

fn line(ca: &Ca, t: &Tongue, lang: &str, paper: &PaperRow) -> Line {
    let state = match paper.state.as_str() {
        "draft" => "draft",
        "requested" => "requested",
        "signed" => "signed",
        "numbered" => "numbered",
        _ => "sealed",
    };
    Line {
        id: paper.id.clone(),
        title: paper.title.clone(),
        kind: ca
            .vocabulary
            .kind(&paper.kind)
            .map_or_else(|| paper.kind.clone(), |kind| kind.name(lang).to_owned()),
        notation: paper.notation.clone().unwrap_or_default(),
        state,
        state_words: t.text(&format!("state-{state}")),
        changed: format_instant(paper.changed_at),
    }
}

async fn one(
    ca: &Ca,
    shell: &Shell,
    caller: &Caller,
    paper: &PaperRow,
    signatures: &[SignatureRow],
) -> Result<One, Problem> {
    let t = Tongue::new(shell.lang, &TEXTS);
    let mut conn = ca.ground.db.read().await?;
    let mut signed = Vec::new();
    for row in signatures {
        let person = register::facts::person(&mut conn, &row.person).await?;
        let post = register::facts::post(&mut conn, &row.post, row.signed_at).await?;
        signed.push(Signed {
            seal: row.act == "seal",
            name: person.map_or_else(|| row.person.clone(), |person| person.full_name),
            title: post.map_or_else(String::new, |post| post.title),
            block: row.block.replace('\n', " / "),
            at: format_instant(row.stamped_at),
        });
    }
    let agency = register::facts::agency(&mut conn, &paper.agency, ca.now()).await?;
    let revision = crate::store::papers::revision(&mut conn, &paper.id, paper.revision).await?;
    drop(conn);
    let line = line(ca, &t, shell.lang.code(), paper);
    let words = Words::new(shell.lang);
    let usable = caller.post.as_deref().map_or_else(Vec::new, |post| {
        request_signature::usable(ca, paper, &caller.person, post)
    });
    Ok(One {
        csrf: shell.csrf.clone(),
        agency: agency.map_or_else(String::new, |agency| agency.name),
        field: paper.field.clone().unwrap_or_default(),
        date: paper.number_date.clone().unwrap_or_default(),
        sha256: revision.map_or_else(String::new, |revision| revision.sha256),
        step: ["draft", "requested", "signed", "numbered", "sealed"]
            .iter()
            .position(|state| *state == line.state)
            .unwrap_or_default(),
        may_sign: matches!(line.state, "draft" | "requested"),
        may_number: line.state == "signed",
        may_seal: line.state == "numbered",
        capacities: usable
            .into_iter()
            .map(|capacity| Choice {
                word: capacity.as_str(),
                name: words.capacity(capacity.as_str()),
            })
            .collect(),
        signed,
        line,
        t,
    })
}
