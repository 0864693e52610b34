//! The queue as administrators of the province see it: age by destination as a picture with its table, then what waits.

use super::Service;
use crate::TEXTS;
use crate::store::queue::{self, Waiting};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use platform::caller::SignedIn;
use platform::clock;
use platform::db;
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;
use register::domain::words::{Kind, Verb};
use register::rights::{self, ScopeError};

/// Upper ends of the age columns, ms; the last column has none.
const AGES: [i64; 5] = [60_000, 900_000, 3_600_000, 14_400_000, 86_400_000];
/// Rows read for the page.
const MOST: i64 = 2_000;
/// Destinations drawn by name; the rest share a row.
const NAMED: usize = 7;

struct Cell {
    x: usize,
    middle: usize,
    count: usize,
    shade: &'static str,
    words: String,
}

struct Line {
    destination: String,
    y: usize,
    text_y: usize,
    cells: Vec<Cell>,
}

struct Column {
    middle: usize,
    words: String,
}

struct Item {
    message: String,
    sender: String,
    recipient: String,
    failed: bool,
    state: String,
    reply: String,
    next: String,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct Page {
    t: Tongue,
    waiting: String,
    columns: Vec<Column>,
    lines: Vec<Line>,
    height: usize,
    items: Vec<Item>,
}

fn column(age: i64) -> usize {
    AGES.iter().position(|end| age < *end).unwrap_or(AGES.len())
}

fn shade(count: usize) -> &'static str {
    match count {
        0 => "",
        1..=4 => "h1",
        5..=11 => "h2",
        12..=39 => "h3",
        _ => "h4",
    }
}

fn lines(t: &Tongue, rows: &[Waiting], now: i64) -> Vec<Line> {
    let mut counts: Vec<(String, Vec<usize>)> = Vec::new();
    for row in rows.iter().filter(|r| r.state == "queued") {
        let domain = row
            .address
            .rsplit('@')
            .next()
            .unwrap_or_default()
            .to_owned();
        let at = match counts.iter().position(|(d, _)| *d == domain) {
            Some(at) => at,
            None => {
                counts.push((domain, vec![0; AGES.len() + 1]));
                counts.len() - 1
            }
        };
        if let Some(count) = counts
            .get_mut(at)
            .and_then(|(_, c)| c.get_mut(column(now - row.queued_at)))
        {
            *count += 1;
        }
    }
    counts.sort_by_key(|(_, c)| std::cmp::Reverse(c.iter().sum::<usize>()));
    if counts.len() > NAMED {
        let mut rest = vec![0; AGES.len() + 1];
        for (_, other) in counts.drain(NAMED..) {
            for (sum, n) in rest.iter_mut().zip(other) {
                *sum += n;
            }
        }
        counts.push((t.text("queue-others"), rest));
    }
    counts
        .into_iter()
        .enumerate()
        .map(|(n, (destination, counts))| Line {
            destination,
            y: 34 + n * 44,
            text_y: 60 + n * 44,
            cells: counts
                .into_iter()
                .enumerate()
                .map(|(c, count)| Cell {
                    x: 228 + c * 100,
                    middle: 276 + c * 100,
                    count,
                    shade: shade(count),
                    words: t.text(&format!("queue-age-{c}")),
                })
                .collect(),
        })
        .collect()
}

pub(super) async fn page(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
) -> Response {
    let ground = service.0.ground();
    let now = ground.now();
    let t = Tongue::new(shell.lang, &TEXTS);
    let asked = async {
        let mut conn = ground.db.read().await?;
        let need = (Verb::See, Kind::MailQueue);
        let scope = rights::scope_of_caller(&mut conn, &caller, need, now).await?;
        if !scope.is_whole() {
            return Ok::<_, ScopeError>(None);
        }
        Ok(Some(queue::waiting(&mut conn, &scope, MOST).await?))
    };
    let rows = match asked.await {
        Ok(Some(rows)) => rows,
        Ok(None) | Err(ScopeError::NoRight | ScopeError::NoProvince) => {
            return shell.refusal(
                StatusCode::FORBIDDEN,
                &t.text("queue-title"),
                &t.text("queue-refused"),
                &t.text("queue-refused-next"),
            );
        }
        Err(ScopeError::Db(error)) => return internal(&error),
    };
    let queued = rows.iter().filter(|r| r.state == "queued").count();
    let columns = (0..=AGES.len())
        .map(|n| Column {
            middle: 276 + n * 100,
            words: t.text(&format!("queue-age-{n}")),
        })
        .collect();
    let lines = lines(&t, &rows, now);
    let items = rows
        .iter()
        .take(100)
        .map(|r| Item {
            message: r.message.clone(),
            sender: r
                .reverse_path
                .clone()
                .unwrap_or_else(|| t.text("queue-system")),
            recipient: r.address.clone(),
            failed: r.state == "failed",
            state: if r.state == "failed" {
                t.text("queue-failed")
            } else {
                t.with(
                    "queue-since",
                    &[("since", clock::format_instant(r.queued_at))],
                )
            },
            reply: r.last_reply.clone().unwrap_or_default(),
            next: if r.state == "failed" {
                String::new()
            } else {
                clock::format_instant(r.not_before)
            },
        })
        .collect();
    let title = t.text("queue-title");
    let waiting = t.with("queue-waiting", &[("count", queued.to_string())]);
    let height = 40 + lines.len() * 44;
    shell.page(
        StatusCode::OK,
        &title,
        &Page {
            t,
            waiting,
            columns,
            lines,
            height,
            items,
        },
    )
}

fn internal(error: &db::Error) -> Response {
    Problem::internal(error).into_response()
}
