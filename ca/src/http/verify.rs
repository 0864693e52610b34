//! Verification for everybody: a file is examined in memory, answered, and not kept.
//! Standard: ETSI EN 319 102-1 §5 (report); Circular 15/2025/TT-BKHCN (result in Vietnamese)
//! It must never keep or render an uploaded file.

use super::Service;
use crate::TEXTS;
use crate::domain::verdict::DocumentVerdict;
use crate::flows::verify_document::{self, VerifyDocument};
use crate::wire::verification::{Document, Said, Signature};
use askama::Template;
use axum::Json;
use axum::extract::{ConnectInfo, FromRequest, Multipart, Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use platform::clock::format_instant;
use platform::edge::csrf;
use platform::i18n::{Lang, Tongue};
use platform::pages::Shell;
use platform::problem::Problem;
use std::net::{IpAddr, SocketAddr};

#[derive(Template)]
#[template(path = "verify.html")]
struct Page {
    t: Tongue,
    csrf: String,
    limit: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "verified.html")]
struct Verified {
    t: Tongue,
    csrf: String,
    limit: String,
    problem: Option<String>,
    report: Document,
    good: bool,
    heading: String,
    at: String,
    fingerprint: String,
}

/// GET /verify
pub async fn form(State(service): State<Service>, shell: Shell) -> Response {
    show(&service, &shell, StatusCode::OK, None)
}

fn show(service: &Service, shell: &Shell, status: StatusCode, problem: Option<&str>) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let title = t.text("verify-title");
    let page = Page {
        csrf: shell.csrf.clone(),
        limit: (service.ca.config.document_limit >> 20).to_string(),
        problem: problem.map(|key| t.text(key)),
        t,
    };
    shell.page(status, &title, &page)
}

/// POST /verify
pub async fn upload(State(service): State<Service>, request: Request) -> Response {
    let ground = service.ca.ground.clone();
    let visitor = visitor(&request);
    let (mut parts, body) = request.into_parts();
    let shell = match Shell::of(&mut parts, &ground).await {
        Ok(shell) => shell,
        Err(problem) => return problem.into_response(),
    };
    let request = Request::from_parts(parts.clone(), body);
    let fields = match read_fields(request, service.ca.config.document_limit).await {
        Ok(fields) => fields,
        Err(key) => return show(&service, &shell, StatusCode::BAD_REQUEST, Some(key)),
    };
    if csrf::check(&mut parts, &ground, &fields.csrf)
        .await
        .is_err()
    {
        return show(
            &service,
            &shell,
            StatusCode::FORBIDDEN,
            Some("verify-again"),
        );
    }
    if fields.file.is_empty() {
        return show(
            &service,
            &shell,
            StatusCode::BAD_REQUEST,
            Some("verify-no-file"),
        );
    }
    match examine(&service, visitor, fields.file).await {
        Ok(verdict) => answer(&service, &shell, &verdict),
        Err(Busy::Rate) => show(
            &service,
            &shell,
            StatusCode::TOO_MANY_REQUESTS,
            Some("verify-too-often"),
        ),
        Err(Busy::Failed(error)) => {
            tracing::error!(%error, "verification failed");
            shell.error(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// POST /api/verify: the file as body, or multipart with a field `file`.
pub async fn api(State(service): State<Service>, request: Request) -> Result<Response, Problem> {
    let visitor = visitor(&request);
    let limit = service.ca.config.document_limit;
    let multipart = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("multipart/form-data"));
    let file = if multipart {
        read_fields(request, limit)
            .await
            .map_err(|_| Problem::invalid("Không đọc được tệp trong biểu mẫu."))?
            .file
    } else {
        axum::body::to_bytes(request.into_body(), limit)
            .await
            .map_err(|_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "Tệp quá lớn"))?
            .to_vec()
    };
    if file.is_empty() {
        return Err(Problem::invalid("Chưa có tệp."));
    }
    match examine(&service, visitor, file).await {
        Ok(verdict) => Ok(Json(Document::of(&verdict, Lang::Vi)).into_response()),
        Err(Busy::Rate) => Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_often",
            "Kiểm tra quá nhiều lần trong một phút",
        )),
        Err(Busy::Failed(error)) => Err(Problem::internal(&error)),
    }
}

enum Busy {
    Rate,
    Failed(VerifyDocument),
}

async fn examine(
    service: &Service,
    visitor: Option<IpAddr>,
    file: Vec<u8>,
) -> Result<DocumentVerdict, Busy> {
    if let Some(visitor) = visitor
        && !service.rate.admits(visitor, service.ca.now())
    {
        return Err(Busy::Rate);
    }
    let _turn = service
        .rate
        .examining
        .acquire()
        .await
        .map_err(|_| Busy::Failed(VerifyDocument::Stopped))?;
    verify_document::run(&service.ca, file)
        .await
        .map_err(Busy::Failed)
}

fn answer(service: &Service, shell: &Shell, verdict: &DocumentVerdict) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let report = Document::of(verdict, shell.lang);
    let title = t.text("verified-title");
    let mut heading = report
        .title
        .clone()
        .unwrap_or_else(|| t.text("verified-file"));
    if let Some(number) = &report.number {
        heading = format!("{heading} · {} {number}", t.text("verified-number"));
    }
    let page = Verified {
        csrf: shell.csrf.clone(),
        limit: (service.ca.config.document_limit >> 20).to_string(),
        problem: None,
        good: verdict.good(),
        heading,
        at: format_instant(verdict.at),
        fingerprint: report.sha256.clone(),
        report,
        t,
    };
    shell.page(StatusCode::OK, &title, &page)
}

struct Fields {
    csrf: String,
    file: Vec<u8>,
}

async fn read_fields(request: Request, limit: usize) -> Result<Fields, &'static str> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| "verify-no-file")?;
    let mut fields = Fields {
        csrf: String::new(),
        file: Vec::new(),
    };
    while let Some(field) = form.next_field().await.map_err(|_| "verify-too-large")? {
        match field.name() {
            Some("_csrf") => {
                fields.csrf = field.text().await.map_err(|_| "verify-again")?;
            }
            Some("file") => {
                let bytes = field.bytes().await.map_err(|_| "verify-too-large")?;
                if bytes.len() > limit {
                    return Err("verify-too-large");
                }
                fields.file = bytes.to_vec();
            }
            _ => {}
        }
    }
    Ok(fields)
}

fn visitor(request: &Request) -> Option<IpAddr> {
    request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip())
}

impl Verified {
    /// Class and word of a verdict's badge.
    fn class(&self, said: &Said) -> &'static str {
        match said.answer {
            "yes" => "ok",
            "no" => "no",
            _ => "warn",
        }
    }

    fn word(&self, question: &str, said: &Said) -> String {
        self.t.text(&format!("{question}-{}", said.answer))
    }

    fn who(&self, signature: &Signature) -> String {
        let parts = [
            &Some(signature.signer.clone()),
            &signature.title,
            &signature.organisation,
        ];
        let mut all: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
        all.dedup();
        all.join(", ")
    }
}
