//! The devices of a person that may hand in mail.
//! Standard: none.
//! It must never show a password or its digest.

use crate::MailRelay;
use crate::store::password;
use platform::db;

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// `mpw_…`
    pub id: String,
    /// What its owner calls it.
    pub label: String,
    /// User name of its mail program.
    pub username: String,
    /// When its password was made.
    pub created_at: i64,
    /// When it last signed in.
    pub last_used: Option<i64>,
}

/// Lists them, oldest first.
pub async fn run(relay: &MailRelay, person: &str) -> Result<Vec<Device>, db::Error> {
    let mut conn = relay.ground().db.read().await?;
    let all = password::of_person(&mut conn, person).await?;
    Ok(all
        .into_iter()
        .map(|p| Device {
            id: p.id,
            label: p.label,
            username: p.username,
            created_at: p.created_at,
            last_used: p.last_used,
        })
        .collect())
}
