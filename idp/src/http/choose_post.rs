//! The page on which a person says in which post he works with an application.

use super::Service;
use super::browser::{failed_db, see_other};
use crate::TEXTS;
use crate::domain::return_path::ReturnPath;
use crate::flows::choose_post::{self, Choice, ChoosePostError};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use platform::caller::SignedIn;
use platform::clock;
use platform::edge::CsrfForm;
use platform::i18n::{Lang, Tongue};
use platform::pages::Shell;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "choose_post.html")]
struct ChoosePage<'a> {
    t: Tongue,
    csrf: &'a str,
    client: &'a str,
    application: Option<&'a str>,
    next: &'a str,
    posts: Vec<PostRow>,
    trouble: Option<String>,
}

struct PostRow {
    id: String,
    title: String,
    agency: String,
    since: String,
    until: Option<String>,
    kind: String,
    checked: bool,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    client: Option<String>,
    next: Option<String>,
    post: Option<String>,
}

impl Asked {
    fn client(&self) -> &str {
        self.client
            .as_deref()
            .filter(|c| !c.is_empty())
            .unwrap_or(crate::PAGES)
    }
}

pub(super) async fn show(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Response {
    match choose_post::offer(&service.0, &caller, asked.client()).await {
        Ok(choice) => page(&shell, StatusCode::OK, &asked, &choice, None),
        Err(error) => explain(&shell, error),
    }
}

pub(super) async fn choose(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    CsrfForm(asked): CsrfForm<Asked>,
) -> Response {
    let idp = &service.0;
    let post = asked.post.as_deref().unwrap_or_default();
    match choose_post::run(idp, &caller, asked.client(), post).await {
        Ok(()) => see_other(ReturnPath::or_home(asked.next.as_deref()).as_str()),
        Err(ChoosePostError::NotHeld) => {
            match choose_post::offer(idp, &caller, asked.client()).await {
                Ok(choice) => {
                    let trouble = Tongue::new(shell.lang, &TEXTS).text("choose-post-not-held");
                    page(
                        &shell,
                        StatusCode::UNPROCESSABLE_ENTITY,
                        &asked,
                        &choice,
                        Some(trouble),
                    )
                }
                Err(error) => explain(&shell, error),
            }
        }
        Err(error) => explain(&shell, error),
    }
}

fn explain(shell: &Shell, error: ChoosePostError) -> Response {
    match error {
        ChoosePostError::Db(error) => failed_db(error),
        ChoosePostError::Client | ChoosePostError::NotHeld => shell.not_found(),
    }
}

fn page(
    shell: &Shell,
    status: StatusCode,
    asked: &Asked,
    choice: &Choice,
    trouble: Option<String>,
) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let next = ReturnPath::or_home(asked.next.as_deref());
    let first = choice.posts.first().map(|p| p.post.clone());
    let checked = choice
        .current
        .clone()
        .filter(|c| choice.posts.iter().any(|p| p.post == *c))
        .or(first);
    let posts = choice.posts.iter().map(|held| PostRow {
        id: held.post.clone(),
        title: held.title.clone(),
        agency: held.agency_name.clone(),
        since: clock::format_date(held.from),
        until: held.to.map(clock::format_last_day),
        kind: t.text(&format!(
            "appointment-{}",
            held.kind.as_str().replace('_', "-")
        )),
        checked: checked.as_deref() == Some(held.post.as_str()),
    });
    let body = ChoosePage {
        t,
        csrf: &shell.csrf,
        client: asked.client(),
        application: choice.client.as_ref().map(|(vi, en)| {
            if shell.lang == Lang::En {
                en.as_str()
            } else {
                vi.as_str()
            }
        }),
        next: next.as_str(),
        posts: posts.collect(),
        trouble,
    };
    shell.page(status, &t.text("choose-post-title"), &body)
}
