//! A client gives a token back: the grant behind it ends.
//! Standard: RFC 7009 §2.1, §2.2
//! It must never let a client revoke what was given to another.

use crate::Idp;
use crate::domain::client::Client;
use crate::domain::secret;
use crate::domain::tokens::{self, ACCESS, AccessClaims};
use crate::store::grant;
use platform::audit::{Actor, Event};
use platform::db;
use serde_json::json;

/// Ends the grant of an access or refresh token; an unknown token is as good as revoked.
pub async fn run(idp: &Idp, client: &Client, token: &str) -> Result<(), db::Error> {
    let ground = idp.ground();
    let now = ground.now();
    let id = match tokens::verify::<AccessClaims>(&idp.ring(), ACCESS, token) {
        Ok(claims) => Some(claims.grant_id),
        Err(_) => {
            let found =
                grant::find_refresh(&mut ground.db.read().await?, &secret::digest(token)).await?;
            found.map(|r| r.grant_id)
        }
    };
    let Some(id) = id else { return Ok(()) };
    let mine = grant::find(&mut ground.db.read().await?, &id)
        .await?
        .is_some_and(|g| g.client == client.id);
    if !mine {
        return Ok(());
    }
    let event = Event::new("grant.revoked", now, Actor::System("idp"), &ground.entropy)
        .about("grant", id.clone())
        .detail(json!({ "reason": "given_back", "client": client.id }));
    let (id, event) = (&id, &event);
    ground
        .db
        .write(|mut tx| async move {
            grant::revoke(&mut tx, id, now).await?;
            Ok(tx.commit(event.clone(), ()))
        })
        .await
}
