//! `/admin/imports`: lists handed in, how one is read, what it would change, and the acts on it.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{FromRequest as _, Multipart, Path, Query, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use platform::audit::Actor;
use platform::caller::{Caller, SignedIn};
use platform::clock::{day_start, parse_date};
use platform::edge::csrf::{self, CsrfForm};
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::list_pages::{Asked, Overview, page};
use super::reading::broken;
use super::{Register, Service};
use crate::TEXTS;
use crate::domain::intake::encoding::Encoding;
use crate::domain::intake::header::{Column, Mapping};
use crate::domain::intake::sheet::{MAX_BYTES, MAX_COLUMNS};
use crate::domain::words::{Kind, Verb};
use crate::facts::AsOf;
use crate::flows::choose_for_list::{self, Choice, ChooseForList};
use crate::flows::deliver_list;
use crate::flows::discard_list::{self, DiscardList};
use crate::flows::export_register::{self, ExportRegister};
use crate::flows::publish_list::{self, PublishList};
use crate::flows::read_list::{self, ReadList, Tools};
use crate::flows::receive_list::{self, Upload};
use crate::flows::undo_list::{self, UndoList};
use crate::rights::{ScopeError, scope_of};

/// Lists shown.
const SHOWN: i64 = 50;

/// GET /admin/imports
pub(crate) async fn list(
    State(service): State<Service>,
    shell: Shell,
    SignedIn(caller): SignedIn,
) -> Response {
    overview(&service.0, &shell, &caller, None).await
}

async fn overview(
    register: &Register,
    shell: &Shell,
    caller: &Caller,
    problem: Option<String>,
) -> Response {
    let mut conn = match register.ground.db.read().await {
        Ok(conn) => conn,
        Err(error) => return broken(&error),
    };
    let now = register.ground.now();
    let rows = match read_list::newest(&mut conn, &caller.person, now, SHOWN).await {
        Ok(rows) => rows,
        Err(error) => return refused(shell, &error),
    };
    let sources = match read_list::sources(&mut conn, &caller.person, now).await {
        Ok(sources) => sources,
        Err(error) => return refused(shell, &error),
    };
    let t = Tongue::new(shell.lang, &TEXTS);
    let title = t.text("lists");
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let body = Overview::of(t, shell, rows, sources, problem, now);
    shell.page(status, &title, &body)
}

/// POST /admin/imports
pub(crate) async fn receive(State(service): State<Service>, request: Request) -> Response {
    let ground = service.0.ground.clone();
    let (mut parts, body) = request.into_parts();
    let shell = match Shell::of(&mut parts, &ground).await {
        Ok(shell) => shell,
        Err(problem) => return problem.into_response(),
    };
    let Some(caller) = shell.caller.clone() else {
        return Redirect::to("/login?next=/admin/imports").into_response();
    };
    let t = Tongue::new(shell.lang, &TEXTS);
    let fields = match read_fields(Request::from_parts(parts.clone(), body)).await {
        Ok(fields) => fields,
        Err(key) => return overview(&service.0, &shell, &caller, Some(t.text(key))).await,
    };
    if csrf::check(&mut parts, &ground, &fields.csrf)
        .await
        .is_err()
    {
        return shell.error(StatusCode::FORBIDDEN);
    }
    let Some(day) = parse_date(fields.effective.trim()) else {
        return overview(&service.0, &shell, &caller, Some(t.text("list-day-wrong"))).await;
    };
    let upload = Upload {
        file_name: fields.name,
        bytes: fields.file,
        effective: day_start(day),
    };
    match receive_list::run(&ground, &caller.person, caller.post.as_deref(), upload).await {
        Ok(id) => {
            if !fields.source.is_empty()
                && let Err(error) =
                    deliver_list::link(&ground, &caller.person, &id, &fields.source).await
            {
                tracing::warn!(%error, list = id, "a list is not tied to its source");
                return overview(
                    &service.0,
                    &shell,
                    &caller,
                    Some(t.text("list-source-wrong")),
                )
                .await;
            }
            Redirect::to(&format!("/admin/imports/{id}")).into_response()
        }
        Err(ReadList::Unreadable(why)) => {
            let why = t.text(&format!("unreadable-{}", why.word()));
            let words = t.with("list-unreadable", &[("why", why.as_str())]);
            overview(&service.0, &shell, &caller, Some(words)).await
        }
        Err(error) => refused(&shell, &error),
    }
}

#[derive(Default)]
struct Fields {
    csrf: String,
    name: String,
    effective: String,
    source: String,
    file: Vec<u8>,
}

