//! The page shell of the look: head with the post in view, bar, foot, demo banner; services fill in the middle.
use askama::Template;
use axum::extract::{FromRef, FromRequestParts};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, SET_COOKIE, VARY};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::Ground;
use crate::caller::{Caller, of_session};
use crate::edge::cookies;
use crate::edge::csrf::{Bound, Refused};
use crate::i18n::{Lang, Tongue};
use crate::problem::Problem;

mod texts {
    #![allow(missing_docs, reason = "made by the macro")]
    fluent_templates::static_loader! {
        pub static TEXTS = {
            locales: "./locales",
            fallback_language: "vi",
            customise: |bundle| bundle.set_use_isolating(false),
        };
    }
}
pub use texts::TEXTS;

/// One entry of the bar. A service that adds a page adds its entry in the composition root, so no link is dead.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// Where it leads, such as `/decisions`.
    pub href: &'static str,
    /// In Vietnamese.
    pub vi: &'static str,
    /// In English.
    pub en: &'static str,
    /// Whether only people who are signed in see it.
    pub signed_in: bool,
}

impl NavItem {
    /// An entry everybody sees.
    pub const fn new(href: &'static str, vi: &'static str, en: &'static str) -> Self {
        Self {
            href,
            vi,
            en,
            signed_in: false,
        }
    }

    /// An entry for people who are signed in.
    pub const fn signed_in(href: &'static str, vi: &'static str, en: &'static str) -> Self {
        Self {
            href,
            vi,
            en,
            signed_in: true,
        }
    }
}

/// The entries of the first slice, in the order of the look.
pub const NAV: &[NavItem] = &[
    NavItem::new("/", "Trang chủ", "Home"),
    NavItem::signed_in("/decisions", "Quyết định", "Decisions"),
    NavItem::signed_in("/handovers/new", "Giao việc", "Hand over"),
    NavItem::new("/verify", "Xác minh", "Verify"),
    NavItem::signed_in("/organisation", "Tổ chức", "Organisation"),
];

/// Everything a handler needs to answer with a page.
#[derive(Clone)]
pub struct Shell {
    /// The language of the page.
    pub lang: Lang,
    /// Who is signed in.
    pub caller: Option<Caller>,
    /// The form token: `<input type="hidden" name="_csrf" value="{{ csrf }}">`.
    pub csrf: String,
    /// The path of this page.
    pub path: String,
    ground: Ground,
    query: String,
    set_form_cookie: Option<String>,
    set_lang: bool,
    unread: i64,
}

/// Beyond it the head says `99+`.
const MOST_SAID: i64 = 99;

/// Unread notices; a failure is logged and costs the number, never the page.
async fn unread(ground: &Ground, caller: &Caller) -> i64 {
    match ground.notices.unread(caller, ground.now()).await {
        Ok(n) => n,
        Err(error) => {
            tracing::error!(%error, "a page is shown without the number of unread notices");
            0
        }
    }
}

struct Link {
    href: String,
    text: &'static str,
    current: bool,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'p> {
    t: Tongue,
    lang: &'static str,
    other: &'static str,
    other_href: String,
    title: &'p str,
    body: String,
    province: &'p str,
    person: Option<&'p Caller>,
    csrf: &'p str,
    next: String,
    links: Vec<Link>,
    /// Unread notices in figures, empty for none.
    unread: String,
    on_notices: bool,
    demo: bool,
    script: bool,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorBody<'p> {
    t: Tongue,
    title: &'p str,
    what: &'p str,
    next: &'p str,
    code: String,
}

impl Shell {
    /// Builds the shell from a request.
    pub async fn of(parts: &mut Parts, ground: &Ground) -> Result<Self, Problem> {
        let caller = of_session(parts, ground).await?;
        let unread = match &caller {
            Some(who) => unread(ground, who).await,
            None => 0,
        };
        Ok(Self {
            unread,
            ..Self::with(parts, ground, caller)
        })
    }

