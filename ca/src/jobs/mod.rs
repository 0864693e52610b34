//! What runs by itself: lists before they grow old, what hangs after a crash, lists of other authorities, new passkeys, service certificates.

mod foreign_lists;

use crate::flows::{bind_passkey, ceremony, publish_list, reconcile};
use crate::service::Ca;
use crate::store::anchors;
use platform::audit::Actor;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

const PAUSE: Duration = Duration::from_secs(20);
/// Every so many rounds the slow work is done.
const SLOW: u64 = 15;

/// Works until `stop` ends.
pub async fn start_jobs(ca: Arc<Ca>, stop: impl Future<Output = ()> + Send) {
    let mut stop = std::pin::pin!(stop);
    let mut round = 0_u64;
    loop {
        work(&ca, round).await;
        round = round.wrapping_add(1);
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// One round; what fails is said and tried again in the next.
pub async fn work(ca: &Ca, round: u64) {
    let count = |job, good| ca.ground.db.measures().job(job, good, ca.now());
    let reconciled = reconcile::run(ca).await;
    count("reconcile", reconciled.is_ok());
    match reconciled {
        Ok(done) if done != reconcile::Reconciled::default() => {
            tracing::warn!(?done, "brought to an end what hung");
        }
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "reconciliation"),
    }
    let issuers = match ca.ground.db.read().await {
        Ok(mut conn) => anchors::issuers(&mut conn).await,
        Err(error) => Err(error),
    };
    let issuers = issuers.unwrap_or_else(|error| {
        tracing::error!(%error, "authorities");
        Vec::new()
    });
    for issuer in issuers.iter().filter(|issuer| issuer.key_id.is_some()) {
        let published = publish_list::if_due(ca, &issuer.id).await;
        count("lists", published.is_ok());
        if let Err(error) = published {
            tracing::error!(%error, authority = issuer.id, "list not published");
        }
    }
    if !round.is_multiple_of(SLOW) {
        return;
    }
    for issuer in &issuers {
        if let Some(url) = &issuer.list_url {
            foreign_lists::fetch(ca, &issuer.id, url).await;
        }
    }
    if issuers.iter().any(|issuer| issuer.key_id.is_some()) {
        if let Err(error) = ceremony::run(ca, &Actor::System("certification")).await {
            tracing::error!(%error, "service certificates");
        }
        if let Err(error) = bind_passkey::collect(ca).await {
            tracing::error!(%error, "passkeys not collected");
        }
    }
}
