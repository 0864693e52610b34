//! Records answers to what a plan of reorganisation asks: who takes over a body, a person, an address.
//! Standard: none; an answer is a person's own decision and stands in the log.
//! It must never touch a plan that is published or cancelled, nor take an answer that names no body of the plan.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::random::Entropy;
use serde_json::json;

use super::see_plan;
use crate::domain::reorganisation::{NOBODY, STAYS};
use crate::domain::words::PlanState;
use crate::store::reorganisations;

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// No such plan.
    #[error("no such plan")]
    Unknown,
    /// It is no draft any more.
    #[error("the plan is published or cancelled")]
    Settled,
    /// An answer names no body that is there after the plan, or answers nothing that is asked.
    #[error("{1} is no answer to {0}")]
    NoAnswer(String, String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Records answers by key; an empty one is taken back.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    plan: &str,
    answers: &[(String, String)],
) -> Result<(), DecideError> {
    let mut conn = db.read().await?;
    let kept = see_plan::find(&mut conn, plan)
        .await?
        .ok_or(DecideError::Unknown)?;
    if kept.head.state != PlanState::Draft {
        return Err(DecideError::Settled);
    }
    let preview = see_plan::preview(&mut conn, &kept).await?;
    drop(conn);
    for (key, answer) in answers {
        let question = preview.questions.iter().find(|q| q.key == *key);
        let own = preview.outcomes.iter().any(|o| o.key == *key);
        let named = preview.names.contains_key(answer);
        let fits = match (answer.as_str(), question) {
            ("", _) => kept.choices.contains_key(key) || question.is_some() || own,
            (NOBODY, question) => question.is_some() || own,
            (STAYS, question) => question.is_some_and(|q| q.may_stay),
            (_, Some(question)) if !question.options.is_empty() => {
                question.options.contains(answer)
            }
            (_, question) => (question.is_some() || own) && named,
        };
        if !fits {
            return Err(DecideError::NoAnswer(key.clone(), answer.clone()));
        }
    }
    db.write(|mut tx| async move {
        let head = reorganisations::find(&mut tx, plan)
            .await?
            .ok_or(DecideError::Unknown)?;
        if head.state != PlanState::Draft {
            return Err(DecideError::Settled);
        }
        for (key, answer) in answers {
            let answer = Some(answer.as_str()).filter(|answer| !answer.is_empty());
            reorganisations::choose(&mut tx, plan, key, answer).await?;
        }
        let event = Event::new("register.plan.decided", now, actor.clone(), entropy)
            .about("plan", plan)
            .detail(json!({"answers": answers}));
        Ok(tx.commit(event, ()))
    })
    .await
}
