//! After a crash: approved issuances are signed from their stored bytes, consents without outcome are given up, requests whose time is over are closed.
//! Standard: none.
//! It must never sign anything that was not approved, and never leave a paper waiting for a request that cannot end.

use crate::domain::signing::RequestState;
use crate::flows::give_consent::{abandon, end};
use crate::flows::issue_certificate::{self, IssueCertificate};
use crate::service::Ca;
use crate::store::{issuances, requests};
use platform::audit::Actor;
use platform::db;

/// How many of each were brought to an end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Issuances signed.
    pub issued: usize,
    /// Consents given up.
    pub abandoned: usize,
    /// Requests closed.
    pub expired: usize,
}

/// The reconciliation stopped.
#[derive(Debug, thiserror::Error)]
pub enum Reconcile {
    /// An issuance.
    #[error(transparent)]
    Issue(#[from] IssueCertificate),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Brings what hangs to an end.
pub async fn run(ca: &Ca) -> Result<Reconciled, Reconcile> {
    let now = ca.now();
    let before = now - ca.config.intent_patience;
    let mut conn = ca.ground.db.read().await?;
    let open = issuances::open(&mut conn, before, 200).await?;
    let stuck = requests::stuck(&mut conn, before, 200).await?;
    let expired = requests::expired(&mut conn, now, 200).await?;
    drop(conn);
    let mut done = Reconciled::default();
    for row in &open {
        match issue_certificate::sign_and_record(ca, row).await {
            Ok(_) => done.issued += 1,
            Err(IssueCertificate::Ended) => {}
            Err(error) => return Err(error.into()),
        }
    }
    for request in &stuck {
        abandon(ca, request, "crash").await?;
        done.abandoned += 1;
    }
    for (id, _) in &expired {
        let row = requests::by_id(&mut ca.ground.db.read().await?, id).await?;
        if let Some(row) = row {
            let actor = Actor::System("certification");
            end(
                ca,
                &row,
                RequestState::Open,
                RequestState::Refused,
                "expired",
                actor,
            )
            .await?;
            done.expired += 1;
        }
    }
    Ok(done)
}
