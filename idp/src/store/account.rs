//! Accounts.

use crate::domain::account::AccountState;
use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub INSERT = "INSERT INTO account (id, person, username, handle, state, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    pub BY_ID = "SELECT id, person, username, handle, state FROM account WHERE id = $1";
    pub BY_USERNAME = "SELECT id, person, username, handle, state FROM account WHERE username = $1";
    pub BY_PERSON = "SELECT id, person, username, handle, state FROM account WHERE person = $1";
    pub SET_STATE = "UPDATE account SET state = $2 WHERE id = $1 AND state = $3";
    pub STANDING = "SELECT a.person, a.username, a.state, MAX(v.expires_at) AS open_until FROM account a LEFT JOIN activation v ON v.account = a.id AND v.used_at IS NULL AND v.tries > 0 AND v.expires_at > $2
        WHERE a.person IN (SELECT value FROM json_each($1)) GROUP BY a.person, a.username, a.state ORDER BY a.person",
        postgres "SELECT a.person, a.username, a.state, MAX(v.expires_at) AS open_until FROM account a LEFT JOIN activation v ON v.account = a.id AND v.used_at IS NULL AND v.tries > 0 AND v.expires_at > $2
        WHERE a.person IN (SELECT jsonb_array_elements_text(CAST(CAST($1 AS TEXT) AS JSONB))) GROUP BY a.person, a.username, a.state ORDER BY a.person";
    pub NAMED = "SELECT a.username FROM account a WHERE a.username IN (SELECT value FROM json_each($1)) ORDER BY a.username",
        postgres "SELECT a.username FROM account a WHERE a.username IN (SELECT jsonb_array_elements_text(CAST(CAST($1 AS TEXT) AS JSONB))) ORDER BY a.username";
    pub COUNT_USED = "SELECT count(*) AS n FROM account WHERE state <> 'invited'";
}

/// An account as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Account {
    /// `acc_…`
    pub id: String,
    /// `psn_…`
    pub person: String,
    /// Name to sign in by.
    pub username: String,
    /// WebAuthn user handle.
    pub handle: Vec<u8>,
    state: String,
}

impl Account {
    /// Its state.
    pub fn state(&self) -> AccountState {
        AccountState::from_stored(&self.state)
    }

    /// The user handle in its fixed length; a row of another length is no account.
    pub fn handle(&self) -> Option<[u8; 16]> {
        self.handle.as_slice().try_into().ok()
    }
}

/// Where the account of a person stands, and how long its open code is good.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Standing {
    /// `psn_…`
    pub person: String,
    /// Name to sign in by.
    pub username: String,
    state: String,
    /// End of the open code, if there is one.
    pub open_until: Option<i64>,
}

impl Standing {
    /// Its state.
    pub fn state(&self) -> AccountState {
        AccountState::from_stored(&self.state)
    }
}

/// Those of these names by which somebody signs in.
pub async fn named(conn: &mut Conn, names: &[&str]) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn.all(&NAMED, (listed(names)?,)).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

fn listed(texts: &[&str]) -> Result<String, Error> {
    serde_json::to_string(texts).map_err(|error| Error::Refused(error.to_string()))
}

/// The accounts of these people, as far as they have one.
pub async fn standing(conn: &mut Conn, people: &[&str], now: i64) -> Result<Vec<Standing>, Error> {
    conn.all(&STANDING, (listed(people)?, now)).await
}

/// Adds an invited account.
pub async fn insert(
    tx: &mut Tx,
    id: &str,
    person: &str,
    username: &str,
    handle: &[u8],
    now: i64,
) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (
            id,
            person,
            username,
            handle,
            AccountState::Invited.as_str(),
            now,
        ),
    )
    .await
    .map(|_| ())
}

/// By id.
pub async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<Account>, Error> {
    conn.optional(&BY_ID, (id,)).await
}

/// By the name to sign in by.
pub async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<Account>, Error> {
    conn.optional(&BY_USERNAME, (username,)).await
}

/// By person.
pub async fn by_person(conn: &mut Conn, person: &str) -> Result<Option<Account>, Error> {
    conn.optional(&BY_PERSON, (person,)).await
}

/// Moves an account from one state to another; false when it was not in the first.
pub async fn change_state(
    tx: &mut Tx,
    id: &str,
    from: AccountState,
    to: AccountState,
) -> Result<bool, Error> {
    Ok(tx
        .execute(&SET_STATE, (id, to.as_str(), from.as_str()))
        .await?
        == 1)
}

/// How many accounts were ever activated.
pub async fn count_used(conn: &mut Conn) -> Result<i64, Error> {
    let (n,): (i64,) = conn.one(&COUNT_USED, ()).await?;
    Ok(n)
}
