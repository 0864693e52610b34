//! The desk: which papers this application knows, and what the signed-in person may do with each, as the province answers it.

use super::papers_api::PapersApi;
use super::sign_in::User;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// Fields of work offered by the form (the vice chairs' fields, and one nobody was assigned).
pub const FIELDS: [&str; 4] = [
    "Kinh tế tổng hợp",
    "Nông nghiệp, đất đai, môi trường",
    "Văn hóa - xã hội",
    "Nội vụ, thi đua - khen thưởng",
];

/// Why the desk cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The token has run out; the province's session may still stand.
    #[error("sign in again")]
    SignInAgain,
    /// The province did not take the question.
    #[error("the province did not take the question ({0} {1})")]
    Refused(u16, String),
    /// The province did not answer.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// The paper could not be composed.
    #[error("paper: {0}")]
    Paper(String),
    /// The desk file.
    #[error("desk file {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// A new paper as the form sends it.
#[derive(Debug, Clone, Deserialize)]
pub struct Draft {
    /// Trích yếu.
    pub title: String,
    /// Field of work.
    pub field: String,
    /// Paragraphs, one a line.
    pub body: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Card {
    id: String,
    title: String,
    field: String,
}

/// One answer to “may I sign?”.
pub struct Right {
    /// Field of work.
    pub field: String,
    /// The province's answer.
    pub allowed: bool,
    /// Block lines, or the reason.
    pub words: String,
}

/// A button of a row.
pub struct Act {
    /// Last part of the address.
    pub path: &'static str,
    /// Words on the button.
    pub words: &'static str,
}

/// One paper on the desk.
pub struct PaperRow {
    /// Id of the paper.
    pub id: String,
    /// Trích yếu.
    pub title: String,
    /// Field of work.
    pub field: String,
    /// State in words.
    pub state_words: String,
    /// What can be tried next; whether it is allowed the province says.
    pub acts: Vec<Act>,
}

/// What the desk page shows.
pub struct DeskView {
    /// May I sign, field by field.
    pub rights: Vec<Right>,
    /// Papers, newest first.
    pub papers: Vec<PaperRow>,
    /// Fields for the form.
    pub fields: Vec<String>,
}

/// The cards, kept in one small file.
pub struct Desk {
    file: PathBuf,
    cards: Mutex<Vec<Card>>,
}

impl Desk {
    /// Opens the file, or starts an empty desk.
    pub fn open(file: &Path) -> Result<Self, DeskError> {
        let failed = |source| DeskError::File {
            path: file.to_owned(),
            source,
        };
        let cards = match std::fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| failed(e.into()))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(failed(e)),
        };
        Ok(Self {
            file: file.to_owned(),
            cards: Mutex::new(cards),
        })
    }

    /// Composes a draft and hands it in.
    pub async fn draft(
        &self,
        papers: &PapersApi,
        user: &User,
        draft: Draft,
    ) -> Result<Result<String, super::papers_api::Refusal>, DeskError> {
        let pdf = crate::papers::decision(&draft.title, &draft.body, &user.post.agency_name)
            .map_err(DeskError::Paper)?;
        let answer = papers
            .submit(
                &user.access_token,
                &draft.title,
                "quyet_dinh",
                &draft.field,
                &user.post.agency,
                &pdf,
            )
            .await?;
        let id = match answer {
            Ok(made) => made
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut cards = self.cards.lock().await;
        cards.insert(
            0,
            Card {
                id: id.clone(),
                title: draft.title,
                field: draft.field,
            },
        );
        cards.truncate(200);
        let text = serde_json::to_vec_pretty(&*cards).map_err(|e| DeskError::File {
            path: self.file.clone(),
            source: e.into(),
        })?;
        let staged = self.file.with_extension("tmp");
        std::fs::write(&staged, text)
            .and_then(|()| std::fs::rename(&staged, &self.file))
            .map_err(|source| DeskError::File {
                path: self.file.clone(),
                source,
            })?;
        Ok(Ok(id))
    }
}

