//! The e-office's pages: askama templates with their data.

use super::desk::DeskView;
use super::papers_api::Refusal;
use super::sign_in::User;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::Value;

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome<'a> {
    issuer: &'a str,
    user: Option<User>,
}

#[derive(Template)]
#[template(path = "desk.html")]
struct DeskPage<'a> {
    issuer: &'a str,
    user: Option<User>,
    rights: &'a [super::desk::Right],
    papers: &'a [super::desk::PaperRow],
    fields: &'a [String],
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    issuer: &'a str,
    user: Option<User>,
    title: String,
    code: String,
    detail: String,
    clause: String,
    who_could: Vec<String>,
}

fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(e) => (StatusCode::INTERNAL_SERVER_ERROR, e.to_string()).into_response(),
    }
}

pub(super) fn welcome(issuer: &str) -> Response {
    render(StatusCode::OK, &Welcome { issuer, user: None })
}

pub(super) fn desk(issuer: &str, user: &User, view: &DeskView) -> Response {
    let page = DeskPage {
        issuer,
        user: Some(user.clone()),
        rights: &view.rights,
        papers: &view.papers,
        fields: &view.fields,
    };
    render(StatusCode::OK, &page)
}

pub(super) fn refused(issuer: &str, user: User, refusal: &Refusal) -> Response {
    let text = |name: &str| {
        refusal
            .problem
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let who_could = refusal
        .problem
        .get("who_could")
        .and_then(Value::as_array)
        .map(|list| list.iter().map(name_of).collect())
        .unwrap_or_default();
    let page = Refused {
        issuer,
        user: Some(user),
        title: text("title"),
        code: refusal.code().to_owned(),
        detail: text("detail"),
        clause: text("clause"),
        who_could,
    };
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_GATEWAY);
    render(status, &page)
}

pub(super) fn broken(issuer: &str, user: Option<User>, reason: &str) -> Response {
    let page = Refused {
        issuer,
        user,
        title: "Chưa làm được".into(),
        code: "provider".into(),
        detail: format!(
            "Hệ thống của tỉnh chưa trả lời như mong đợi: {reason}. Thử lại sau ít phút."
        ),
        clause: String::new(),
        who_could: Vec::new(),
    };
    render(StatusCode::BAD_GATEWAY, &page)
}

/// “Ngô Đức Thịnh, Phó Chủ tịch” from one entry of `who_could`.
fn name_of(who: &Value) -> String {
    ["name", "title", "how"]
        .iter()
        .filter_map(|k| who.get(*k).and_then(Value::as_str))
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}
