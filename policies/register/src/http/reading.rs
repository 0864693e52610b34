//! One act of reading: the page shell, a connection, the reader's scope, and the day asked about.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use platform::caller::Caller;
use platform::clock::{day_start, format_date, parse_date};
use platform::db::{Conn, Error};
use platform::i18n::Tongue;
use platform::pages::Shell;
use platform::problem::Problem;

use crate::TEXTS;
use crate::domain::administration::Need;
use crate::facts::AsOf;
use crate::rights::{READING, Scope, ScopeError, held_by, may, scope_of_caller};

const NOON: i64 = 12 * 3_600_000;

/// Query of every page: a day, and what single pages add.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Asked {
    /// `dd/mm/yyyy`
    #[serde(default)]
    pub(crate) at: String,
    /// What is searched for.
    #[serde(default)]
    pub(crate) q: String,
    /// The agency opened in the tree.
    #[serde(default)]
    pub(crate) agency: String,
    /// Where the page of results before this one ended.
    #[serde(default)]
    pub(crate) after: String,
}

/// The search form that stands on every page.
#[derive(Clone)]
pub(crate) struct Find {
    pub(crate) t: Tongue,
    pub(crate) q: String,
    pub(crate) at: String,
    pub(crate) at_wrong: bool,
}

/// Everything a page needs to load rows.
pub(crate) struct Reading {
    pub(crate) shell: Shell,
    pub(crate) conn: Conn,
    pub(crate) scope: Scope,
    pub(crate) as_of: AsOf,
    pub(crate) find: Find,
    /// `at=…` for links, empty when the page shows today.
    pub(crate) carry: String,
    /// Who reads.
    pub(crate) person: String,
    now: i64,
}

impl Reading {
    /// Opens it, or gives the page that says why not.
    pub(crate) async fn open(
        shell: Shell,
        caller: &Caller,
        asked: &Asked,
    ) -> Result<Self, Response> {
        let now = shell.ground().now();
        let mut conn = shell
            .ground()
            .db
            .read()
            .await
            .map_err(|error| broken(&error))?;
        let scope = match scope_of_caller(&mut conn, caller, READING, now).await {
            Ok(scope) => scope,
            Err(ScopeError::NoRight) => return Err(shell.error(StatusCode::FORBIDDEN)),
            Err(ScopeError::NoProvince) => return Err(shell.error(StatusCode::NOT_FOUND)),
            Err(ScopeError::Db(error)) => return Err(broken(&error)),
        };
        let typed = asked.at.trim();
        let day = parse_date(typed);
        let at = day.map_or(now, |day| day_start(day).saturating_add(NOON));
        let find = Find {
            t: Tongue::new(shell.lang, &TEXTS),
            q: asked.q.clone(),
            at: if typed.is_empty() {
                format_date(now)
            } else {
                typed.to_string()
            },
            at_wrong: day.is_none() && !typed.is_empty(),
        };
        let carry = if day.is_some() {
            format!("at={}", format_date(at))
        } else {
            String::new()
        };
        Ok(Self {
            shell,
            conn,
            scope,
            as_of: AsOf::now(at),
            find,
            carry,
            person: caller.person.clone(),
            now,
        })
    }

    /// Whether the reader may do this to something of this agency, so that a page shows no door that is shut.
    pub(crate) async fn may(&mut self, need: Need, agency: Option<&str>) -> Result<bool, Error> {
        may(&mut self.conn, &self.person, need, agency, self.now).await
    }

    /// Whether the reader holds any role of administration.
    pub(crate) async fn administers(&mut self) -> Result<bool, Error> {
        let held = held_by(&mut self.conn, &self.person, self.now).await?;
        Ok(!held.is_empty())
    }

    /// Texts of the register in the page's language.
    pub(crate) fn tongue(&self) -> Tongue {
        Tongue::new(self.shell.lang, &TEXTS)
    }
}

/// The database could not be read.
pub(crate) fn broken(error: &platform::db::Error) -> Response {
    Problem::internal(error).into_response()
}

/// A link that keeps the day.
pub(crate) fn link(path: &str, carry: &str) -> String {
    if carry.is_empty() {
        path.to_string()
    } else {
        format!("{path}?{carry}")
    }
}
