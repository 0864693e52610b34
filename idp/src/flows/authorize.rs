//! An application asks for a sign-in; if all is in order it is answered with a code.
//! Standard: OpenID Connect Core 1.0 §3.1.2; RFC 6749 §4.1.2; RFC 7636 §4.4; RFC 9207 §2
//! It must never give a code for a session that ended or a post that is not in force.

use crate::Idp;
use crate::domain::authorization::{self, AuthorizationRequest, Rejection, Requested};
use crate::domain::client::Client;
use crate::domain::next_step::{self, Next, Situation};
use crate::domain::secret;
use crate::domain::session::Session;
use crate::domain::tokens::{self, ID, IdClaims};
use crate::store::client;
use crate::store::grant::{self, Grant};
use crate::store::session::{self, ChosenPost};
use platform::audit::{Actor, Event};
use platform::{db, ids};
use register::facts::{self, HeldPost};
use serde_json::json;

/// What the browser is answered.
#[derive(Debug)]
pub enum Answer {
    /// The person signs in first.
    SignIn {
        /// Although somebody is signed in.
        again: bool,
    },
    /// The person chooses a post first.
    ChoosePost {
        /// For this client.
        client: String,
    },
    /// The application is refused, or a page says why not even that.
    Rejected(Rejection),
    /// A code.
    Code {
        /// Where to.
        redirect_uri: String,
        /// Echo.
        state: Option<String>,
        /// The code.
        code: String,
    },
}

/// Answers an authorization request.
pub async fn run(idp: &Idp, requested: &Requested, sid: Option<&str>) -> Result<Answer, db::Error> {
    let ground = idp.ground();
    let now = ground.now();
    let mut conn = ground.db.read().await?;
    let client = match &requested.client_id {
        Some(id) => client::find(&mut conn, id).await?,
        None => None,
    };
    let request = match authorization::check(requested, client.as_ref()) {
        Ok(request) => request,
        Err(rejection) => return Ok(Answer::Rejected(rejection)),
    };
    let Some(client) = client else {
        return Ok(Answer::Rejected(Rejection::Page(
            authorization::PageReason::UnknownClient,
        )));
    };
    let hinted = match hinted_person(idp, &request) {
        Ok(hinted) => hinted,
        Err(description) => {
            return Ok(reject(
                &request,
                authorization::AuthorizationError::InvalidRequest,
                description,
            ));
        }
    };
    let session = match sid {
        Some(sid) => session::by_id(&mut conn, sid)
            .await?
            .and_then(|s| s.session()),
        None => None,
    };
    let posts = match &session {
        Some(s) => facts::posts_of(&mut conn, &s.person, now).await?,
        None => Vec::new(),
    };
    let chosen = match &session {
        Some(s) => session::post(&mut conn, &s.id, &client.id)
            .await?
            .filter(|c| in_force(c, &posts)),
        None => None,
    };
    drop(conn);
    let here = Situation {
        session: session.as_ref(),
        post_chosen: chosen.is_some(),
        posts: posts.len(),
        hinted: hinted.as_deref(),
        now,
    };
    match (next_step::evaluate(&request, here), session) {
        (Next::Issue, Some(session)) => {
            let post = chosen.or_else(|| posts.first().map(chosen_of));
            issue(idp, &request, &client, &session, post, now).await
        }
        (Next::SignIn | Next::Issue, session) => Ok(Answer::SignIn {
            again: session.is_some(),
        }),
        (Next::ChoosePost, _) => Ok(Answer::ChoosePost { client: client.id }),
        (Next::Refuse(error, description), _) => Ok(reject(&request, error, description)),
    }
}

fn reject(
    request: &AuthorizationRequest,
    error: authorization::AuthorizationError,
    description: &'static str,
) -> Answer {
    Answer::Rejected(Rejection::Redirect {
        redirect_uri: request.redirect_uri.clone(),
        state: request.state.clone(),
        error,
        description,
    })
}

fn hinted_person(
    idp: &Idp,
    request: &AuthorizationRequest,
) -> Result<Option<String>, &'static str> {
    let Some(hint) = &request.id_token_hint else {
        return Ok(None);
    };
    let claims: IdClaims = tokens::verify(&idp.ring(), ID, hint)
        .map_err(|_| "id_token_hint is not an ID token of ours")?;
    if claims.iss != idp.issuer() {
        return Err("id_token_hint is not an ID token of ours");
    }
    Ok(Some(claims.sub))
}

/// A held post as it is chosen.
pub(crate) fn chosen_of(held: &HeldPost) -> ChosenPost {
    ChosenPost {
        post: held.post.clone(),
        appointment: held.appointment.clone(),
    }
}

/// Whether a chosen post is among those held now, by the same appointment.
pub(crate) fn in_force(chosen: &ChosenPost, posts: &[HeldPost]) -> bool {
    posts
        .iter()
        .any(|p| p.post == chosen.post && p.appointment == chosen.appointment)
}

async fn issue(
    idp: &Idp,
    request: &AuthorizationRequest,
    client: &Client,
    session: &Session,
    post: Option<ChosenPost>,
    now: i64,
) -> Result<Answer, db::Error> {
    let ground = idp.ground();
    let code = secret::fresh("code_", &ground.entropy);
    let digest = secret::digest(&code);
    let given = Grant {
        id: ids::new("grt", &ground.entropy),
        client: client.id.clone(),
        session: session.id.clone(),
        account: session.account.clone(),
        person: session.person.clone(),
        post: post.as_ref().map(|p| p.post.clone()),
        appointment: post.as_ref().map(|p| p.appointment.clone()),
        scopes: request.scopes.to_string(),
        acr: session.assurance.acr().to_owned(),
        auth_time: session.auth_time,
        nonce: request.nonce.clone(),
        created_at: now,
    };
    let actor = Actor::Person {
        person: session.person.clone(),
        post: given.post.clone(),
    };
    let event = Event::new("grant.given", now, actor, &ground.entropy)
        .about("grant", given.id.clone())
        .detail(json!({ "client": client.id, "session": session.id, "scopes": given.scopes, "appointment": given.appointment }));
    let ends = now + idp.config().code_life;
    let (given, digest, post, event) = (&given, &digest, &post, &event);
    ground
        .db
        .write(|mut tx| async move {
            grant::insert(&mut tx, given).await?;
            grant::insert_code(
                &mut tx,
                digest,
                &given.id,
                &request.redirect_uri,
                &request.code_challenge,
                ends,
            )
            .await?;
            if let Some(post) = post {
                session::set_post(&mut tx, &session.id, &client.id, post, now).await?;
            }
            Ok::<_, db::Error>(tx.commit(event.clone(), ()))
        })
        .await?;
    Ok(Answer::Code {
        redirect_uri: request.redirect_uri.clone(),
        state: request.state.clone(),
        code,
    })
}
