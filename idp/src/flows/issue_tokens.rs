//! Tokens are made for a grant that is alive.
//! Standard: RFC 9068 §2.2; OpenID Connect Core 1.0 §2, §3.1.3.3; RFC 6749 §5.1
//! It must never make a token that outlives the appointment its authority rests on.

use crate::Idp;
use crate::domain::client::{Algorithm, Client};
use crate::domain::keys::KeyError;
use crate::domain::scope::{Scope, Scopes};
use crate::domain::session::Assurance;
use crate::domain::tokens::{self, ACCESS, AccessClaims, ID, IdClaims};
use crate::flows::state_person;
use crate::store::grant::Grant;
use crate::store::session;
use platform::db::{self, Conn};
use platform::ids;
use register::facts;

/// What the token endpoint answers with.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Access token.
    pub access_token: String,
    /// Its life in seconds.
    pub expires_in: i64,
    /// ID token.
    pub id_token: String,
    /// Refresh token.
    pub refresh_token: Option<String>,
    /// Scopes granted.
    pub scope: String,
}

/// Why tokens were not made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// A key is unusable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// A grant whose session and appointment are in force at this instant, and until when tokens may live.
pub(crate) struct Alive {
    pub(crate) grant: Grant,
    pub(crate) ends: i64,
}

/// Asks whether everything a grant rests on is in force now.
pub(crate) async fn alive(
    idp_life: crate::domain::session::SessionLife,
    conn: &mut Conn,
    grant: Grant,
    now: i64,
) -> Result<Option<Alive>, db::Error> {
    let scopes = Scopes::parse(&grant.scopes);
    let mut ends = i64::MAX;
    if !scopes.holds(Scope::OfflineAccess) {
        let Some(session) = session::by_id(conn, &grant.session).await? else {
            return Ok(None);
        };
        ends = session.auth_time.saturating_add(idp_life.whole);
    }
    if let Some(appointment) = &grant.appointment {
        if !facts::appointment_in_force(conn, appointment, now).await? {
            return Ok(None);
        }
        let to = facts::appointment(conn, appointment)
            .await?
            .and_then(|a| a.to);
        ends = ends.min(to.unwrap_or(i64::MAX));
    }
    Ok((ends > now).then_some(Alive { grant, ends }))
}

/// Makes access and ID token.
pub(crate) async fn mint(
    idp: &Idp,
    client: &Client,
    alive: &Alive,
    scopes: &Scopes,
    refresh_token: Option<String>,
    nonce: bool,
    now: i64,
) -> Result<Tokens, IssueError> {
    let grant = &alive.grant;
    let seconds = |ms: i64| ms.div_euclid(1000);
    let ends = alive.ends.min(now + idp.config().access_token_life);
    let iat = seconds(now);
    let access = AccessClaims {
        iss: idp.issuer().to_owned(),
        sub: grant.person.clone(),
        aud: idp.issuer().to_owned(),
        exp: seconds(ends),
        iat,
        jti: ids::new("tok", &idp.ground().entropy),
        client_id: client.id.clone(),
        scope: scopes.to_string(),
        acr: grant.acr.clone(),
        auth_time: seconds(grant.auth_time),
        sid: grant.session.clone(),
        grant_id: grant.id.clone(),
        post: grant.post.clone(),
        appointment: grant.appointment.clone(),
    };
    let ring = idp.ring();
    let access_token = tokens::sign(&ring, Algorithm::Es256, ACCESS, &access)?;
    let mut conn = idp.ground().db.read().await?;
    let person =
        state_person::run(&mut conn, &grant.person, grant.post.as_deref(), scopes, now).await?;
    drop(conn);
    let id = IdClaims {
        iss: idp.issuer().to_owned(),
        sub: grant.person.clone(),
        aud: client.id.clone(),
        exp: seconds(now + idp.config().id_token_life),
        iat,
        auth_time: seconds(grant.auth_time),
        nonce: grant.nonce.clone().filter(|_| nonce),
        acr: grant.acr.clone(),
        amr: Assurance::from_acr(&grant.acr)
            .map_or(&[][..], Assurance::amr)
            .iter()
            .map(|a| (*a).to_owned())
            .collect(),
        sid: grant.session.clone(),
        at_hash: Some(tokens::at_hash(&access_token)),
        person,
    };
    let id_token = tokens::sign(&ring, client.id_token_alg, ID, &id)?;
    Ok(Tokens {
        access_token,
        expires_in: access.exp - iat,
        id_token,
        refresh_token,
        scope: scopes.to_string(),
    })
}
