//! The head ends what he gave before its day: from this instant it gives nothing.
//! Standard: Decree 30/2020/NĐ-CP Art. 13 clause 1
//! It must never reach into the past: what was signed under the mandate stays signed under it.

use platform::Ground;
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::db;
use platform::ids;
use serde_json::json;
use thiserror::Error;

use crate::authority::{Authority, AuthorityError};
use crate::domain::instrument::Mandate;
use crate::store::{instruments, mandates};

/// Why it was not ended.
#[derive(Debug, Error)]
pub enum EndMandate {
    /// No such mandate, or it has ended.
    #[error("no such mandate in force")]
    Unknown,
    /// Only the post that handed over may end it.
    #[error("only the post that handed over may end it")]
    NotGrantor,
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// It was ended, and the new state could not be compiled.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

/// Ends it now.
pub async fn run(
    ground: &Ground,
    authority: &Authority,
    caller: &Caller,
    mandate: &str,
    reason: &str,
) -> Result<(), EndMandate> {
    let now = ground.now();
    let entropy = &ground.entropy;
    ground
        .db
        .write(|mut tx| async move {
            let open = mandates::current(&mut tx, mandate)
                .await?
                .filter(|open| open.valid_to.is_none_or(|to| now < to))
                .ok_or(EndMandate::Unknown)?;
            if caller.post.as_deref() != Some(open.grantor.as_str()) {
                return Err(EndMandate::NotGrantor);
            }
            let epoch = register::epoch::raise(&mut tx).await?;
            let event = Event::new("authority.mandate_ended", now, Actor::of(caller), entropy)
                .about("mandate", mandate)
                .detail(json!({"at": now, "epoch": epoch, "instrument": open.instrument, "reason": reason}));
            if !mandates::close(&mut tx, &open.record, event.id()).await? {
                return Err(EndMandate::Unknown);
            }
            if now > open.valid_from {
                let shorter = Mandate {
                    record: ids::new("rec", entropy),
                    valid_to: Some(now),
                    ..open.clone()
                };
                mandates::insert(&mut tx, &shorter, event.id()).await?;
            }
            instruments::end(&mut tx, &open.instrument, now).await?;
            Ok(tx.commit(event, ()))
        })
        .await?;
    authority.refresh(&ground.db).await?;
    Ok(())
}
