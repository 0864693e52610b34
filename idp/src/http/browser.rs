//! What a request tells about the browser: its address, and what it calls itself.

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{SET_COOKIE, USER_AGENT};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use platform::edge::cookies;
use platform::{Ground, problem::Problem};
use std::convert::Infallible;
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The browser of a request. Headers that claim another address are not believed.
pub(crate) struct Browser {
    /// Its address; unspecified when the server does not know.
    pub(crate) address: IpAddr,
    /// Program and system in a few words.
    pub(crate) device: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let agent = parts
            .headers
            .get(USER_AGENT)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        Ok(Self {
            address: known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| c.0.ip()),
            device: device(agent),
        })
    }
}

fn device(agent: &str) -> String {
    let first = |words: &[(&'static str, &'static str)]| {
        words
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let program = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("coc_coc", "Cốc Cốc"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(p), Some(s)) => format!("{p}, {s}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().filter(|c| !c.is_control()).take(40).collect(),
    }
}

/// A redirect that lets a browser turn a POST into a GET.
pub(crate) fn see_other(to: &str) -> Response {
    Redirect::to(to).into_response()
}

/// The same with the cookie of a fresh session.
pub(crate) fn see_other_with_session(ground: &Ground, to: &str, handle: &str) -> Response {
    match cookies::session(ground, handle) {
        Some(cookie) => with_cookie(see_other(to), cookie),
        None => failed(&"session handle does not fit a cookie"),
    }
}

/// An answer with one more cookie.
pub(crate) fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

/// Our fault: logged, and answered without a word of it.
pub(crate) fn failed(error: &dyn Display) -> Response {
    tracing::error!(%error, "sign-in");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// The database was the fault; overload is told as such.
pub(crate) fn failed_db(error: platform::db::Error) -> Response {
    let problem = Problem::from(error);
    problem.status().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_a_name_people_recognise() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36";
        assert_eq!(device(chrome), "Chrome, Windows");
        assert_eq!(device("curl/8\u{7}"), "curl/8");
        assert_eq!(device(&"x".repeat(500)).len(), 40);
    }
}
