//! The province's papers interface as the e-office uses it: plain HTTP with the signed-in person's own token.

use base64::Engine as _;
use serde::Deserialize;
use serde_json::{Value, json};

/// A paper as the province reports it.
#[derive(Debug, Clone, Deserialize)]
pub struct PaperState {
    /// Id of the paper.
    pub id: String,
    /// `draft`, `requested`, `signed`, `numbered`, `sealed`.
    pub state: String,
    /// Everything else, shown as it is.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, Value>,
}

/// A refusal in the shape of RFC 9457 with the members the province adds.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The whole problem document.
    pub problem: Value,
}

impl Refusal {
    /// The machine-readable reason.
    pub fn code(&self) -> &str {
        self.problem
            .get("code")
            .and_then(Value::as_str)
            .unwrap_or("unknown")
    }
}

/// Outcome of a call: a refusal is an answer, not an error.
pub type Answer<T> = Result<Result<T, Refusal>, reqwest::Error>;

/// Client of the papers interface.
#[derive(Clone)]
pub struct PapersApi {
    base: String,
    http: reqwest::Client,
}

impl PapersApi {
    /// `base` is the province's public address.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            http: reqwest::Client::new(),
        }
    }

    /// Hands a paper in.
    pub async fn submit(
        &self,
        token: &str,
        title: &str,
        kind: &str,
        field: &str,
        agency: &str,
        pdf: &[u8],
    ) -> Answer<Value> {
        let body = json!({
            "title": title, "kind": kind, "field": field, "agency": agency,
            "document": base64::engine::general_purpose::STANDARD.encode(pdf),
        });
        self.post(token, "/api/papers", body).await
    }

    /// Asks whether the signed-in person may sign, and where he consents.
    pub async fn request_signature(
        &self,
        token: &str,
        paper: &str,
        return_url: &str,
    ) -> Answer<Value> {
        self.post(
            token,
            &format!("/api/papers/{paper}/signature-requests"),
            json!({ "return_url": return_url }),
        )
        .await
    }

    /// Asks for number and date.
    pub async fn number(&self, token: &str, paper: &str) -> Answer<Value> {
        self.post(token, &format!("/api/papers/{paper}/number"), json!({}))
            .await
    }

    /// Asks whether the clerk may seal, and where she consents.
    pub async fn request_seal(&self, token: &str, paper: &str, return_url: &str) -> Answer<Value> {
        self.post(
            token,
            &format!("/api/papers/{paper}/seal-requests"),
            json!({ "return_url": return_url }),
        )
        .await
    }

    /// Asks what the signed-in person may do, without doing it (AuthZEN evaluation).
    pub async fn evaluate(&self, token: &str, question: Value) -> Answer<Value> {
        self.post(token, "/access/v1/evaluation", question).await
    }

    /// State of one paper.
    pub async fn paper(&self, token: &str, paper: &str) -> Answer<PaperState> {
        let answer = self
            .http
            .get(format!("{}/api/papers/{paper}", self.base))
            .bearer_auth(token)
            .send()
            .await?;
        read(answer).await
    }

    /// The paper's newest bytes.
    pub async fn document(&self, token: &str, paper: &str) -> Result<Vec<u8>, reqwest::Error> {
        let answer = self
            .http
            .get(format!("{}/api/papers/{paper}/document", self.base))
            .bearer_auth(token)
            .send()
            .await?;
        Ok(answer.error_for_status()?.bytes().await?.to_vec())
    }

    async fn post<T: serde::de::DeserializeOwned>(
        &self,
        token: &str,
        path: &str,
        body: Value,
    ) -> Answer<T> {
        let answer = self
            .http
            .post(format!("{}{path}", self.base))
            .bearer_auth(token)
            .json(&body)
            .send()
            .await?;
        read(answer).await
    }
}

async fn read<T: serde::de::DeserializeOwned>(answer: reqwest::Response) -> Answer<T> {
    let status = answer.status().as_u16();
    if status < 300 {
        return Ok(Ok(answer.json().await?));
    }
    let problem = answer.json().await.unwrap_or(Value::Null);
    Ok(Err(Refusal { status, problem }))
}
