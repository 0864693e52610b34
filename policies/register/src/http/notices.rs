//! `/notices`: what concerns the reader and others did, and what waits for him.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use platform::caller::{Caller, SignedIn};
use platform::clock::{format_date, format_instant};
use platform::db::{Conn, Error};
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use serde_json::Value;

use super::admin::words;
use super::reading::broken;
use super::words::titled;
use crate::TEXTS;
use crate::domain::administration::{READING, Table as Roles};
use crate::domain::notice::{Rank, Table, What};
use crate::facts;
use crate::flows::mark_notices;
use crate::flows::read_notices::{self, Notice, Waiting};
use crate::rights::{Scope, ScopeError, scope_of_caller};
use crate::store::notices::Mark;
use crate::store::people;

/// One notice in words.
#[derive(Default)]
struct Line {
    what: String,
    who: String,
    when: String,
    basis: String,
    /// Where one sees or answers it, unless it is shut to the reader.
    see: Option<String>,
    unread: bool,
    urgent: bool,
}

/// Notices of one day.
struct Day {
    name: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "notices.html")]
struct View {
    t: Tongue,
    csrf: String,
    top: Vec<Line>,
    days: Vec<Day>,
    /// Whether this is the page with the newest.
    newest: bool,
    next: Option<i64>,
    seen: Mark,
    unread: i64,
}

/// Which page.
#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    before: String,
}

/// GET /notices
pub(crate) async fn show(
    shell: Shell,
    SignedIn(caller): SignedIn,
    Query(asked): Query<Asked>,
) -> Response {
    let before = match asked.before.trim() {
        "" => None,
        typed => match typed.parse::<i64>() {
            Ok(place) => Some(place),
            Err(_) => return shell.error(StatusCode::UNPROCESSABLE_ENTITY),
        },
    };
    match load(&shell, &caller, before).await {
        Ok(view) => {
            let title = view.t.text("notices-title");
            shell.page(StatusCode::OK, &title, &view)
        }
        Err(error) => broken(&error),
    }
}

/// Who reads, and what he may see of others.
struct Desk<'d> {
    t: Tongue,
    conn: Conn,
    scope: Option<Scope>,
    caller: &'d Caller,
    now: i64,
    /// Whether the reader's own page opens to him.
    own_page: bool,
}

async fn load(shell: &Shell, caller: &Caller, before: Option<i64>) -> Result<View, Error> {
    let (t, now) = (Tongue::new(shell.lang, &TEXTS), shell.ground().now());
    let mut conn = shell.ground().db.read().await?;
    let page = read_notices::page(&mut conn, caller, before, now).await?;
    let scope = match scope_of_caller(&mut conn, caller, READING, now).await {
        Ok(scope) => Some(scope),
        Err(ScopeError::NoRight | ScopeError::NoProvince) => None,
        Err(ScopeError::Db(error)) => return Err(error),
    };
    let own_page = match &scope {
        Some(scope) => people::load(&mut conn, scope, &caller.person)
            .await?
            .is_some(),
        None => false,
    };
    let mut desk = Desk {
        t,
        conn,
        scope,
        caller,
        now,
        own_page,
    };
    let mut top = Vec::new();
    for one in &page.first {
        top.push(desk.line(one).await?);
    }
    desk.standing(page.waiting, page.read_at, &mut top).await?;
    let mut days: Vec<Day> = Vec::new();
    for one in &page.notices {
        let (name, line) = (format_date(one.event.at), desk.line(one).await?);
        match days.last_mut() {
            Some(day) if day.name == name => day.lines.push(line),
            _ => days.push(Day {
                name,
                lines: vec![line],
            }),
        }
    }
    Ok(View {
        t,
        csrf: shell.csrf.clone(),
        top,
        days,
        newest: before.is_none(),
        next: page.next,
        seen: page.seen,
        unread: page.unread,
    })
}

