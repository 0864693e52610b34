//! An application that asks the decision point over HTTP with tokens of several people.

use std::sync::Arc;

use super::{Browser, Desk, Province, Reply, Seat};
use policies::{DeskError, DeskFuture, InstrumentText, NewPaper, PaperDesk, PaperFacts, Policies};
use serde_json::{Value, json};

pub const EVALUATION: &str = "/access/v1/evaluation";
pub const EVALUATIONS: &str = "/access/v1/evaluations";
pub const SUBJECT: &str = "/access/v1/search/subject";
pub const RESOURCE: &str = "/access/v1/search/resource";
pub const ACTION: &str = "/access/v1/search/action";
pub const ALL: [&str; 5] = [EVALUATION, EVALUATIONS, SUBJECT, RESOURCE, ACTION];

/// The desk of the tests, with its list of open papers and the signer of what is signed.
struct OpenDesk(Arc<Desk>, (String, String));

impl PaperDesk for OpenDesk {
    fn render_instrument(&self, text: &InstrumentText) -> Result<Vec<u8>, DeskError> {
        self.0.render_instrument(text)
    }
    fn submit<'a>(&'a self, paper: NewPaper) -> DeskFuture<'a, String> {
        self.0.submit(paper)
    }
    fn paper<'a>(&'a self, id: &'a str) -> DeskFuture<'a, Option<PaperFacts>> {
        self.0.paper(id)
    }
    fn open_papers<'a>(&'a self, agency: &'a str) -> DeskFuture<'a, Vec<PaperFacts>> {
        let papers = self.0.papers.lock().unwrap();
        let open = papers
            .iter()
            .rev()
            .filter(|paper| paper.agency == agency && !paper.signed);
        let open: Vec<PaperFacts> = open.take(50).cloned().collect();
        Box::pin(async { Ok(open) })
    }
    fn signer<'a>(&'a self, _id: &'a str) -> DeskFuture<'a, Option<(String, String)>> {
        let signer = self.1.clone();
        Box::pin(async { Ok(Some(signer)) })
    }
}

/// An application that holds tokens of several people.
pub struct Application {
    pub web: Browser,
    pub province: Province,
}

impl Application {
    pub async fn of(province: Province) -> Self {
        for (name, seat) in [
            ("chair", &province.chair),
            ("economy", &province.economy),
            ("clerk", &province.clerk),
            ("director", &province.department_head),
        ] {
            let mut caller = province.caller(seat);
            caller.scopes = vec!["openid".to_owned(), "papers".to_owned()];
            province.callers.admit(name, caller);
        }
        let mut weak = province.caller(&province.economy);
        weak.scopes = vec!["openid".to_owned()];
        province.callers.admit("weak", weak);
        let signer = (
            province.economy.person.clone(),
            province.economy.post.clone(),
        );
        let policies = Policies::new(
            province.ground.clone(),
            province.authority.clone(),
            Arc::new(OpenDesk(province.desk.clone(), signer)),
            policies::config::Config::default(),
        );
        let app = platform::edge::finish(policies::router(Arc::new(policies)), &province.ground);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            web: Browser::at(address),
            province,
        }
    }

    pub async fn send(&self, token: &str, path: &str, heads: &str, body: &str) -> Reply {
        self.web
            .send(format!(
                "POST {path} HTTP/1.1\r\nHost: localhost:8080\r\nAuthorization: Bearer {token}\r\n{heads}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            ))
            .await
    }

    pub async fn ask(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.send(
            token,
            path,
            "Content-Type: application/json\r\n",
            &body.to_string(),
        )
        .await
    }

    /// The answer of a request that is answered.
    pub async fn answer(&self, token: &str, path: &str, body: &Value) -> Value {
        let reply = self.ask(token, path, body).await;
        assert_eq!(reply.status, 200, "{path} {body}: {}", reply.body);
        assert!(
            reply.head.contains("content-type: application/json"),
            "{}",
            reply.head
        );
        reply.json()
    }

    /// A request that every endpoint takes.
    pub fn whole(&self) -> Value {
        json!({"subject": me(&self.province.economy), "action": {"name": "sign"}, "resource": paper("pap_economy")})
    }
}

pub fn me(seat: &Seat) -> Value {
    json!({"type": "person", "id": seat.person})
}

pub fn paper(id: &str) -> Value {
    json!({"type": "paper", "id": id})
}

pub fn described(id: &str, field: &str) -> Value {
    json!({"type": "paper", "id": id, "properties": {"kind": "quyet_dinh", "field": field}})
}

pub fn decisions(answer: &Value) -> Vec<bool> {
    let all = answer["evaluations"].as_array().unwrap();
    all.iter()
        .map(|one| one["decision"].as_bool().unwrap())
        .collect()
}

pub fn names(answer: &Value, member: &str) -> Vec<String> {
    let all = answer["results"].as_array().unwrap();
    all.iter()
        .map(|one| one[member].as_str().unwrap().to_owned())
        .collect()
}
