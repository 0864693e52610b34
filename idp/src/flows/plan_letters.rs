//! Who in an agency has signed in before, who has a letter, and who could be given one; nothing changes.
//! Standard: NIST SP 800-63B §4.1.2
//! It must never show people of an agency outside the administrator's scope.

use crate::domain::account::{AccountState, Username};
use crate::domain::letter::{Line, Stage};
use crate::store::account;
use platform::db::{self, Conn};
use register::domain::text::sign_in_name;
use register::facts::{self, AgencyFact};
use register::flows::list_invitable::{self, ListInvitableError, Member};
use std::collections::{BTreeMap, BTreeSet};

/// An agency, and where each of its people stands.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The agency.
    pub agency: AgencyFact,
    /// Its people in the order of lists.
    pub lines: Vec<Line>,
}

/// Looks at an agency, or at it and everything below.
pub async fn run(
    conn: &mut Conn,
    actor: &str,
    agency: &str,
    below: bool,
    now: i64,
) -> Result<Plan, ListInvitableError> {
    let roster = list_invitable::run(conn, actor, agency, below, now).await?;
    let people: Vec<&str> = roster.members.iter().map(|m| m.person.as_str()).collect();
    let standing = account::standing(conn, &people, now).await?;
    let mut standing: BTreeMap<String, account::Standing> = standing
        .into_iter()
        .map(|one| (one.person.clone(), one))
        .collect();
    let names: Vec<&str> = roster
        .members
        .iter()
        .filter(|member| !standing.contains_key(&member.person))
        .map(|member| member.username.as_str())
        .collect();
    let taken: BTreeSet<String> = account::named(conn, &names).await?.into_iter().collect();
    let mut given = BTreeSet::new();
    let mut lines = Vec::with_capacity(roster.members.len());
    for member in roster.members {
        let known = standing.remove(&member.person);
        let stage = stage(&member, known.as_ref());
        let waits = matches!(stage, Stage::Without | Stage::Lapsed | Stage::Open(_));
        let username = match known {
            Some(known) => Username::parse(&known.username).ok(),
            None if waits => name_for(conn, &member, &taken, &mut given).await?,
            None => None,
        };
        let stage = if waits && username.is_none() {
            Stage::Nameless
        } else {
            stage
        };
        lines.push(Line {
            member,
            stage,
            username,
        });
    }
    Ok(Plan {
        agency: roster.agency,
        lines,
    })
}

fn stage(member: &Member, known: Option<&account::Standing>) -> Stage {
    match (known.map(account::Standing::state), member.left) {
        (Some(AccountState::Active), _) => Stage::Activated,
        (Some(AccountState::Disabled), _) => Stage::Shut,
        (_, Some(left)) => Stage::Left(left),
        (None, None) => Stage::Without,
        (Some(AccountState::Invited), None) => known
            .and_then(|known| known.open_until)
            .map_or(Stage::Lapsed, Stage::Open),
    }
}

/// The register's name if nobody else signs in by it; otherwise one made from the full name, with the first number that is free.
async fn name_for(
    conn: &mut Conn,
    member: &Member,
    taken: &BTreeSet<String>,
    given: &mut BTreeSet<String>,
) -> Result<Option<Username>, db::Error> {
    let own = Username::parse(&member.username)
        .ok()
        .filter(|name| name.as_str() == member.username && !taken.contains(name.as_str()));
    if let Some(own) = own
        && !given.contains(own.as_str())
    {
        given.insert(own.as_str().to_owned());
        return Ok(Some(own));
    }
    let base = sign_in_name(&member.full_name);
    if base.is_empty() {
        return Ok(None);
    }
    for number in 1_u32.. {
        let name = if number == 1 {
            base.clone()
        } else {
            format!("{base}{number}")
        };
        let Ok(name) = Username::parse(&name) else {
            return Ok(None);
        };
        if is_free(conn, member, &name, given).await? {
            given.insert(name.as_str().to_owned());
            return Ok(Some(name));
        }
    }
    Ok(None)
}

async fn is_free(
    conn: &mut Conn,
    member: &Member,
    name: &Username,
    given: &BTreeSet<String>,
) -> Result<bool, db::Error> {
    let name = name.as_str();
    if given.contains(name) || account::by_username(conn, name).await?.is_some() {
        return Ok(false);
    }
    let bearer = facts::person_by_username(conn, name).await?;
    Ok(bearer.is_none_or(|bearer| bearer.id == member.person))
}
