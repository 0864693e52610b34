//! Makes a plan of reorganisation true for its instant, past or future: plan, stage in small units, publish by one last unit.
//! Standard: docs/ARCHITECTURE.md (facts are written ahead with their valid time; nothing is overwritten).
//! It must never publish a plan with a problem or an open question, nor another than was approved, nor leave the register between.

use platform::audit::{Actor, Event};
use platform::db::{self, Conn, Db};
use platform::random::Entropy;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::see_plan::{self, Kept};
use super::staging::{self, NewSet, StagingError};
use crate::domain::import::{Operation, RowFault};
use crate::domain::reorganisation::{Draft, Planned, Preview, Rules, plan};
use crate::domain::words::{ChangeSetKind, PlanState};
use crate::store::change_sets::ChangeSet;
use crate::store::{proposals, reorganisations};

/// Raised when the same plan would be carried over differently by a newer program.
const PLAN_VERSION: &str = "reorganisation-1";

/// Why it was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishPlanError {
    /// No such plan.
    #[error("no such plan")]
    Unknown,
    /// It is no draft any more.
    #[error("the plan is published or cancelled")]
    Settled,
    /// Something is wrong with it.
    #[error("the plan has {} problems", .0.len())]
    Problems(Vec<RowFault>),
    /// Something is to be decided first.
    #[error("to be decided first: {}", .0.join(", "))]
    Open(Vec<String>),
    /// Rows or answers changed since it was proposed.
    #[error("the plan is not the one that was approved")]
    Changed,
    /// The proposal behind it was carried out or withdrawn meanwhile.
    #[error("the proposal is not approved any more")]
    NotApproved,
    /// Staging or publishing stopped; the register is as it was.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// A plan that is ready and may be partly staged.
#[derive(Debug)]
pub struct Prepared {
    kept: Kept,
    set: ChangeSet,
    planned: Planned,
    proposal: Option<String>,
    /// Whether an interrupted run is carried on.
    pub resumed: bool,
}

impl Prepared {
    /// Records staged so far, and all of them.
    pub fn progress(&self) -> (i64, i64) {
        (self.set.staged, self.set.operations)
    }

    /// Id of the change-set.
    pub fn change_set(&self) -> &str {
        &self.set.id
    }

    /// Ties it to an approved proposal, which is carried out by the unit that publishes.
    pub fn approve(&mut self, proposal: &str, digest: &str) -> Result<(), PublishPlanError> {
        if self.set.digest != digest {
            return Err(PublishPlanError::Changed);
        }
        self.proposal = Some(proposal.to_owned());
        Ok(())
    }
}

/// The digest of a plan that could be published as it stands: what a proposal to publish names.
pub async fn ready(db: &Db, id: &str) -> Result<String, PublishPlanError> {
    let mut conn = db.read().await?;
    let kept = draft(&mut conn, id).await?;
    let preview = see_plan::preview(&mut conn, &kept).await?;
    check(&preview)?;
    digest(&kept)
}

async fn draft(conn: &mut Conn, id: &str) -> Result<Kept, PublishPlanError> {
    let kept = see_plan::find(conn, id)
        .await?
        .ok_or(PublishPlanError::Unknown)?;
    if kept.head.state != PlanState::Draft {
        return Err(PublishPlanError::Settled);
    }
    Ok(kept)
}

fn check(preview: &Preview) -> Result<(), PublishPlanError> {
    if !preview.problems.is_empty() {
        return Err(PublishPlanError::Problems(preview.problems.clone()));
    }
    let open = preview.questions.iter().filter(|q| q.is_open());
    let open: Vec<String> = open.map(|q| q.key.clone()).collect();
    if open.is_empty() {
        Ok(())
    } else {
        Err(PublishPlanError::Open(open))
    }
}

/// The whole of it. Gives what was done.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    id: &str,
) -> Result<Preview, PublishPlanError> {
    let mut prepared = prepare(db, entropy, now, id).await?;
    while stage_chunk(db, &mut prepared).await? {}
    publish(db, entropy, now, actor, prepared).await
}

