//! The consent page: what will be signed, in which capacity, on what basis, over which bytes; the passkey answers for exactly these bytes.
//! Standard: WebAuthn Level 3 §5.5
//! It must never show a request to another session than the person's own.

use super::{Service, webauthn};
use crate::TEXTS;
use crate::domain::signing::Act;
use crate::flows::give_consent::{self, GiveConsent};
use crate::flows::open_consent::{self, Consent, OpenConsent};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use http::StatusCode;
use platform::caller::SignedIn;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;
use policies::flows::explain;
use policies::{LinkWords, Words};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "consent.html")]
struct Page {
    t: Tongue,
    csrf: String,
    id: String,
    paper: String,
    title: String,
    kind: String,
    seal: bool,
    block: Vec<String>,
    name: String,
    sentence: String,
    links: Vec<LinkWords>,
    clause: String,
    digest: String,
    whole_digest: String,
    statement: String,
    options: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Form {
    statement: String,
    credential: String,
}

/// GET /consent/{id}
pub async fn show(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
) -> Response {
    match open_consent::run(&service.ca, &caller, &id).await {
        Ok(consent) => match page(&service, &shell, consent).await {
            Ok(page) => {
                let title = page.t.text(if page.seal {
                    "consent-seal-title"
                } else {
                    "consent-title"
                });
                shell.page(StatusCode::OK, &title, &page)
            }
            Err(problem) => problem.into_response(),
        },
        Err(error) => refused(&shell, &error),
    }
}

/// POST /consent/{id}
pub async fn give(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm<Form>,
) -> Response {
    let statement = base64::engine::general_purpose::STANDARD.decode(form.statement.as_bytes());
    let credential = serde_json::from_str(&form.credential);
    let (Ok(statement), Ok(credential)) = (statement, credential) else {
        return shell.error(StatusCode::BAD_REQUEST);
    };
    match give_consent::run(&service.ca, &caller, &id, &statement, &credential).await {
        Ok(signed) => {
            let result = match signed.act {
                Act::Sign => "signed",
                Act::Seal => "sealed",
            };
            back(&signed.return_url, &signed.paper, result)
        }
        // Shown again with a fresh statement: the person looks once more.
        Err(GiveConsent::Stale | GiveConsent::Mismatch("time")) => {
            Redirect::to(&format!("/consent/{id}")).into_response()
        }
        Err(GiveConsent::Open(error)) => refused(&shell, &error),
        Err(error) => {
            tracing::warn!(%error, "consent not carried out");
            let t = Tongue::new(shell.lang, &TEXTS);
            let what = match &error {
                GiveConsent::Signer(signer::client::ClientError::Refused { .. })
                | GiveConsent::Mismatch(_) => "consent-failed-refused",
                GiveConsent::OutsideInterval => "consent-failed-interval",
                _ => "consent-failed",
            };
            shell.refusal(
                StatusCode::CONFLICT,
                &t.text("consent-failed-title"),
                &t.text(what),
                &t.text("consent-failed-next"),
            )
        }
    }
}

/// POST /consent/{id}/refuse
pub async fn refuse(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm<Vec<(String, String)>>,
) -> Response {
    match give_consent::refuse(&service.ca, &caller, &id).await {
        Ok((return_url, paper)) => back(&return_url, &paper, "refused"),
        Err(error) => refused(&shell, &error),
    }
}

fn back(return_url: &str, paper: &str, result: &str) -> Response {
    let sign = if return_url.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{return_url}{sign}paper={paper}&result={result}")).into_response()
}

async fn page(service: &Service, shell: &Shell, consent: Consent) -> Result<Page, Problem> {
    let ca = &service.ca;
    let t = Tongue::new(shell.lang, &TEXTS);
    let words = Words::new(shell.lang);
    let mut conn = ca.ground.db.read().await?;
    let title = Some(consent.paper.title.clone());
    let explained = explain::run(&mut conn, &ca.authority, consent.decided, title).await?;
    drop(conn);
    let credentials: Vec<&str> = consent
        .passkeys
        .iter()
        .map(|passkey| passkey.credential_id.as_str())
        .collect();
    let digest = &consent.request.digest;
    Ok(Page {
        csrf: shell.csrf.clone(),
        id: consent.request.id.clone(),
        paper: consent.paper.id.clone(),
        kind: ca.vocabulary.kind(&consent.paper.kind).map_or_else(
            || consent.paper.kind.clone(),
            |k| k.name(shell.lang.code()).to_owned(),
        ),
        title: consent.paper.title,
        seal: consent.request.act == Act::Seal.word(),
        block: explained.decided.block_lines.clone(),
        name: shell
            .caller
            .as_ref()
            .map_or_else(String::new, |caller| caller.name.clone()),
        sentence: words.sentence(&explained),
        links: words.links(&explained),
        clause: explained.decided.clause.clone().unwrap_or_default(),
        digest: short(digest),
        whole_digest: digest.clone(),
        statement: base64::engine::general_purpose::STANDARD.encode(&consent.statement),
        options: webauthn::options(ca, &consent.challenge, &credentials)?,
        t,
    })
}

/// `4f1c 88a0 2b7e … 9d03`
fn short(digest: &str) -> String {
    let part = |from: usize| digest.get(from..from + 4).unwrap_or_default();
    format!("{} {} {} … {}", part(0), part(4), part(8), part(60))
}

fn refused(shell: &Shell, error: &OpenConsent) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let (status, what) = match error {
        OpenConsent::NotFound => return shell.not_found(),
        OpenConsent::Refused(explained) => {
            let words = Words::new(shell.lang);
            return shell.refusal(
                StatusCode::FORBIDDEN,
                &t.text("consent-refused-title"),
                &words.detail(explained),
                &explained.decided.clause.clone().unwrap_or_default(),
            );
        }
        OpenConsent::Ended(_) => (StatusCode::GONE, "consent-ended"),
        OpenConsent::Expired => (StatusCode::GONE, "consent-expired"),
        OpenConsent::Different => (StatusCode::CONFLICT, "consent-different"),
        OpenConsent::NoPasskey => (StatusCode::CONFLICT, "consent-no-passkey"),
        OpenConsent::Request(_) => (StatusCode::CONFLICT, "consent-unsigned"),
        other => {
            tracing::error!(error = %other, "consent page");
            (StatusCode::SERVICE_UNAVAILABLE, "consent-away")
        }
    };
    shell.refusal(
        status,
        &t.text("consent-refused-title"),
        &t.text(what),
        &t.text("consent-refused-next"),
    )
}
