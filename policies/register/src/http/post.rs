//! `/posts/{id}`: a post with its law, its fields of work and its holders over time.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use platform::caller::SignedIn;
use platform::db::Error;
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::reading::{Asked, Find, Reading, broken, link};
use super::words::{Step, capacity, days, holder_step, titled};
use crate::domain::words::AssignmentKind;
use crate::facts;
use crate::store::{agencies, mailboxes, people, posts, units};

#[derive(Template)]
#[template(path = "post.html")]
struct Page {
    t: Tongue,
    find: Find,
    title: String,
    agency_name: String,
    agency_href: String,
    unit_name: Option<String>,
    standing: String,
    capacities: Vec<String>,
    deputy_of: Option<(String, String)>,
    addresses: Vec<String>,
    vacant: bool,
    assignments: Vec<(String, String, String)>,
    holders: Vec<Step>,
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
            let title = format!("{}, {}", page.title, page.agency_name);
            reading.shell.page(StatusCode::OK, &title, &page)
        }
        Ok(None) => reading.shell.not_found(),
        Err(error) => broken(&error),
    }
}

async fn load(reading: &mut Reading, id: &str) -> Result<Option<Page>, Error> {
    let t = reading.tongue();
    let (conn, scope, as_of, carry) = (
        &mut reading.conn,
        &reading.scope,
        reading.as_of,
        &reading.carry,
    );
    let Some(post) = posts::load(conn, scope, id, as_of.known).await? else {
        return Ok(None);
    };
    let agency = agencies::versions(conn, scope, &post.agency, as_of.known)
        .await?
        .pop();
    let units = units::of_agency(conn, scope, &post.agency, as_of).await?;
    let holders = people::holders_over_time(conn, scope, id, as_of.known).await?;
    let deputy_of = match &post.deputy_of {
        Some(head) => posts::load(conn, scope, head, as_of.known).await?,
        None => None,
    };
    let mut assignments = Vec::new();
    for assignment in facts::assignments_of_post(conn, id).await? {
        let what = match assignment.kind {
            AssignmentKind::Field => assignment.field.unwrap_or_default(),
            AssignmentKind::SealCustody => {
                let name = facts::agency(conn, &assignment.agency, as_of.at)
                    .await?
                    .map(|a| a.name)
                    .unwrap_or_default();
                t.with("keeps-seal-of", &[("agency", name.as_str())])
            }
        };
        assignments.push((
            what,
            days(&t, assignment.from, assignment.to),
            assignment.basis,
        ));
    }
    let addresses = mailboxes::of_post(conn, id, as_of).await?;
    let holders: Vec<Step> = holders
        .into_iter()
        .map(|holder| holder_step(&t, holder, as_of, carry))
        .collect();
    Ok(Some(Page {
        find: reading.find.clone(),
        title: titled(&post.title, post.field.as_deref()),
        agency_name: agency.map(|a| a.name).unwrap_or_default(),
        agency_href: link(&format!("/agencies/{}", post.agency), carry),
        unit_name: units
            .into_iter()
            .find(|unit| post.unit.as_deref() == Some(unit.id.as_str()))
            .map(|unit| unit.name),
        standing: t.text(&format!(
            "standing-{}",
            post.standing.as_str().replace('_', "-")
        )),
        capacities: post
            .capacities
            .iter()
            .map(|code| capacity(&t, code))
            .collect(),
        deputy_of: deputy_of.map(|head| (link(&format!("/posts/{}", head.id), carry), head.title)),
        addresses: addresses.into_iter().map(|m| m.address).collect(),
        vacant: !holders.iter().any(|step| step.in_force),
        assignments,
        holders,
        t,
    }))
}
