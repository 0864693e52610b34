//! `/agencies/{id}`: an agency as it stands on a day, its units and posts and who holds them; its names, codes, predecessors, successors.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use platform::caller::SignedIn;
use platform::clock::format_date;
use platform::db::{Conn, Error};
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::reading::{Asked, Find, Reading, broken, link};
use super::words::{Line, days};
use crate::domain::words::{Kind, Verb};
use crate::facts::{self, AgencyFact, PostFact};
use crate::rights::{self, Scope};
use crate::store::{agencies, people, posts, units};

/// Posts of the leadership or of a unit.
struct Group {
    name: String,
    own_seal: bool,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "agency.html")]
struct Page {
    t: Tongue,
    find: Find,
    agency: AgencyFact,
    above: Option<(String, String)>,
    open_href: String,
    people: i64,
    groups: Vec<Group>,
    history_href: Option<String>,
    many_href: Option<String>,
    versions: Vec<Version>,
    before: Vec<Relative>,
    after: Vec<Relative>,
}

/// A name and code it bore.
struct Version {
    name: String,
    code: String,
    above: Option<String>,
    days: String,
}

/// A body it took over from, or that took over from it.
struct Relative {
    href: Option<String>,
    name: String,
    code: String,
    when: String,
    functions: String,
    basis: String,
}

pub(crate) async fn show(
    shell: Shell,
    SignedIn(caller): SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let mut reading = match Reading::open(shell, &caller, &asked).await {
        Ok(reading) => reading,
        Err(response) => return response,
    };
    match load(&mut reading, &id).await {
        Ok(Some(page)) => {
            let title = page.agency.name.clone();
            reading.shell.page(StatusCode::OK, &title, &page)
        }
        Ok(None) => reading.shell.not_found(),
        Err(error) => broken(&error),
    }
}

async fn load(reading: &mut Reading, id: &str) -> Result<Option<Page>, Error> {
    let t = reading.tongue();
    let audit = (Verb::See, Kind::Audit);
    let history_href = reading
        .may(audit, Some(id))
        .await?
        .then(|| format!("/admin/history/agency/{id}"));
    let many_href = reading
        .may((Verb::Record, Kind::Appointment), Some(id))
        .await?
        .then(|| format!("/admin/agencies/{id}/people"));
    let (conn, scope, as_of, carry) = (
        &mut reading.conn,
        &reading.scope,
        reading.as_of,
        &reading.carry,
    );
    let versions = agencies::versions(conn, scope, id, as_of.known).await?;
    let Some(agency) = versions
        .iter()
        .find(|v| v.interval().holds(as_of.at))
        .or(versions.last())
        .cloned()
    else {
        return Ok(None);
    };
    let all = agencies::list(conn, scope, as_of).await?;
    let above = all
        .iter()
        .find(|a| agency.parent.as_deref() == Some(a.id.as_str()));
    let above = above.map(|a| (link(&format!("/agencies/{}", a.id), carry), a.name.clone()));
    let units = units::of_agency(conn, scope, id, as_of).await?;
    let posts = posts::list(conn, scope, id, as_of).await?;
    let holders = people::holders_of_agency(conn, scope, id, as_of).await?;
    let group = |name: String, unit: Option<&str>, own_seal: bool| {
        let of_unit = |post: &&PostFact| post.unit.as_deref() == unit;
        let lines = posts
            .iter()
            .filter(of_unit)
            .map(|post| Line::of(post, &holders, &t, carry))
            .collect();
        Group {
            name,
            own_seal,
            lines,
        }
    };
    let mut groups = vec![group(t.text("leadership"), None, false)];
    groups.extend(
        units
            .iter()
            .map(|unit| group(unit.name.clone(), Some(&unit.id), unit.own_seal)),
    );
    groups.retain(|group| !group.lines.is_empty());
    let mut ids: Vec<&str> = holders
        .iter()
        .map(|holder| holder.person.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let mut told = Vec::with_capacity(versions.len());
    for version in &versions {
        let above = match &version.parent {
            Some(parent) => facts::agency(conn, parent, version.from).await?,
            None => None,
        };
        told.push(Version {
            name: version.name.clone(),
            code: version.code.clone(),
            above: above.map(|a| a.name),
            days: days(&t, version.from, version.to),
        });
    }
    let before = agencies::predecessors(conn, id, as_of.known).await?;
    let after = agencies::successors(conn, id, as_of.known).await?;
    let before = relatives(conn, scope, before, Side::Before).await?;
    let after = relatives(conn, scope, after, Side::After).await?;
    let amp = if carry.is_empty() {
        String::new()
    } else {
        format!("&{carry}")
    };
    Ok(Some(Page {
        open_href: format!("/organisation?agency={id}{amp}"),
        people: i64::try_from(ids.len()).unwrap_or(0),
        versions: told,
        before,
        after,
        find: reading.find.clone(),
        above,
        agency,
        groups,
        history_href,
        many_href,
        t,
    }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// Bodies before or after, under the name they bore at that moment; linked where the reader may look, on a day when they were there.
async fn relatives(
    conn: &mut Conn,
    scope: &Scope,
    kin: Vec<agencies::Kin>,
    side: Side,
) -> Result<Vec<Relative>, Error> {
    let mut all = Vec::with_capacity(kin.len());
    for one in kin {
        let at = if side == Side::Before {
            one.at - 1
        } else {
            one.at
        };
        let Some(body) = facts::agency(conn, &one.id, at).await? else {
            continue;
        };
        let seen = rights::covers(conn, scope, &one.id).await?;
        all.push(Relative {
            href: seen.then(|| format!("/agencies/{}?at={}", one.id, format_date(at))),
            name: body.name,
            code: body.code,
            when: format_date(one.at),
            functions: one.functions,
            basis: one.basis,
        });
    }
    Ok(all)
}
