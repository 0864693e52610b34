//! The decision point for applications: questions with the signed-in person's own token.
//! Standard: OpenID AuthZEN Authorization API 1.0 §6, §7, §8, §9, §10.1
//! It must never answer about anybody but the person whose token asks, nor from a caller-sent attribute of his.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use platform::caller::{Bearer, Caller};
use platform::edge::headers::REQUEST_ID;
use platform::i18n::Lang;
use platform::problem::Problem;

use crate::flows::evaluate::{Evaluator, Failed, Stop, Unanswered};
use crate::flows::explain::Known;
use crate::flows::search::{self, Able, Found};
use crate::wire::authzen::batch::{Answers, Batch};
use crate::wire::authzen::evaluation::{Answer, Evaluation};
use crate::wire::authzen::metadata::Metadata;
use crate::wire::authzen::page::Page;
use crate::wire::authzen::reading::{self, Malformed, Members};
use crate::wire::authzen::search::{self as wire, Results};
use crate::wording::Words;
use crate::{Policies, Service};

/// The largest body.
pub const MOST_BYTES: usize = 1 << 20;
/// The longest request id that is given back.
const LONGEST_ID: usize = 128;

/// The body: one JSON object, or 400; 413 when it is too large.
pub struct Body(Members);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Malformed::ContentType.into());
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "Yêu cầu quá lớn, hãy chia nhỏ",
            ),
            _ => Problem::invalid("the body could not be read to its end"),
        })?;
        Ok(Self(reading::parse(&bytes)?))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = value.and_then(|value| value.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        Self::invalid(malformed.to_string())
    }
}

fn failed(failed: Failed) -> Problem {
    match failed {
        Failed::Db(error) => error.into(),
        Failed::Desk(error) => Problem::internal(&error),
    }
}

fn refused(unanswered: &Unanswered) -> Problem {
    let title = match unanswered.code {
        "foreign_subject" => "Chỉ hỏi được cho chính người đăng nhập",
        _ => "Không được tìm ở cơ quan này",
    };
    Problem::new(StatusCode::FORBIDDEN, unanswered.code, title).detail(&unanswered.message)
}

/// Gives the caller's own request id back (§10.1.3): up to 128 visible characters of ASCII; another is no id.
pub async fn give_id_back(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).cloned();
    let mut response = next.run(request).await;
    let fits = |id: &HeaderValue| {
        let bytes = id.as_bytes();
        (1..=LONGEST_ID).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
    };
    if let Some(id) = id.filter(fits) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn evaluator<'a>(policies: &'a Policies, caller: &'a Caller) -> Evaluator<'a> {
    Evaluator::new(
        &policies.authority,
        policies.desk.as_ref(),
        caller,
        policies.ground.now(),
    )
}

/// POST /access/v1/evaluation
pub async fn evaluate(
    State(service): State<Service>,
    bearer: Bearer,
    body: Result<Body, Problem>,
) -> Result<Response, Problem> {
    let caller = bearer.scope("papers")?;
    one(&service.0, &caller, &body?.0).await
}

async fn one(policies: &Policies, caller: &Caller, body: &Members) -> Result<Response, Problem> {
    let question = Evaluation::read(body)?.question()?;
    let mut evaluator = evaluator(policies, caller);
    let answered = evaluator
        .run(&policies.ground.db, vec![question], Stop::Never)
        .await
        .map_err(failed)?;
    let words = Words::new(Lang::Vi);
    match answered.first() {
        Some(Err(unanswered)) if unanswered.status == 403 => Err(refused(unanswered)),
        Some(outcome) => Ok(Json(Answer::of(&words, outcome)).into_response()),
        None => Err(Problem::internal(&"one question and no answer")),
    }
}

