//! A password for one mail program, made by its owner, shown once, good for the mailboxes that his posts give him now.
//! Standard: RFC 4954 §4 (what AUTH PLAIN carries); NIST SP 800-63B §5.1.1
//! It must never be the account's password, nor be readable again.

use crate::MailRelay;
use crate::flows::sign_in;
use crate::store::password::{self, MailPassword};
use platform::audit::{Actor, Event};
use platform::{db, ids};
use serde_json::json;

/// What is shown once.
#[derive(Debug, Clone)]
pub struct NewMailPassword {
    /// User name for the mail program.
    pub username: String,
    /// Password for the mail program.
    pub password: String,
    /// Addresses it is good for.
    pub addresses: Vec<String>,
}

/// Why none was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateMailPassword {
    /// The register does not know the person.
    #[error("nobody of that id in the register")]
    Person,
    /// The person has no mailbox by a post in force.
    #[error("no mailbox by a post in force")]
    NoMailbox,
    /// The label is empty or too long.
    #[error("a label of 1 to 60 characters is needed")]
    Label,
    /// Hashing.
    #[error("password hash: {0}")]
    Hash(String),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Makes one.
pub async fn run(
    relay: &MailRelay,
    person: &str,
    label: &str,
    actor: Actor,
) -> Result<NewMailPassword, CreateMailPassword> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 60 || label.chars().any(char::is_control) {
        return Err(CreateMailPassword::Label);
    }
    let ground = relay.ground();
    let now = ground.now();
    let mut conn = ground.db.read().await?;
    let about = register::facts::person(&mut conn, person)
        .await?
        .ok_or(CreateMailPassword::Person)?;
    let mailboxes = register::facts::mail_addresses(&mut conn, person, now).await?;
    drop(conn);
    let addresses: Vec<String> = mailboxes.into_iter().map(|m| m.address).collect();
    if addresses.is_empty() {
        return Err(CreateMailPassword::NoMailbox);
    }
    let secret = groups(
        &data_encoding::BASE32_NOPAD
            .encode(&ground.entropy.bytes::<15>())
            .to_lowercase(),
    );
    let suffix = data_encoding::BASE32_NOPAD
        .encode(&ground.entropy.bytes::<5>())
        .to_lowercase();
    let made = MailPassword {
        id: ids::new("mpw", &ground.entropy),
        username: format!("{}-{suffix}", about.username),
        person: person.to_owned(),
        label: label.to_owned(),
        digest: sign_in::digest(relay, secret.clone())
            .await
            .map_err(CreateMailPassword::Hash)?,
        created_at: now,
        last_used: None,
    };
    let event = Event::new("mail_password.made", now, actor, &ground.entropy)
        .about("person", person)
        .detail(json!({ "password": made.id, "username": made.username, "addresses": addresses }));
    let (row, all, event) = (&made, &addresses, &event);
    ground
        .db
        .write(|mut tx| async move {
            password::insert(&mut tx, row, all).await?;
            Ok::<_, db::Error>(tx.commit(event.clone(), ()))
        })
        .await?;
    Ok(NewMailPassword {
        username: made.username,
        password: secret,
        addresses,
    })
}

/// Groups of four, for typing.
fn groups(text: &str) -> String {
    text.as_bytes()
        .chunks(4)
        .map(|c| String::from_utf8_lossy(c).into_owned())
        .collect::<Vec<_>>()
        .join("-")
}
