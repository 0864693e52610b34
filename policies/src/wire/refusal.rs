//! A refusal as a problem document: code, clause, who could, what to do.
//! Standard: RFC 9457 §3
//! It must never say less than the page does: a refusal always names who could, or what to do.

use http::StatusCode;
use platform::i18n::Lang;
use platform::problem::Problem;
use serde_json::{Value, json};

use crate::flows::explain::Explanation;
use crate::wording::Words;

/// 403 (409 when the paper is not ready) with the sentence in `lang` as detail.
pub fn problem(lang: Lang, explanation: &Explanation) -> Problem {
    let decided = &explanation.decided;
    let words = Words::new(lang);
    let status = match decided.code {
        engine::Code::Unsigned | engine::Code::Stale => StatusCode::CONFLICT,
        engine::Code::CapacityRequired => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::FORBIDDEN,
    };
    let mut problem = Problem::new(status, decided.code.as_str(), "Không được phép")
        .detail(words.detail(explanation))
        .with("reason", words.sentence(explanation))
        .with("decision", &decided.id)
        .with("who_could", who_could(explanation))
        .with("remedies", words.remedies(explanation));
    if let Some(clause) = &decided.clause {
        problem = problem.with("clause", clause);
    }
    if !decided.usable.is_empty() {
        problem = problem.with("usable", &decided.usable);
    }
    problem
}

/// The people who could, with their names.
pub fn who_could(explanation: &Explanation) -> Vec<Value> {
    let who = explanation.decided.who_could.iter().map(|candidate| {
        json!({
            "person": candidate.person, "name": explanation.name(&candidate.person), "post": candidate.post,
            "title": candidate.title, "capacity": candidate.capacity, "rule": candidate.rule,
        })
    });
    who.collect()
}
