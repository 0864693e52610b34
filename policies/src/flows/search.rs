//! Who may do it, what of it, on which papers: the same questions asked for every candidate.
//! Standard: OpenID AuthZEN Authorization API 1.0 §8 (search)
//! It must never list what an evaluation of the same state would refuse, nor leave out a candidate that it would allow.

use engine::{Action, Candidate, Decision};

use super::evaluate::{Evaluator, Failed, Question, Unanswered};
use crate::desk::PaperFacts;

/// What was found, with what of the question did not count and what was taken on the caller's word.
#[derive(Debug)]
pub struct Found<T> {
    /// In a fixed order.
    pub all: Vec<T>,
    /// Members that did not count.
    pub ignored: Vec<String>,
    /// Members taken on the caller's word.
    pub asserted: Vec<&'static str>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            ignored: Vec::new(),
            asserted: Vec::new(),
        }
    }
}

/// Somebody who may, in one post or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Able {
    /// Who.
    pub person: String,
    /// In which posts and capacities; never empty.
    pub seats: Vec<Candidate>,
}

/// Who may do it, by person. Answered for papers of the asker's agency and of those below it.
pub async fn subjects(
    evaluator: &mut Evaluator<'_>,
    question: &Question,
) -> Result<Result<Found<Able>, Unanswered>, Failed> {
    let Some(described) = evaluator.describe(&question.paper).await? else {
        return Ok(Ok(Found::default()));
    };
    let request = question.request(described.resource, None, evaluator.now);
    let agency = &request.resource.agency;
    let home = evaluator.caller.agency.as_deref().unwrap_or_default();
    match evaluator.epoch.is_within(agency, home, request.at) {
        None => return Ok(Ok(Found::default())),
        Some(false) => return Ok(Err(foreign_agency())),
        Some(true) => {}
    }
    let mut all: Vec<Able> = Vec::new();
    for one in evaluator.epoch.able(&request) {
        match all.last_mut().filter(|able| able.person == *one.person) {
            Some(able) => able.seats.push(one),
            None => all.push(Able {
                person: one.person.to_string(),
                seats: vec![one],
            }),
        }
    }
    Ok(Ok(Found {
        all,
        ignored: together(question, &described.ignored),
        asserted: described.asserted,
    }))
}

/// Which open papers of the asker's agency he may do it on, by id.
pub async fn papers(
    evaluator: &mut Evaluator<'_>,
    question: &Question,
) -> Result<Result<Found<(PaperFacts, Decision)>, Unanswered>, Failed> {
    if let Some(unanswered) = not_own(evaluator, question) {
        return Ok(unanswered);
    }
    let Some(agency) = evaluator.caller.agency.as_deref() else {
        return Ok(Ok(Found::default()));
    };
    let mut open = evaluator.desk.open_papers(agency).await?;
    open.sort_by(|one, two| one.id.cmp(&two.id));
    let mut found = Found {
        ignored: question.unread.clone(),
        ..Found::default()
    };
    for facts in open {
        let paper = super::describe_paper::Claims {
            id: facts.id.clone(),
            ..question.paper.clone()
        };
        let Some(described) = evaluator.describe(&paper).await? else {
            continue;
        };
        found.ignored = together(question, &described.ignored);
        found.asserted = described.asserted;
        let decided = evaluator.decide(question, described.resource);
        if decided.allowed {
            found.all.push((facts, decided.decision));
        }
    }
    Ok(Ok(found))
}

/// Which acts he may do on the paper. The question's own action counts for nothing.
pub async fn actions(
    evaluator: &mut Evaluator<'_>,
    question: &Question,
) -> Result<Result<Found<(Action, Decision)>, Unanswered>, Failed> {
    if let Some(unanswered) = not_own(evaluator, question) {
        return Ok(unanswered);
    }
    let Some(described) = evaluator.describe(&question.paper).await? else {
        return Ok(Ok(Found::default()));
    };
    let mut found = Found {
        all: Vec::new(),
        ignored: together(question, &described.ignored),
        asserted: described.asserted,
    };
    for action in Action::ALL {
        let own = Question {
            action: *action,
            ..question.clone()
        };
        let decided = evaluator.decide(&own, described.resource.clone());
        if decided.allowed {
            found.all.push((*action, decided.decision));
        }
    }
    Ok(Ok(found))
}

/// Nobody searches for another; for an id that nobody has there is nothing to find.
fn not_own<T>(
    evaluator: &Evaluator<'_>,
    question: &Question,
) -> Option<Result<Found<T>, Unanswered>> {
    if question.person == evaluator.caller.person {
        return None;
    }
    Some(match evaluator.epoch.knows(&question.person) {
        true => Err(Unanswered::foreign()),
        false => Ok(Found::default()),
    })
}

fn foreign_agency() -> Unanswered {
    Unanswered {
        status: 403,
        code: "foreign_agency",
        message: "Chỉ tìm được cho văn bản của cơ quan mình và cơ quan trực thuộc".to_owned(),
    }
}

fn together(question: &Question, ignored: &[&'static str]) -> Vec<String> {
    let own = question.unread.iter().cloned();
    own.chain(ignored.iter().map(|name| (*name).to_owned()))
        .collect()
}