async fn read_fields(request: Request) -> Result<Fields, &'static str> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| "list-no-file")?;
    let mut fields = Fields::default();
    while let Some(field) = form.next_field().await.map_err(|_| "list-too-large")? {
        match field.name() {
            Some("_csrf") => fields.csrf = field.text().await.map_err(|_| "list-no-file")?,
            Some("effective") => {
                fields.effective = field.text().await.map_err(|_| "list-no-file")?;
            }
            Some("source") => fields.source = field.text().await.map_err(|_| "list-no-file")?,
            Some("file") => {
                fields.name = field.file_name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.map_err(|_| "list-too-large")?;
                if bytes.len() > MAX_BYTES {
                    return Err("list-too-large");
                }
                fields.file = bytes.to_vec();
            }
            _ => {}
        }
    }
    if fields.file.is_empty() {
        return Err("list-no-file");
    }
    Ok(fields)
}

/// GET /admin/imports/{id}
pub(crate) async fn show(
    State(service): State<Service>,
    shell: Shell,
    SignedIn(caller): SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let register = &service.0;
    let (ground, now) = (&register.ground, register.ground.now());
    let mut conn = match ground.db.read().await {
        Ok(conn) => conn,
        Err(error) => return broken(&error),
    };
    match read_list::own(&mut conn, &caller.person, &id, now).await {
        Ok(list) => {
            if let Err(error) = publish_list::settle(ground, &list).await {
                return broken(&error);
            }
        }
        Err(error) => return refused(&shell, &error),
    }
    let tools = Tools {
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let weighed = match read_list::run(&mut conn, tools, &caller.person, &id, now).await {
        Ok(weighed) => weighed,
        Err(error) => return refused(&shell, &error),
    };
    let progress = match publish_list::progress(&mut conn, &weighed.list).await {
        Ok(progress) => progress,
        Err(error) => return broken(&error),
    };
    let running = register.is_publishing(&id);
    let mut response = page(&shell, weighed, &asked, progress, running);
    if running {
        // Without a script the browser asks again by itself.
        response
            .headers_mut()
            .insert("refresh", HeaderValue::from_static("2"));
    }
    response
}

/// POST /admin/imports/{id}/choose
pub(crate) async fn choose(
    State(service): State<Service>,
    shell: Shell,
    SignedIn(caller): SignedIn,
    Path(id): Path<String>,
    CsrfForm(fields): CsrfForm<Vec<(String, String)>>,
) -> Response {
    let choice = match chosen(&fields) {
        Ok(choice) => choice,
        Err(key) => return said(&shell, StatusCode::UNPROCESSABLE_ENTITY, key),
    };
    let outcome = choose_for_list::run(&service.0.ground, &caller.person, &id, choice).await;
    match outcome {
        Ok(()) => Redirect::to(&format!("/admin/imports/{id}")).into_response(),
        Err(ChooseForList::Twice) => said(
            &shell,
            StatusCode::UNPROCESSABLE_ENTITY,
            "list-column-twice",
        ),
        Err(ChooseForList::Closed) => said(&shell, StatusCode::CONFLICT, "list-closed"),
        Err(ChooseForList::Read(error)) => refused(&shell, &error),
        Err(ChooseForList::Db(error)) => broken(&error),
    }
}

/// The two forms of the page: how the list is read, and which proposals are accepted.
fn chosen(fields: &[(String, String)]) -> Result<Choice, &'static str> {
    let one = |name: &str| {
        fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.trim())
    };
    if one("part") == Some("accept") {
        let accepted: BTreeSet<String> = fields
            .iter()
            .filter(|(field, _)| field == "accept")
            .map(|(_, word)| word.clone())
            .collect();
        return Ok(Choice {
            accepted: Some(accepted),
            ..Choice::default()
        });
    }
    let mut columns = BTreeMap::new();
    for column in Column::ALL {
        let name = format!("col-{}", column.as_str());
        if let Some(place) = one(&name).filter(|place| !place.is_empty()) {
            let place: usize = place.parse().map_err(|_| "list-column-twice")?;
            if place >= MAX_COLUMNS {
                return Err("list-column-twice");
            }
            columns.insert(column, place);
        }
    }
    let header = one("header")
        .unwrap_or("0")
        .parse()
        .map_err(|_| "list-header-wrong")?;
    let effective = match one("effective") {
        Some(text) => Some(day_start(parse_date(text).ok_or("list-day-wrong")?)),
        None => None,
    };
    Ok(Choice {
        encoding: one("encoding").and_then(Encoding::parse),
        sheet: one("sheet").map(str::to_owned),
        mapping: Some(Mapping { header, columns }),
        effective,
        accepted: None,
    })
}

/// POST /admin/imports/{id}/publish: begins, or carries on what a crash interrupted, and returns at once.
pub(crate) async fn publish(
    State(service): State<Service>,
    shell: Shell,
    SignedIn(caller): SignedIn,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm<Vec<(String, String)>>,
) -> Response {
    let register = service.0.clone();
    match publish_list::begin(&register.ground, &caller.person, &id).await {
        Ok(()) => {}
        Err(PublishList::Closed) => return said(&shell, StatusCode::CONFLICT, "list-closed"),
        Err(PublishList::Read(error)) => return refused(&shell, &error),
        Err(error) => {
            tracing::error!(%error, "a list cannot be published");
            return shell.error(StatusCode::SERVICE_UNAVAILABLE);
        }
    }
    let back = format!("/admin/imports/{id}");
    if register.begins_publishing(&id) {
        tokio::spawn(async move {
            let actor = actor(&caller);
            let done = publish_list::carry_on(&register.ground, &actor, &caller.person, &id).await;
            if let Err(error) = done {
                tracing::warn!(%error, list = id, "a list was not published");
            }
            register.ends_publishing(&id);
        });
    }
    Redirect::to(&back).into_response()
}

