//! Accounts.

use crate::domain::account::AccountState;
use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub INSERT = "INSERT INTO account (id, person, username, handle, state, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    pub BY_ID = "SELECT id, person, username, handle, state FROM account WHERE id = $1";
    pub BY_USERNAME = "SELECT id, person, username, handle, state FROM account WHERE username = $1";
    pub BY_PERSON = "SELECT id, person, username, handle, state FROM account WHERE person = $1";
    pub SET_STATE = "UPDATE account SET state = $2 WHERE id = $1 AND state = $3";
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
