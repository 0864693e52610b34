//! The papers interface for applications: JSON with the signed-in person's own token.

use super::{Service, problems};
use crate::flows::submit_paper::{self, Drafter, NewPaper};
use crate::flows::{number_paper, request_seal, request_signature, see_paper};
use crate::wire::papers::{ConsentRequest, Paper, SubmitRequest, decision};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use http::StatusCode;
use http::header::{CONTENT_TYPE, LOCATION};
use platform::caller::Bearer;
use platform::problem::Problem;
use policies::engine::Capacity;
use serde_json::json;

/// POST /api/papers
pub async fn submit(
    State(service): State<Service>,
    bearer: Bearer,
    body: Result<Json<SubmitRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let caller = bearer.scope("papers")?;
    let Json(asked) = read(body)?;
    let document = base64::engine::general_purpose::STANDARD
        .decode(asked.document.as_bytes())
        .map_err(|_| Problem::invalid("document không phải base64."))?;
    let new = NewPaper {
        title: asked.title,
        kind: asked.kind,
        field: asked.field,
        agency: asked.agency,
        document,
    };
    let drafter = Drafter {
        person: caller.person,
        post: caller.post,
    };
    let id = submit_paper::run(&service.ca, new, &drafter)
        .await
        .map_err(problems::submit)?;
    let location = format!("/api/papers/{id}");
    let body = Json(json!({"id": id, "state": "draft"}));
    Ok((StatusCode::CREATED, [(LOCATION, location)], body).into_response())
}

/// GET /api/papers/{id}
pub async fn show(
    State(service): State<Service>,
    bearer: Bearer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let caller = bearer.scope("papers")?;
    let paper = see_paper::run(&service.ca, &caller, &id)
        .await
        .map_err(|error| problems::see(&error))?;
    Ok(Json(Paper::of(&paper)).into_response())
}

/// GET /api/papers/{id}/document
pub async fn document(
    State(service): State<Service>,
    bearer: Bearer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let caller = bearer.scope("papers")?;
    let (_, revision) = see_paper::document(&service.ca, &caller, &id)
        .await
        .map_err(|error| problems::see(&error))?;
    Ok(([(CONTENT_TYPE, "application/pdf")], revision.document).into_response())
}

/// POST /api/papers/{id}/signature-requests
pub async fn request_signature(
    State(service): State<Service>,
    bearer: Bearer,
    Path(id): Path<String>,
    body: Result<Json<ConsentRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let caller = bearer.scope("papers")?;
    let Json(asked) = read(body)?;
    let capacity = match asked.capacity.as_deref() {
        None => None,
        Some(word) => Some(
            Capacity::parse(word)
                .ok_or_else(|| Problem::invalid(format!("Tư cách ký “{word}” không có.")))?,
        ),
    };
    let waiting = request_signature::run(&service.ca, &caller, &id, capacity, &asked.return_url)
        .await
        .map_err(problems::request)?;
    Ok(Json(consent(&service, &waiting)).into_response())
}

/// POST /api/papers/{id}/number
pub async fn number(
    State(service): State<Service>,
    bearer: Bearer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let caller = bearer.scope("papers")?;
    let numbered = number_paper::run(&service.ca, &caller, &id)
        .await
        .map_err(problems::number)?;
    let body =
        json!({"number": numbered.number, "notation": numbered.notation, "date": numbered.date});
    Ok(Json(body).into_response())
}

/// POST /api/papers/{id}/seal-requests
pub async fn request_seal(
    State(service): State<Service>,
    bearer: Bearer,
    Path(id): Path<String>,
    body: Result<Json<ConsentRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let caller = bearer.scope("papers")?;
    let Json(asked) = read(body)?;
    let waiting = request_seal::run(&service.ca, &caller, &id, &asked.return_url)
        .await
        .map_err(problems::request)?;
    Ok(Json(consent(&service, &waiting)).into_response())
}

fn consent(service: &Service, waiting: &request_signature::Waiting) -> serde_json::Value {
    json!({
        "decision": decision(&waiting.decided),
        "consent_url": format!("{}/consent/{}", service.ca.ground.origin(), waiting.request),
    })
}

fn read<T>(body: Result<Json<T>, JsonRejection>) -> Result<Json<T>, Problem> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "Tệp quá lớn")
        }
        _ => Problem::invalid(rejection.body_text()),
    })
}
