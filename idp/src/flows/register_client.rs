//! A relying application is registered, or registered anew.
//! Standard: RFC 6749 §2, §2.3.1; RFC 9700 §2.1; OpenID Connect RP-Initiated Logout 1.0 §2.1
//! It must never store the secret, nor an address that could be read in two ways.

use crate::Idp;
use crate::domain::client::{AddressError, Algorithm, Client, check_address};
use crate::domain::scope::{Scope, Scopes};
use crate::domain::secret;
use crate::store::client;
use platform::audit::{Actor, Event};
use platform::{db, ids};
use serde_json::json;
use std::collections::BTreeSet;
use url::Url;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// `client_id`; made when absent.
    pub id: Option<String>,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English.
    pub name_en: String,
    /// Addresses for answers.
    pub redirect_uris: Vec<String>,
    /// Addresses after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Scopes, separated by spaces.
    pub scopes: String,
    /// Algorithm of its ID tokens.
    pub id_token_alg: Algorithm,
}

/// What the application is told, once.
#[derive(Debug, Clone)]
pub struct RegisteredClient {
    /// `client_id`
    pub client_id: String,
    /// `client_secret`
    pub client_secret: String,
}

/// Why a client was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterClientError {
    /// An address is refused.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No address at all.
    #[error("a client needs a redirect address")]
    NoAddress,
    /// A scope nobody knows, or no `openid`.
    #[error("scopes must be known and hold openid")]
    Scopes,
    /// An id other than letters, digits, dot, hyphen, underscore.
    #[error("client_id holds a character other than a–z, 0–9, dot, hyphen and underscore")]
    Id,
    /// No name.
    #[error("a client needs a name")]
    Name,
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Registers the client; the same id again replaces addresses, scopes and secret.
pub async fn run(
    idp: &Idp,
    new: NewClient,
    actor: Actor,
) -> Result<RegisteredClient, RegisterClientError> {
    let ground = idp.ground();
    for address in new
        .redirect_uris
        .iter()
        .chain(&new.post_logout_redirect_uris)
    {
        check_address(address)?;
    }
    if new.redirect_uris.is_empty() {
        return Err(RegisterClientError::NoAddress);
    }
    if new.name_vi.trim().is_empty() {
        return Err(RegisterClientError::Name);
    }
    let scopes = Scopes::parse(&new.scopes);
    let known = new
        .scopes
        .split(' ')
        .filter(|s| !s.is_empty())
        .all(|s| Scope::parse(s).is_some());
    if !known || !scopes.holds(Scope::OpenId) {
        return Err(RegisterClientError::Scopes);
    }
    let id = new.id.unwrap_or_else(|| ids::new("cli", &ground.entropy));
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b);
    if id.is_empty() || id.len() > 64 || id == crate::PAGES || !id.bytes().all(plain) {
        return Err(RegisterClientError::Id);
    }
    let client_secret = secret::fresh("cls_", &ground.entropy);
    let distinct = |list: Vec<String>| {
        list.into_iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    };
    let registered = Client {
        id: id.clone(),
        name_vi: new.name_vi,
        name_en: new.name_en,
        secret: secret::digest(&client_secret),
        scopes,
        id_token_alg: new.id_token_alg,
        redirect_uris: distinct(new.redirect_uris),
        post_logout_redirect_uris: distinct(new.post_logout_redirect_uris),
    };
    let now = ground.now();
    let event = Event::new("client.registered", now, actor, &ground.entropy)
        .about("client", id.clone())
        .detail(json!({ "redirect_uris": registered.redirect_uris, "scopes": registered.scopes.to_string() }));
    let (client, event) = (&registered, &event);
    ground
        .db
        .write(|mut tx| async move {
            client::replace(&mut tx, client, now).await?;
            Ok::<_, db::Error>(tx.commit(event.clone(), ()))
        })
        .await?;
    publish_form_targets(idp).await?;
    Ok(RegisteredClient {
        client_id: id,
        client_secret,
    })
}

/// Tells the content policy to which origins our forms may lead.
pub async fn publish_form_targets(idp: &Idp) -> Result<(), db::Error> {
    let addresses = client::all_addresses(&mut idp.ground().db.read().await?).await?;
    let origins: BTreeSet<String> = addresses
        .iter()
        .filter_map(|a| Url::parse(a).ok())
        .map(|u| u.origin().ascii_serialization())
        .collect();
    idp.ground()
        .publish_form_targets(origins.into_iter().collect());
    Ok(())
}