/// POST /access/v1/evaluations
pub async fn evaluate_many(
    State(service): State<Service>,
    bearer: Bearer,
    body: Result<Body, Problem>,
) -> Result<Response, Problem> {
    let caller = bearer.scope("papers")?;
    let Body(body) = body?;
    let policies = &service.0;
    let (questions, stop) = match Batch::read(&body)? {
        Batch::One => return one(policies, &caller, &body).await,
        Batch::Many(questions, stop) => (questions, stop),
    };
    let answered = evaluator(policies, &caller)
        .run(&policies.ground.db, questions, stop)
        .await
        .map_err(failed)?;
    let words = Words::new(Lang::Vi);
    let evaluations = answered.iter().map(|one| Answer::of(&words, one)).collect();
    Ok(Json(Answers { evaluations }).into_response())
}

/// POST /access/v1/search/subject
pub async fn search_subject(
    State(service): State<Service>,
    bearer: Bearer,
    body: Result<Body, Problem>,
) -> Result<Json<Results>, Problem> {
    let caller = bearer.scope("papers")?;
    let Body(body) = body?;
    let policies = &service.0;
    let page = Page::read(&body, &policies.ground.sealer, "subject", &caller.person)?;
    let mut evaluator = evaluator(policies, &caller);
    let (mut found, mut at) = (Found::default(), None);
    if let Some(question) = wire::subject(&body)? {
        at = question.at;
        found = searched(search::subjects(&mut evaluator, &question).await)?;
    }
    let all: Vec<Able> = std::mem::take(&mut found.all);
    let part = page.part(all, |able| &able.person);
    let mut names = BTreeMap::new();
    let mut conn = policies.ground.db.read().await?;
    let mut known = Known::default();
    for able in &part.items {
        if let Some(name) = known.person(&mut conn, &able.person).await? {
            names.insert(able.person.clone(), name.to_owned());
        }
    }
    let part = part.map(|able| wire::person(able, &names));
    Ok(Json(Results::of(&evaluator, &found, part, at)))
}

/// POST /access/v1/search/resource
pub async fn search_resource(
    State(service): State<Service>,
    bearer: Bearer,
    body: Result<Body, Problem>,
) -> Result<Json<Results>, Problem> {
    let caller = bearer.scope("papers")?;
    let Body(body) = body?;
    let policies = &service.0;
    let page = Page::read(&body, &policies.ground.sealer, "resource", &caller.person)?;
    let mut evaluator = evaluator(policies, &caller);
    let (mut found, mut at) = (Found::default(), None);
    if let Some(question) = wire::resource(&body)? {
        at = question.at;
        found = searched(search::papers(&mut evaluator, &question).await)?;
    }
    let part = page.part(std::mem::take(&mut found.all), |(facts, _)| &facts.id);
    Ok(Json(Results::of(
        &evaluator,
        &found,
        part.map(wire::paper),
        at,
    )))
}

/// POST /access/v1/search/action
pub async fn search_action(
    State(service): State<Service>,
    bearer: Bearer,
    body: Result<Body, Problem>,
) -> Result<Json<Results>, Problem> {
    let caller = bearer.scope("papers")?;
    let Body(body) = body?;
    let policies = &service.0;
    let page = Page::read(&body, &policies.ground.sealer, "action", &caller.person)?;
    let mut evaluator = evaluator(policies, &caller);
    let (mut found, mut at) = (Found::default(), None);
    if let Some(question) = wire::action(&body)? {
        at = question.at;
        found = searched(search::actions(&mut evaluator, &question).await)?;
    }
    found.all.sort_by_key(|(action, _)| action.as_str());
    let part = page.part(std::mem::take(&mut found.all), |(action, _)| {
        action.as_str()
    });
    Ok(Json(Results::of(
        &evaluator,
        &found,
        part.map(wire::act),
        at,
    )))
}

fn searched<T>(outcome: Result<Result<Found<T>, Unanswered>, Failed>) -> Result<Found<T>, Problem> {
    outcome
        .map_err(failed)?
        .map_err(|unanswered| refused(&unanswered))
}

/// GET /.well-known/authzen-configuration
pub async fn metadata(State(service): State<Service>) -> Response {
    let mut response = Json(Metadata::under(service.0.ground.origin())).into_response();
    let minutes = HeaderValue::from_static("public, max-age=300");
    response.headers_mut().insert(CACHE_CONTROL, minutes);
    response
}