    fn with(parts: &Parts, ground: &Ground, caller: Option<Caller>) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let asked = url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "lang")
            .and_then(|(_, value)| Lang::parse(&value));
        let lang = asked
            .or_else(|| cookies::find(&parts.headers, "lang").and_then(Lang::parse))
            .unwrap_or_else(|| Lang::accepted(&parts.headers));
        let bound = Bound::of(caller.as_ref(), &parts.headers, ground);
        let csrf = bound.token(ground);
        let set_form_cookie = match bound {
            Bound::Browser { value, fresh: true } => Some(value),
            Bound::Browser { .. } | Bound::Session(_) => None,
        };
        Self {
            lang,
            caller,
            csrf,
            path: parts.uri.path().to_owned(),
            ground: ground.clone(),
            query: query.to_owned(),
            set_form_cookie,
            set_lang: asked.is_some(),
            unread: 0,
        }
    }

    /// The shell's texts in the page's language; a crate's own: `Tongue::new(shell.lang, &TEXTS)`.
    pub fn tongue(&self) -> Tongue {
        Tongue::new(self.lang, &TEXTS)
    }

    /// The ground under the page.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// The whole page around the body.
    pub fn page(&self, status: StatusCode, title: &str, body: &impl Template) -> Response {
        match body.render() {
            Ok(body) => self.wrap(status, title, body),
            Err(error) => Problem::internal(&error).into_response(),
        }
    }

    fn wrap(&self, status: StatusCode, title: &str, body: String) -> Response {
        let layout = Layout {
            t: self.tongue(),
            lang: self.lang.code(),
            other: self.lang.other().code(),
            other_href: self.other_href(),
            title,
            script: body.contains("data-webauthn"),
            body,
            province: &self.ground.province,
            person: self.caller.as_ref(),
            csrf: &self.csrf,
            next: url::form_urlencoded::byte_serialize(self.path.as_bytes()).collect(),
            links: self.links(),
            unread: match self.unread {
                ..=0 => String::new(),
                n @ 1..=MOST_SAID => n.to_string(),
                _ => format!("{MOST_SAID}+"),
            },
            on_notices: self.path == "/notices",
            demo: self.ground.demo,
        };
        let text = match layout.render() {
            Ok(text) => text,
            Err(error) => return Problem::internal(&error).into_response(),
        };
        let mut response = (status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(self.lang.code()));
        headers.insert(VARY, HeaderValue::from_static("Accept-Language, Cookie"));
        let lang = self
            .set_lang
            .then(|| cookies::set(&self.ground, "lang", self.lang.code(), Some(31_536_000)));
        let form = self
            .set_form_cookie
            .as_ref()
            .map(|value| cookies::set(&self.ground, cookies::form_name(&self.ground), value, None));
        for cookie in [lang.flatten(), form.flatten()].into_iter().flatten() {
            headers.append(SET_COOKIE, cookie);
        }
        response
    }

    /// A page that says why something could not be shown or done, and what to do next.
    pub fn refusal(&self, status: StatusCode, title: &str, what: &str, next: &str) -> Response {
        let body = ErrorBody {
            t: self.tongue(),
            title,
            what,
            next,
            code: status.as_u16().to_string(),
        };
        self.page(status, title, &body)
    }

    /// The 404 page.
    pub fn not_found(&self) -> Response {
        self.error(StatusCode::NOT_FOUND)
    }

    /// The general page of an error status.
    pub fn error(&self, status: StatusCode) -> Response {
        let t = self.tongue();
        let kind = match status {
            StatusCode::NOT_FOUND => "error-not-found",
            StatusCode::FORBIDDEN => "error-forbidden",
            StatusCode::PAYLOAD_TOO_LARGE => "error-too-large",
            StatusCode::SERVICE_UNAVAILABLE => "error-unavailable",
            StatusCode::TOO_MANY_REQUESTS => "error-too-often",
            status if status.is_server_error() => "error-internal",
            _ => "error-request",
        };
        self.refusal(
            status,
            &t.text(kind),
            &t.text(&format!("{kind}-what")),
            &t.text(&format!("{kind}-next")),
        )
    }

    fn links(&self) -> Vec<Link> {
        self.ground
            .nav
            .iter()
            .filter(|item| !item.signed_in || self.caller.is_some())
            .map(|item| Link {
                href: item.href.to_owned(),
                text: match self.lang {
                    Lang::Vi => item.vi,
                    Lang::En => item.en,
                },
                current: item.href == self.path
                    || (item.href != "/" && self.path.starts_with(&format!("{}/", item.href))),
            })
            .collect()
    }

    fn other_href(&self) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            if name != "lang" {
                pairs.append_pair(&name, &value);
            }
        }
        pairs.append_pair("lang", self.lang.other().code());
        format!("?{}", pairs.finish())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Shell
where
    Ground: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Self::of(parts, &Ground::from_ref(state)).await
    }
}

/// The page of an error status; still a page when the caller cannot be resolved.
pub(crate) async fn error_page(parts: &mut Parts, ground: &Ground, status: StatusCode) -> Response {
    match Shell::of(parts, ground).await {
        Ok(shell) => shell.error(status),
        Err(_logged) => Shell::with(parts, ground, None).error(status),
    }
}

/// The page of an error status for somebody who was turned away at the door: nobody is looked up.
pub(crate) fn page_at_the_door(parts: &Parts, ground: &Ground, status: StatusCode) -> Response {
    Shell::with(parts, ground, None).error(status)
}

pub(crate) async fn form_refused(parts: &mut Parts, ground: &Ground, refused: Refused) -> Response {
    let shell = match Shell::of(parts, ground).await {
        Ok(shell) => shell,
        Err(problem) => return problem.into_response(),
    };
    let t = shell.tongue();
    let key = match refused {
        Refused::Origin => "form-foreign",
        Refused::Token => "form-old",
    };
    shell.refusal(
        StatusCode::FORBIDDEN,
        &t.text(key),
        &t.text(&format!("{key}-what")),
        &t.text(&format!("{key}-next")),
    )
}

pub(crate) async fn form_unreadable(parts: &mut Parts, ground: &Ground) -> Response {
    error_page(parts, ground, StatusCode::UNPROCESSABLE_ENTITY).await
}
