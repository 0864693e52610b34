//! Follows the state of authority: another process, or another service of this one, may have raised the epoch.

use std::future::Future;
use std::time::Duration;

use platform::db::Db;

use crate::authority::Authority;

/// How often the epoch's row is looked at.
pub const EVERY: Duration = Duration::from_secs(1);

/// Compiles anew whenever the epoch moved, until `stop`. A failure is logged and tried again; acts are safe meanwhile, since each
/// looks at the row in its own unit.
pub async fn run(db: Db, authority: Authority, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = ticks.tick() => {
                if let Err(error) = authority.refresh(&db).await {
                    tracing::error!(%error, "the state of authority could not be compiled anew");
                }
            }
        }
    }
}
