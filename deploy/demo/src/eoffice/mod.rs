//! The demo's e-office: a relying application of its own, on its own origin, that knows the province only over HTTP.
//! Standard: OpenID Connect Core 1.0 §3.1; OAuth 2.0 Bearer Token Usage RFC 6750 §2.1; AuthZEN Authorization API 1.0 §5
//! It must never decide who may sign: it asks, shows the answer, and sends the person to the province's own consent page.

pub mod desk;
mod pages;
pub mod papers_api;
pub mod sign_in;

use axum::Form;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use desk::{Desk, Draft};
use papers_api::{PapersApi, Refusal};
use serde::Deserialize;
use serde_json::Value;
use sign_in::{Pending, Provider, SignInError, User};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell};

/// What the application is told at start.
#[derive(Debug, Clone)]
pub struct EofficeConfig {
    /// Issuer, which is also the address of the province's pages and interfaces.
    pub issuer: String,
    /// Own address, without a slash at the end.
    pub own_url: String,
    /// Client id registered with the province.
    pub client_id: String,
    /// Client secret.
    pub client_secret: String,
    /// File that keeps the cards of the desk between runs.
    pub desk_file: std::path::PathBuf,
}

/// The running application.
pub struct Eoffice {
    config: EofficeConfig,
    provider: OnceCell<Provider>,
    papers: PapersApi,
    desk: Desk,
    pending: Mutex<HashMap<String, Pending>>,
    users: Mutex<HashMap<String, User>>,
}

/// Name of the session cookie.
const COOKIE: &str = "vanphong";
/// Sign-ins kept waiting at most; the oldest browser tab loses.
const MOST_PENDING: usize = 1_000;

type App = Arc<Eoffice>;

impl Eoffice {
    /// Opens the desk file and makes the application; the provider is discovered at the first sign-in.
    pub fn new(config: EofficeConfig) -> Result<Arc<Self>, desk::DeskError> {
        Ok(Arc::new(Self {
            papers: PapersApi::new(&config.issuer),
            desk: Desk::open(&config.desk_file)?,
            config,
            provider: OnceCell::new(),
            pending: Mutex::default(),
            users: Mutex::default(),
        }))
    }

    /// Its pages.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/", get(home))
            .route("/login", get(login))
            .route("/callback", get(callback))
            .route("/logout", post(logout))
            .route("/papers", post(draft))
            .route("/papers/{id}/document.pdf", get(document))
            .route("/papers/{id}/{act}", post(act))
            .route("/eoffice.css", get(stylesheet))
            .with_state(self)
    }

    async fn provider(&self) -> Result<&Provider, SignInError> {
        let c = &self.config;
        let redirect = format!("{}/callback", c.own_url);
        self.provider
            .get_or_try_init(|| {
                Provider::discover(&c.issuer, &c.client_id, &c.client_secret, &redirect)
            })
            .await
    }

    async fn user(&self, headers: &HeaderMap) -> Option<User> {
        self.users.lock().await.get(&cookie(headers)?).cloned()
    }

    /// A form post counts only from our own pages (the cookie is SameSite=Lax as well).
    fn own_form(&self, headers: &HeaderMap) -> bool {
        headers
            .get(header::ORIGIN)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|origin| origin == self.config.own_url)
    }
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get(header::COOKIE)?.to_str().ok()?;
    all.split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}

fn to(address: &str) -> Response {
    Redirect::to(address).into_response()
}

async fn stylesheet() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../../static/eoffice.css"),
    )
        .into_response()
}

async fn home(State(app): State<App>, headers: HeaderMap) -> Response {
    let Some(user) = app.user(&headers).await else {
        return pages::welcome(&app.config.issuer);
    };
    match desk::look(&app.desk, &app.papers, &user).await {
        Ok(view) => pages::desk(&app.config.issuer, &user, &view),
        Err(desk::DeskError::SignInAgain) => to("/login"),
        Err(e) => pages::broken(&app.config.issuer, Some(user), &e.to_string()),
    }
}

