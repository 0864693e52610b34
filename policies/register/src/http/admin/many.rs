//! `/admin/agencies/{id}/people`: several people of an agency leave or move by one decision; what becomes of each is shown before.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use platform::db::Error;
use platform::edge::CsrfForm;

use super::super::reading::broken;
use super::super::words::titled;
use super::form::{Choice, Filled, FormPage, Input, Reader, Step};
use super::{Desk, pick, words};
use crate::domain::time::AsOf;
use crate::facts;
use crate::flows::change_many::{self, ChangeMany, ChangeManyError, MOST};
use crate::flows::end_appointment::EndAppointmentError;
use crate::flows::record_appointment::RecordAppointmentError;
use crate::rights::covers;
use crate::store::{people, posts};

/// Beginning of the names of the boxes.
const BOX: &str = "apt_";

/// GET /admin/agencies/{id}/people
pub(crate) async fn form(
    mut desk: Desk,
    Path(id): Path<String>,
    Query(filled): Query<Filled>,
) -> Response {
    match read(&mut desk, &id, &filled).await {
        Ok(Some((page, _))) => page.show_fresh(&desk),
        Ok(None) => desk.shell.not_found(),
        Err(error) => broken(&error),
    }
}

/// POST /admin/agencies/{id}/people
pub(crate) async fn change(
    mut desk: Desk,
    Path(id): Path<String>,
    CsrfForm(filled): CsrfForm<Filled>,
) -> Response {
    let (mut page, command, preview) = match read(&mut desk, &id, &filled).await {
        Ok(Some((page, Some((command, preview))))) => (page, command, preview),
        Ok(Some((page, None))) => return page.show(&desk),
        Ok(None) => return desk.shell.not_found(),
        Err(error) => return broken(&error),
    };
    match filled.step() {
        Step::Edit => return page.show(&desk),
        Step::Preview => {
            page.preview = preview;
            return page.show(&desk);
        }
        Step::Save => {}
    }
    let (ground, actor) = (desk.ground(), desk.actor());
    let done = change_many::run(&ground.db, &ground.entropy, desk.now, &actor, &command).await;
    let (whose, key) = match done {
        Ok(_) => return Redirect::to(&format!("/agencies/{id}")).into_response(),
        Err(ChangeManyError::Db(error)) => return broken(&error),
        Err(ChangeManyError::Nobody) => (None, "many-nobody"),
        Err(ChangeManyError::TooMany) => (None, "many-too-many"),
        Err(ChangeManyError::End(whose, error)) => (Some(whose), end_key(&error)),
        Err(ChangeManyError::Seat(whose, error)) => (Some(whose), seat_key(&error)),
    };
    let why = desk.t.text(key);
    page.refusal = match whose.and_then(|id| page.choice(&id)) {
        Some(who) => desk.t.with(
            "many-stopped",
            &[("person", who.as_str()), ("why", why.as_str())],
        ),
        None => why,
    };
    page.show(&desk)
}

fn end_key(error: &EndAppointmentError) -> &'static str {
    match error {
        EndAppointmentError::EndedAlready => "end-refused-ended",
        EndAppointmentError::NotAfterBeginning => "field-until-before",
        EndAppointmentError::Changed => "refused-changed",
        EndAppointmentError::Unknown | EndAppointmentError::Db(_) => "propose-unknown",
    }
}

fn seat_key(error: &RecordAppointmentError) -> &'static str {
    match error {
        RecordAppointmentError::SeatHeld(_) => "appoint-refused-seat",
        RecordAppointmentError::HeldAlready => "appoint-refused-already",
        RecordAppointmentError::WrongKind => "appoint-refused-kind",
        RecordAppointmentError::EmptyInterval => "field-until-before",
        RecordAppointmentError::UnknownPost => "appoint-refused-post",
        RecordAppointmentError::UnknownPerson | RecordAppointmentError::Db(_) => "propose-unknown",
    }
}

type Read = (FormPage, Option<(ChangeMany, Vec<String>)>);

