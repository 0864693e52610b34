//! The decision point for applications: one question with the signed-in person's own token.
//! Standard: OpenID AuthZEN Authorization API 1.0 §6, §9, §10.1
//! It must never answer about anybody but the person whose token asks, nor from a caller-sent attribute of his.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use platform::caller::Bearer;
use platform::i18n::Lang;
use platform::problem::Problem;

use crate::Service;
use crate::flows::decide;
use crate::wire::authzen::{EvaluationRequest, EvaluationResponse, Metadata};
use crate::wording::Words;

/// POST /access/v1/evaluation
pub async fn evaluate(
    State(service): State<Service>,
    bearer: Bearer,
    body: Result<Json<EvaluationRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let caller = bearer.scope("papers")?;
    let Json(request) = body.map_err(|rejection| Problem::invalid(rejection.body_text()))?;
    if request.subject.kind == "person" && request.subject.id != caller.person {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "foreign_subject",
            "Chỉ hỏi được cho chính người đăng nhập",
        ));
    }
    let policies = &service.0;
    let question = request
        .question(
            caller.post.as_deref(),
            caller.agency.as_deref(),
            policies.ground.now(),
        )
        .map_err(|malformed| Problem::invalid(malformed.to_string()))?;
    let explanation = decide::run(
        &policies.ground.db,
        &policies.authority,
        &question,
        None,
        None,
    )
    .await
    .map_err(|error| Problem::internal(&error))?;
    Ok(Json(EvaluationResponse::of(&Words::new(Lang::Vi), &explanation)).into_response())
}

/// GET /.well-known/authzen-configuration
pub async fn metadata(State(service): State<Service>) -> Json<Metadata> {
    let origin = service.0.ground.origin();
    Json(Metadata {
        access_evaluation_endpoint: format!("{origin}/access/v1/evaluation"),
        policy_decision_point: origin,
    })
}
