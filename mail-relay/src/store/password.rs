//! Passwords of mail programs and the addresses they are good for.

use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub INSERT = "INSERT INTO mail_password (id, username, person, label, digest, created_at, last_used, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL)";
    pub ADD_ADDRESS = "INSERT INTO mail_password_address (password, address) VALUES ($1, $2)";
    pub BY_USERNAME = "SELECT id, username, person, label, digest, created_at, last_used FROM mail_password WHERE username = $1 AND revoked_at IS NULL";
    pub OF_PERSON = "SELECT id, username, person, label, digest, created_at, last_used FROM mail_password WHERE person = $1 AND revoked_at IS NULL ORDER BY created_at, id";
    pub ADDRESSES = "SELECT address FROM mail_password_address WHERE password = $1 ORDER BY address";
    pub USED = "UPDATE mail_password SET last_used = $1 WHERE id = $2";
    pub REVOKE = "UPDATE mail_password SET revoked_at = $1 WHERE id = $2 AND person = $3 AND revoked_at IS NULL";
}

/// One password.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct MailPassword {
    /// `mpw_…`
    pub id: String,
    /// User name for the mail program.
    pub username: String,
    /// `psn_…`
    pub person: String,
    /// What its owner calls the device.
    pub label: String,
    /// Argon2id, PHC string.
    pub digest: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was last used.
    pub last_used: Option<i64>,
}

/// Writes a password with its addresses.
pub async fn insert(
    tx: &mut Tx,
    password: &MailPassword,
    addresses: &[String],
) -> Result<(), Error> {
    let p = password;
    tx.execute(
        &INSERT,
        (
            &p.id,
            &p.username,
            &p.person,
            &p.label,
            &p.digest,
            p.created_at,
        ),
    )
    .await?;
    for address in addresses {
        tx.execute(&ADD_ADDRESS, (&p.id, address)).await?;
    }
    Ok(())
}

/// The password in force of this user name.
pub async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<MailPassword>, Error> {
    conn.optional(&BY_USERNAME, (username,)).await
}

/// The passwords in force of a person.
pub async fn of_person(conn: &mut Conn, person: &str) -> Result<Vec<MailPassword>, Error> {
    conn.all(&OF_PERSON, (person,)).await
}

/// The addresses a password is good for.
pub async fn addresses(conn: &mut Conn, id: &str) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = conn.all(&ADDRESSES, (id,)).await?;
    Ok(rows.into_iter().map(|(address,)| address).collect())
}

/// Notes a use.
pub async fn used(tx: &mut Tx, id: &str, at: i64) -> Result<(), Error> {
    tx.execute(&USED, (at, id)).await.map(|_| ())
}

/// Ends a password of this person; false when there was none.
pub async fn revoke(tx: &mut Tx, id: &str, person: &str, at: i64) -> Result<bool, Error> {
    Ok(tx.execute(&REVOKE, (at, id, person)).await? == 1)
}
