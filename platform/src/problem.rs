//! API errors as problem documents.
//! Standard: RFC 9457 §3, §4.
//! It must never carry internal text: what went wrong inside is logged under the request id, not answered.
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::db;

/// A problem document and the status and headers it travels with. Small, so that results stay small.
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: Option<String>,
    members: Map<String, Value>,
    headers: HeaderMap,
}

impl Problem {
    /// A problem of one kind: `code` is the stable name, `title` the same words for every occurrence.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            title,
            detail: None,
            members: Map::new(),
            headers: HeaderMap::new(),
        }))
    }

    /// What is particular to this occurrence, in the reader's language.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// An extension member. The five standard names and `code` cannot be replaced.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if !matches!(
            name,
            "type" | "title" | "status" | "detail" | "instance" | "code"
        ) {
            match serde_json::to_value(value) {
                Ok(value) => {
                    self.0.members.insert(name.to_owned(), value);
                }
                Err(error) => {
                    tracing::error!(%error, name, "a member of a problem document is not JSON")
                }
            }
        }
        self
    }

    /// Adds a response header.
    pub fn header(&mut self, name: HeaderName, value: impl TryInto<HeaderValue>) {
        if let Ok(value) = value.try_into() {
            self.0.headers.insert(name, value);
        }
    }

    /// 500 for whatever has no better name; the cause goes to the log only.
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Lỗi trong hệ thống",
        )
    }

    /// 503 with Retry-After.
    pub fn unavailable(seconds: u32) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Hệ thống đang quá tải, hãy thử lại",
        );
        problem.header(RETRY_AFTER, seconds.to_string());
        problem
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Không tìm thấy")
    }

    /// 400 with the reason.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "Yêu cầu không hợp lệ",
        )
        .detail(detail)
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable name.
    pub fn code(&self) -> &'static str {
        self.0.code
    }
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::NotFound => Self::not_found(),
            db::Error::Timeout | db::Error::Overloaded => {
                tracing::warn!(%error, "shed");
                Self::unavailable(1)
            }
            other => Self::internal(&other),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let this = *self.0;
        let mut body = Map::new();
        body.insert(
            "type".into(),
            format!("urn:antin:problem:{}", this.code).into(),
        );
        body.insert("title".into(), this.title.into());
        body.insert("status".into(), this.status.as_u16().into());
        if let Some(detail) = this.detail {
            body.insert("detail".into(), detail.into());
        }
        body.insert("code".into(), this.code.into());
        body.extend(this.members);
        let mut response = (this.status, Value::Object(body).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.extend(this.headers);
        response
    }
}
