//! A refresh token is exchanged for new tokens and a new refresh token.
//! Standard: RFC 6749 §6; RFC 9700 §4.14.2; OpenID Connect Core 1.0 §12
//! It must never honour a refresh token twice: a second use ends the grant.

use crate::Idp;
use crate::domain::client::Client;
use crate::domain::scope::Scopes;
use crate::domain::secret;
use crate::flows::issue_tokens::{self, Alive, IssueError, Tokens};
use crate::store::grant;
use platform::audit::{Actor, Event};
use platform::db;
use serde_json::json;

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// `invalid_grant`, for the reason given.
    #[error("{0}")]
    InvalidGrant(&'static str),
    /// More scopes than were granted.
    #[error("scope goes beyond the grant")]
    InvalidScope,
    /// Tokens could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

enum Verdict {
    Good(Box<Alive>),
    Bad(&'static str),
}

/// Refreshes.
pub async fn run(
    idp: &Idp,
    client: &Client,
    presented: &str,
    scope: Option<&str>,
) -> Result<Tokens, RefreshError> {
    let ground = idp.ground();
    let now = ground.now();
    let digest = secret::digest(presented);
    let next = secret::fresh("rft_", &ground.entropy);
    let next_digest = secret::digest(&next);
    let ends = now + idp.config().refresh_token_life;
    let life = idp.config().session_life;
    let asked = scope.map(Scopes::parse);
    let done = Event::new(
        "token.refreshed",
        now,
        Actor::System("idp"),
        &ground.entropy,
    );
    let broken = Event::new("grant.revoked", now, Actor::System("idp"), &ground.entropy);
    let (digest, next_digest, asked, done, broken) =
        (&digest, &next_digest, &asked, &done, &broken);
    let verdict = ground
        .db
        .write(|mut tx| async move {
            let Some(taken) = grant::take_refresh(&mut tx, digest, now).await? else {
                let Some(reused) = grant::find_refresh(&mut tx, digest).await? else {
                    return Err(RefreshError::InvalidGrant("the refresh token is unknown"));
                };
                grant::revoke(&mut tx, &reused.grant_id, now).await?;
                let event = broken
                    .clone()
                    .about("grant", reused.grant_id)
                    .detail(json!({ "reason": "refresh_token_reused" }));
                return Ok(tx.commit(event, Verdict::Bad("the refresh token was used before")));
            };
            let found = grant::find(&mut tx, &taken.grant_id)
                .await?
                .filter(|g| g.client == client.id && now < taken.expires_at);
            let live = match found {
                Some(g) => issue_tokens::alive(life, &mut tx, g, now).await?,
                None => None,
            };
            let Some(live) = live else {
                grant::revoke(&mut tx, &taken.grant_id, now).await?;
                let event = broken
                    .clone()
                    .about("grant", taken.grant_id)
                    .detail(json!({ "reason": "refresh_refused" }));
                return Ok(tx.commit(event, Verdict::Bad("the grant has ended")));
            };
            if asked
                .as_ref()
                .is_some_and(|a| a.is_empty() || !Scopes::parse(&live.grant.scopes).holds_all(a))
            {
                return Err(RefreshError::InvalidScope);
            }
            grant::insert_refresh(&mut tx, next_digest, &live.grant.id, now, ends).await?;
            let event = done.clone().about("grant", live.grant.id.clone());
            Ok(tx.commit(event, Verdict::Good(Box::new(live))))
        })
        .await?;
    match verdict {
        Verdict::Bad(reason) => Err(RefreshError::InvalidGrant(reason)),
        Verdict::Good(live) => {
            let granted = Scopes::parse(&live.grant.scopes);
            let scopes = asked
                .as_ref()
                .map_or_else(|| granted.clone(), |a| a.within(&granted));
            Ok(issue_tokens::mint(idp, client, &live, &scopes, Some(next), false, now).await?)
        }
    }
}