/// Asks the province about each field and each paper.
pub async fn look(desk: &Desk, papers: &PapersApi, user: &User) -> Result<DeskView, DeskError> {
    let mut rights = Vec::new();
    for field in FIELDS {
        let question = question(user, "sign", "*", field, None);
        let answer = match papers.evaluate(&user.access_token, question).await? {
            Ok(answer) => answer,
            Err(refusal) if refusal.status == 401 => return Err(DeskError::SignInAgain),
            Err(refusal) => {
                return Err(DeskError::Refused(
                    refusal.status,
                    refusal.code().to_owned(),
                ));
            }
        };
        let allowed = answer.get("decision").and_then(Value::as_bool) == Some(true);
        let context = answer.get("context").cloned().unwrap_or_default();
        let words = if allowed {
            lines(&context)
        } else {
            reason(&context)
        };
        rights.push(Right {
            field: field.to_owned(),
            allowed,
            words,
        });
    }
    let cards = desk.cards.lock().await.clone();
    let mut rows = Vec::new();
    for card in cards.into_iter().take(20) {
        let state = match papers.paper(&user.access_token, &card.id).await? {
            Ok(paper) => paper.state,
            Err(refusal) if refusal.status == 401 => return Err(DeskError::SignInAgain),
            // Papers of others are not shown to this person; anything else is a failure and is said.
            Err(refusal) if matches!(refusal.status, 403 | 404) => continue,
            Err(refusal) => {
                return Err(DeskError::Refused(
                    refusal.status,
                    refusal.code().to_owned(),
                ));
            }
        };
        let (state_words, acts) = next(&state);
        rows.push(PaperRow {
            id: card.id,
            title: card.title,
            field: card.field,
            state_words: state_words.to_owned(),
            acts,
        });
    }
    Ok(DeskView {
        rights,
        papers: rows,
        fields: FIELDS.map(str::to_owned).to_vec(),
    })
}

/// A question in the shape of AuthZEN 1.0 §5.
pub fn question(user: &User, action: &str, paper: &str, field: &str, at: Option<&str>) -> Value {
    let mut context = json!({ "post": user.post.post });
    if let (Some(at), Some(map)) = (at, context.as_object_mut()) {
        map.insert("at".into(), json!(at));
    }
    json!({
        "subject": { "type": "person", "id": user.subject },
        "action": { "name": action },
        "resource": { "type": "paper", "id": paper, "properties": { "kind": "quyet_dinh", "field": field, "agency": user.post.agency } },
        "context": context,
    })
}

fn lines(context: &Value) -> String {
    let list = context.get("block_lines").and_then(Value::as_array);
    list.map(|l| {
        l.iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(" / ")
    })
    .unwrap_or_default()
}

fn reason(context: &Value) -> String {
    ["reason", "clause"]
        .iter()
        .filter_map(|k| context.get(*k).and_then(Value::as_str))
        .collect::<Vec<_>>()
        .join(" · ")
}

fn next(state: &str) -> (&'static str, Vec<Act>) {
    let sign = Act {
        path: "sign",
        words: "Ký số",
    };
    let number = Act {
        path: "number",
        words: "Cấp số, ngày",
    };
    let seal = Act {
        path: "seal",
        words: "Đóng dấu",
    };
    match state {
        "draft" => ("Dự thảo", vec![sign, seal]),
        "requested" => ("Chờ người ký đồng ý", vec![sign]),
        "signed" => ("Đã ký, chờ cấp số", vec![number]),
        "numbered" => ("Đã cấp số, chờ đóng dấu", vec![seal]),
        "sealed" => ("Đã phát hành", Vec::new()),
        _ => ("Chưa rõ", Vec::new()),
    }
}

/// An unguessable session name.
pub(super) fn random_name() -> Result<String, openssl::error::ErrorStack> {
    let mut bytes = [0; 32];
    openssl::rand::rand_bytes(&mut bytes)?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}
