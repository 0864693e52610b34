//! Cookies: `__Host-` names over TLS, plain names on loopback without it; always HttpOnly and SameSite=Lax.
//! Standard: RFC 6265bis §4.1.3 (the `__Host-` prefix), §5.4.
//! It must never set a cookie that a script, another host or another path could read.
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::Ground;

/// The session cookie's name.
pub fn session_name(ground: &Ground) -> &'static str {
    if ground.is_https() {
        "__Host-antin"
    } else {
        "antin"
    }
}

/// The name of the cookie that binds form tokens of people who are not signed in.
pub fn form_name(ground: &Ground) -> &'static str {
    if ground.is_https() {
        "__Host-antin-form"
    } else {
        "antin-form"
    }
}

/// The value of a cookie of the request.
pub fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

/// `Set-Cookie` for a session cookie: lives as long as the browser.
pub fn session(ground: &Ground, value: &str) -> Option<HeaderValue> {
    set(ground, session_name(ground), value, None)
}

/// `Set-Cookie` that removes the session cookie.
pub fn end_session(ground: &Ground) -> Option<HeaderValue> {
    set(ground, session_name(ground), "", Some(0))
}

/// `Set-Cookie` of any name; `None` when name or value hold characters a cookie may not.
pub fn set(ground: &Ground, name: &str, value: &str, max_age: Option<i64>) -> Option<HeaderValue> {
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\'))
    };
    if name.is_empty() || name.contains('=') || !plain(name) || !plain(value) {
        return None;
    }
    let secure = if ground.is_https() { "; Secure" } else { "" };
    let age = max_age.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"
    ))
    .ok()
}
