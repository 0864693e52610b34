//! Who may do what to which part of the register: the one place that decides, for routes, lists and pages, and makes the `Scope`
//! that every list and load of business rows takes. A right is (verb, kind, agency subtree, days); roles are rows of a table.
//! Standard: none; docs/SECURITY.md (administration), docs/ARCHITECTURE.md (scope = agency subtree × dates).
//! It must never widen a scope on an error: no appointment in force and no role that allows it means no scope.

use std::collections::BTreeSet;

use platform::caller::Caller;
use platform::db::{self, Conn};

use crate::domain::administration::{Need, Role, Table};
use crate::domain::time::{AsOf, Interval};
use crate::domain::words::{Kind, Reach, Verb};
use crate::facts;
use crate::store::roles::AdminRole;
use crate::store::{agencies, appointments, roles};

pub use crate::domain::administration::READING;

/// Agencies with everything below them, and the days whose facts may be seen. Nothing but this module makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    agencies: String,
    whole: bool,
    days: Interval,
}

/// The whole province, in the form the statements take.
const ALL: &str = "*";

impl Scope {
    /// The ids of its agencies with blanks between them, `*` for all: the form the statements take.
    pub fn agencies(&self) -> &str {
        &self.agencies
    }

    /// Whether it is the whole province.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether facts of this interval may be seen.
    pub(crate) fn admits(&self, fact: Interval) -> bool {
        self.days.meets(fact)
    }
}

/// Why there is no scope.
#[derive(Debug, thiserror::Error)]
pub enum ScopeError {
    /// The post is not held at this instant, or no post was taken, and no role allows it.
    #[error("no appointment in force to this post and no role of administration that allows it")]
    NoRight,
    /// The register holds no agencies yet.
    #[error("the register is empty")]
    NoProvince,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// A role somebody holds, with the row of the table behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The grant.
    pub grant: AdminRole,
    /// What it lets one do.
    pub role: &'static Role,
}

/// Roles of administration in force. A code that is no longer in the table gives nothing.
pub async fn held_by(conn: &mut Conn, person: &str, at: i64) -> Result<Vec<Held>, db::Error> {
    let grants = roles::of_person(conn, person, AsOf::now(at)).await?;
    Ok(grants
        .into_iter()
        .filter_map(|grant| {
            let role = Table::ours().role(&grant.role)?;
            Some(Held { grant, role })
        })
        .collect())
}

/// The decision: over which part of the register a person, working in a post or in none, may do this at an instant.
pub async fn scope_of(
    conn: &mut Conn,
    person: &str,
    post: Option<&str>,
    need: Need,
    at: i64,
) -> Result<Scope, ScopeError> {
    let as_of = AsOf::now(at);
    let mut roots = BTreeSet::new();
    let mut whole = false;
    for held in held_by(conn, person, at).await? {
        if !held.role.allows(need) {
            continue;
        }
        match (held.role.reach, held.grant.agency) {
            (Reach::Province, _) => whole = true,
            (Reach::Agency, Some(agency)) => {
                roots.insert(agency);
            }
            (Reach::Agency, None) | (Reach::Post, _) => {}
        }
    }
    if let Some(post) = post
        && Table::ours().by_post().any(|role| role.allows(need))
    {
        let posts = appointments::held_by(conn, person, as_of).await?;
        let own = posts.into_iter().find(|held| held.post == post);
        roots.extend(own.map(|held| held.agency));
    }
    if roots.is_empty() && !whole {
        return Err(ScopeError::NoRight);
    }
    if !agencies::any(conn).await? {
        return Err(ScopeError::NoProvince);
    }
    let top = agencies::find_root(conn, as_of).await?;
    whole = whole || top.is_some_and(|top| roots.contains(&top.id));
    let agencies = if whole {
        ALL.to_owned()
    } else {
        let roots = Vec::from_iter(roots).join(" ");
        agencies::below(conn, &roots, as_of).await?.join(" ")
    };
    Ok(Scope {
        agencies,
        whole,
        days: Interval {
            from: i64::MIN,
            to: None,
        },
    })
}

/// The scope of a caller, whose session or token was just checked.
pub async fn scope_of_caller(
    conn: &mut Conn,
    caller: &Caller,
    need: Need,
    at: i64,
) -> Result<Scope, ScopeError> {
    scope_of(conn, &caller.person, caller.post.as_deref(), need, at).await
}

/// Whether an agency lies in the scope.
pub async fn covers(conn: &mut Conn, scope: &Scope, agency: &str) -> Result<bool, db::Error> {
    agencies::covers(conn, scope, agency).await
}

/// Whether a person may do this to something of this agency (`None`: of the province as a whole) through a role of administration.
pub async fn may(
    conn: &mut Conn,
    person: &str,
    need: Need,
    agency: Option<&str>,
    at: i64,
) -> Result<bool, db::Error> {
    match (scope_of(conn, person, None, need, at).await, agency) {
        (Ok(scope), Some(agency)) => covers(conn, &scope, agency).await,
        (Ok(scope), None) => Ok(scope.whole),
        (Err(ScopeError::NoRight | ScopeError::NoProvince), _) => Ok(false),
        (Err(ScopeError::Db(error)), _) => Err(error),
    }
}

/// Whether a person holds a role that by the table gives this one and takes it away, whatever its rights (an emergency). Who opened
/// it were two already, so that nobody else is asked.
pub async fn gives(conn: &mut Conn, person: &str, role: &str, at: i64) -> Result<bool, db::Error> {
    let held = held_by(conn, person, at).await?;
    Ok(held.iter().any(|held| held.role.gives.contains(role)))
}

/// Whether a person may give (or take back) this role over this agency for these days: everything the role allows must be allowed
/// to the giver there, for at least as long. Nobody can mint a right outside the own subtree, above the own rights or beyond the own end,
/// but for the roles that a role gives by the table (an emergency).
pub async fn may_grant(
    conn: &mut Conn,
    person: &str,
    role: &Role,
    agency: Option<&str>,
    days: Interval,
    at: i64,
) -> Result<bool, db::Error> {
    if gives(conn, person, &role.code, at).await? {
        return Ok(true);
    }
    let mut own = BTreeSet::new();
    for held in held_by(conn, person, at).await? {
        let lasts = match (held.grant.to, days.to) {
            (None, _) => true,
            (Some(end), Some(to)) => to <= end,
            (Some(_), None) => false,
        };
        let reaches = match (held.role.reach, &held.grant.agency, agency) {
            (Reach::Province, _, _) => true,
            (Reach::Agency, Some(root), Some(agency)) => {
                facts::stands_under(conn, agency, root, at).await?
            }
            (Reach::Agency | Reach::Post, _, _) => false,
        };
        if lasts && reaches {
            own.extend(held.role.rights.iter().copied());
        }
    }
    Ok(own.contains(&(Verb::Grant, Kind::Role)) && role.rights.is_subset(&own))
}
