//! Work that nobody asks for: clearing away, once an hour.

use crate::Idp;
use crate::flows::clear_away;
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Clears away every hour until `stop` resolves; a failure is logged and tried again an hour later.
pub async fn run(idp: Arc<Idp>, stop: impl Future<Output = ()> + Send) {
    tokio::pin!(stop);
    loop {
        let cleared = clear_away::run(&idp).await;
        let ground = idp.ground();
        ground
            .db
            .measures()
            .job("clear_away", cleared.is_ok(), ground.now());
        match cleared {
            Ok(rows) => tracing::debug!(rows, "cleared away"),
            Err(error) => tracing::warn!(%error, "clearing away"),
        }
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(HOUR) => {}
        }
    }
}
