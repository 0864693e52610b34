//! Who gave a mandate suspends it from this instant, and lets it carry again.
//! Standard: none.
//! It must never reach into the past: what was signed before stays signed, and what was refused stays refused.

use platform::Ground;
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::db::{self, Conn};
use platform::ids;
use serde_json::json;
use thiserror::Error;

use crate::authority::{Authority, AuthorityError};
use crate::domain::instrument::{Mandate, Pause};
use crate::store::mandates;

/// Why nothing was changed.
#[derive(Debug, Error)]
pub enum SuspendMandate {
    /// No such mandate in force; or, to resume, it is not suspended; or, to suspend, it is.
    #[error("no such mandate to suspend or to resume")]
    Unknown,
    /// Only the post that gave it may.
    #[error("only the post that gave it may suspend it")]
    NotGrantor,
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// It was recorded, and the new state could not be compiled.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

/// The mandate, when the caller gave it and it is not over; and the suspension around `now`.
async fn open(
    conn: &mut Conn,
    caller: &Caller,
    id: &str,
    now: i64,
) -> Result<(Mandate, Option<Pause>), SuspendMandate> {
    let mandate = mandates::current(conn, id)
        .await?
        .filter(|open| open.valid_to.is_none_or(|to| now < to))
        .ok_or(SuspendMandate::Unknown)?;
    if caller.post.as_deref() != Some(mandate.grantor.as_str()) {
        return Err(SuspendMandate::NotGrantor);
    }
    let pauses = mandates::pauses_of(conn, id).await?;
    let around =
        |pause: &Pause| pause.valid_from <= now && pause.valid_to.is_none_or(|to| now < to);
    Ok((mandate, pauses.into_iter().find(around)))
}

/// Suspends it now, until it is resumed.
pub async fn run(
    ground: &Ground,
    authority: &Authority,
    caller: &Caller,
    id: &str,
    reason: &str,
) -> Result<(), SuspendMandate> {
    let now = ground.now();
    let entropy = &ground.entropy;
    ground
        .db
        .write(|mut tx| async move {
            let (mandate, None) = open(&mut tx, caller, id, now).await? else {
                return Err(SuspendMandate::Unknown);
            };
            let epoch = register::epoch::raise(&mut tx).await?;
            let event = Event::new("authority.mandate_suspended", now, Actor::of(caller), entropy)
                .about("mandate", id)
                .detail(json!({"at": now, "epoch": epoch, "instrument": mandate.instrument, "reason": reason}));
            let pause = Pause {
                record: ids::new("rec", entropy),
                id: ids::new("pau", entropy),
                mandate: id.to_owned(),
                reason: reason.to_owned(),
                valid_from: now,
                valid_to: None,
            };
            mandates::insert_pause(&mut tx, &pause, event.id()).await?;
            Ok(tx.commit(event, ()))
        })
        .await?;
    authority.refresh(&ground.db).await?;
    Ok(())
}

/// Lets it carry again from now.
pub async fn resume(
    ground: &Ground,
    authority: &Authority,
    caller: &Caller,
    id: &str,
    reason: &str,
) -> Result<(), SuspendMandate> {
    let now = ground.now();
    let entropy = &ground.entropy;
    ground
        .db
        .write(|mut tx| async move {
            let (mandate, Some(pause)) = open(&mut tx, caller, id, now).await? else {
                return Err(SuspendMandate::Unknown);
            };
            let epoch = register::epoch::raise(&mut tx).await?;
            let event = Event::new("authority.mandate_resumed", now, Actor::of(caller), entropy)
                .about("mandate", id)
                .detail(json!({"at": now, "epoch": epoch, "instrument": mandate.instrument, "reason": reason}));
            if !mandates::close_pause(&mut tx, &pause.record, event.id()).await? {
                return Err(SuspendMandate::Unknown);
            }
            if now > pause.valid_from {
                let over = Pause {
                    record: ids::new("rec", entropy),
                    valid_to: Some(now),
                    ..pause
                };
                mandates::insert_pause(&mut tx, &over, event.id()).await?;
            }
            Ok(tx.commit(event, ()))
        })
        .await?;
    authority.refresh(&ground.db).await?;
    Ok(())
}
