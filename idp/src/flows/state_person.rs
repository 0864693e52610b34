//! What may be told about a person: the same claims for ID token and userinfo.
//! Standard: OpenID Connect Core 1.0 §5.1, §5.3.2, §5.4
//! It must never state a claim whose scope was not granted, nor a post that is not in force.

use crate::domain::scope::{Scope, Scopes};
use crate::domain::tokens::PersonClaims;
use platform::db::{self, Conn};
use register::facts;

/// The claims of a person in a post.
pub async fn run(
    conn: &mut Conn,
    person: &str,
    post: Option<&str>,
    scopes: &Scopes,
    now: i64,
) -> Result<PersonClaims, db::Error> {
    let mut claims = PersonClaims::default();
    if !scopes.holds(Scope::Profile) && !scopes.holds(Scope::Email) && !scopes.holds(Scope::Papers)
    {
        return Ok(claims);
    }
    let known = facts::person(conn, person).await?.filter(|p| !p.erased);
    if scopes.holds(Scope::Email) {
        claims.email = known.as_ref().and_then(|p| p.email.clone());
    }
    if let Some(p) = known.filter(|_| scopes.holds(Scope::Profile)) {
        claims.name = Some(p.full_name);
        claims.given_name = Some(p.given_name);
        claims.family_name = Some(p.surname);
        claims.middle_name = Some(p.middle_name).filter(|m| !m.is_empty());
        claims.preferred_username = Some(p.username);
    }
    if let Some(post) = post.filter(|_| scopes.holds(Scope::Profile) || scopes.holds(Scope::Papers))
    {
        let held = facts::posts_of(conn, person, now)
            .await?
            .into_iter()
            .find(|h| h.post == post);
        if let Some(held) = held {
            claims.post = Some(held.post);
            claims.post_title = Some(held.title);
            claims.agency = Some(held.agency);
            claims.agency_name = Some(held.agency_name);
        }
    }
    Ok(claims)
}