async fn login(State(app): State<App>) -> Response {
    match app.provider().await.and_then(Provider::begin) {
        Ok((address, pending)) => {
            let mut waiting = app.pending.lock().await;
            if waiting.len() >= MOST_PENDING {
                waiting.clear();
            }
            waiting.insert(pending.state.clone(), pending);
            to(&address)
        }
        Err(e) => pages::broken(&app.config.issuer, None, &e.to_string()),
    }
}

#[derive(Deserialize)]
struct Answer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

async fn callback(State(app): State<App>, Query(answer): Query<Answer>) -> Response {
    let pending = match &answer.state {
        Some(state) => app.pending.lock().await.remove(state),
        None => None,
    };
    let Some(pending) = pending else {
        return pages::broken(&app.config.issuer, None, &SignInError::State.to_string());
    };
    // RFC 9207 §2.4: an answer of another issuer is a mix-up.
    if answer
        .iss
        .as_ref()
        .is_some_and(|iss| iss.trim_end_matches('/') != app.config.issuer)
    {
        return pages::broken(&app.config.issuer, None, "answer of another issuer");
    }
    let Some(code) = answer.code else {
        return pages::broken(
            &app.config.issuer,
            None,
            answer.error.as_deref().unwrap_or("no code"),
        );
    };
    let user = match app.provider().await {
        Ok(provider) => provider.finish(&code, pending).await,
        Err(e) => Err(e),
    };
    match user {
        Ok(user) => {
            let session = match desk::random_name() {
                Ok(session) => session,
                Err(e) => return pages::broken(&app.config.issuer, None, &e.to_string()),
            };
            app.users.lock().await.insert(session.clone(), user);
            let set = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax");
            ([(header::SET_COOKIE, set)], Redirect::to("/")).into_response()
        }
        Err(e) => pages::broken(&app.config.issuer, None, &e.to_string()),
    }
}

async fn logout(State(app): State<App>, headers: HeaderMap) -> Response {
    if !app.own_form(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let user = match cookie(&headers) {
        Some(session) => app.users.lock().await.remove(&session),
        None => None,
    };
    match (user, app.provider().await) {
        (Some(user), Ok(provider)) => {
            to(&provider.logout_address(&user, &format!("{}/", app.config.own_url)))
        }
        _ => to("/"),
    }
}

async fn draft(State(app): State<App>, headers: HeaderMap, Form(draft): Form<Draft>) -> Response {
    let Some(user) = app.user(&headers).await else {
        return to("/login");
    };
    if !app.own_form(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    match app.desk.draft(&app.papers, &user, draft).await {
        Ok(Ok(_)) => to("/"),
        Ok(Err(refusal)) => refused(&app, user, &refusal),
        Err(e) => pages::broken(&app.config.issuer, Some(user), &e.to_string()),
    }
}

async fn act(
    State(app): State<App>,
    headers: HeaderMap,
    Path((id, act)): Path<(String, String)>,
) -> Response {
    let Some(user) = app.user(&headers).await else {
        return to("/login");
    };
    if !app.own_form(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let back = format!("{}/", app.config.own_url);
    let token = &user.access_token;
    let answer: papers_api::Answer<Value> = match act.as_str() {
        "sign" => app.papers.request_signature(token, &id, &back).await,
        "number" => app.papers.number(token, &id).await,
        "seal" => app.papers.request_seal(token, &id, &back).await,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match answer {
        Ok(Ok(answer)) => to(answer
            .get("consent_url")
            .and_then(Value::as_str)
            .unwrap_or("/")),
        Ok(Err(refusal)) if refusal.status == 401 => to("/login"),
        Ok(Err(refusal)) => refused(&app, user, &refusal),
        Err(e) => pages::broken(&app.config.issuer, Some(user), &e.to_string()),
    }
}

async fn document(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let Some(user) = app.user(&headers).await else {
        return to("/login");
    };
    match app.papers.document(&user.access_token, &id).await {
        Ok(bytes) => (
            [
                (header::CONTENT_TYPE, "application/pdf"),
                (header::CONTENT_DISPOSITION, "inline"),
            ],
            bytes,
        )
            .into_response(),
        Err(e) => pages::broken(&app.config.issuer, Some(user), &e.to_string()),
    }
}

fn refused(app: &Eoffice, user: User, refusal: &Refusal) -> Response {
    pages::refused(&app.config.issuer, user, refusal)
}
