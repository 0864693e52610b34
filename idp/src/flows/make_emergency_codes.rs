//! Three officers are each given a code on paper; those printed before are over.
//! Standard: none; docs/SECURITY.md (emergency)
//! It must never leave two printings usable, nor give one person two codes, nor one to whoever administers.

use crate::Idp;
use crate::domain::account::AccountState;
use crate::domain::one_time_code::{OneTimeCode, TRIES};
use crate::store::account::{self, Account};
use crate::store::emergency::{self, EmergencyCode};
use platform::audit::{Actor, Event};
use platform::{db, ids};
use register::{facts, rights};
use serde_json::json;
use std::collections::BTreeSet;

/// How many officers hold a code; two of them together open an emergency.
pub const OFFICERS: usize = 3;

/// Why no codes were made.
#[derive(Debug, thiserror::Error)]
pub enum MakeCodesError {
    /// Not three different people.
    #[error("name three different officers")]
    Officers,
    /// No account of that name is in use.
    #[error("{0}: no account of that username is in use")]
    Account(String),
    /// Who administers already would have those rights in an emergency too.
    #[error("{0} holds a role of administration: the codes are for others")]
    Administers(String),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// One officer's sheet.
pub struct Sheet {
    /// Full name.
    pub name: String,
    /// Username.
    pub username: String,
    /// The code, in groups.
    pub code: String,
}

/// Makes the codes. They are shown once and stored as hashes.
pub async fn run(idp: &Idp, usernames: &[String]) -> Result<Vec<Sheet>, MakeCodesError> {
    let ground = idp.ground();
    let now = ground.now();
    let mut conn = ground.db.read().await?;
    let mut officers: Vec<(Account, String)> = Vec::new();
    for username in usernames {
        let unknown = || MakeCodesError::Account(username.clone());
        let account = account::by_username(&mut conn, username.trim())
            .await?
            .filter(|a| a.state() == AccountState::Active)
            .ok_or_else(unknown)?;
        let person = facts::person(&mut conn, &account.person)
            .await?
            .ok_or_else(unknown)?;
        if !rights::held_by(&mut conn, &account.person, now)
            .await?
            .is_empty()
        {
            return Err(MakeCodesError::Administers(username.clone()));
        }
        officers.push((account, person.full_name));
    }
    drop(conn);
    let different: BTreeSet<&str> = officers.iter().map(|(a, _)| a.person.as_str()).collect();
    if different.len() != OFFICERS || officers.len() != OFFICERS {
        return Err(MakeCodesError::Officers);
    }
    let printing = ids::new("prt", &ground.entropy);
    let mut sheets = Vec::new();
    let mut codes = Vec::new();
    for (account, name) in &officers {
        let code = OneTimeCode::fresh(&ground.entropy);
        codes.push(EmergencyCode {
            selector: code.selector.clone(),
            printing: printing.clone(),
            account: account.id.clone(),
            digest: code.digest(),
        });
        sheets.push(Sheet {
            name: name.clone(),
            username: account.username.clone(),
            code: code.show(),
        });
    }
    let people: Vec<&str> = officers.iter().map(|(a, _)| a.person.as_str()).collect();
    let told = Event::public(
        "emergency.codes_made",
        now,
        Actor::System("emergency"),
        &ground.entropy,
    )
    .about("emergency", &printing);
    let officers_named = Event::new(
        "emergency.officers",
        now,
        Actor::System("emergency"),
        &ground.entropy,
    )
    .about("emergency", &printing)
    .detail(json!({ "officers": people }));
    let (codes, told, officers_named) = (&codes, &told, &officers_named);
    ground
        .db
        .write(|mut tx| async move {
            emergency::close_all(&mut tx, now).await?;
            for code in codes {
                emergency::insert(&mut tx, code, TRIES, now).await?;
            }
            Ok::<_, db::Error>(tx.commit(told.clone(), ()).and(officers_named.clone()))
        })
        .await?;
    Ok(sheets)
}
