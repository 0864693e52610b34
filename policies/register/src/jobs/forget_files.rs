//! Forgets the files of lists after their time, once an hour: what became of a list stays, the personal numbers in its file go.

use std::time::Duration;

use platform::Ground;
use platform::audit::Housekeeping;
use platform::db::Error;

use crate::store::lists;

const HOUR: Duration = Duration::from_secs(60 * 60);
/// How long a file is kept after it was handed in: long enough to ask back, ms.
const KEPT: i64 = 30 * 24 * 3_600_000;

/// Runs until `stop` resolves; a failure is logged and tried again an hour later.
pub async fn run(ground: Ground, stop: impl Future<Output = ()> + Send) {
    tokio::pin!(stop);
    loop {
        match forget(&ground).await {
            Ok(files) => tracing::debug!(files, "files of lists forgotten"),
            Err(error) => tracing::warn!(%error, "files of lists are not forgotten"),
        }
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(HOUR) => {}
        }
    }
}

/// Forgets what is past its time; how many files.
pub async fn forget(ground: &Ground) -> Result<u64, Error> {
    let before = ground.now().saturating_sub(KEPT);
    ground
        .db
        .write(|mut tx| async move {
            let files = lists::forget_files(&mut tx, before).await?;
            Ok(tx.housekeeping(Housekeeping::ExpiredRows, files))
        })
        .await
}
