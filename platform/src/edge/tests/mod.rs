//! The edge over real sockets: headers, forms, callers, errors, languages.
mod browser;
mod forms;
mod pages;

use askama::Template;
use axum::Router;
use axum::extract::FromRef;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use serde::Deserialize;

use crate::caller::{Bearer, Caller, Maybe, SignedIn};
use crate::edge::CsrfForm;
use crate::pages::Shell;
use crate::problem::Problem;
use crate::{Ground, testing};

#[derive(Clone)]
struct Service(Ground);

impl FromRef<Service> for Ground {
    fn from_ref(service: &Service) -> Ground {
        service.0.clone()
    }
}

#[derive(Template)]
#[template(
    source = "<form id=\"f\" method=\"post\" action=\"/form\"><input type=\"hidden\" name=\"_csrf\" value=\"{{ csrf }}\"><p>{{ word }}</p></form>",
    ext = "html"
)]
struct FormPage {
    csrf: String,
    word: String,
}

#[derive(Deserialize)]
struct Words {
    word: String,
}

async fn form(shell: Shell) -> Response {
    let body = FormPage {
        csrf: shell.csrf.clone(),
        word: "<b>&".into(),
    };
    shell.page(StatusCode::OK, "<Biểu mẫu>", &body)
}

async fn posted(CsrfForm(words): CsrfForm<Words>) -> String {
    format!("took {}", words.word)
}

async fn api(bearer: Bearer) -> Result<String, Problem> {
    let caller: Caller = bearer.scope("papers")?;
    Ok(caller.person)
}

async fn planted_panic() -> StatusCode {
    panic!("planted")
}

async fn teapot() -> Response {
    Problem::new(StatusCode::CONFLICT, "unsigned", "Chưa ký")
        .detail("Người có thẩm quyền chưa ký.")
        .with("clause", "Điều 25")
        .with("status", 200)
        .into_response()
}

fn router(ground: &Ground) -> Router {
    Router::new()
        .route("/form", get(form).post(posted))
        .route(
            "/me",
            get(|SignedIn(who): SignedIn| async move { who.person })
                .post(|SignedIn(who): SignedIn| async move { who.person }),
        )
        .route(
            "/maybe",
            get(|Maybe(who): Maybe| async move { who.map_or("nobody".into(), |who| who.person) }),
        )
        .route("/api", get(api))
        .route("/panic", get(planted_panic))
        .route("/problem", get(teapot))
        .route(
            "/large",
            axum::routing::post(|body: bytes::Bytes| async move { body.len().to_string() }),
        )
        .merge(crate::log::http::router::<Service>())
        .with_state(Service(ground.clone()))
}

/// A server on a free port, with the callers it admits.
async fn serve(change: impl FnOnce(&mut Ground)) -> (browser::Browser, testing::Callers, Ground) {
    let callers = testing::Callers::default();
    let mut ground = testing::ground(testing::sqlite().await, callers.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    change(&mut ground);
    let service = crate::edge::finish(router(&ground), &ground);
    tokio::spawn(crate::edge::serve(
        listener,
        service,
        std::future::pending(),
    ));
    (browser::Browser::new(address), callers, ground)
}
