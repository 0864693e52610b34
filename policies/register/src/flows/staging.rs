//! Bulk work in small units that nobody sees, and the one unit that makes it true: shared by imports and reorganisations.
//! Standard: docs/ARCHITECTURE.md (bulk work is staged under a change-set).
//! It must never change anything visible before the last unit, nor publish on another epoch than the one planned on.

use platform::audit::{Event, Housekeeping};
use platform::db::{self, Db, Tx};
use platform::ids;
use platform::random::Entropy;

use crate::domain::import::{Closing, Operation};
use crate::domain::words::{ChangeSetKind, ChangeSetState};
use crate::store::change_sets::{self, ChangeSet};
use crate::store::epoch;

/// Operations in one unit: far below 50 ms on either engine, so that a machine ten times slower stays inside the limit of a unit.
const CHUNK: usize = 100;
/// Rows of a kind removed in one unit after a change-set was given up.
const DROP_CHUNK: i64 = 100;

/// Why staging or publishing stopped.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// The register changed meanwhile; nothing was changed by this work.
    #[error("the register changed while this was being prepared; run it again")]
    Stale,
    /// Somebody else is at the same work, or it was cancelled.
    #[error("the same work is under way elsewhere, or it was cancelled")]
    Interrupted,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// The set that an interrupted run of the same work left; others of its kind that can no longer be published are removed.
pub(crate) async fn left_behind(
    db: &Db,
    kind: ChangeSetKind,
    digest: &str,
    base_epoch: i64,
) -> Result<Option<ChangeSet>, StagingError> {
    let mut fitting = None;
    let open = change_sets::open_ones(&mut db.read().await?, kind).await?;
    for set in open {
        if set.digest == digest && set.base_epoch == base_epoch && fitting.is_none() {
            fitting = Some(set);
        } else {
            cancel(db, &set.id).await?;
        }
    }
    Ok(fitting)
}

/// What a new change-set is made of.
pub(crate) struct NewSet {
    pub(crate) kind: ChangeSetKind,
    pub(crate) digest: String,
    pub(crate) seed: i64,
    pub(crate) base_epoch: i64,
    pub(crate) operations: i64,
}

/// Goes on with the set left behind when it is as long as the plan, else removes it and opens another.
pub(crate) async fn take_up(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    left: Option<ChangeSet>,
    new: NewSet,
) -> Result<ChangeSet, StagingError> {
    if let Some(set) = left {
        if set.operations == new.operations {
            return Ok(set);
        }
        cancel(db, &set.id).await?;
    }
    let set = ChangeSet {
        id: ids::new("chs", entropy),
        kind: new.kind,
        state: ChangeSetState::Staging,
        digest: new.digest,
        seed: new.seed,
        base_epoch: new.base_epoch,
        operations: new.operations,
        staged: 0,
    };
    let opened = &set;
    db.write(|mut tx| async move {
        change_sets::open(&mut tx, opened, now).await?;
        Ok::<_, StagingError>(tx.housekeeping(Housekeeping::Staging, ()))
    })
    .await?;
    Ok(set)
}

/// Lays the next records in one short unit; `false` when all lie there. `seal` makes the row that is stored.
pub(crate) async fn lay_chunk<E: From<StagingError> + From<db::Error>>(
    db: &Db,
    set: &mut ChangeSet,
    (closings, operations): (&[Closing], &[Operation]),
    seal: impl Fn(&Operation) -> Result<Operation, E>,
) -> Result<bool, E> {
    let total = closings.len() + operations.len();
    let start = usize::try_from(set.staged).unwrap_or(total);
    if start >= total {
        return Ok(false);
    }
    let end = (start + CHUNK).min(total);
    let closing = closings.get(start..end.min(closings.len())).unwrap_or(&[]);
    let already = start.saturating_sub(closings.len());
    let laying = operations
        .iter()
        .skip(already)
        .take(end - start - closing.len());
    let laying = laying.map(seal).collect::<Result<Vec<_>, _>>()?;
    let staged = i64::try_from(end).unwrap_or(i64::MAX);
    let (id, before) = (&set.id, set.staged);
    let laying = &laying;
    db.write(|mut tx| async move {
        if !change_sets::progress(&mut tx, id, staged, before).await? {
            return Err(StagingError::Interrupted);
        }
        change_sets::add_closings(&mut tx, id, closing).await?;
        change_sets::lay(&mut tx, laying, id).await?;
        Ok(tx.housekeeping(Housekeeping::Staging, ()))
    })
    .await?;
    set.staged = staged;
    Ok(end < total)
}

/// Inside the last unit: the set becomes true by `event`, and the epoch is raised.
pub(crate) async fn make_true(
    tx: &mut Tx,
    set: &ChangeSet,
    closings: usize,
    event: &Event,
) -> Result<(), StagingError> {
    if epoch::held(tx).await? != set.base_epoch {
        return Err(StagingError::Stale);
    }
    let expected = i64::try_from(closings).unwrap_or(i64::MAX);
    if change_sets::closings(tx, &set.id).await? != expected {
        return Err(StagingError::Interrupted);
    }
    let closed = change_sets::publish(tx, &set.id, event.id())
        .await?
        .ok_or(StagingError::Interrupted)?;
    if i64::try_from(closed).ok() != Some(expected) {
        return Err(StagingError::Stale);
    }
    epoch::raise(tx).await?;
    Ok(())
}

/// Gives a change-set up and removes its rows in short units. What was published cannot be cancelled.
pub async fn cancel(db: &Db, set: &str) -> Result<(), StagingError> {
    let cancelled = db
        .write(|mut tx| async move {
            let done = change_sets::cancel(&mut tx, set).await?;
            Ok::<_, StagingError>(tx.housekeeping(Housekeeping::Staging, done))
        })
        .await?;
    if !cancelled {
        return Err(StagingError::Interrupted);
    }
    loop {
        let gone = db
            .write(|mut tx| async move {
                let gone = change_sets::drop_rows(&mut tx, set, DROP_CHUNK).await?;
                Ok::<_, StagingError>(tx.housekeeping(Housekeeping::Staging, gone))
            })
            .await?;
        if gone == 0 {
            return Ok(());
        }
    }
}
