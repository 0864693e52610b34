//! Who may see what of the register: the one place that makes a `Scope`, which every list and load of business rows takes.
//! Standard: none; docs/ARCHITECTURE.md (scope = agency subtree × dates); two cases today, own agency and whole province.
//! It must never widen a scope on an error: no appointment in force and no role means no scope.

use platform::caller::Caller;
use platform::db::{self, Conn};

use crate::domain::time::{AsOf, Interval};
use crate::domain::words::Role;
use crate::store::{agencies, appointments, roles};

/// An agency with everything below it, and the days whose facts may be seen. Nothing but this module makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    root: String,
    days: Interval,
}

impl Scope {
    /// The agency at its top.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Whether facts of this interval may be seen.
    pub(crate) fn admits(&self, fact: Interval) -> bool {
        self.days.meets(fact)
    }
}

/// Why there is no scope.
#[derive(Debug, thiserror::Error)]
pub enum ScopeError {
    /// The post is not held at this instant, or no post was taken.
    #[error("no appointment in force to this post and no role of administration")]
    NoRight,
    /// The register holds no agencies yet.
    #[error("the register is empty")]
    NoProvince,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// The scope of a person in a post at an instant: the whole province for its administrators, else the post's agency and what is below it.
pub async fn scope_of(
    conn: &mut Conn,
    person: &str,
    post: Option<&str>,
    at: i64,
) -> Result<Scope, ScopeError> {
    let as_of = AsOf::now(at);
    let days = Interval {
        from: i64::MIN,
        to: None,
    };
    let held = roles::of_person(conn, person, as_of).await?;
    if held.iter().any(|role| role.role == Role::Province) {
        let root = agencies::find_root(conn, as_of)
            .await?
            .ok_or(ScopeError::NoProvince)?;
        return Ok(Scope {
            root: root.id,
            days,
        });
    }
    let post = post.ok_or(ScopeError::NoRight)?;
    let posts = appointments::held_by(conn, person, as_of).await?;
    let root = posts
        .into_iter()
        .find(|held| held.post == post)
        .map(|held| held.agency)
        .ok_or(ScopeError::NoRight)?;
    Ok(Scope { root, days })
}

/// The scope of a caller, whose session or token was just checked.
pub async fn scope_of_caller(
    conn: &mut Conn,
    caller: &Caller,
    at: i64,
) -> Result<Scope, ScopeError> {
    scope_of(conn, &caller.person, caller.post.as_deref(), at).await
}

/// Whether an agency lies in the scope.
pub async fn covers(conn: &mut Conn, scope: &Scope, agency: &str) -> Result<bool, db::Error> {
    agencies::covers(conn, &scope.root, agency).await
}

/// Roles of administration in force.
pub async fn roles_of(
    conn: &mut Conn,
    person: &str,
    at: i64,
) -> Result<Vec<roles::AdminRole>, db::Error> {
    roles::of_person(conn, person, AsOf::now(at)).await
}

/// Whether the person administers this agency: through the province's role, or a role for an agency above it or itself.
pub async fn administers(
    conn: &mut Conn,
    person: &str,
    agency: &str,
    at: i64,
) -> Result<bool, db::Error> {
    for role in roles_of(conn, person, at).await? {
        let covered = match (role.role, &role.agency) {
            (Role::Province, _) => true,
            (Role::Agency, Some(root)) => agencies::covers(conn, root, agency).await?,
            (Role::Agency, None) => false,
        };
        if covered {
            return Ok(true);
        }
    }
    Ok(false)
}
