//! Publishes a list: its ready rows are staged where nobody sees them, and become true in one last unit.
//! Standard: none; docs/ARCHITECTURE.md (bulk work is staged under a change-set)
//! It must never publish other rows than those weighed ready with what was accepted, nor a second time what is published.

use platform::audit::{Actor, Housekeeping};
use platform::{Ground, db};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::import_register::{self, ImportError, ImportReport, Tools, prepare_with, stage_chunk};
use super::read_list::{
    Inputs, ReadList, accepted, administered, claimed, encoding, mapping, open_apart, own, stored,
    weighed,
};
use super::staging::StagingError;
use crate::domain::import::{Existing, Plan};
use crate::domain::intake::header;
use crate::domain::intake::leavers::Claim;
use crate::domain::words::ChangeSetState;
use crate::store::change_sets;
use crate::store::lists::{self, ListRow, ListState};

/// A list was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishList {
    /// It is published, undone or given up already.
    #[error("the list is not open for publishing")]
    Closed,
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadList),
    /// It could not be staged or published.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl PublishList {
    /// Stem of the text `list-failed-<word>` that says what to do.
    fn word(&self) -> &'static str {
        match self {
            Self::Import(ImportError::Staging(StagingError::Stale)) => "stale",
            Self::Import(ImportError::Staging(StagingError::Interrupted)) => "interrupted",
            Self::Read(ReadList::NoRight) => "no-right",
            Self::Closed | Self::Import(_) | Self::Read(_) | Self::Db(_) => "other",
        }
    }
}

/// Marks the list as being published; what [`carry_on`] then does survives a crash and can be called again.
pub async fn begin(ground: &Ground, person: &str, id: &str) -> Result<(), PublishList> {
    let mut conn = ground.db.read().await?;
    own(&mut conn, person, id, ground.now()).await?;
    drop(conn);
    let begun = ground
        .db
        .write(|mut tx| async move {
            let begun = lists::begin(&mut tx, id).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Dialogue, begun))
        })
        .await?;
    if begun {
        Ok(())
    } else {
        Err(PublishList::Closed)
    }
}

/// Stages and publishes a list that was begun; a failure is noted on it and leaves the register as it was.
pub async fn carry_on(
    ground: &Ground,
    actor: &Actor,
    person: &str,
    id: &str,
) -> Result<ImportReport, PublishList> {
    let outcome = publish(ground, actor, person, id).await;
    if let Err(error) = &outcome {
        // What failed after the last unit is published all the same; only what did not get there goes back to be decided.
        let mut conn = ground.db.read().await?;
        if let Some(list) = lists::find(&mut conn, id).await? {
            settle(ground, &list).await?;
        }
        drop(conn);
        let why = error.word();
        ground
            .db
            .write(|mut tx| async move {
                lists::fail(&mut tx, id, why).await?;
                Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Dialogue, ()))
            })
            .await?;
    }
    outcome
}

async fn publish(
    ground: &Ground,
    actor: &Actor,
    person: &str,
    id: &str,
) -> Result<ImportReport, PublishList> {
    let now = ground.now();
    let mut conn = ground.db.read().await?;
    let list = lists::find(&mut conn, id)
        .await?
        .ok_or(ReadList::NotFound)?;
    if list.state != ListState::Publishing {
        return Err(PublishList::Closed);
    }
    let (mapping, accepted) = (mapping(&list)?, accepted(&list)?);
    let bytes = stored(&mut conn, &ground.sealer, id).await?;
    let opened = open_apart(bytes, list.sheet.clone(), encoding(&list)).await?;
    let covered = administered(&mut conn, person, now).await?;
    let (claim, by_hand) = claimed(&mut conn, id).await?;
    drop(conn);
    let tools = Tools {
        db: &ground.db,
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let make = |existing: &Existing,
                ids: &platform::random::Entropy,
                _: &dyn Fn(&str) -> Vec<u8>|
     -> Result<Plan, ImportError> {
        let inputs = Inputs {
            list: &list,
            mapping: &mapping,
            accepted: &accepted,
            covered: &covered,
            claim: &claim,
            by_hand: &by_hand,
            now: list.uploaded_at,
        };
        Ok(weighed(&inputs, &opened.sheet, existing, &ground.sealer, ids).plan)
    };
    let mut prepared = prepare_with(tools, now, &digest(&list, &claim), make).await?;
    if let Some(set) = prepared.change_set() {
        ground
            .db
            .write(|mut tx| async move {
                lists::name_set(&mut tx, id, set).await?;
                Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Staging, ()))
            })
            .await?;
    }
    while stage_chunk(tools, &mut prepared).await? {}
    let report = import_register::publish(tools, now, actor, prepared).await?;
    let signature = header::signature(&opened.sheet, mapping.header);
    let mapping_text = json!(mapping).to_string();
    finish(
        ground,
        &list,
        report.change_set.as_deref(),
        Some((&signature, &mapping_text)),
    )
    .await?;
    Ok(report)
}

/// After a crash between the last unit and its mark: a list whose change-set is published is published, and one whose undoing is
/// published is undone.
pub async fn settle(ground: &Ground, list: &ListRow) -> Result<(), db::Error> {
    let set = match list.state {
        ListState::Publishing => &list.change_set,
        ListState::Published => &list.undone_by,
        ListState::Judged | ListState::Undone | ListState::Discarded => &None,
    };
    let Some(set) = set else {
        return Ok(());
    };
    let mut conn = ground.db.read().await?;
    let found = change_sets::find(&mut conn, set).await?;
    drop(conn);
    if found.is_none_or(|found| found.state != ChangeSetState::Published) {
        return Ok(());
    }
    if list.state == ListState::Publishing {
        return finish(ground, list, Some(set), None).await;
    }
    ground
        .db
        .write(|mut tx| async move {
            lists::undo(&mut tx, &list.id, set).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Projection, ()))
        })
        .await
}

/// How far a list being published is: operations staged, and all of them.
pub async fn progress(
    conn: &mut db::Conn,
    list: &ListRow,
) -> Result<Option<(i64, i64)>, db::Error> {
    let Some(set) = &list.change_set else {
        return Ok(None);
    };
    Ok(change_sets::find(conn, set)
        .await?
        .map(|set| (set.staged, set.operations)))
}

async fn finish(
    ground: &Ground,
    list: &ListRow,
    set: Option<&str>,
    remember: Option<(&str, &str)>,
) -> Result<(), db::Error> {
    let now = ground.now();
    ground
        .db
        .write(|mut tx| async move {
            lists::finish(&mut tx, &list.id, set).await?;
            if let Some((signature, mapping)) = remember {
                lists::remember(&mut tx, signature, mapping, now).await?;
            }
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Projection, ()))
        })
        .await
}

/// The same file read in the same way gives the same plan.
fn digest(list: &ListRow, claim: &Claim) -> String {
    let mut hash = Sha256::new();
    for part in [
        "register-list-2",
        &list.id,
        &list.digest,
        list.encoding.as_deref().unwrap_or_default(),
        list.sheet.as_deref().unwrap_or_default(),
        &list.mapping,
        &list.effective.to_string(),
        &list.accepted,
        &json!([claim.whole_for, claim.ends]).to_string(),
    ] {
        hash.update(Sha256::digest(part.as_bytes()));
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}
