//! Questions of an application, one or many, answered from one state of the facts at one instant.
//! Standard: OpenID AuthZEN Authorization API 1.0 §6 (access evaluation), §7 (access evaluations)
//! It must never answer about anybody but the person whose token asks, nor let one question of many change the answer of another.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Action, Capacity, Epoch, Request, Resource};
use platform::caller::Caller;
use platform::db::{self, Db};
use thiserror::Error;

use super::describe_paper::{self, Claims, Described, OnDesk};
use super::explain::{self, Explanation, Known};
use crate::authority::{Authority, Decided};
use crate::desk::{DeskError, PaperDesk};

/// A question as it was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Who would act.
    pub person: String,
    /// In which post; that of the token when it is not said.
    pub post: Option<String>,
    /// What.
    pub action: Action,
    /// In which capacity.
    pub capacity: Option<Capacity>,
    /// When; now when it is not said.
    pub at: Option<i64>,
    /// On which paper.
    pub paper: Claims,
    /// Members of the question that nobody reads.
    pub unread: Vec<String>,
}

/// Why a question has no answer. It then counts as no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// As a status of HTTP.
    pub status: u16,
    /// Stable name.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

/// A question with its answer.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// The answer.
    pub decided: Decided,
    /// Members that did not count.
    pub ignored: Vec<String>,
    /// Members taken on the caller's word.
    pub asserted: Vec<&'static str>,
}

/// An answer with the names it speaks of.
#[derive(Debug)]
pub struct Answered {
    /// The answer.
    pub explanation: Explanation,
    /// Members that did not count.
    pub ignored: Vec<String>,
    /// Members taken on the caller's word.
    pub asserted: Vec<&'static str>,
}

/// After which answer the rest is left undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// None.
    Never,
    /// The first no.
    AtDeny,
    /// The first yes.
    AtPermit,
}

/// Why nothing was answered.
#[derive(Debug, Error)]
pub enum Failed {
    /// The papers' desk.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl Unanswered {
    /// The question is about somebody else.
    pub fn foreign() -> Self {
        Self {
            status: 403,
            code: "foreign_subject",
            message: "Chỉ hỏi được cho chính người đăng nhập".to_owned(),
        }
    }

    fn no_such_paper() -> Self {
        Self {
            status: 404,
            code: "unknown_paper",
            message:
                "no paper of this id is known, and resource.properties does not describe one: \
                      give at least `kind`, and `agency` if the sign-in has none"
                    .to_owned(),
        }
    }
}

impl Question {
    /// As the engine's question about one paper.
    pub fn request(&self, resource: Resource, post: Option<&str>, now: i64) -> Request {
        let post = self.post.as_deref().or(post);
        Request {
            person: self.person.clone(),
            post: post.unwrap_or_default().to_owned(),
            action: self.action,
            resource,
            capacity: self.capacity,
            at: self.at.unwrap_or(now),
        }
    }
}

/// One caller, one state of the facts, one instant.
pub struct Evaluator<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The state that answers.
    pub epoch: Arc<Epoch>,
    /// Now.
    pub now: i64,
    /// The papers' desk.
    pub desk: &'a dyn PaperDesk,
    authority: &'a Authority,
    seen: BTreeMap<String, Option<OnDesk>>,
}

impl<'a> Evaluator<'a> {
    /// From the state in use.
    pub fn new(
        authority: &'a Authority,
        desk: &'a dyn PaperDesk,
        caller: &'a Caller,
        now: i64,
    ) -> Self {
        Self {
            caller,
            epoch: authority.epoch(),
            now,
            desk,
            authority,
            seen: BTreeMap::new(),
        }
    }

    /// The paper spoken of, looked up once.
    pub async fn describe(&mut self, paper: &Claims) -> Result<Option<Described>, DeskError> {
        if !self.seen.contains_key(&paper.id) {
            let found = describe_paper::run(self.desk, &paper.id).await?;
            self.seen.insert(paper.id.clone(), found);
        }
        let known = self.seen.get(&paper.id).and_then(Option::as_ref);
        Ok(paper.against(known, self.caller.agency.as_deref()))
    }

    /// The answer about a paper that was described.
    pub fn decide(&self, question: &Question, resource: Resource) -> Decided {
        let request = question.request(resource, self.caller.post.as_deref(), self.now);
        self.authority.answer_from(&self.epoch, &request)
    }

    /// The answer, or why there is none.
    pub async fn weigh(
        &mut self,
        question: &Question,
    ) -> Result<Result<Weighed, Unanswered>, DeskError> {
        if question.person != self.caller.person {
            return Ok(Err(Unanswered::foreign()));
        }
        let Some(described) = self.describe(&question.paper).await? else {
            return Ok(Err(Unanswered::no_such_paper()));
        };
        let mut ignored = question.unread.clone();
        ignored.extend(described.ignored.iter().map(|name| (*name).to_owned()));
        Ok(Ok(Weighed {
            decided: self.decide(question, described.resource),
            ignored,
            asserted: described.asserted,
        }))
    }

    /// Answers in the order asked, and explains; after the answer that `stop` names the rest is left undone.
    pub async fn run(
        &mut self,
        db: &Db,
        questions: Vec<Result<Question, Unanswered>>,
        stop: Stop,
    ) -> Result<Vec<Result<Answered, Unanswered>>, Failed> {
        let mut weighed = Vec::with_capacity(questions.len());
        for question in questions {
            let one = match question {
                Ok(question) => self.weigh(&question).await?,
                Err(unanswered) => Err(unanswered),
            };
            let allowed = one.as_ref().is_ok_and(|one| one.decided.allowed);
            weighed.push(one);
            match stop {
                Stop::AtDeny if !allowed => break,
                Stop::AtPermit if allowed => break,
                _ => {}
            }
        }
        // Names are looked up when the desk has been asked for everything: nobody waits for two connections at once.
        let mut conn = db.read().await?;
        let mut known = Known::default();
        let mut answers = Vec::with_capacity(weighed.len());
        for one in weighed {
            answers.push(match one {
                Ok(one) => Ok(Answered {
                    explanation: explain::with(
                        &mut conn,
                        self.authority,
                        one.decided,
                        None,
                        &mut known,
                    )
                    .await?,
                    ignored: one.ignored,
                    asserted: one.asserted,
                }),
                Err(unanswered) => Err(unanswered),
            });
        }
        Ok(answers)
    }
}
