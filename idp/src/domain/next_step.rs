//! What happens after an authorization request that is in order: decided from who is there.
//! Standard: OpenID Connect Core 1.0 §3.1.2.1 (prompt, max_age, id_token_hint), §3.1.2.3, §3.1.2.6
//! It must never answer `prompt=none` with a page, nor give a code where the person was asked to prove himself again.

use crate::domain::authorization::{AuthorizationError, AuthorizationRequest};
use crate::domain::scope::Scope;
use crate::domain::session::Session;

/// Who is there when the request arrives.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The live session of this browser.
    pub session: Option<&'a Session>,
    /// Whether a post in force is chosen for this client in this session.
    pub post_chosen: bool,
    /// How many posts the person holds now.
    pub posts: usize,
    /// Whom `id_token_hint` names.
    pub hinted: Option<&'a str>,
    /// Now, in milliseconds.
    pub now: i64,
}

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The person signs in (again).
    SignIn,
    /// The person chooses the post.
    ChoosePost,
    /// The application is refused.
    Refuse(AuthorizationError, &'static str),
    /// A code is given.
    Issue,
}

/// Decides what happens next.
pub fn evaluate(request: &AuthorizationRequest, here: Situation<'_>) -> Next {
    let prompt = request.prompt;
    let fresh = |s: &&Session| {
        let age = here.now.saturating_sub(s.auth_time);
        let young = request
            .max_age
            .is_none_or(|max| age <= max.saturating_mul(1000));
        young && !prompt.login && here.hinted.is_none_or(|who| who == s.person)
    };
    if here.session.filter(fresh).is_none() {
        return if prompt.none {
            Next::Refuse(
                AuthorizationError::LoginRequired,
                "nobody fitting is signed in",
            )
        } else {
            Next::SignIn
        };
    }
    if here.posts == 0 {
        return if request.scopes.holds(Scope::Papers) {
            Next::Refuse(
                AuthorizationError::AccessDenied,
                "the person holds no post now",
            )
        } else {
            Next::Issue
        };
    }
    if prompt.consent || (!here.post_chosen && here.posts > 1) {
        return if prompt.none {
            Next::Refuse(
                AuthorizationError::InteractionRequired,
                "a post must be chosen",
            )
        } else {
            Next::ChoosePost
        };
    }
    Next::Issue
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::authorization::Prompt;
    use crate::domain::scope::Scopes;
    use crate::domain::session::Assurance;

    fn request(prompt: &str, max_age: Option<i64>) -> AuthorizationRequest {
        AuthorizationRequest {
            redirect_uri: "https://app.example/cb".into(),
            scopes: Scopes::parse("openid papers"),
            state: None,
            nonce: None,
            code_challenge: String::new(),
            prompt: Prompt {
                none: prompt == "none",
                login: prompt == "login",
                consent: prompt == "consent",
            },
            max_age,
            id_token_hint: None,
        }
    }

    #[test]
    fn what_happens_next_follows_session_age_prompt_and_posts() {
        let session = Session {
            id: "s".into(),
            account: "a".into(),
            person: "p".into(),
            assurance: Assurance::Passkey,
            auth_time: 0,
        };
        let next = |prompt: &str,
                    max_age: Option<i64>,
                    session: Option<&Session>,
                    posts,
                    post_chosen,
                    hinted| {
            let request = request(prompt, max_age);
            evaluate(
                &request,
                Situation {
                    session,
                    post_chosen,
                    posts,
                    hinted,
                    now: 60_000,
                },
            )
        };
        let s = Some(&session);
        assert_eq!(next("", None, None, 0, false, None), Next::SignIn);
        assert_eq!(
            next("none", None, None, 0, false, None),
            Next::Refuse(
                AuthorizationError::LoginRequired,
                "nobody fitting is signed in"
            )
        );
        assert_eq!(next("login", None, s, 1, true, None), Next::SignIn);
        assert_eq!(next("", Some(59), s, 1, true, None), Next::SignIn);
        assert_eq!(next("", Some(60), s, 1, true, None), Next::Issue);
        assert_eq!(next("", None, s, 1, false, Some("q")), Next::SignIn);
        assert_eq!(
            next("none", None, s, 1, false, Some("q")),
            Next::Refuse(
                AuthorizationError::LoginRequired,
                "nobody fitting is signed in"
            )
        );
        assert_eq!(next("", None, s, 1, false, Some("p")), Next::Issue);
        assert_eq!(next("", None, s, 2, false, None), Next::ChoosePost);
        assert_eq!(
            next("none", None, s, 2, false, None),
            Next::Refuse(
                AuthorizationError::InteractionRequired,
                "a post must be chosen"
            )
        );
        assert_eq!(next("", None, s, 2, true, None), Next::Issue);
        assert_eq!(next("consent", None, s, 1, true, None), Next::ChoosePost);
        assert_eq!(
            next("", None, s, 0, false, None),
            Next::Refuse(
                AuthorizationError::AccessDenied,
                "the person holds no post now"
            )
        );
    }
}
