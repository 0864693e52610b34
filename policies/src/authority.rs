//! The published state of authority: one compiled epoch, replaced whole when the facts moved.
//! Standard: none; docs/ARCHITECTURE, "Authority".
//! It must never answer from facts that are not committed, nor mix the facts of two epochs.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwap;
use engine::{Decision, Epoch, Request, RuleError, Rules, Usable};
use platform::db::{self, Db};
use platform::ids;
use platform::random::Entropy;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::{facts, law};
use crate::store::mandates;

/// Why the state of authority could not be built.
#[derive(Debug, Error)]
pub enum AuthorityError {
    /// The rule rows are not readable.
    #[error(transparent)]
    Rules(#[from] RuleError),
    /// The facts could not be read.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The facts moved during every attempt to read them.
    #[error("authority changed while it was read, {0} times in a row")]
    Moving(u32),
}

/// A decision with the id it is stored under when an act uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// `dec_…`, made with the decision so that it can stand inside what is signed.
    pub id: String,
    /// The question.
    pub request: Request,
    /// The answer.
    pub decision: Decision,
}

impl Deref for Decided {
    type Target = Decision;
    fn deref(&self) -> &Decision {
        &self.decision
    }
}

/// The one authority of the process; clones share it.
#[derive(Clone)]
pub struct Authority(Arc<Shared>);

struct Shared {
    rules: Rules,
    epoch: ArcSwap<Epoch>,
    entropy: Entropy,
    refreshing: tokio::sync::Mutex<()>,
}

const ATTEMPTS: u32 = 5;

impl Authority {
    /// Compiles the first epoch from the database.
    pub async fn load(db: &Db, entropy: &Entropy) -> Result<Self, AuthorityError> {
        let rules = law::rules()?;
        let epoch = compile(db, &rules).await?;
        Ok(Self(Arc::new(Shared {
            rules,
            epoch: ArcSwap::from_pointee(epoch),
            entropy: entropy.clone(),
            refreshing: tokio::sync::Mutex::new(()),
        })))
    }

    /// Compiles anew when the facts moved; says whether they had. Call it after a commit that raised the epoch.
    pub async fn refresh(&self, db: &Db) -> Result<bool, AuthorityError> {
        let _one_at_a_time = self.0.refreshing.lock().await;
        let current = register::epoch::current(&mut db.read().await?).await?;
        if current == self.0.epoch.load().number() {
            return Ok(false);
        }
        self.0
            .epoch
            .store(Arc::new(compile(db, &self.0.rules).await?));
        Ok(true)
    }

    /// Answers an act. An act of signing must claim its capacity.
    pub fn decide(&self, request: &Request) -> Decided {
        self.with_id(request.clone(), self.0.epoch.load().decide(request))
    }

    /// Answers a question: when only one capacity is usable, for that one.
    pub fn answer(&self, question: &Request) -> Decided {
        self.answer_from(&self.0.epoch.load(), question)
    }

    /// The same from an epoch taken before, so that several questions are answered from one state of the facts.
    pub fn answer_from(&self, epoch: &Epoch, question: &Request) -> Decided {
        let decision = epoch.answer(question);
        let request = Request {
            capacity: question.capacity.or(decision.capacity),
            ..question.clone()
        };
        self.with_id(request, decision)
    }

    /// What a person may sign in a post at an instant, for papers of one kind.
    pub fn usable(&self, person: &str, post: &str, kind: &str, at: i64) -> Vec<Usable> {
        self.0.epoch.load().usable(person, post, kind, at)
    }

    /// The epoch in use.
    pub fn epoch(&self) -> Arc<Epoch> {
        self.0.epoch.load_full()
    }

    /// The rule rows.
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }

    fn with_id(&self, request: Request, decision: Decision) -> Decided {
        Decided {
            id: ids::new("dec", &self.0.entropy),
            request,
            decision,
        }
    }
}

async fn compile(db: &Db, rules: &Rules) -> Result<Epoch, AuthorityError> {
    let mut conn = db.read().await?;
    for _ in 0..ATTEMPTS {
        let before = register::epoch::current(&mut conn).await?;
        let recorded = register::facts::snapshot(&mut conn, None).await?;
        let mandates = mandates::known(&mut conn, None).await?;
        let pauses = mandates::known_pauses(&mut conn, None).await?;
        if register::epoch::current(&mut conn).await? == before {
            let facts = facts::map(&recorded, &mandates, &pauses);
            let epoch = Epoch::compile(before, &facts, rules);
            for defect in epoch.defects() {
                tracing::error!(fact = %defect.fact, reason = defect.reason, "a recorded fact cannot be used");
            }
            return Ok(epoch);
        }
    }
    Err(AuthorityError::Moving(ATTEMPTS))
}
