//! Every request asks who it is from; what the answer rests on must be in force at this instant.
//! Standard: RFC 6750 §2.1; RFC 9068 §4; OWASP ASVS 5.0 V7.3, V7.4
//! It must never answer from memory: an ended session, grant, account or appointment counts from its instant.

use crate::BoxFuture;
use crate::config::Config;
use crate::domain::keys::KeyRing;
use crate::domain::scope::Scopes;
use crate::domain::secret;
use crate::domain::tokens;
use crate::flows::issue_tokens;
use crate::store::{grant, session};
use arc_swap::ArcSwap;
use platform::audit::Housekeeping;
use platform::caller::{Caller, CallerPort, Unresolved};
use platform::db::{self, Conn, Db};
use register::facts;
use std::sync::Arc;

/// Resolves sessions and tokens.
pub struct Callers {
    db: Db,
    issuer: String,
    config: Config,
    pub(crate) ring: Arc<ArcSwap<KeyRing>>,
}

impl Callers {
    /// Made before the rest of the house, which holds it as its port.
    pub fn new(db: Db, public_url: &url::Url, config: Config) -> Arc<Self> {
        let ring = Arc::new(ArcSwap::from_pointee(KeyRing::new(Vec::new())));
        Arc::new(Self {
            db,
            issuer: crate::issuer_of(public_url),
            config,
            ring,
        })
    }

    async fn session(&self, cookie: &str, now: i64) -> Result<Option<Caller>, db::Error> {
        if cookie.len() > 128 {
            return Ok(None);
        }
        let mut conn = self.db.read().await?;
        let Some(stored) = session::by_digest(&mut conn, &secret::digest(cookie)).await? else {
            return Ok(None);
        };
        let Some(s) = stored.session().filter(|s| {
            !s.assurance.life(self.config.session_life).is_over(
                stored.auth_time,
                stored.last_seen,
                now,
            )
        }) else {
            return Ok(None);
        };
        let post = session::post(&mut conn, &s.id, crate::PAGES).await?;
        if let Some(chosen) = &post
            && !facts::appointment_in_force(&mut conn, &chosen.appointment, now).await?
        {
            return Ok(None);
        }
        let mut caller = Caller {
            account: s.account,
            person: s.person,
            name: String::new(),
            post: post.as_ref().map(|p| p.post.clone()),
            post_title: None,
            appointment: post.map(|p| p.appointment),
            agency: None,
            agency_name: None,
            session: s.id,
            client: None,
            acr: s.assurance.acr().to_owned(),
            auth_time: s.auth_time,
            scopes: Vec::new(),
        };
        name(&mut conn, &mut caller, now).await?;
        drop(conn);
        if now - stored.last_seen > 60_000 {
            self.note_seen(&caller.session, now).await?;
        }
        Ok(Some(caller))
    }

    async fn note_seen(&self, sid: &str, now: i64) -> Result<(), db::Error> {
        self.db
            .write(|mut tx| async move {
                session::seen(&mut tx, sid, now).await?;
                Ok(tx.housekeeping(Housekeeping::LastSeen, ()))
            })
            .await
    }

    async fn token(&self, bearer: &str, now: i64) -> Result<Option<Caller>, db::Error> {
        let ring = self.ring.load();
        let Ok(claims) = tokens::verify_access(&ring, &self.issuer, &self.issuer, bearer, now)
        else {
            return Ok(None);
        };
        let mut conn = self.db.read().await?;
        let Some(found) = grant::find(&mut conn, &claims.grant_id).await? else {
            return Ok(None);
        };
        let Some(alive) =
            issue_tokens::alive(self.config.session_life, &mut conn, found, now).await?
        else {
            return Ok(None);
        };
        let grant = alive.grant;
        let mut caller = Caller {
            account: grant.account,
            person: grant.person,
            name: String::new(),
            post: grant.post,
            post_title: None,
            appointment: grant.appointment,
            agency: None,
            agency_name: None,
            session: grant.session,
            client: Some(grant.client),
            acr: grant.acr,
            auth_time: grant.auth_time,
            scopes: Scopes::parse(&claims.scope)
                .within(&Scopes::parse(&grant.scopes))
                .iter()
                .map(|s| s.as_str().to_owned())
                .collect(),
        };
        name(&mut conn, &mut caller, now).await?;
        Ok(Some(caller))
    }
}

async fn name(conn: &mut Conn, caller: &mut Caller, now: i64) -> Result<(), db::Error> {
    if let Some(person) = facts::person(conn, &caller.person).await? {
        caller.name = person.full_name;
    }
    let Some(post) = &caller.post else {
        return Ok(());
    };
    let held = facts::posts_of(conn, &caller.person, now)
        .await?
        .into_iter()
        .find(|h| h.post == *post);
    if let Some(held) = held {
        caller.post_title = Some(held.title);
        caller.agency = Some(held.agency);
        caller.agency_name = Some(held.agency_name);
    }
    Ok(())
}

impl CallerPort for Callers {
    fn from_session<'a>(
        &'a self,
        cookie: &'a str,
        now: i64,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unresolved>> {
        Box::pin(async move { Ok(self.session(cookie, now).await?) })
    }

    fn from_token<'a>(
        &'a self,
        bearer: &'a str,
        now: i64,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unresolved>> {
        Box::pin(async move { Ok(self.token(bearer, now).await?) })
    }
}
