//! The register's pages over HTTP, with people signed in by a cookie, or tokens of an application.

use std::sync::Arc;

use platform::db::Db;
use platform::notices::NoticePort;
use platform::testing::{Callers, caller, ground};
use register::facts;
use register::{Register, router};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::support::NOW;

pub struct Site {
    address: std::net::SocketAddr,
    pub callers: Callers,
    cookie: &'static str,
}

impl Site {
    pub async fn open(db: &Db) -> Self {
        Self::with_notices(db, Arc::new(register::Notices::new(db.clone()))).await
    }

    pub async fn with_notices(db: &Db, notices: Arc<dyn NoticePort>) -> Self {
        let callers = Callers::default();
        let ground = platform::Ground {
            notices,
            ..ground(db.clone(), callers.clone())
        };
        let cookie = platform::edge::cookies::session_name(&ground);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = router(Arc::new(Register::new(ground)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            address,
            callers,
            cookie,
        }
    }

    /// Signs a person in, in his first post.
    pub async fn sign_in(&self, db: &Db, staff_no: &str) {
        let mut conn = db.read().await.unwrap();
        let person = facts::person_by_staff_no(&mut conn, staff_no)
            .await
            .unwrap()
            .unwrap();
        let held = facts::posts_of(&mut conn, &person.id, NOW).await.unwrap();
        self.callers.admit(
            staff_no,
            caller(&person.id, held.first().map(|h| h.post.as_str())),
        );
    }

    /// Gives an application a token of this person with this scope.
    pub fn give_token(&self, token: &str, person: &str, post: Option<&str>, scope: &str) {
        let mut holder = caller(person, post);
        holder.scopes = vec![scope.to_owned()];
        holder.client = Some("test".into());
        self.callers.admit(token, holder);
    }

    async fn send(&self, request: String) -> (u16, String) {
        let mut stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        (text[9..12].parse().unwrap(), text)
    }

    pub async fn get(&self, who: &str, path: &str) -> (u16, String) {
        self.send(format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nCookie: {}={who}\r\nConnection: close\r\n\r\n",
            self.cookie
        ))
        .await
    }

    /// Sends a form with the token of this person's session.
    pub async fn post(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let (_, page) = self.get(who, "/search").await;
        let csrf = between(&page, "name=\"_csrf\" value=\"", "\"").unwrap_or_default();
        let mut body = format!("_csrf={}", encoded(&csrf));
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", encoded(value)));
        }
        self.send(format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nCookie: {}={who}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.cookie,
            body.len()
        ))
        .await
    }

    /// Sends a body of any kind.
    pub async fn send_body(&self, who: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
        self.send(format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nCookie: {}={who}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.cookie,
            body.len()
        ))
        .await
    }

    /// Asks the API with a token; gives status and JSON.
    pub async fn call(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&str>,
    ) -> (u16, String) {
        let body = body.unwrap_or_default();
        let (status, text) = self
            .send(format!(
                "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            ))
            .await;
        let json = text
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned())
            .unwrap_or_default();
        (status, json)
    }
}

/// The text between two marks.
pub fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let rest = text.split(before).nth(1)?;
    Some(rest.split(after).next()?.to_owned())
}

/// Where an answer leads.
pub fn location(answer: &str) -> String {
    answer
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