impl Desk<'_> {
    /// Somebody by name if the reader's pages show him, else that he is somebody in charge.
    async fn name(&mut self, person: &str) -> Result<String, Error> {
        let seen = match &self.scope {
            Some(scope) => people::load(&mut self.conn, scope, person).await?.is_some(),
            None => false,
        };
        if seen {
            words::person(&self.t, &mut self.conn, person).await
        } else {
            Ok(self.t.text("notice-somebody"))
        }
    }

    async fn line(&mut self, notice: &Notice) -> Result<Line, Error> {
        let t = self.t;
        let event = &notice.event;
        let body: Value = event
            .body
            .as_deref()
            .and_then(|body| serde_json::from_str(body).ok())
            .unwrap_or_default();
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        let who = match (text("/actor/person"), text("/actor/system")) {
            (Some(person), _) => self.name(person).await?,
            (None, Some(system)) => t.with("history-system", &[("name", system)]),
            (None, None) => t.text("history-nobody"),
        };
        let subject = match (
            text("/detail/role"),
            text("/detail/post"),
            text("/detail/act"),
        ) {
            (Some(role), _, _) => words::role_name(&t, role),
            (_, Some(post), _) => facts::post(&mut self.conn, post, event.at)
                .await?
                .map_or_else(
                    || t.text("notice-some-post"),
                    |post| titled(&post.title, post.field.as_deref()),
                ),
            (_, _, Some(act)) => Roles::ours()
                .dangerous(act)
                .map_or_else(|| act.to_owned(), |row| row.name(t.lang()).to_owned()),
            (None, None, None) => String::new(),
        };
        let see = notice.rule.see.replace("{person}", &self.caller.person);
        let see = see.replace("{object}", event.object_id.as_deref().unwrap_or_default());
        let see = see.replace("{list}", event.list.as_deref().unwrap_or_default());
        let shut = see.starts_with("/people/") && !self.own_page;
        Ok(Line {
            what: t.with(&notice.rule.text, &[("what", subject.as_str())]),
            who,
            when: format_instant(event.at),
            basis: text("/detail/basis")
                .or_else(|| text("/detail/reason"))
                .unwrap_or_default()
                .to_owned(),
            see: (!shut).then_some(see),
            unread: !notice.read,
            urgent: notice.rule.rank == Rank::First,
        })
    }

    /// What waits, with the row of the table that says how to say it.
    async fn standing(
        &mut self,
        waiting: Waiting,
        read_at: i64,
        top: &mut Vec<Line>,
    ) -> Result<(), Error> {
        let t = self.t;
        let mut add = |what: What, object: &str, since: i64, line: Line| {
            if let Some(rule) = Table::ours().standing(what) {
                top.push(Line {
                    what: t.with(&rule.text, &[("what", line.what.as_str())]),
                    see: Some(rule.see.replace("{object}", object)),
                    unread: since > read_at,
                    ..line
                });
            }
        };
        for one in waiting.proposals {
            let day = format_date(one.expires_at);
            let line = Line {
                what: words::effect(&t, &mut self.conn, &one.act, self.now).await?,
                who: words::person(&t, &mut self.conn, &one.proposed_by).await?,
                when: t.with("notice-until", &[("day", day.as_str())]),
                basis: one.basis,
                ..Line::default()
            };
            add(What::Proposal, &one.id, one.proposed_at, line);
        }
        for one in waiting.silences {
            let day = format_date(one.last);
            let line = Line {
                what: one.source.name,
                when: t.with("notice-silent-since", &[("day", day.as_str())]),
                basis: one.source.basis,
                ..Line::default()
            };
            add(What::Source, &one.source.id, one.since, line);
        }
        for one in waiting.failed {
            let why = one.failure.unwrap_or_default();
            let line = Line {
                what: one.file_name,
                who: t.text(&format!("list-failed-{why}")),
                when: format_instant(one.uploaded_at),
                ..Line::default()
            };
            add(What::List, &one.id, one.uploaded_at, line);
        }
        Ok(())
    }
}

/// What is marked as read: what the page showed.
#[derive(serde::Deserialize)]
pub(crate) struct Seen {
    #[serde(default)]
    place: String,
    #[serde(default)]
    at: String,
}

/// POST /notices
pub(crate) async fn mark(
    shell: Shell,
    SignedIn(caller): SignedIn,
    CsrfForm(seen): CsrfForm<Seen>,
) -> Response {
    let (Ok(place), Ok(read_at)) = (seen.place.parse(), seen.at.parse()) else {
        return shell.error(StatusCode::UNPROCESSABLE_ENTITY);
    };
    let (ground, mark) = (shell.ground(), Mark { place, read_at });
    match mark_notices::run(&ground.db, &caller.person, mark, ground.now()).await {
        Ok(()) => Redirect::to("/notices").into_response(),
        Err(error) => broken(&error),
    }
}
