//! Deliveries of a source: a SCIM-shaped list is taken as a list like any other, and its difference report is read.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, StatusCode};
use platform::clock::{date, day_start, parse_date};
use platform::i18n::{Lang, Tongue};
use platform::problem::Problem;
use serde::Deserialize;

use super::super::{Register, Service};
use super::{Counter, Named};
use crate::TEXTS;
use crate::flows::deliver_list::{self, DeliverList, Handed};
use crate::flows::read_list::{ReadList, Tools};
use crate::flows::{publish_at_once, see_delivery};
use crate::wire::deliveries::{Delivered, DeliveryReport};
use crate::wire::scim::{self, Unfit};

/// Header of the sender's own key.
const KEY: &str = "idempotency-key";
/// Longest key.
const MAX_KEY: usize = 128;

/// The query of a delivery.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    effective: Option<String>,
    complete: Option<String>,
}

/// POST /api/register/feeds/{id}/deliveries
pub(crate) async fn deliver(
    State(service): State<Service>,
    counter: Counter,
    Named(source): Named,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::invalid(error.body_text()))?;
    let effective = match asked.effective.as_deref() {
        None => day_start(date(counter.now)),
        Some(text) => parse_date(text)
            .map(day_start)
            .ok_or_else(|| Problem::invalid("effective: yyyy-mm-dd"))?,
    };
    let whole = match asked.complete.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::invalid("complete: true, false")),
    };
    let key = key(&headers)?;
    let body = taken(&headers, body)?;
    let rows = tokio::task::spawn_blocking(move || scim::rows(&body))
        .await
        .map_err(|error| Problem::internal(&error))?
        .map_err(unfit)?;
    let (person, post) = (counter.caller.person.clone(), counter.caller.post.clone());
    let actor = counter.actor();
    let ground = counter.ground.clone();
    drop(counter);
    let handed = Handed {
        source: &source,
        rows,
        effective,
        whole,
        key: key.as_deref(),
    };
    let done = deliver_list::run(&ground, &person, post.as_deref(), handed)
        .await
        .map_err(refused)?;
    if done.automatic {
        begin(service.0.clone(), actor, person, done.list.clone());
    }
    let report = format!("/api/register/deliveries/{}", done.list);
    let answer = Delivered {
        id: done.list,
        again: done.again,
        report: report.clone(),
    };
    Ok((StatusCode::ACCEPTED, [(LOCATION, report)], Json(answer)).into_response())
}

/// What needs no look is published while the sender already has his answer.
fn begin(
    register: std::sync::Arc<Register>,
    actor: platform::audit::Actor,
    person: String,
    list: String,
) {
    if !register.begins_publishing(&list) {
        return;
    }
    tokio::spawn(async move {
        let done = publish_at_once::run(&register.ground, &actor, &person, &list).await;
        if let Err(error) = done {
            tracing::warn!(%error, list, "a delivery waits for a person");
        }
        register.ends_publishing(&list);
    });
}

/// GET /api/register/deliveries/{id}
pub(crate) async fn report(
    mut counter: Counter,
    Named(id): Named,
) -> Result<Json<DeliveryReport>, Problem> {
    let ground = counter.ground.clone();
    let tools = Tools {
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let person = counter.caller.person.clone();
    let found = see_delivery::run(&mut counter.conn, tools, &person, &id, counter.now).await;
    let report = found.map_err(unread)?;
    let t = Tongue::new(Lang::Vi, &TEXTS);
    Ok(Json(DeliveryReport::of(report, &t)))
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(KEY) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let sound = (1..=MAX_KEY).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if sound {
        Ok(Some(text.to_owned()))
    } else {
        Err(Problem::invalid(format!(
            "Idempotency-Key: 1–{MAX_KEY} visible ASCII letters"
        )))
    }
}

/// The body, if it says that it is JSON and is not too large.
fn taken(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    let says = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = says.and_then(|text| text.split(';').next()).map(str::trim);
    let json = ["application/json", "application/scim+json"];
    if !kind.is_some_and(|kind| json.iter().any(|known| known.eq_ignore_ascii_case(kind))) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Cần application/scim+json hoặc application/json",
        ));
    }
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(&rejection.body_text()),
        _ => Problem::invalid(rejection.body_text()),
    })
}

fn too_large(detail: &str) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "Nội dung quá lớn",
    )
    .detail(detail)
}

fn unfit(error: Unfit) -> Problem {
    let said = error.to_string();
    let code = match error {
        Unfit::Shape(_) | Unfit::Deep => return Problem::invalid(said),
        Unfit::Long => return too_large(&said),
        Unfit::Schema(_) => "wrong_schema",
        Unfit::Part { .. } => "part_of_a_list",
        Unfit::Value(_) => "value_too_long",
    };
    unprocessable(code).detail(said)
}

fn unprocessable(code: &'static str) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        code,
        "Danh sách gửi đến không nhận được",
    )
}

fn refused(error: DeliverList) -> Problem {
    match error {
        DeliverList::Unknown => Problem::not_found(),
        DeliverList::NoRight => Problem::new(
            StatusCode::FORBIDDEN,
            "no_right",
            "Không có quyền làm việc này",
        )
        .detail("Cần vai trò quản trị mọi cơ quan của nguồn."),
        DeliverList::KeyUsed => unprocessable("key_used").detail(error.to_string()),
        DeliverList::Read(error) => unread(error),
        DeliverList::Discard(error) => Problem::internal(&error),
        DeliverList::Db(error) => error.into(),
    }
}

fn unread(error: ReadList) -> Problem {
    match error {
        ReadList::NotFound => Problem::not_found(),
        ReadList::NoRight => Problem::new(
            StatusCode::FORBIDDEN,
            "no_right",
            "Không có quyền làm việc này",
        ),
        ReadList::Unreadable(why) => unprocessable("unreadable").detail(why.to_string()),
        ReadList::Db(error) => error.into(),
        other => Problem::internal(&other),
    }
}
