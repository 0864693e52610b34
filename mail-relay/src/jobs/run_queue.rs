//! Delivers what is due, a few at a time, and sweeps files that no row names.

use crate::MailRelay;
use crate::domain::retry;
use crate::flows::deliver::{self, Outcome};
use crate::flows::send_notice;
use crate::store::queue::{self, Taken};
use platform::audit::{Actor, Event, Housekeeping};
use platform::{db, ids};
use serde_json::json;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// How long a try may take before another worker may try again, ms.
const LEASE: i64 = 120_000;
/// Recipients taken at once.
const AT_ONCE: i64 = 16;
/// How long an idle queue sleeps when nobody wakes it.
const PERIOD: Duration = Duration::from_secs(1);
/// A file younger than this may belong to a unit under way, ms.
const YOUNG: i64 = 600_000;

/// Runs until told to stop.
pub async fn run(relay: Arc<MailRelay>, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    if let Err(error) = sweep(&relay).await {
        tracing::error!(%error, "the spool could not be swept");
    }
    loop {
        let tried = some(&relay).await;
        let ground = relay.ground();
        ground
            .db
            .measures()
            .job("mail", tried.is_ok(), ground.now());
        match tried {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::error!(%error, "the mail queue did not move on"),
        }
        tokio::select! {
            () = &mut stop => return,
            () = relay.woken() => {}
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}

/// Takes and tries what is due; how many.
pub async fn some(relay: &Arc<MailRelay>) -> Result<usize, db::Error> {
    let ground = relay.ground();
    let now = ground.now();
    if !queue::any_due(&mut ground.db.read().await?, now).await? {
        return Ok(0);
    }
    let lease = ids::new("lse", &ground.entropy);
    let lease = &lease;
    let taken = ground
        .db
        .write(|mut tx| async move {
            let taken = queue::take(&mut tx, lease, now, now + LEASE, AT_ONCE).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::QueueProgress, taken))
        })
        .await?;
    let count = taken.len();
    let mut tries = tokio::task::JoinSet::new();
    for one in taken {
        let (relay, lease) = (relay.clone(), lease.clone());
        tries.spawn(async move { attempt(&relay, one, &lease).await });
    }
    while let Some(done) = tries.join_next().await {
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "a delivery could not be recorded; its lease will run out")
            }
            Err(error) => tracing::error!(%error, "a delivery stopped"),
        }
    }
    Ok(count)
}

async fn attempt(relay: &MailRelay, taken: Taken, lease: &str) -> Result<(), db::Error> {
    let ground = relay.ground();
    let row = queue::message(&mut ground.db.read().await?, &taken.message)
        .await?
        .ok_or(db::Error::NotFound)?;
    let outcome = match relay.spool().read(&row.id) {
        Ok(message) => deliver::run(relay, &row, &taken, &message).await,
        Err(error) => Outcome::Later(format!("spool: {error}")),
    };
    ground.db.measures().delivery(match &outcome {
        Outcome::Delivered(_) => "delivered",
        Outcome::Failed(_) => "failed",
        Outcome::Later(_) => "put_off",
    });
    let now = ground.now();
    let (state, reply) = match outcome {
        Outcome::Delivered(reply) => ("delivered", reply),
        Outcome::Failed(reply) => ("failed", reply),
        Outcome::Later(reply) => match retry::next(row.queued_at, taken.attempts, now) {
            Some(next) => return put_off(relay, &taken, lease, next, &reply).await,
            None => ("failed", reply),
        },
    };
    let event = Event::new(
        if state == "delivered" {
            "mail.delivered"
        } else {
            "mail.failed"
        },
        now,
        Actor::System("mail"),
        &ground.entropy,
    )
    .about("mail_message", row.id.clone())
    .detail(json!({ "recipient": taken.address, "attempts": taken.attempts, "reply": reply }));
    let (one, said, event) = (&taken, reply.as_str(), &event);
    let mine = ground
        .db
        .write(|mut tx| async move {
            Ok::<_, db::Error>(
                match queue::finish(&mut tx, one, lease, state, said, now).await? {
                    true => tx.commit(event.clone(), true),
                    false => tx.housekeeping(Housekeeping::QueueProgress, false),
                },
            )
        })
        .await?;
    if mine
        && state == "failed"
        && let Err(error) = send_notice::undelivered(relay, &row, &taken.address, &reply).await
    {
        tracing::error!(%error, "a sender could not be told");
    }
    if mine
        && queue::open(&mut ground.db.read().await?, &row.id).await? == 0
        && let Err(error) = relay.spool().remove(&row.id)
    {
        tracing::warn!(%error, "a finished message stays in the spool until the next sweep");
    }
    Ok(())
}

async fn put_off(
    relay: &MailRelay,
    taken: &Taken,
    lease: &str,
    next: i64,
    reply: &str,
) -> Result<(), db::Error> {
    relay
        .ground()
        .db
        .write(|mut tx| async move {
            queue::put_off(&mut tx, taken, lease, next, reply).await?;
            Ok(tx.housekeeping(Housekeeping::QueueProgress, ()))
        })
        .await
}

/// Removes files whose row was never committed or whose recipients are all done.
async fn sweep(relay: &MailRelay) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let now = relay.ground().now();
    for id in relay.spool().ids()? {
        let mut conn = relay.ground().db.read().await?;
        let known = queue::message(&mut conn, &id).await?;
        let finished = match &known {
            Some(row) => queue::open(&mut conn, &row.id).await? == 0,
            None => relay.spool().age(&id, now)? > YOUNG,
        };
        drop(conn);
        if finished {
            relay.spool().remove(&id)?;
        }
    }
    Ok(())
}
