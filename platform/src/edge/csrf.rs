//! Form tokens: an HMAC bound to the session, or to a cookie of its own for people who are not signed in.
use axum::extract::{FromRef, FromRequest, Request};
use axum::response::{IntoResponse, Response};
use axum::{Form, RequestExt};
use http::header::{CONTENT_TYPE, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::cookies;
use crate::Ground;
use crate::caller::{Caller, of_session};
use crate::pages;

/// What a form token is bound to.
#[derive(Clone, Debug)]
pub(crate) enum Bound {
    Session(String),
    /// The value of the form cookie; `fresh` when it still has to be set.
    Browser {
        value: String,
        fresh: bool,
    },
}

impl Bound {
    pub(crate) fn of(caller: Option<&Caller>, headers: &HeaderMap, ground: &Ground) -> Self {
        match caller {
            Some(caller) => Self::Session(caller.session.clone()),
            None => match cookies::find(headers, cookies::form_name(ground))
                .filter(|value| value.len() == 43)
            {
                Some(value) => Self::Browser {
                    value: value.to_owned(),
                    fresh: false,
                },
                None => Self::Browser {
                    value: crate::ids::secret(&ground.entropy),
                    fresh: true,
                },
            },
        }
    }

    pub(crate) fn token(&self, ground: &Ground) -> String {
        let mac = match self {
            Self::Session(session) => ground
                .sealer
                .mac("form-token", &[b"session", session.as_bytes()]),
            Self::Browser { value, .. } => ground
                .sealer
                .mac("form-token", &[b"browser", value.as_bytes()]),
        };
        data_encoding::BASE64URL_NOPAD.encode(&mac)
    }
}

/// Why a form was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It came from another site.
    Origin,
    /// The token is missing, old or another person's.
    Token,
}

/// Whether the browser says that the request came from one of our own pages.
pub(crate) fn same_origin(headers: &HeaderMap, ground: &Ground) -> bool {
    match headers.get(ORIGIN) {
        Some(origin) => origin.as_bytes() == ground.origin().as_bytes(),
        // Every current browser sends Origin with a POST; what does not is no browser, or says where it came from.
        None => match headers.get("sec-fetch-site").and_then(|v| v.to_str().ok()) {
            Some(site) => matches!(site, "same-origin" | "none"),
            None => true,
        },
    }
}

/// Checks origin and token of a form, for handlers that read a body by themselves (multipart).
pub async fn check(parts: &mut Parts, ground: &Ground, token: &str) -> Result<(), Refused> {
    if !same_origin(&parts.headers, ground) {
        return Err(Refused::Origin);
    }
    let caller = of_session(parts, ground)
        .await
        .map_err(|_problem| Refused::Token)?;
    let expected = Bound::of(caller.as_ref(), &parts.headers, ground).token(ground);
    if crate::secrets::equal(expected.as_bytes(), token.as_bytes()) {
        Ok(())
    } else {
        Err(Refused::Token)
    }
}

/// A form whose `_csrf` field and `Origin` were checked before it was read.
/// `T` must not deny unknown fields (`_csrf` is one); `Vec<(String, String)>` gives repeated fields.
pub struct CsrfForm<T>(pub T);

#[derive(Deserialize)]
struct Token {
    #[serde(rename = "_csrf")]
    csrf: Option<String>,
}

impl<S, T> FromRequest<S> for CsrfForm<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
    Ground: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let ground = Ground::from_ref(state);
        let limited = request.with_limited_body();
        let (mut parts, body) = limited.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20)
            .await
            .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
        let again = |bytes: bytes::Bytes| {
            let mut copy = Request::new(axum::body::Body::from(bytes));
            *copy.method_mut() = http::Method::POST;
            if let Some(kind) = parts.headers.get(CONTENT_TYPE) {
                copy.headers_mut().insert(CONTENT_TYPE, kind.clone());
            }
            copy
        };
        let Form(token) = Form::<Token>::from_request(again(bytes.clone()), &())
            .await
            .map_err(IntoResponse::into_response)?;
        let form = Form::<T>::from_request(again(bytes), &()).await;
        if let Err(refused) = check(&mut parts, &ground, token.csrf.as_deref().unwrap_or("")).await
        {
            return Err(pages::form_refused(&mut parts, &ground, refused).await);
        }
        match form {
            Ok(Form(value)) => Ok(Self(value)),
            Err(rejection) => {
                tracing::debug!(%rejection, "a form does not have the expected fields");
                Err(pages::form_unreadable(&mut parts, &ground).await)
            }
        }
    }
}
