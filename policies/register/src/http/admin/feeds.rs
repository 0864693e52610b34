//! `/admin/feeds`: sources of lists, what they are master of, and what they delivered last.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use platform::clock::{DAY, format_instant};
use platform::db::Error;
use platform::edge::csrf::CsrfForm;
use platform::i18n::Tongue;

use super::super::reading::broken;
use super::{Desk, words};
use crate::domain::feed::{Counted, Source};
use crate::flows::record_source::{self, Draft, NEED, RecordSource};
use crate::rights::{ScopeError, scope_of};
use crate::store::feeds::{self, Delivery};

/// Deliveries shown of each source.
const SHOWN: i64 = 5;
/// Days after which a source is called silent, unless another number is given.
const USUAL_DAYS: &str = "35";

struct Line {
    href: String,
    at: String,
    state: String,
    whole: bool,
    figures: Vec<(String, usize)>,
}

struct Board {
    id: String,
    name: String,
    agencies: String,
    how: String,
    age: String,
    silent: bool,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "admin_feeds.html")]
struct Page {
    t: Tongue,
    csrf: String,
    boards: Vec<Board>,
    may: bool,
    problem: Option<String>,
    typed: Typed,
}

/// The form of a new source as it was typed.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    name: String,
    agencies: String,
    automatic: String,
    may_end: String,
    silent_days: String,
    basis: String,
}

/// GET /admin/feeds
pub(crate) async fn show(desk: Desk) -> Response {
    let typed = Typed {
        silent_days: USUAL_DAYS.to_owned(),
        ..Typed::default()
    };
    page(desk, typed, None).await
}

async fn page(mut desk: Desk, typed: Typed, problem: Option<String>) -> Response {
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    match load(&mut desk, typed, problem).await {
        Ok(page) => {
            let title = page.t.text("door-feeds");
            desk.shell.page(status, &title, &page)
        }
        Err(error) => broken(&error),
    }
}

async fn load(desk: &mut Desk, typed: Typed, problem: Option<String>) -> Result<Page, Error> {
    let t = desk.t;
    let mut boards = Vec::new();
    for source in feeds::sources(&mut desk.conn, &desk.scope).await? {
        boards.push(board(desk, source).await?);
    }
    let me = desk.caller.person.clone();
    let may = match scope_of(&mut desk.conn, &me, None, NEED, desk.now).await {
        Ok(_) => true,
        Err(ScopeError::NoRight | ScopeError::NoProvince) => false,
        Err(ScopeError::Db(error)) => return Err(error),
    };
    Ok(Page {
        csrf: desk.shell.csrf.clone(),
        boards,
        may,
        problem,
        typed,
        t,
    })
}

async fn board(desk: &mut Desk, source: Source) -> Result<Board, Error> {
    let t = desk.t;
    let deliveries = feeds::deliveries(&mut desk.conn, &source, SHOWN).await?;
    let newest = deliveries.first().map(|one| one.at);
    let days = newest.map(|at| desk.now.saturating_sub(at) / DAY);
    let mut names = Vec::new();
    for agency in &source.agencies {
        names.push(words::agency(&t, &mut desk.conn, Some(agency), desk.now).await?);
    }
    let how = match (source.automatic, source.may_end) {
        (false, _) => "feed-by-hand",
        (true, false) => "feed-automatic",
        (true, true) => "feed-automatic-ends",
    };
    let most = source.silent_days.to_string();
    let silent = newest.is_none_or(|at| source.silent_from(at) <= desk.now);
    Ok(Board {
        silent,
        id: source.id,
        name: source.name,
        agencies: names.join(", "),
        how: t.text(how),
        age: match days {
            None => t.text("feed-never"),
            Some(days) => t.with(
                "feed-age",
                &[("n", days.to_string().as_str()), ("most", most.as_str())],
            ),
        },
        lines: deliveries.into_iter().map(|one| line(&t, one)).collect(),
    })
}

fn line(t: &Tongue, delivery: Delivery) -> Line {
    let Counted {
        joiners,
        movers,
        changed,
        unchanged,
        leavers,
        refused,
        ..
    } = delivery.counts;
    let figures = [
        ("outcome-joins", joiners),
        ("outcome-moves", movers),
        ("outcome-corrects", changed),
        ("outcome-stays", unchanged),
        ("outcome-leaves", leavers),
        ("verdict-refused", refused),
    ];
    Line {
        href: format!("/admin/imports/{}", delivery.list),
        at: format_instant(delivery.at),
        state: t.text(&format!("list-{}", delivery.state.as_str())),
        whole: delivery.whole,
        figures: figures.map(|(key, n)| (t.text(key), n)).to_vec(),
    }
}

/// POST /admin/feeds
pub(crate) async fn record(desk: Desk, CsrfForm(typed): CsrfForm<Typed>) -> Response {
    let draft = Draft {
        name: typed.name.clone(),
        codes: typed
            .agencies
            .split([',', ';', ' '])
            .map(str::trim)
            .filter(|code| !code.is_empty())
            .map(str::to_uppercase)
            .collect(),
        automatic: !typed.automatic.is_empty(),
        may_end: !typed.may_end.is_empty(),
        silent_days: typed.silent_days.trim().parse().unwrap_or(0),
        basis: typed.basis.clone(),
    };
    let ground = desk.ground();
    let done =
        record_source::run(&ground.db, &ground.entropy, desk.now, &desk.actor(), &draft).await;
    match done {
        Ok(_) => Redirect::to("/admin/feeds").into_response(),
        Err(error) => wrong(desk, typed, error).await,
    }
}

/// What ends a source.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Ending {
    basis: String,
}

/// POST /admin/feeds/{id}/end
pub(crate) async fn end(
    desk: Desk,
    Path(id): Path<String>,
    CsrfForm(ending): CsrfForm<Ending>,
) -> Response {
    let ground = desk.ground();
    let (actor, now) = (desk.actor(), desk.now);
    let done =
        record_source::end(&ground.db, &ground.entropy, now, &actor, &id, &ending.basis).await;
    match done {
        Ok(()) => Redirect::to("/admin/feeds").into_response(),
        Err(error) => wrong(desk, Typed::default(), error).await,
    }
}

async fn wrong(desk: Desk, typed: Typed, error: RecordSource) -> Response {
    let t = desk.t;
    let words = match error {
        RecordSource::NoRight => return desk.shell.error(StatusCode::FORBIDDEN),
        RecordSource::Unknown => return desk.shell.not_found(),
        RecordSource::Db(error) => return broken(&error),
        RecordSource::Field(field) => t.text(&format!("feed-wrong-{}", field.replace('_', "-"))),
        RecordSource::UnknownAgency(code) => {
            t.with("feed-unknown-agency", &[("code", code.as_str())])
        }
        RecordSource::Held {
            source_name,
            agency,
        } => {
            let values = [
                ("source", source_name.as_str()),
                ("agency", agency.as_str()),
            ];
            t.with("feed-held", &values)
        }
    };
    page(desk, typed, Some(words)).await
}
