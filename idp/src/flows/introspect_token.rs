//! A client asks whether a token of its own is good at this instant.
//! Standard: RFC 7662 §2.1, §2.2, §4
//! It must never tell one client anything about the tokens of another.

use crate::Idp;
use crate::domain::client::Client;
use crate::domain::tokens::{self, AccessClaims};
use crate::flows::issue_tokens;
use crate::store::grant;
use platform::db;

/// The claims of a token that is good now and was given to this client.
pub async fn run(
    idp: &Idp,
    client: &Client,
    token: &str,
) -> Result<Option<AccessClaims>, db::Error> {
    let ground = idp.ground();
    let now = ground.now();
    let Ok(claims) = tokens::verify_access(&idp.ring(), idp.issuer(), idp.issuer(), token, now)
    else {
        return Ok(None);
    };
    if claims.client_id != client.id {
        return Ok(None);
    }
    let mut conn = ground.db.read().await?;
    let Some(found) = grant::find(&mut conn, &claims.grant_id).await? else {
        return Ok(None);
    };
    let live = issue_tokens::alive(idp.config().session_life, &mut conn, found, now).await?;
    Ok(live.map(|_| claims))
}
