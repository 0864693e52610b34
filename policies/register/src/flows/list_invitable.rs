//! Who works in an agency today, and whom of them an administrator may hand the first sign-in.
//! Standard: none; docs/SECURITY.md (letters)
//! It must never let an administrator of agencies hand out the sign-in of somebody who has a post elsewhere or administers anything.

use std::collections::{BTreeMap, BTreeSet};

use platform::db::{self, Conn};

use crate::domain::administration::Need;
use crate::domain::facts::AgencyFact;
use crate::domain::time::AsOf;
use crate::domain::words::{Kind, Reach, Verb};
use crate::rights::{ScopeError, covers, held_by, scope_of};
use crate::store::{agencies, roles, roster};

/// What handing out first sign-ins needs.
pub const NEED: Need = (Verb::Invite, Kind::Account);

/// Why somebody is left to another administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// Has or will have a post outside the administrator's scope.
    Elsewhere,
    /// Has or will have a role of administration.
    Role,
}

/// Somebody in post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// `psn_…`
    pub person: String,
    /// Staff number.
    pub staff_no: String,
    /// Full name.
    pub full_name: String,
    /// The register's name to sign in by.
    pub username: String,
    /// Title of the main post.
    pub title: String,
    /// `agy_…` of that post.
    pub agency: String,
    /// Its name.
    pub agency_name: String,
    /// The unit's name, empty outside units.
    pub unit: String,
    /// Why he is left to another administrator.
    pub left: Option<Left>,
}

/// An agency and who works there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The agency.
    pub agency: AgencyFact,
    /// Its people: by agency, unit, and the order of names.
    pub members: Vec<Member>,
}

/// There is no roster.
#[derive(Debug, thiserror::Error)]
pub enum ListInvitableError {
    /// No role of administration allows it, or not for this agency.
    #[error("no role of administration that allows it here")]
    NoRight,
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<ScopeError> for ListInvitableError {
    fn from(error: ScopeError) -> Self {
        match error {
            ScopeError::NoRight | ScopeError::NoProvince => Self::NoRight,
            ScopeError::Db(error) => Self::Db(error),
        }
    }
}

/// An agency the administrator may choose, with how many people are in post there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choosable {
    /// The agency.
    pub agency: AgencyFact,
    /// People in post.
    pub people: i64,
}

/// The agencies of the administrator's scope that stand today, the upper ones first.
pub async fn choosable(
    conn: &mut Conn,
    actor: &str,
    now: i64,
) -> Result<Vec<Choosable>, ListInvitableError> {
    let scope = scope_of(conn, actor, None, NEED, now).await?;
    let counts = crate::store::people::headcount(conn, &scope, AsOf::now(now)).await?;
    let counts: BTreeMap<String, i64> = counts.into_iter().collect();
    let list = agencies::list(conn, &scope, AsOf::now(now)).await?;
    Ok(list
        .into_iter()
        .map(|agency| Choosable {
            people: counts.get(&agency.id).copied().unwrap_or(0),
            agency,
        })
        .collect())
}

/// The people of an agency, or of it and everything below.
pub async fn run(
    conn: &mut Conn,
    actor: &str,
    agency: &str,
    below: bool,
    now: i64,
) -> Result<Roster, ListInvitableError> {
    let as_of = AsOf::now(now);
    let scope = scope_of(conn, actor, None, NEED, now).await?;
    let Some(top) = agencies::find(conn, agency, as_of).await? else {
        return Err(ListInvitableError::NoRight);
    };
    if !covers(conn, &scope, agency).await? {
        return Err(ListInvitableError::NoRight);
    }
    let wanted = if below {
        agencies::below(conn, agency, as_of).await?.join(" ")
    } else {
        agency.to_owned()
    };
    let elsewhere: BTreeSet<String> = roster::elsewhere(conn, &scope, &wanted, as_of)
        .await?
        .into_iter()
        .collect();
    let mut main: BTreeMap<String, roster::Row> = BTreeMap::new();
    for row in roster::within(conn, &scope, &wanted, as_of).await? {
        let weight = |row: &roster::Row| (row.beside, row.level, row.rank);
        let better = main
            .get(&row.person)
            .is_none_or(|known| weight(&row) < weight(known));
        if better {
            main.insert(row.person.clone(), row);
        }
    }
    let administrators = administrators(conn, actor, &main, now).await?;
    let mut rows: Vec<roster::Row> = main.into_values().collect();
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    let members = rows.into_iter().map(|row| Member {
        left: if administrators.contains(&row.person) {
            Some(Left::Role)
        } else {
            elsewhere.contains(&row.person).then_some(Left::Elsewhere)
        },
        person: row.person,
        staff_no: row.staff_no,
        full_name: row.full_name,
        username: row.username,
        title: row.title,
        agency: row.agency,
        agency_name: row.agency_name,
        unit: row.unit_name,
    });
    Ok(Roster {
        agency: top,
        members: members.collect(),
    })
}

/// Agency, unit by its number, then the order of names.
fn order(row: &roster::Row) -> (i64, &str, u32, &str, &[u8], &str) {
    (
        row.level,
        &row.agency_code,
        row.unit_number.parse().unwrap_or(u32::MAX),
        &row.unit_number,
        &row.sort_key,
        &row.person,
    )
}

/// Those who have or will have any role of administration, unless the administrator's own role reaches the whole province: whoever
/// could sign in as a fellow administrator would be the second pair of eyes himself.
async fn administrators(
    conn: &mut Conn,
    actor: &str,
    people: &BTreeMap<String, roster::Row>,
    now: i64,
) -> Result<BTreeSet<String>, db::Error> {
    let own = held_by(conn, actor, now).await?;
    if own
        .iter()
        .any(|held| held.role.reach == Reach::Province && held.role.allows(NEED))
    {
        return Ok(BTreeSet::new());
    }
    let lasting = roles::lasting(conn, now).await?;
    Ok(lasting
        .into_iter()
        .map(|held| held.person)
        .filter(|person| people.contains_key(person))
        .collect())
}
