//! `/agencies/{id}`: an agency as it stands on a day, its versions, units, posts and who holds them.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use platform::caller::SignedIn;
use platform::db::Error;
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::reading::{Asked, Find, Reading, broken, link};
use super::words::{Line, days};
use crate::domain::words::{Kind, Verb};
use crate::facts::{AgencyFact, PostFact};
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
    versions: Vec<(String, String)>,
    history_href: Option<String>,
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
    let amp = if carry.is_empty() {
        String::new()
    } else {
        format!("&{carry}")
    };
    Ok(Some(Page {
        open_href: format!("/organisation?agency={id}{amp}"),
        people: i64::try_from(ids.len()).unwrap_or(0),
        versions: versions
            .iter()
            .map(|v| (v.name.clone(), days(&t, v.from, v.to)))
            .collect(),
        find: reading.find.clone(),
        above,
        agency,
        groups,
        history_href,
        t,
    }))
}
