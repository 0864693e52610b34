//! The start page: what I may do today, in the post I act in.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use engine::Scope;
use http::StatusCode;
use platform::caller::Maybe;
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;

use crate::flows::overview::{self, Overview};
use crate::wording::Words;
use crate::{Service, TEXTS};

struct May {
    reach: String,
    block: String,
    clause: String,
    until: Option<String>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Page {
    t: Tongue,
    name: Option<String>,
    post: Option<String>,
    may: Vec<May>,
    overview: Overview,
    /// Whether the post may give authority.
    head: bool,
    words: Words,
}

/// GET /
pub async fn show(
    State(service): State<Service>,
    Maybe(caller): Maybe,
    shell: Shell,
) -> Result<Response, Problem> {
    let policies = &service.0;
    let t = Tongue::new(shell.lang, &TEXTS);
    let words = Words::new(shell.lang);
    let overview = match &caller {
        Some(caller) => {
            let mut conn = policies.ground.db.read().await?;
            overview::run(
                &mut conn,
                &policies.authority,
                caller,
                policies.ground.now(),
            )
            .await?
        }
        None => Overview::default(),
    };
    let may = overview.usable.iter().map(|usable| May {
        reach: match &usable.scope {
            Scope::Agency => t.text("reach-agency"),
            Scope::Field(field) => t.with("reach-field", &[("field", field.as_str())]),
            Scope::Paper(paper) => {
                let listed = overview
                    .handovers
                    .iter()
                    .find(|one| one.paper.as_deref() == Some(paper.as_str()));
                let title = listed.map_or(paper.as_str(), |one| one.title.as_str());
                t.with("reach-paper", &[("paper", title)])
            }
            Scope::Mandate(id) => {
                let listed = overview.handovers.iter().find(|one| one.id == *id.as_str());
                let title = listed.map_or(id.as_str(), |one| one.title.as_str());
                t.with("reach-mandate", &[("what", title)])
            }
        },
        block: usable.decision.block_lines.join(" / "),
        clause: usable.decision.clause.clone().unwrap_or_default(),
        until: usable.decision.valid_until.map(|until| words.end(until)),
    });
    let post = caller.as_ref().and_then(|caller| caller.post.as_deref());
    let role = post.and_then(|post| policies.authority.epoch().role_of(post));
    let page = Page {
        may: may.collect(),
        name: caller.as_ref().map(|caller| caller.name.clone()),
        post: caller.and_then(|caller| caller.post_title),
        head: role == Some(engine::Role::Head),
        overview,
        words,
        t,
    };
    Ok(shell.page(StatusCode::OK, &t.text("home-title"), &page))
}
