//! A browser over a router: cookies, forms, no redirects followed unless asked.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;
use std::collections::BTreeMap;
use tower::ServiceExt as _;

#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) origin: Option<String>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) options: Value,
}

impl Form {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(n, _)| n != name);
        self.fields.push((name.into(), value.into()));
        self
    }

    pub(crate) fn field(&self, name: &str) -> String {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .unwrap()
            .1
            .clone()
    }
}

pub(crate) fn encode(fields: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let rest = &tag[from..];
    let value = &rest[..rest.find('"')?];
    Some(
        value
            .replace("&#34;", "\"")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#38;", "&")
            .replace("&amp;", "&"),
    )
}

impl Answer {
    pub(crate) fn location(&self) -> String {
        self.headers
            .get(LOCATION)
            .unwrap_or_else(|| panic!("no Location: {} {}", self.status, self.body))
            .to_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.body))
    }

    pub(crate) fn has_form(&self, id: &str) -> bool {
        self.body.contains(&format!("<form id=\"{id}\""))
    }

    pub(crate) fn form(&self, id: &str) -> Form {
        let at = self
            .body
            .find(&format!("<form id=\"{id}\""))
            .unwrap_or_else(|| panic!("no form {id}: {} {}", self.status, self.body));
        let inside = &self.body[at..at + self.body[at..].find("</form>").unwrap()];
        let open = &inside[..inside.find('>').unwrap()];
        let mut fields = Vec::new();
        for part in inside.split("<input").skip(1) {
            let tag = &part[..part.find('>').unwrap()];
            let radio = attribute(tag, "type").as_deref() == Some("radio");
            if radio && !tag.contains(" checked") {
                continue;
            }
            fields.push((
                attribute(tag, "name").unwrap(),
                attribute(tag, "value").unwrap_or_default(),
            ));
        }
        let options = attribute(open, "data-options")
            .map_or(Value::Null, |o| serde_json::from_str(&o).unwrap());
        Form {
            action: attribute(open, "action").unwrap(),
            fields,
            options,
        }
    }
}

impl Browser {
    pub(crate) fn new(router: Router, origin: &str) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            origin: Some(origin.to_owned()),
        }
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        if !self.cookies.is_empty() {
            let all: Vec<String> = self
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            request
                .headers_mut()
                .insert(COOKIE, all.join("; ").parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(
            Request::get(path)
                .header("accept", "text/html")
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// Follows redirects within the site; stops at the first that leaves it.
    pub(crate) async fn follow(&mut self, path: &str) -> Answer {
        let mut answer = self.get(path).await;
        for _ in 0..10 {
            let next = answer
                .headers
                .get(LOCATION)
                .and_then(|l| l.to_str().ok())
                .filter(|l| l.starts_with('/'))
                .map(str::to_owned);
            match next {
                Some(next) => answer = self.get(&next).await,
                None => return answer,
            }
        }
        panic!("redirects without end, last to {}", answer.location());
    }

    pub(crate) async fn submit(&mut self, form: &Form) -> Answer {
        self.post(&form.action, &encode(&form.fields), &[]).await
    }

    pub(crate) async fn post(
        &mut self,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("accept", "text/html");
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    }
}