/// Plans on the register as it stands, and opens a change-set or takes up the one an interrupted run left behind.
pub async fn prepare(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    id: &str,
) -> Result<Prepared, PublishPlanError> {
    let mut conn = db.read().await?;
    let kept = draft(&mut conn, id).await?;
    let (base_epoch, world) = see_plan::world(&mut conn, kept.head.at).await?;
    drop(conn);
    let digest = digest(&kept)?;
    let left = staging::left_behind(db, ChangeSetKind::Plan, &digest, base_epoch).await?;
    let seed = left
        .as_ref()
        .map_or_else(|| i64::from_le_bytes(entropy.bytes()), |set| set.seed);
    let ids_of_plan = Entropy::seeded(u64::from_le_bytes(seed.to_le_bytes()));
    let draft = Draft {
        at: kept.head.at,
        basis: &kept.head.basis,
        rows: &kept.rows,
        choices: &kept.choices,
    };
    let planned = plan(&draft, &world, &Rules::ours(), &ids_of_plan);
    check(&planned.preview)?;
    let operations =
        i64::try_from(planned.operations.len() + planned.closings.len()).unwrap_or(i64::MAX);
    let resumed = left
        .as_ref()
        .is_some_and(|set| set.operations == operations);
    let new = NewSet {
        kind: ChangeSetKind::Plan,
        digest,
        seed,
        base_epoch,
        operations,
    };
    let set = staging::take_up(db, entropy, now, left, new).await?;
    let (plan_id, set_id) = (&kept.head.id, &set.id);
    db.write(|mut tx| async move {
        if !reorganisations::take_set(&mut tx, plan_id, set_id).await? {
            return Err(PublishPlanError::Settled);
        }
        Ok(tx.housekeeping(platform::audit::Housekeeping::Staging, ()))
    })
    .await?;
    Ok(Prepared {
        kept,
        set,
        planned,
        proposal: None,
        resumed,
    })
}

/// Stages the next records in one short unit; `false` when all lie there.
pub async fn stage_chunk(db: &Db, prepared: &mut Prepared) -> Result<bool, PublishPlanError> {
    let records = (
        prepared.planned.closings.as_slice(),
        prepared.planned.operations.as_slice(),
    );
    let same = |operation: &Operation| Ok::<_, PublishPlanError>(operation.clone());
    staging::lay_chunk(db, &mut prepared.set, records, same).await
}

/// The last unit: the plan's records become true at once, and the epoch is raised.
pub async fn publish(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    prepared: Prepared,
) -> Result<Preview, PublishPlanError> {
    let Prepared {
        kept,
        set,
        planned,
        proposal,
        ..
    } = prepared;
    let proposal = &proposal;
    let (head, set, closings) = (&kept.head, &set, planned.closings.len());
    let counts = &planned.preview.counts;
    let published = db
        .write(|mut tx| async move {
            let detail = json!({
                "at": head.at, "basis": head.basis, "change_set": set.id, "counts": counts, "name": head.name,
            });
            let event = Event::new("register.plan.published", now, actor.clone(), entropy)
                .about("plan", &head.id)
                .detail(detail);
            staging::make_true(&mut tx, set, closings, &event).await?;
            if !reorganisations::finish(&mut tx, &head.id, PlanState::Published).await? {
                return Err(PublishPlanError::Settled);
            }
            let Some(proposal) = proposal else {
                return Ok(tx.commit(event, ()));
            };
            if !proposals::carry_out(&mut tx, proposal, &set.id).await? {
                return Err(PublishPlanError::NotApproved);
            }
            let done = Event::new("register.proposal.carried_out", now, actor.clone(), entropy)
                .about("proposal", proposal)
                .detail(json!({"act": "publish_plan", "outcome": set.id}));
            Ok(tx.commit(event, ()).and(done))
        })
        .await;
    if matches!(
        published,
        Err(PublishPlanError::Staging(StagingError::Stale))
    ) {
        staging::cancel(db, &set.id).await?;
    }
    published.map(|()| planned.preview)
}

fn digest(kept: &Kept) -> Result<String, PublishPlanError> {
    let text = serde_json::to_string(&(PLAN_VERSION, &kept.head.id, &kept.rows, &kept.choices));
    let text = text.map_err(|error| db::Error::Refused(error.to_string()))?;
    Ok(data_encoding::HEXLOWER.encode(&Sha256::digest(text)))
}
