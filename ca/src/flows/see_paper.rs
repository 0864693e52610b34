//! Shows a paper to somebody who may see it, or to nobody.
//! Standard: none.
//! It must never say that a paper exists to somebody who may not see it.

use crate::service::Ca;
use crate::store::papers::{self, PaperRow, Reader, RevisionRow};
use crate::store::signatures::{self, SignatureRow};
use platform::caller::Caller;
use platform::db;
use register::domain::words::{AssignmentKind, Kind, Verb};
use register::rights::{ScopeError, scope_of};

/// Papers come with a post; no role of administration has this right.
const SEE: (Verb, Kind) = (Verb::See, Kind::Paper);

/// The paper is not shown.
#[derive(Debug, thiserror::Error)]
pub enum SeePaper {
    /// No such paper for this reader.
    #[error("there is no such paper for this reader")]
    NotFound,
    /// The reader's rights cannot be found out.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// The paper.
pub async fn run(ca: &Ca, caller: &Caller, id: &str) -> Result<PaperRow, SeePaper> {
    let now = ca.now();
    let mut conn = ca.ground.db.read().await?;
    let scope = scope_of(&mut conn, &caller.person, caller.post.as_deref(), SEE, now).await?;
    let reader = Reader {
        person: &caller.person,
        post: caller.post.as_deref(),
        agency: caller.agency.as_deref(),
        scope: &scope,
        at: now,
    };
    papers::load(&mut conn, &reader, id)
        .await?
        .ok_or(SeePaper::NotFound)
}

/// The paper's newest bytes.
pub async fn document(
    ca: &Ca,
    caller: &Caller,
    id: &str,
) -> Result<(PaperRow, RevisionRow), SeePaper> {
    let paper = run(ca, caller, id).await?;
    let revision = papers::revision(&mut ca.ground.db.read().await?, id, paper.revision)
        .await?
        .ok_or(SeePaper::NotFound)?;
    Ok((paper, revision))
}

/// The paper with its recorded signatures.
pub async fn with_signatures(
    ca: &Ca,
    caller: &Caller,
    id: &str,
) -> Result<(PaperRow, Vec<SignatureRow>), SeePaper> {
    let paper = run(ca, caller, id).await?;
    let all = signatures::of_paper(&mut ca.ground.db.read().await?, id).await?;
    Ok((paper, all))
}

/// Papers the person handed in or was asked to sign, then those of his agency and of bodies whose seal he keeps, newest first.
pub async fn list(ca: &Ca, caller: &Caller, limit: i64) -> Result<Vec<PaperRow>, SeePaper> {
    let now = ca.now();
    let mut conn = ca.ground.db.read().await?;
    let scope = scope_of(&mut conn, &caller.person, caller.post.as_deref(), SEE, now).await?;
    let reader = Reader {
        person: &caller.person,
        post: caller.post.as_deref(),
        agency: caller.agency.as_deref(),
        scope: &scope,
        at: now,
    };
    let mut all = papers::of_person(&mut conn, &caller.person, limit).await?;
    let mut agencies: Vec<String> = caller.agency.iter().cloned().collect();
    if let Some(post) = reader.post {
        let assigned = register::facts::assignments_of_post(&mut conn, post).await?;
        agencies.extend(
            assigned
                .into_iter()
                .filter(|a| a.kind == AssignmentKind::SealCustody)
                .map(|a| a.agency),
        );
    }
    agencies.sort();
    agencies.dedup();
    for agency in agencies {
        all.extend(papers::of_agency(&mut conn, &reader, &agency, limit).await?);
    }
    all.sort_by(|a, b| {
        b.changed_at
            .cmp(&a.changed_at)
            .then_with(|| a.id.cmp(&b.id))
    });
    all.dedup_by(|a, b| a.id == b.id);
    all.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(all)
}
