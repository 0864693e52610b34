//! A new plan: name, day, basis and files in one form; wrong rows come back as a list, and nothing is kept.

use axum::extract::{FromRequest, FromRequestParts, Multipart, Request, State};
use axum::response::Response;
use http::StatusCode;
use platform::clock::{day_start, parse_date};
use platform::edge::csrf;

use super::{Typed, back_to, listed};
use crate::flows::load_plan::{self, LoadPlan, LoadPlanError};
use crate::http::Service;
use crate::http::admin::Desk;
use crate::http::reading::broken;

/// Files of one plan, and bytes of each.
const FILES: usize = 8;
/// The whole form; the route has the same limit.
pub(crate) const FORM_LIMIT: usize = 8 << 20;

#[derive(Default)]
struct Form {
    csrf: String,
    typed: Typed,
    files: Vec<Vec<u8>>,
}

/// POST /admin/plans
pub(crate) async fn upload(State(service): State<Service>, request: Request) -> Response {
    let ground = service.0.ground().clone();
    let (mut parts, body) = request.into_parts();
    let mut desk = match Desk::from_request_parts(&mut parts, &service).await {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    let t = desk.t;
    let request = Request::from_parts(parts.clone(), body);
    let form = match read(request).await {
        Some(form) => form,
        None => {
            let problems = vec![t.text("plan-form-broken")];
            return listed(
                &mut desk,
                StatusCode::BAD_REQUEST,
                Typed::default(),
                problems,
            )
            .await;
        }
    };
    if csrf::check(&mut parts, &ground, &form.csrf).await.is_err() {
        let problems = vec![t.text("plan-form-again")];
        return listed(&mut desk, StatusCode::FORBIDDEN, form.typed, problems).await;
    }
    let Some(day) = parse_date(&form.typed.at) else {
        let problems = vec![t.text("plan-day-wrong")];
        return listed(&mut desk, StatusCode::BAD_REQUEST, form.typed, problems).await;
    };
    let plan = LoadPlan {
        name: &form.typed.name,
        at: day_start(day),
        basis: &form.typed.basis,
        files: form.files.iter().map(Vec::as_slice).collect(),
    };
    let (actor, lang) = (desk.actor(), desk.shell.lang);
    let problems =
        match load_plan::run(&ground.db, &ground.entropy, ground.now(), &actor, &plan).await {
            Ok(id) => return back_to(&id),
            Err(LoadPlanError::Db(error)) => return broken(&error),
            Err(LoadPlanError::Rows { faults, more }) => {
                let mut texts: Vec<String> =
                    faults.iter().map(|f| crate::fault_text(f, lang)).collect();
                if more > 0 {
                    texts.push(t.with("plan-more-faults", &[("n", more.to_string())]));
                }
                texts
            }
            Err(LoadPlanError::Empty) => vec![t.text("plan-empty")],
            Err(LoadPlanError::TooLong) => vec![t.text("plan-too-long")],
            Err(LoadPlanError::Unnamed) => vec![t.text("plan-unnamed")],
        };
    listed(&mut desk, StatusCode::BAD_REQUEST, form.typed, problems).await
}

async fn read(request: Request) -> Option<Form> {
    let mut multipart = Multipart::from_request(request, &()).await.ok()?;
    let mut form = Form::default();
    while let Some(field) = multipart.next_field().await.ok()? {
        match field.name().unwrap_or_default() {
            "_csrf" => form.csrf = field.text().await.ok()?,
            "name" => form.typed.name = field.text().await.ok()?,
            "at" => form.typed.at = field.text().await.ok()?,
            "basis" => form.typed.basis = field.text().await.ok()?,
            "files" if form.files.len() < FILES => {
                let bytes = field.bytes().await.ok()?;
                if !bytes.is_empty() {
                    form.files.push(bytes.to_vec());
                }
            }
            _ => return None,
        }
    }
    Some(form)
}