async fn read(desk: &mut Desk, id: &str, filled: &Filled) -> Result<Option<Read>, Error> {
    let now = desk.now;
    let Some(agency) = facts::agency(&mut desk.conn, id, now).await? else {
        return Ok(None);
    };
    if !covers(&mut desk.conn, &desk.scope, id).await? {
        return Ok(None);
    }
    let t = desk.t;
    let mut page = FormPage::of(desk, "many", format!("/admin/agencies/{id}/people"));
    page.title = t.with("many-title-of", &[("agency", agency.name.as_str())]);
    let everybody = in_post(desk, id).await?;
    let chosen: Vec<&Choice> = everybody
        .iter()
        .filter(|one| is_chosen(filled, &one.value))
        .collect();
    let ids: Vec<String> = chosen.iter().map(|one| one.value.clone()).collect();
    let named: Vec<(String, String)> = chosen
        .iter()
        .map(|one| (one.text.clone(), one.help.clone()))
        .collect();
    let mut reader = Reader::new(t, filled);
    reader.field("people", true, Input::Line);
    reader.offer(
        "people",
        Some(&ids.join(" ")),
        Input::Many(everybody.clone()),
    );
    if ids.is_empty() {
        reader.fault("people", t.text("many-nobody"));
    } else if ids.len() > MOST {
        reader.fault("people", t.text("many-too-many"));
    }
    let acts = ["leave", "move"].map(|act| Choice {
        value: act.to_owned(),
        text: t.text(&format!("many-{act}")),
        help: t.text(&format!("many-{act}-help")),
    });
    let act = reader.pick("act", acts.into());
    let post = if act == "move" {
        pick::post(desk, &mut reader).await?
    } else {
        None
    };
    let at = reader.from("from");
    let basis = reader.basis(now);
    let good = reader.is_good();
    page.fields = reader.done();
    if !good {
        return Ok(Some((page, None)));
    }
    let goes = match &post {
        Some(post) => {
            let agency = facts::agency(&mut desk.conn, &post.agency, now).await?;
            let place = agency.map(|agency| agency.name).unwrap_or_default();
            Some(format!(
                "{}, {place}",
                titled(&post.title, post.field.as_deref())
            ))
        }
        None => None,
    };
    let when = words::instant(at);
    let mut preview: Vec<String> = named
        .iter()
        .map(|(who, held)| {
            let parts = [
                ("person", who.as_str()),
                ("post", held.as_str()),
                ("to", goes.as_deref().unwrap_or_default()),
                ("when", when.as_str()),
            ];
            t.with(
                if goes.is_some() {
                    "many-moves"
                } else {
                    "many-leaves"
                },
                &parts,
            )
        })
        .collect();
    preview.push(t.text("end-effect-follows"));
    preview.push(t.with("preview-basis", &[("basis", basis.as_str())]));
    let command = ChangeMany {
        appointments: ids,
        at,
        post: post.map(|post| post.id),
        basis,
    };
    Ok(Some((page, Some((command, preview)))))
}

/// A box that is ticked, or stood ticked when the preview was shown.
fn is_chosen(filled: &Filled, appointment: &str) -> bool {
    appointment.starts_with(BOX)
        && (filled.0.contains_key(appointment)
            || filled
                .0
                .get("people")
                .is_some_and(|all| all.split(' ').any(|one| one == appointment)))
}

/// Everybody in post in the agency now, as choices: name with staff number, post with unit.
async fn in_post(desk: &mut Desk, agency: &str) -> Result<Vec<Choice>, Error> {
    let as_of = AsOf::now(desk.now);
    let posts = posts::list(&mut desk.conn, &desk.scope, agency, as_of).await?;
    let holders = people::holders_of_agency(&mut desk.conn, &desk.scope, agency, as_of).await?;
    Ok(holders
        .into_iter()
        .map(|holder| {
            let post = posts.iter().find(|post| post.id == holder.post);
            Choice {
                value: holder.appointment,
                text: format!("{} ({})", holder.name, holder.staff_no),
                help: post.map_or_else(String::new, |post| {
                    titled(&post.title, post.field.as_deref())
                }),
            }
        })
        .collect())
}
