//! A client proves itself with its secret.
//! Standard: RFC 6749 §2.3.1, §3.2.1, §5.2
//! It must never tell an unknown client from a wrong secret.

use crate::Idp;
use crate::domain::client::Client;
use crate::domain::secret;
use crate::store::client;
use platform::db;

/// Why a client is not believed.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateClientError {
    /// Unknown, or the secret is wrong.
    #[error("client authentication failed")]
    Refused,
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// The client, if the secret is its own.
pub async fn run(idp: &Idp, id: &str, presented: &str) -> Result<Client, AuthenticateClientError> {
    match client::find(&mut idp.ground().db.read().await?, id).await? {
        Some(client) if client.proves(presented) => Ok(client),
        Some(_) => Err(AuthenticateClientError::Refused),
        None => {
            // The same comparison for a client that does not exist.
            let _never = secret::matches(presented, &[0; 32]);
            Err(AuthenticateClientError::Refused)
        }
    }
}
