//! `/people/{id}`: who somebody is to the register, what he holds now, and his way so far.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use platform::caller::SignedIn;
use platform::db::Error;
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::reading::{Asked, Find, Reading, broken};
use super::words::{Step, held_step};
use crate::facts;
use crate::store::{appointments, people};

#[derive(Template)]
#[template(path = "person.html")]
struct Page {
    t: Tongue,
    find: Find,
    person: facts::Person,
    name: String,
    birth_year: String,
    namesakes: i64,
    working: bool,
    now: Vec<Step>,
    history: Vec<Step>,
    post_addresses: Vec<String>,
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
            let title = page.name.clone();
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
    let Some(person) = people::load(conn, scope, id).await? else {
        return Ok(None);
    };
    let namesakes = people::namesakes(conn, id).await?;
    let history = appointments::history(conn, scope, id, as_of).await?;
    let addresses = facts::mail_addresses(conn, id, as_of.at).await?;
    let of_posts = addresses
        .into_iter()
        .filter(|m| matches!(m.owner, facts::MailboxOwner::Post(_)));
    let steps: Vec<Step> = history
        .into_iter()
        .map(|held| held_step(&t, held, as_of, carry))
        .collect();
    let (now, history): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(|step| step.in_force);
    Ok(Some(Page {
        find: reading.find.clone(),
        name: if person.erased {
            t.text("erased")
        } else {
            person.full_name.clone()
        },
        birth_year: person
            .birth_year
            .map_or_else(|| t.text("unknown"), |year| year.to_string()),
        working: !now.is_empty(),
        post_addresses: of_posts.map(|m| m.address).collect(),
        person,
        namesakes,
        now,
        history,
        t,
    }))
}
