//! A person signs out: the session ends, and with it what applications were given in it.
//! Standard: OpenID Connect RP-Initiated Logout 1.0 §2, §3
//! It must never end a session by a mere link, nor lead to an address that is not registered.

use crate::Idp;
use crate::domain::tokens::{self, ID, IdClaims};
use crate::store::{client, grant, session};
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::db;

/// What an application asks for.
#[derive(Debug, Clone, Default)]
pub struct LogoutRequest {
    /// `id_token_hint`
    pub id_token_hint: Option<String>,
    /// `client_id`
    pub client_id: Option<String>,
    /// `post_logout_redirect_uri`
    pub post_logout_redirect_uri: Option<String>,
    /// `state`
    pub state: Option<String>,
}

/// What will happen afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Afterwards {
    /// Name of the application in both languages.
    pub client: Option<(String, String)>,
    /// Where the person is sent, with `state`.
    pub address: Option<String>,
    /// An address was asked for that is not registered.
    pub refused_address: bool,
}

/// Checks the request; nothing ends yet.
pub async fn plan(idp: &Idp, request: &LogoutRequest) -> Result<Afterwards, db::Error> {
    // An expired ID token is a good hint (§2), so its time is not looked at.
    let hint = request
        .id_token_hint
        .as_deref()
        .and_then(|t| tokens::verify::<IdClaims>(&idp.ring(), ID, t).ok())
        .filter(|c| c.iss == idp.issuer());
    let named = match (&hint, &request.client_id) {
        (Some(claims), Some(id)) if claims.aud != *id => None,
        (Some(claims), _) => Some(claims.aud.clone()),
        (None, id) => id.clone(),
    };
    let known = match named {
        Some(id) => client::find(&mut idp.ground().db.read().await?, &id).await?,
        None => None,
    };
    let wanted = request.post_logout_redirect_uri.as_deref();
    let address = wanted
        .filter(|a| known.as_ref().is_some_and(|c| c.may_return_to(a)))
        .map(|a| match &request.state {
            Some(state) => with_state(a, state),
            None => a.to_owned(),
        });
    Ok(Afterwards {
        client: known.map(|c| (c.name(false).to_owned(), c.name(true).to_owned())),
        refused_address: wanted.is_some() && address.is_none(),
        address,
    })
}

fn with_state(address: &str, state: &str) -> String {
    let pair = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("state", state)
        .finish();
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{pair}")
}

/// Ends a session of the caller's account.
pub async fn run(idp: &Idp, caller: &Caller, sid: &str) -> Result<bool, db::Error> {
    let ground = idp.ground();
    let now = ground.now();
    let event =
        Event::new("session.ended", now, Actor::of(caller), &ground.entropy).about("session", sid);
    let event = &event;
    ground
        .db
        .write(|mut tx| async move {
            let ended = session::end(&mut tx, sid, &caller.account, now).await?;
            if ended {
                grant::revoke_of_session(&mut tx, sid, now).await?;
            }
            Ok(tx.commit(event.clone(), ended))
        })
        .await
}
