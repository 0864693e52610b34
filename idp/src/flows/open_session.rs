//! A session opens, or an open one is renewed after the person proved himself again.
//! Standard: OWASP ASVS 5.0 V7.2 (a new session token at every authentication)
//! It must never keep the handle a browser held before the person was recognised.

use crate::Idp;
use crate::domain::secret;
use crate::domain::session::{Assurance, Session};
use crate::store::account::Account;
use crate::store::grant;
use crate::store::session::{self, ChosenPost};
use platform::audit::{Actor, Event};
use platform::db::{self, Tx};
use platform::ids;
use register::facts;
use serde_json::json;

/// The session this browser had before.
#[derive(Debug, Clone)]
pub struct Previous {
    /// `sid`
    pub session: String,
    /// Its account.
    pub account: String,
}

/// What a browser is given after a sign-in.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Value of the session cookie.
    pub handle: String,
    /// Whether a post is still to be chosen for our own pages.
    pub choose_post: bool,
}

/// A session ready to be stored; made outside the unit of work.
pub(crate) struct Prepared {
    session: Session,
    handle: String,
    choose_post: bool,
    post: Option<ChosenPost>,
    previous: Option<Previous>,
    device: String,
    event: Event,
}

/// Prepares a session for an account.
pub(crate) async fn prepare(
    idp: &Idp,
    account: &Account,
    assurance: Assurance,
    previous: Option<Previous>,
    device: &str,
    now: i64,
) -> Result<Prepared, db::Error> {
    let ground = idp.ground();
    let mut conn = ground.db.read().await?;
    let posts = facts::posts_of(&mut conn, &account.person, now).await?;
    let post = match posts.as_slice() {
        [only] => Some(ChosenPost {
            post: only.post.clone(),
            appointment: only.appointment.clone(),
        }),
        _ => None,
    };
    let renewed = previous
        .as_ref()
        .filter(|p| p.account == account.id)
        .map(|p| p.session.clone());
    let chosen_before = match &renewed {
        Some(sid) => session::post(&mut conn, sid, crate::PAGES).await?.is_some(),
        None => false,
    };
    drop(conn);
    let id = renewed.unwrap_or_else(|| ids::new("ses", &ground.entropy));
    let session = Session {
        id: id.clone(),
        account: account.id.clone(),
        person: account.person.clone(),
        assurance,
        auth_time: now,
    };
    let actor = Actor::Person {
        person: account.person.clone(),
        post: None,
    };
    let event = Event::new("session.opened", now, actor, &ground.entropy)
        .about("session", id)
        .detail(json!({ "account": account.id, "acr": assurance.acr() }));
    Ok(Prepared {
        session,
        handle: secret::fresh("", &ground.entropy),
        choose_post: posts.len() > 1 && !chosen_before,
        post,
        previous,
        device: device.to_owned(),
        event,
    })
}

/// Stores it in the unit that also uses up what proved the person.
pub(crate) async fn store(tx: &mut Tx, p: &Prepared) -> Result<(), db::Error> {
    let s = &p.session;
    let digest = secret::digest(&p.handle);
    let renewed = match &p.previous {
        Some(old) if old.account == s.account => session::renew(tx, s, &digest).await?,
        Some(old) => {
            session::end(tx, &old.session, &old.account, s.auth_time).await?;
            grant::revoke_of_session(tx, &old.session, s.auth_time).await?;
            false
        }
        None => false,
    };
    if !renewed {
        session::insert(tx, s, &digest, &p.device).await?;
    }
    if let Some(post) = &p.post {
        session::set_post(tx, &s.id, crate::PAGES, post, s.auth_time).await?;
    }
    Ok(())
}

impl Prepared {
    /// The event of the unit.
    pub(crate) fn event(&self) -> Event {
        self.event.clone()
    }

    /// What the browser is given.
    pub(crate) fn opened(&self) -> Opened {
        Opened {
            handle: self.handle.clone(),
            choose_post: self.choose_post,
        }
    }
}
