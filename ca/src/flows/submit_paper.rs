//! Hands in a paper: its bytes are bounded and inspected before they are kept.
//! Standard: ISO 32000-2 §12.8 (a draft carries no signature); Decree 30/2020/NĐ-CP Art. 10–12
//! It must never keep a file that its own inspection cannot read, one that somebody has signed elsewhere, or one drafted in the
//! name of a body that the drafter's post has no part in.

use crate::flows::sha256_hex;
use crate::service::Ca;
use crate::store::papers::{self, PaperRow, RevisionRow};
use platform::audit::{Actor, Event};
use platform::{db, ids};
use serde_json::json;

/// What is handed in.
#[derive(Debug, Clone)]
pub struct NewPaper {
    /// Trích yếu.
    pub title: String,
    /// Kind.
    pub kind: String,
    /// Field of work.
    pub field: Option<String>,
    /// Agency that issues it.
    pub agency: String,
    /// The PDF.
    pub document: Vec<u8>,
}

/// Who hands it in.
#[derive(Debug, Clone)]
pub struct Drafter {
    /// Person.
    pub person: String,
    /// In which post.
    pub post: Option<String>,
}

/// The paper was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SubmitPaper {
    /// The title is empty or too long.
    #[error("the title is empty or longer than 500 letters")]
    Title,
    /// The kind is no word of the vocabulary.
    #[error("kind {0} is not known")]
    Kind(String),
    /// The agency is not in the register now.
    #[error("agency {0} is not in the register")]
    Agency(String),
    /// The drafter's post belongs neither to the agency nor to a body under it.
    #[error("the post drafts nothing for agency {0}")]
    OtherAgency(String),
    /// Too many bytes.
    #[error("the document has more than {0} bytes")]
    TooLarge(usize),
    /// Not a PDF that we read.
    #[error("the document cannot be read: {0}")]
    Unreadable(String),
    /// It holds what a paper may not hold.
    #[error("the document holds {0}")]
    Content(&'static str),
    /// Somebody signed it elsewhere.
    #[error("the document is signed already")]
    Signed,
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Takes a paper; its id.
pub async fn run(ca: &Ca, new: NewPaper, drafter: &Drafter) -> Result<String, SubmitPaper> {
    let title = new.title.trim().to_owned();
    if title.is_empty() || title.chars().count() > 500 {
        return Err(SubmitPaper::Title);
    }
    if ca.vocabulary.kind(&new.kind).is_none() {
        return Err(SubmitPaper::Kind(new.kind));
    }
    if new.document.len() > ca.config.document_limit {
        return Err(SubmitPaper::TooLarge(ca.config.document_limit));
    }
    let report = documents::inspect(&new.document)
        .map_err(|unreadable| SubmitPaper::Unreadable(unreadable.to_string()))?;
    if !report.signatures.is_empty() {
        return Err(SubmitPaper::Signed);
    }
    if let Some(finding) = report.findings.first() {
        return Err(SubmitPaper::Content(finding.code.as_str()));
    }
    let now = ca.now();
    if !drafts_for(ca, drafter, &new.agency, now).await? {
        return Err(SubmitPaper::OtherAgency(new.agency));
    }
    let entropy = &ca.ground.entropy;
    let paper = PaperRow {
        id: ids::new("pap", entropy),
        title,
        kind: new.kind,
        field: new.field.filter(|field| !field.trim().is_empty()),
        agency: new.agency,
        state: "draft".into(),
        revision: 1,
        drafter: drafter.person.clone(),
        drafter_post: drafter.post.clone(),
        number: None,
        notation: None,
        number_date: None,
        created_at: now,
        changed_at: now,
    };
    let first = RevisionRow {
        paper: paper.id.clone(),
        revision: 1,
        kind: "draft".into(),
        sha256: sha256_hex(&new.document),
        document: new.document,
        made_at: now,
    };
    let actor = Actor::Person {
        person: drafter.person.clone(),
        post: drafter.post.clone(),
    };
    let event = Event::new("paper_submitted", now, actor, entropy)
        .about("paper", &paper.id)
        .detail(json!({"kind": paper.kind, "field": paper.field, "agency": paper.agency, "sha256": first.sha256}));
    let (paper, first, event) = (&paper, &first, &event);
    ca.ground
        .db
        .write(|mut tx| async move {
            papers::add(&mut tx, paper, first).await?;
            Ok(tx.commit(event.clone(), paper.id.clone()))
        })
        .await
}

/// A body's papers are drafted in its own offices or in those under it: a department drafts for its People's Committee.
async fn drafts_for(
    ca: &Ca,
    drafter: &Drafter,
    agency: &str,
    now: i64,
) -> Result<bool, SubmitPaper> {
    let mut conn = ca.ground.db.read().await?;
    if register::facts::agency(&mut conn, agency, now)
        .await?
        .is_none()
    {
        return Err(SubmitPaper::Agency(agency.to_owned()));
    }
    let Some(post) = &drafter.post else {
        return Ok(false);
    };
    match register::facts::post(&mut conn, post, now).await? {
        Some(post) => {
            Ok(register::facts::stands_under(&mut conn, &post.agency, agency, now).await?)
        }
        None => Ok(false),
    }
}
