//! What waits for somebody who administers the register: proposals he may decide, sources that are silent, lists that failed.
//! Standard: none; docs/ARCHITECTURE.md (administration of the register)
//! It must never name a proposal, a source or a list outside the reader's scope, nor one that the reader could not open.

use platform::db::{Conn, Error};

use super::read_list;
use crate::domain::administration::Need;
use crate::domain::feed::Source;
use crate::domain::proposal::Proposal;
use crate::domain::words::{Kind, Verb};
use crate::rights::{Scope, ScopeError, may, scope_of};
use crate::store::lists::{self, ListRow};
use crate::store::{feeds, proposals};

/// What it takes to see sources.
const SEES_SOURCES: Need = (Verb::See, Kind::Feed);
/// What it takes to decide a proposal.
const DECIDES: Need = (Verb::Approve, Kind::Proposal);
/// Failed lists shown.
const MOST: i64 = 20;

/// A source that has been quiet for longer than its rhythm says.
#[derive(Debug, Clone)]
pub struct Silence {
    /// The source.
    pub source: Source,
    /// Its last delivery, or its recording if it never delivered.
    pub last: i64,
    /// From when on it is called silent.
    pub since: i64,
}

/// Proposals of the scope that this person may decide, the oldest first.
pub async fn proposals(
    conn: &mut Conn,
    scope: &Scope,
    person: &str,
    now: i64,
) -> Result<Vec<Proposal>, Error> {
    let mut mine = Vec::new();
    for open in proposals::waiting(conn, scope, now).await? {
        let other = open.proposed_by != person && open.subject != person;
        if other && may(conn, person, DECIDES, open.agency.as_deref(), now).await? {
            mine.push(open);
        }
    }
    Ok(mine)
}

/// Silent sources that this person may see; `None` when he may see none at all.
pub async fn silent(
    conn: &mut Conn,
    person: &str,
    now: i64,
) -> Result<Option<Vec<Silence>>, Error> {
    let scope = match scope_of(conn, person, None, SEES_SOURCES, now).await {
        Ok(scope) => scope,
        Err(ScopeError::NoRight | ScopeError::NoProvince) => return Ok(None),
        Err(ScopeError::Db(error)) => return Err(error),
    };
    let seen = feeds::sources(conn, &scope).await?;
    Ok(Some(silent_of(conn, seen, now).await?))
}

/// Those of these sources that are silent.
async fn silent_of(conn: &mut Conn, sources: Vec<Source>, now: i64) -> Result<Vec<Silence>, Error> {
    let last_sign = feeds::last_sign(conn).await?;
    let silences = sources.into_iter().filter_map(|source| {
        let last = *last_sign.get(&source.id)?;
        let since = source.silent_from(last);
        (since <= now).then_some(Silence {
            source,
            last,
            since,
        })
    });
    Ok(silences.collect())
}

/// Whether any source is silent, whoever may see it: quick to ask, so that most pages need no scope.
pub(crate) async fn any_silent(conn: &mut Conn, now: i64) -> Result<bool, Error> {
    let all = feeds::all(conn).await?;
    Ok(!all.is_empty() && !silent_of(conn, all, now).await?.is_empty())
}

/// Lists of sources that could not be published and that this person may open.
pub async fn failed(conn: &mut Conn, person: &str, now: i64) -> Result<Vec<ListRow>, Error> {
    let found = lists::failed(conn, MOST).await?;
    if found.is_empty() {
        return Ok(found);
    }
    let Some(whole) = read_list::sees_all(conn, person, now).await? else {
        return Ok(Vec::new());
    };
    let seen = |list: &ListRow| whole || list.uploaded_by == person;
    Ok(found.into_iter().filter(seen).collect())
}
