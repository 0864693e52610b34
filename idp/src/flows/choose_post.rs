//! A person with several posts says in which one he works with an application.
//! Standard: none (a rule of the province: the post is fixed per session and client)
//! It must never accept a post that the person does not hold at this instant.

use crate::Idp;
use crate::flows::authorize::chosen_of;
use crate::store::{client, session};
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::db;
use register::facts::{self, HeldPost};
use serde_json::json;

/// Why no post was chosen.
#[derive(Debug, thiserror::Error)]
pub enum ChoosePostError {
    /// There is no such client.
    #[error("no such client")]
    Client,
    /// The person does not hold it now.
    #[error("the post is not held now")]
    NotHeld,
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// What can be chosen.
pub struct Choice {
    /// For whom: nothing for our own pages.
    pub client: Option<(String, String)>,
    /// Posts held now, main one first.
    pub posts: Vec<HeldPost>,
    /// The one chosen before.
    pub current: Option<String>,
}

/// The posts to choose from.
pub async fn offer(idp: &Idp, caller: &Caller, client_id: &str) -> Result<Choice, ChoosePostError> {
    let ground = idp.ground();
    let mut conn = ground.db.read().await?;
    let client = if client_id == crate::PAGES {
        None
    } else {
        let known = client::find(&mut conn, client_id)
            .await?
            .ok_or(ChoosePostError::Client)?;
        Some((known.name(false).to_owned(), known.name(true).to_owned()))
    };
    let posts = facts::posts_of(&mut conn, &caller.person, ground.now()).await?;
    let current = session::post(&mut conn, &caller.session, client_id)
        .await?
        .map(|c| c.post);
    Ok(Choice {
        client,
        posts,
        current,
    })
}

/// Chooses one; our own pages follow when no post was chosen for them yet.
pub async fn run(
    idp: &Idp,
    caller: &Caller,
    client_id: &str,
    post: &str,
) -> Result<(), ChoosePostError> {
    let ground = idp.ground();
    let now = ground.now();
    let choice = offer(idp, caller, client_id).await?;
    let held = choice
        .posts
        .iter()
        .find(|p| p.post == post)
        .ok_or(ChoosePostError::NotHeld)?;
    let chosen = chosen_of(held);
    let event = Event::new("post.chosen", now, Actor::of(caller), &ground.entropy)
        .about("session", caller.session.clone())
        .detail(
            json!({ "client": client_id, "post": chosen.post, "appointment": chosen.appointment }),
        );
    let (chosen, event) = (&chosen, &event);
    ground
        .db
        .write(|mut tx| async move {
            session::set_post(&mut tx, &caller.session, client_id, chosen, now).await?;
            if session::post(&mut tx, &caller.session, crate::PAGES)
                .await?
                .is_none()
            {
                session::set_post(&mut tx, &caller.session, crate::PAGES, chosen, now).await?;
            }
            Ok::<_, db::Error>(tx.commit(event.clone(), ()))
        })
        .await?;
    Ok(())
}
