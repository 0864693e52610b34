//! AUTH PLAIN with the password of one mail program.
//! Standard: RFC 4616 §2; RFC 4954 §4, §6
//! It must never say whether the name or the password was wrong, nor hash more at once than there are cores.

use crate::MailRelay;
use crate::domain::reply::Reply;
use crate::store::password;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use platform::audit::Housekeeping;
use platform::db;
use std::net::IpAddr;

/// A mail program that signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// `mpw_…`
    pub password: String,
    /// `psn_…`
    pub person: String,
    /// Addresses the password is good for.
    pub addresses: Vec<String>,
}

const WRONG: Reply = Reply::new(535, "5.7.8", "name or password is wrong");
const LATER: Reply = Reply::new(454, "4.7.0", "cannot sign in now, try again");
const SLOWER: Reply = Reply::new(454, "4.7.0", "too many wrong passwords, try again later");

/// Argon2id of a new password, PHC string.
pub(crate) async fn digest(relay: &MailRelay, secret: String) -> Result<String, String> {
    let place = relay.hashes().acquire().await.map_err(|e| e.to_string())?;
    let salt: [u8; 16] = relay.ground().entropy.bytes();
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password_with_salt(secret.as_bytes(), &salt)
            .map(|h| h.to_string())
            .map_err(|e| e.to_string())
    })
    .await;
    drop(place);
    hashed.map_err(|e| e.to_string())?
}

/// Checks a response (base64 of `authzid NUL authcid NUL password`).
pub async fn run(relay: &MailRelay, response: &str, peer: IpAddr) -> Result<SignedIn, Reply> {
    let decoded = data_encoding::BASE64
        .decode(response.trim().as_bytes())
        .map_err(|_| Reply::new(501, "5.5.2", "not base64"))?;
    let text = String::from_utf8(decoded).map_err(|_| WRONG)?;
    let mut parts = text.split('\0');
    let (Some(_authzid), Some(name), Some(secret), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Reply::new(501, "5.5.2", "not a PLAIN response"));
    };
    if name.len() > 128 || secret.len() > 128 {
        return Err(WRONG);
    }
    let now = relay.ground().now();
    let count = |outcome| {
        relay
            .ground()
            .db
            .measures()
            .sign_in("mail_password", outcome)
    };
    if !relay.throttle().may_try(peer, name, now) {
        count("closed");
        return Err(SLOWER);
    }
    let checked = check(relay, name, secret).await.map_err(|error| {
        tracing::error!(%error, "a mail program could not sign in");
        count("failed");
        LATER
    })?;
    let Some(signed_in) = checked else {
        relay.throttle().failed(peer, name, now);
        count("refused");
        return Err(WRONG);
    };
    relay.throttle().succeeded(name);
    count("good");
    Ok(signed_in)
}

#[derive(Debug, thiserror::Error)]
enum CheckError {
    #[error(transparent)]
    Db(#[from] db::Error),
    #[error("hashing stopped: {0}")]
    Hash(String),
}

async fn check(
    relay: &MailRelay,
    name: &str,
    secret: &str,
) -> Result<Option<SignedIn>, CheckError> {
    let mut conn = relay.ground().db.read().await?;
    let known = password::by_username(&mut conn, name).await?;
    let addresses = match &known {
        Some(known) => password::addresses(&mut conn, &known.id).await?,
        None => Vec::new(),
    };
    drop(conn);
    // An unknown name costs the same hash as a wrong password.
    let stored = known
        .as_ref()
        .map_or_else(|| relay.nobodys_digest().to_owned(), |k| k.digest.clone());
    let place = relay
        .hashes()
        .acquire()
        .await
        .map_err(|e| CheckError::Hash(e.to_string()))?;
    let secret = secret.to_owned();
    let good = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&stored).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(secret.as_bytes(), &hash)
                .is_ok()
        })
    })
    .await
    .map_err(|e| CheckError::Hash(e.to_string()))?;
    drop(place);
    let Some(known) = known.filter(|_| good) else {
        return Ok(None);
    };
    let (id, now) = (known.id.as_str(), relay.ground().now());
    relay
        .ground()
        .db
        .write(|mut tx| async move {
            password::used(&mut tx, id, now).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::LastSeen, ()))
        })
        .await?;
    Ok(Some(SignedIn {
        password: known.id,
        person: known.person,
        addresses,
    }))
}
