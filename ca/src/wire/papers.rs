//! JSON of the papers interface.

use crate::store::papers::PaperRow;
use policies::Words;
use policies::flows::explain::Explanation;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A paper handed in.
#[derive(Debug, Deserialize)]
pub struct SubmitRequest {
    /// Trích yếu.
    pub title: String,
    /// Kind.
    pub kind: String,
    /// Field of work.
    #[serde(default)]
    pub field: Option<String>,
    /// Agency, by id.
    pub agency: String,
    /// PDF, base64.
    pub document: String,
}

/// A signature or seal asked for.
#[derive(Debug, Deserialize)]
pub struct ConsentRequest {
    /// Where the person goes afterwards.
    pub return_url: String,
    /// Capacity claimed.
    #[serde(default)]
    pub capacity: Option<String>,
}

/// A revocation ordered.
#[derive(Debug, Deserialize)]
pub struct RevocationRequest {
    /// RFC 5280 reason.
    pub reason: String,
    /// Words for the file.
    #[serde(default)]
    pub note: String,
}

/// A paper.
#[derive(Debug, Serialize)]
pub struct Paper<'a> {
    id: &'a str,
    state: &'a str,
    title: &'a str,
    kind: &'a str,
    field: Option<&'a str>,
    agency: &'a str,
    revision: i64,
    number: Option<i64>,
    notation: Option<&'a str>,
    date: Option<&'a str>,
}

impl<'a> Paper<'a> {
    /// The paper as the interface shows it.
    pub fn of(row: &'a PaperRow) -> Self {
        Self {
            id: &row.id,
            state: &row.state,
            title: &row.title,
            kind: &row.kind,
            field: row.field.as_deref(),
            agency: &row.agency,
            revision: row.revision,
            number: row.number,
            notation: row.notation.as_deref(),
            date: row.number_date.as_deref(),
        }
    }
}

/// A decision that allowed something.
pub fn decision(decided: &policies::Decided) -> Value {
    json!({
        "id": decided.id,
        "allowed": decided.allowed,
        "code": decided.code.as_str(),
        "capacity": decided.capacity.map(policies::engine::Capacity::as_str),
        "clause": decided.clause,
        "block_lines": decided.block_lines,
        "basis": decided.basis(),
        "seal_agency": decided.seal_agency,
        "epoch": decided.epoch,
        "valid_until": decided.valid_until,
    })
}

/// Who could do it instead, with names.
pub fn who_could(explanation: &Explanation) -> Value {
    explanation
        .decided
        .who_could
        .iter()
        .map(|candidate| {
            json!({
                "person": candidate.person.to_string(),
                "name": explanation.name(&candidate.person),
                "post": candidate.post.to_string(),
                "title": candidate.title.to_string(),
                "capacity": candidate.capacity.as_str(),
            })
        })
        .collect()
}

/// The refusal in words.
pub fn refusal_words(words: &Words, explanation: &Explanation) -> String {
    words.detail(explanation)
}