/// POST /admin/imports/{id}/undo
pub(crate) async fn undo(
    State(service): State<Service>,
    shell: Shell,
    SignedIn(caller): SignedIn,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm<Vec<(String, String)>>,
) -> Response {
    match undo_list::run(&service.0.ground, &actor(&caller), &caller.person, &id).await {
        Ok(_) => Redirect::to(&format!("/admin/imports/{id}")).into_response(),
        Err(UndoList::Closed) => said(&shell, StatusCode::CONFLICT, "list-closed"),
        Err(UndoList::Later(_)) => said(&shell, StatusCode::CONFLICT, "list-undo-later"),
        Err(UndoList::Soon) => said(&shell, StatusCode::CONFLICT, "list-undo-soon"),
        Err(UndoList::Read(error)) => refused(&shell, &error),
        Err(error) => {
            tracing::error!(%error, "a list cannot be taken back");
            shell.error(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// POST /admin/imports/{id}/discard
pub(crate) async fn discard(
    State(service): State<Service>,
    shell: Shell,
    SignedIn(caller): SignedIn,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm<Vec<(String, String)>>,
) -> Response {
    match discard_list::run(&service.0.ground, &actor(&caller), &caller.person, &id).await {
        Ok(()) => Redirect::to("/admin/imports").into_response(),
        Err(DiscardList::Closed) => said(&shell, StatusCode::CONFLICT, "list-closed"),
        Err(DiscardList::Read(error)) => refused(&shell, &error),
        Err(DiscardList::Db(error)) => broken(&error),
    }
}

/// GET /admin/export.csv
pub(crate) async fn export_csv(
    State(service): State<Service>,
    shell: Shell,
    SignedIn(caller): SignedIn,
) -> Response {
    export(&service.0, &shell, &caller, false).await
}

/// GET /admin/export.xlsx
pub(crate) async fn export_xlsx(
    State(service): State<Service>,
    shell: Shell,
    SignedIn(caller): SignedIn,
) -> Response {
    export(&service.0, &shell, &caller, true).await
}

async fn export(register: &Register, shell: &Shell, caller: &Caller, workbook: bool) -> Response {
    let now = register.ground.now();
    let mut conn = match register.ground.db.read().await {
        Ok(conn) => conn,
        Err(error) => return broken(&error),
    };
    if let Err(error) = read_list::may_read(&mut conn, &caller.person, now).await {
        return refused(shell, &error);
    }
    let scope = match scope_of(
        &mut conn,
        &caller.person,
        None,
        (Verb::See, Kind::Person),
        now,
    )
    .await
    {
        Ok(scope) => scope,
        Err(ScopeError::Db(error)) => return broken(&error),
        Err(_) => return shell.error(StatusCode::FORBIDDEN),
    };
    let (made, media_type, name) = if workbook {
        let made = export_register::xlsx(&mut conn, &scope, AsOf::now(now)).await;
        let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        (made, media, "can-bo.xlsx")
    } else {
        let made = export_register::csv(&mut conn, &scope, AsOf::now(now)).await;
        (made, "text/csv; charset=utf-8", "can-bo.csv")
    };
    match made {
        Ok(bytes) => {
            let disposition = format!("attachment; filename=\"{name}\"");
            (
                [
                    (CONTENT_TYPE, media_type.to_owned()),
                    (CONTENT_DISPOSITION, disposition),
                ],
                bytes,
            )
                .into_response()
        }
        Err(ExportRegister::Db(error)) => broken(&error),
        Err(error) => {
            tracing::error!(%error, "the register cannot be exported");
            shell.error(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn actor(caller: &Caller) -> Actor {
    Actor::Person {
        person: caller.person.clone(),
        post: caller.post.clone(),
    }
}

pub(super) fn said(shell: &Shell, status: StatusCode, key: &str) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    shell.refusal(
        status,
        &t.text("lists"),
        &t.text(key),
        &t.text(&format!("{key}-next")),
    )
}

pub(super) fn refused(shell: &Shell, error: &ReadList) -> Response {
    match error {
        ReadList::NoRight => shell.error(StatusCode::FORBIDDEN),
        ReadList::NotFound => shell.not_found(),
        ReadList::Gone => said(shell, StatusCode::GONE, "list-gone"),
        ReadList::Unreadable(_) => said(
            shell,
            StatusCode::UNPROCESSABLE_ENTITY,
            "list-unreadable-now",
        ),
        ReadList::Stopped | ReadList::Stored(_) | ReadList::Db(_) => {
            tracing::error!(%error, "a list cannot be shown");
            shell.error(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}
