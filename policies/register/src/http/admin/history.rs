//! `/admin/history/{kind}/{id}`: who changed what about a person, a post or an agency, when, and on which basis.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use platform::audit::{self, Stored};
use platform::clock::format_instant;
use platform::db::Error;
use platform::i18n::Tongue;
use serde_json::Value;

use super::super::reading::broken;
use super::super::words::titled;
use super::{Desk, words};
use crate::store::{agencies, history, people, posts};

/// Newest events about the object itself.
const MOST: i64 = 200;

/// One event in words.
struct Line {
    what: String,
    when: String,
    who: String,
    basis: String,
    place: String,
    event: String,
}

#[derive(Template)]
#[template(path = "admin_history.html")]
struct Page {
    t: Tongue,
    name: String,
    href: String,
    lines: Vec<Line>,
}

/// GET /admin/history/{kind}/{id}
pub(crate) async fn show(mut desk: Desk, Path((kind, id)): Path<(String, String)>) -> Response {
    match load(&mut desk, &kind, &id).await {
        Ok(Some(page)) => {
            let title = desk.t.text("history-title");
            desk.shell.page(StatusCode::OK, &title, &page)
        }
        Ok(None) => desk.shell.not_found(),
        Err(error) => broken(&error),
    }
}

async fn load(desk: &mut Desk, kind: &str, id: &str) -> Result<Option<Page>, Error> {
    let t = desk.t;
    let (conn, scope) = (&mut desk.conn, &desk.scope);
    let (name, href, events) = match kind {
        "person" => match people::load(conn, scope, id).await? {
            Some(person) if person.erased => (
                t.text("erased"),
                "/people/",
                history::of_person(conn, id).await?,
            ),
            Some(person) => (
                person.full_name,
                "/people/",
                history::of_person(conn, id).await?,
            ),
            None => return Ok(None),
        },
        "post" => match posts::load(conn, scope, id, None).await? {
            Some(post) => (
                titled(&post.title, post.field.as_deref()),
                "/posts/",
                history::of_post(conn, id).await?,
            ),
            None => return Ok(None),
        },
        "agency" => match agencies::versions(conn, scope, id, None).await?.pop() {
            Some(agency) => (
                agency.name,
                "/agencies/",
                history::of_agency(conn, id).await?,
            ),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let object_type = match kind {
        "post" => "post",
        "agency" => "agency",
        _ => "person",
    };
    let mut found = audit::about(conn, object_type, id, MOST).await?;
    let known: BTreeSet<String> = found.iter().map(|event| event.id.clone()).collect();
    for event in events {
        if !known.contains(&event) {
            found.extend(audit::find(conn, &event).await?);
        }
    }
    found.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
    let mut lines = Vec::new();
    for event in &found {
        lines.push(line(&t, desk, event).await?);
    }
    Ok(Some(Page {
        href: format!("{href}{id}"),
        name,
        lines,
        t,
    }))
}

async fn line(t: &Tongue, desk: &mut Desk, event: &Stored) -> Result<Line, Error> {
    let body: Value = event
        .body
        .as_deref()
        .and_then(|body| serde_json::from_str(body).ok())
        .unwrap_or_default();
    let text = |pointer: &str| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let who = match (text("/actor/person"), text("/actor/system")) {
        (Some(person), _) => words::person(t, &mut desk.conn, &person).await?,
        (None, Some(system)) => t.with("history-system", &[("name", system.as_str())]),
        (None, None) => t.text("history-nobody"),
    };
    Ok(Line {
        what: word(t, &event.kind),
        when: format_instant(event.at),
        basis: text("/detail/basis")
            .or_else(|| text("/detail/reason"))
            .unwrap_or_default(),
        place: event.log_index.map_or_else(
            || t.text("history-soon"),
            |at| t.with("history-place", &[("n", at.to_string())]),
        ),
        event: event.id.clone(),
        who,
    })
}

/// Events that have words of their own.
const TOLD: &[&str] = &[
    "register.appointment.recorded",
    "register.appointment.ended",
    "register.appointment.suspended",
    "register.assignment.recorded",
    "register.assignment.ended",
    "register.imported",
    "register.person.recorded",
    "register.person.corrected",
    "register.person.erased",
    "register.role.recorded",
    "register.role.ended",
];

/// An event in words; one of another part of the program by its own name.
fn word(t: &Tongue, kind: &str) -> String {
    if TOLD.contains(&kind) {
        t.text(&format!("event-{}", kind.replace(['.', '_'], "-")))
    } else {
        kind.to_owned()
    }
}
