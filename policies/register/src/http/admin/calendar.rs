//! `/admin/calendar`: changes ahead of appointments, assignments and suspensions, as a picture by week and as a list.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::clock::{DAY, date, day_start, format_date, format_instant};
use platform::db::Error;
use platform::i18n::Tongue;

use super::super::reading::broken;
use super::super::words::titled;
use super::{Desk, words};
use crate::domain::time::AsOf;
use crate::store::calendar::{Change, ahead};

/// Weeks shown.
const WEEKS: i64 = 13;
const WEEK: i64 = 7 * DAY;
/// Width of a column and height of the drawing above its foot.
const COLUMN: i64 = 64;
const TALL: i64 = 120;

/// A week of the picture.
struct Column {
    x: i64,
    middle: i64,
    day: String,
    begins: i64,
    ends: i64,
    begins_y: i64,
    begins_tall: i64,
    ends_y: i64,
    ends_tall: i64,
}

/// A change in words.
struct Line {
    when: String,
    text: String,
    href: String,
    begins: bool,
}

#[derive(Template)]
#[template(path = "admin_calendar.html")]
struct Page {
    t: Tongue,
    columns: Vec<Column>,
    width: i64,
    lines: Vec<Line>,
    until: String,
}

/// GET /admin/calendar
pub(crate) async fn show(mut desk: Desk) -> Response {
    match load(&mut desk).await {
        Ok(page) => {
            let title = page.t.text("door-calendar");
            desk.shell.page(StatusCode::OK, &title, &page)
        }
        Err(error) => broken(&error),
    }
}

async fn load(desk: &mut Desk) -> Result<Page, Error> {
    let t = desk.t;
    let start = day_start(date(desk.now));
    let until = start + WEEKS * WEEK;
    let changes = ahead(&mut desk.conn, &desk.scope, AsOf::now(desk.now), until).await?;
    let columns = columns(&changes, start);
    let mut lines = Vec::new();
    for change in changes {
        lines.push(line(&t, desk, change).await?);
    }
    Ok(Page {
        columns,
        width: WEEKS * COLUMN,
        lines,
        until: format_date(until),
        t,
    })
}

/// Beginnings stand below ends; the fullest week fills the height.
fn columns(changes: &[Change], start: i64) -> Vec<Column> {
    let count = |week: i64, begins: i64| {
        let (from, to) = (start + week * WEEK, start + (week + 1) * WEEK);
        let inside = changes
            .iter()
            .filter(|c| c.begins == begins && from <= c.at && c.at < to);
        i64::try_from(inside.count()).unwrap_or(i64::MAX)
    };
    let weeks: Vec<(i64, i64)> = (0..WEEKS).map(|w| (count(w, 1), count(w, 0))).collect();
    let most = weeks
        .iter()
        .map(|(b, e)| b.saturating_add(*e))
        .max()
        .unwrap_or(0)
        .max(1);
    weeks
        .into_iter()
        .zip(0..)
        .map(|((begins, ends), week)| {
            let begins_tall = begins * TALL / most;
            let ends_tall = ends * TALL / most;
            Column {
                x: week * COLUMN + 8,
                middle: week * COLUMN + COLUMN / 2,
                day: format_date(start + week * WEEK).chars().take(5).collect(),
                begins,
                ends,
                begins_y: 20 + TALL - begins_tall,
                begins_tall,
                ends_y: 20 + TALL - begins_tall - ends_tall,
                ends_tall,
            }
        })
        .collect()
}

async fn line(t: &Tongue, desk: &mut Desk, change: Change) -> Result<Line, Error> {
    let begins = change.begins == 1;
    let title = titled(&change.title, change.field.as_deref());
    let person = if change.person.is_empty() {
        String::new()
    } else {
        words::person(t, &mut desk.conn, &change.person).await?
    };
    let key = format!(
        "calendar-{}-{}",
        change.what,
        if begins { "begins" } else { "ends" }
    );
    let word = match change.what.as_str() {
        "appointment" => t.text(&format!("appoint-{}", change.word.replace('_', "-"))),
        "assignment" => t.text(&format!("assign-{}", change.word.replace('_', "-"))),
        _ => change.word,
    };
    let parts = [
        ("person", person.as_str()),
        ("post", title.as_str()),
        ("word", word.as_str()),
    ];
    Ok(Line {
        when: format_instant(change.at),
        text: t.with(&key, &parts),
        href: if change.person.is_empty() {
            format!("/posts/{}", change.post)
        } else {
            format!("/people/{}", change.person)
        },
        begins,
    })
}
