//! `/admin/quality`: what the register should not have, each line with the door to its repair.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use platform::clock::{format_date, format_last_day};
use platform::db::Error;
use platform::i18n::Tongue;

use super::super::reading::broken;
use super::super::words::titled;
use super::Desk;
use crate::domain::time::AsOf;
use crate::flows::list_waiting;
use crate::store::quality::{Check, Finding, MOST, findings};

/// One thing to repair.
struct Line {
    text: String,
    beside: String,
    repair: String,
}

/// The board of silent sources.
const SILENT: &str = "quality-silent";
/// Lines of a board while all boards are shown.
const FEW: usize = 20;

/// One check with what it found.
struct Board {
    id: &'static str,
    title: String,
    what: String,
    repair: String,
    /// How many there are, `300+` when they were not all read.
    count: String,
    lines: Vec<Line>,
    /// Where all of them are shown.
    all: Option<String>,
}

/// Which board to show alone.
#[derive(serde::Deserialize)]
pub(crate) struct Only {
    #[serde(default)]
    check: String,
}

#[derive(Template)]
#[template(path = "admin_quality.html")]
struct Page {
    t: Tongue,
    boards: Vec<Board>,
    open: usize,
}

/// GET /admin/quality
pub(crate) async fn show(mut desk: Desk, Query(only): Query<Only>) -> Response {
    match load(&mut desk, &only.check).await {
        Ok(page) => {
            let title = page.t.text("door-quality");
            desk.shell.page(StatusCode::OK, &title, &page)
        }
        Err(error) => broken(&error),
    }
}

async fn load(desk: &mut Desk, only: &str) -> Result<Page, Error> {
    let t = desk.t;
    let mut boards = Vec::new();
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    for check in Check::ALL {
        let key = key(*check);
        if !only.is_empty() && only != key {
            continue;
        }
        let mut found = findings(&mut desk.conn, &desk.scope, *check, AsOf::now(desk.now)).await?;
        let count = if found.len() > most {
            format!("{most}+")
        } else {
            found.len().to_string()
        };
        let shown = if only.is_empty() { FEW } else { most };
        let all =
            (found.len() > shown && only.is_empty()).then(|| format!("/admin/quality?check={key}"));
        found.truncate(shown);
        boards.push(Board {
            id: key,
            title: t.text(key),
            what: t.text(&format!("{key}-what")),
            repair: t.text(&format!("{key}-repair")),
            lines: found.into_iter().map(|one| line(&t, *check, one)).collect(),
            count,
            all,
        });
    }
    if (only.is_empty() || only == SILENT)
        && let Some(board) = silent_sources(desk).await?
    {
        boards.push(board);
    }
    Ok(Page {
        open: boards
            .iter()
            .filter(|board| !board.lines.is_empty())
            .count(),
        boards,
        t,
    })
}

/// The board of sources that deliver no more; none for somebody who may not see sources.
async fn silent_sources(desk: &mut Desk) -> Result<Option<Board>, Error> {
    let t = desk.t;
    let me = desk.caller.person.clone();
    let silences = list_waiting::silent(&mut desk.conn, &me, desk.now).await?;
    Ok(silences.map(|silences| Board {
        id: SILENT,
        title: t.text(SILENT),
        what: t.text("quality-silent-what"),
        repair: t.text("quality-silent-repair"),
        count: silences.len().to_string(),
        lines: silences
            .into_iter()
            .map(|one| Line {
                beside: t.with(
                    "notice-silent-since",
                    &[("day", format_date(one.last).as_str())],
                ),
                repair: format!("/admin/feeds#{}", one.source.id),
                text: one.source.name,
            })
            .collect(),
        all: None,
    }))
}

fn key(check: Check) -> &'static str {
    match check {
        Check::PostsWithoutHolder => "quality-vacant",
        Check::TwoHeads => "quality-two-heads",
        Check::DeputiesWithoutField => "quality-deputies",
        Check::SealsWithoutKeeper => "quality-seals",
        Check::PeopleWithoutPost => "quality-no-post",
        Check::Ending => "quality-ending",
        Check::WithoutNumber => "quality-number",
        Check::WithoutAddress => "quality-address",
        Check::WithoutBirthDate => "quality-birth",
    }
}

fn line(t: &Tongue, check: Check, found: Finding) -> Line {
    let id = &found.id;
    let repair = match check {
        Check::PostsWithoutHolder => format!("/admin/appointments/new?post={id}"),
        Check::TwoHeads => format!("/posts/{id}"),
        Check::DeputiesWithoutField => format!("/admin/assignments/new?kind=field&post={id}"),
        Check::SealsWithoutKeeper => {
            format!("/admin/assignments/new?kind=seal_custody&agency={id}")
        }
        Check::PeopleWithoutPost => format!("/admin/appointments/new?person={id}"),
        Check::Ending => format!("/admin/appointments/{id}/end"),
        Check::WithoutNumber | Check::WithoutAddress | Check::WithoutBirthDate => {
            format!("/admin/people/{id}/correct")
        }
    };
    let (text, beside) = match check {
        Check::PostsWithoutHolder | Check::TwoHeads | Check::DeputiesWithoutField => {
            (titled(&found.name, found.field.as_deref()), found.beside)
        }
        Check::Ending => {
            let post = titled(&found.beside, found.field.as_deref());
            let day = format_last_day(found.at);
            let ends = t.with("quality-ends", &[("day", day.as_str())]);
            (found.name, format!("{post}, {ends}"))
        }
        _ => (found.name, found.beside),
    };
    Line {
        text,
        beside,
        repair,
    }
}
