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
use super::words::{Step, appointment_acts, held_step};
use crate::domain::words::{Kind, Verb};
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
    doors: Vec<(String, String)>,
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
    let doors = doors(reading, id).await?;
    let appoint = "/admin/appointments/new";
    let records = doors.iter().any(|(href, _)| href.starts_with(appoint));
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
        .map(|held| {
            let open = held.to.is_none_or(|to| to > as_of.at);
            let appointment = held.appointment.clone();
            let mut step = held_step(&t, held, as_of, carry);
            if records && open {
                step.acts = appointment_acts(&t, &appointment);
            }
            step
        })
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
        doors,
        person,
        namesakes,
        now,
        history,
        t,
    }))
}

/// Doors to the forms about this person that are open to the reader.
async fn doors(reading: &mut Reading, id: &str) -> Result<Vec<(String, String)>, Error> {
    let t = reading.tongue();
    let held = appointments::agencies_of(&mut reading.conn, id).await?;
    let mut doors = Vec::new();
    for (need, href, key) in [
        (
            (Verb::Record, Kind::Appointment),
            format!("/admin/appointments/new?person={id}"),
            "appoint-short",
        ),
        (
            (Verb::Record, Kind::Person),
            format!("/admin/people/{id}/correct"),
            "person-correct-title",
        ),
        (
            (Verb::See, Kind::Audit),
            format!("/admin/history/person/{id}"),
            "history-title",
        ),
        (
            (Verb::Erase, Kind::Person),
            format!("/admin/people/{id}/erase"),
            "erase-title",
        ),
    ] {
        for agency in &held {
            if reading.may(need, Some(agency)).await? {
                doors.push((href.clone(), t.text(key)));
                break;
            }
        }
    }
    Ok(doors)
}
