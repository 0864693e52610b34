//! A code is exchanged for tokens, once, by the client that asked for it.
//! Standard: RFC 6749 §4.1.3, §4.1.2, §10.5; RFC 7636 §4.6; OpenID Connect Core 1.0 §3.1.3
//! It must never honour a code twice: a second use ends the grant and everything given under it.

use crate::Idp;
use crate::domain::client::Client;
use crate::domain::pkce;
use crate::domain::scope::{Scope, Scopes};
use crate::domain::secret;
use crate::flows::issue_tokens::{self, Alive, IssueError, Tokens};
use crate::store::grant;
use platform::audit::{Actor, Event};
use platform::db;
use serde_json::json;

/// What a client presents.
pub struct Exchange<'a> {
    /// The client, authenticated.
    pub client: &'a Client,
    /// `code`
    pub code: &'a str,
    /// `redirect_uri`
    pub redirect_uri: &'a str,
    /// `code_verifier`
    pub verifier: &'a str,
}

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// `invalid_grant`, for the reason given.
    #[error("{0}")]
    InvalidGrant(&'static str),
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

/// Exchanges the code.
pub async fn run(idp: &Idp, exchange: Exchange<'_>) -> Result<Tokens, ExchangeError> {
    let ground = idp.ground();
    let now = ground.now();
    let digest = secret::digest(exchange.code);
    let refresh = secret::fresh("rft_", &ground.entropy);
    let refresh_digest = secret::digest(&refresh);
    let refresh_ends = now + idp.config().refresh_token_life;
    let life = idp.config().session_life;
    let done = Event::new("code.exchanged", now, Actor::System("idp"), &ground.entropy);
    let broken = Event::new("grant.revoked", now, Actor::System("idp"), &ground.entropy);
    let (digest, refresh_digest, done, broken, exchange) =
        (&digest, &refresh_digest, &done, &broken, &exchange);
    let verdict = ground
        .db
        .write(|mut tx| async move {
            let Some(taken) = grant::take_code(&mut tx, digest, now).await? else {
                let reused = grant::grant_of_code(&mut tx, digest).await?;
                let Some(id) = reused else {
                    return Err(ExchangeError::InvalidGrant("the code is unknown"));
                };
                grant::revoke(&mut tx, &id, now).await?;
                let event = broken
                    .clone()
                    .about("grant", id)
                    .detail(json!({ "reason": "code_reused" }));
                return Ok(tx.commit(event, Verdict::Bad("the code was used before")));
            };
            let found = grant::find(&mut tx, &taken.grant_id).await?;
            let wrong = match &found {
                None => Some("the grant has ended"),
                Some(g) if g.client != exchange.client.id => {
                    Some("the code was given to another client")
                }
                Some(_) if taken.redirect_uri != exchange.redirect_uri => {
                    Some("redirect_uri is not that of the request")
                }
                Some(_) if !pkce::verifies(exchange.verifier, &taken.challenge) => {
                    Some("code_verifier does not fit")
                }
                Some(_) if now >= taken.expires_at => Some("the code has expired"),
                Some(_) => None,
            };
            let live = match found {
                Some(g) if wrong.is_none() => issue_tokens::alive(life, &mut tx, g, now).await?,
                _ => None,
            };
            let Some(live) = live else {
                let reason = wrong.unwrap_or("session or appointment has ended");
                grant::revoke(&mut tx, &taken.grant_id, now).await?;
                let event = broken
                    .clone()
                    .about("grant", taken.grant_id)
                    .detail(json!({ "reason": reason }));
                return Ok(tx.commit(event, Verdict::Bad(reason)));
            };
            if Scopes::parse(&live.grant.scopes).holds(Scope::OfflineAccess) {
                grant::insert_refresh(&mut tx, refresh_digest, &live.grant.id, now, refresh_ends)
                    .await?;
            }
            let event = done.clone().about("grant", live.grant.id.clone());
            Ok(tx.commit(event, Verdict::Good(Box::new(live))))
        })
        .await?;
    match verdict {
        Verdict::Bad(reason) => Err(ExchangeError::InvalidGrant(reason)),
        Verdict::Good(live) => {
            let scopes = Scopes::parse(&live.grant.scopes);
            let refresh = scopes.holds(Scope::OfflineAccess).then_some(refresh);
            Ok(
                issue_tokens::mint(idp, exchange.client, &live, &scopes, refresh, true, now)
                    .await?,
            )
        }
    }
}
