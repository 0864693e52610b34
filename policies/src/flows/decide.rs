//! One question from beginning to end, for the page and the command line.
//! Standard: none.
//! It must never be used for an act: an act decides with its capacity stated and stores the decision in its own unit.

use engine::Request;
use platform::db::{self, Db};
use thiserror::Error;

use super::explain::{self, Explanation};
use super::replay::{self, ReplayError};
use crate::authority::{Authority, Decided};

/// Why a question was not answered.
#[derive(Debug, Error)]
pub enum Decide {
    /// The record of that day could not be read.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Answers the question for its own instant: from the epoch in use, or from what was known when the log had `known` leaves.
pub async fn run(
    db: &Db,
    authority: &Authority,
    question: &Request,
    known: Option<i64>,
    paper_title: Option<String>,
) -> Result<Explanation, Decide> {
    let mut conn = db.read().await?;
    let mut decided = authority.answer(question);
    if known.is_some() {
        let decision = replay::decide_at(&mut conn, question, known).await?;
        decided = Decided {
            request: Request {
                capacity: question.capacity.or(decision.capacity),
                ..question.clone()
            },
            decision,
            ..decided
        };
    }
    Ok(explain::run(&mut conn, authority, decided, paper_title).await?)
}
