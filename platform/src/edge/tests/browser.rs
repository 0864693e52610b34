//! A client of a few lines that keeps cookies, so that the tests see the very bytes.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Browser {
    address: SocketAddr,
    pub cookies: BTreeMap<String, String>,
    pub accept: &'static str,
    pub language: &'static str,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    pub fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let at = self.body.rfind(&start).expect("the field") + start.len();
        self.body[at..].split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            cookies: BTreeMap::new(),
            accept: "text/html,application/xhtml+xml",
            language: "vi",
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub async fn post(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.send("POST", path, &all, &body).await
    }

    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost:8080\r\nconnection: close\r\naccept: {}\r\naccept-language: {}\r\ncontent-length: {}\r\n",
            self.accept,
            self.language,
            body.len()
        );
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            let _written = write!(text, "cookie: {}\r\n", cookies.join("; "));
        }
        for (name, value) in headers {
            let _written = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("\r\n");
        text.push_str(body);
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that refuses a large body may close before it has read it all.
        let _sent = stream.write_all(text.as_bytes()).await;
        let mut raw = Vec::new();
        let _read = stream.read_to_end(&mut raw).await;
        let raw = String::from_utf8(raw).unwrap();
        let (head, body) = raw.split_once("\r\n\r\n").expect("an answer");
        let mut lines = head.lines();
        let status = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(key, value)| (key.to_ascii_lowercase(), value.to_owned()))
            .collect();
        for (_, cookie) in headers.iter().filter(|(key, _)| key == "set-cookie") {
            let (key, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(key.to_owned(), value.to_owned());
        }
        Answer {
            status,
            headers,
            body: body.to_owned(),
        }
    }
}
