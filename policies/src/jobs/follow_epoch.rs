//! Follows the state of authority: another process, or another service of this one, may have raised the epoch.

use std::future::Future;
use std::time::Duration;

use platform::clock::Clock;
use platform::db::Db;

use crate::authority::Authority;

/// How often the epoch's row is looked at.
pub const EVERY: Duration = Duration::from_secs(1);

/// Compiles anew whenever the epoch moved, until `stop`. A failure is logged and tried again; acts are safe meanwhile, since each
/// looks at the row in its own unit.
pub async fn run(db: Db, clock: Clock, authority: Authority, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = ticks.tick() => {
                let compiled = authority.refresh(&db).await;
                db.measures().job("authority", compiled.is_ok(), clock.now());
                if let Err(error) = compiled {
                    tracing::error!(%error, "the state of authority could not be compiled anew");
                }
            }
        }
    }
}
