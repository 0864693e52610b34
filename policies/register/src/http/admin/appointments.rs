//! Forms that appoint, end and suspend, in the law's words: what will be true from which day, and who holds the post now, before it is recorded.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use platform::db::Error;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;

use super::super::reading::broken;
use super::super::words::titled;
use super::form::{Choice, Filled, FormPage, Input, Reader, Step};
use super::{Desk, pick, words};
use crate::domain::facts::{AppointmentFact, PostFact};
use crate::domain::time::Interval;
use crate::domain::words::AppointmentKind;
use crate::facts;
use crate::flows::end_appointment::{self, EndAppointment, EndAppointmentError};
use crate::flows::record_appointment::{self, RecordAppointment, RecordAppointmentError};
use crate::flows::suspend_appointment::{self, SuspendAppointment, SuspendAppointmentError};
use crate::store::{appointments, posts};

/// GET /admin/appointments/new
pub(crate) async fn form(mut desk: Desk, Query(filled): Query<Filled>) -> Response {
    match read(&mut desk, &filled).await {
        Ok((page, _)) => page.show_fresh(&desk),
        Err(error) => broken(&error),
    }
}

/// POST /admin/appointments/new
pub(crate) async fn record(mut desk: Desk, CsrfForm(filled): CsrfForm<Filled>) -> Response {
    let (page, command) = match read(&mut desk, &filled).await {
        Ok((page, Some(command))) => (page, command),
        Ok((page, None)) => return page.show(&desk),
        Err(error) => return broken(&error),
    };
    match filled.step() {
        Step::Edit => page.show(&desk),
        Step::Preview => preview(desk, page, &command).await,
        Step::Save => save(desk, page, &command).await,
    }
}

async fn read(
    desk: &mut Desk,
    filled: &Filled,
) -> Result<(FormPage, Option<RecordAppointment>), Error> {
    let mut page = FormPage::of(desk, "appoint", "/admin/appointments/new".into());
    let mut reader = Reader::new(desk.t, filled);
    let person = pick::person(desk, &mut reader).await?;
    let post = pick::post(desk, &mut reader).await?;
    let kind = reader.pick("kind", kinds(&desk.t));
    let from = reader.from("from");
    let to = reader.until("to", from);
    let basis = reader.basis(desk.now);
    let good = reader.is_good();
    page.fields = reader.done();
    let parts = (person, post, AppointmentKind::parse(&kind), good);
    let (Some(person), Some(post), Some(kind), true) = parts else {
        return Ok((page, None));
    };
    let command = RecordAppointment {
        person: person.id,
        post: post.id,
        kind,
        basis,
        from,
        to,
    };
    Ok((page, Some(command)))
}

fn kinds(t: &Tongue) -> Vec<Choice> {
    AppointmentKind::ALL
        .iter()
        .map(|kind| {
            let key = format!("appoint-{}", kind.as_str().replace('_', "-"));
            Choice {
                value: kind.as_str().to_owned(),
                text: t.text(&key),
                help: t.text(&format!("{key}-help")),
            }
        })
        .collect()
}

async fn preview(mut desk: Desk, mut page: FormPage, command: &RecordAppointment) -> Response {
    match told(&mut desk, command).await {
        Ok((preview, notes)) => {
            page.preview = preview;
            page.notes = notes;
            page.show(&desk)
        }
        Err(error) => broken(&error),
    }
}

/// What will be recorded, and what stands in its way.
async fn told(
    desk: &mut Desk,
    command: &RecordAppointment,
) -> Result<(Vec<String>, Vec<String>), Error> {
    let t = desk.t;
    let person = words::person(&t, &mut desk.conn, &command.person).await?;
    let post = place(desk, &command.post).await?;
    let period = words::period(&t, command.from, command.to);
    let key = format!("appoint-effect-{}", command.kind.as_str().replace('_', "-"));
    let parts = [
        ("person", person.as_str()),
        ("post", post.as_str()),
        ("period", period.as_str()),
    ];
    let mut preview = vec![t.with(&key, &parts)];
    let wanted = Interval {
        from: command.from,
        to: command.to,
    };
    let mut notes = Vec::new();
    let mut held = false;
    let single = posts::load(&mut desk.conn, &desk.scope, &command.post, None)
        .await?
        .is_some_and(|post| post.standing.single_seat());
    for other in appointments::of_post(&mut desk.conn, &command.post, None).await? {
        if !other.interval().meets(wanted) {
            continue;
        }
        held = true;
        let who = words::person(&t, &mut desk.conn, &other.person).await?;
        let period = words::period(&t, other.from, other.to);
        let line = t.with(
            "appoint-holder",
            &[("person", who.as_str()), ("period", period.as_str())],
        );
        if single && other.person != command.person {
            notes.push(format!("{line} {}", t.text("appoint-seat-held")));
        } else {
            preview.push(line);
        }
    }
    if !held {
        preview.push(t.text("appoint-vacant"));
    }
    if command.from > desk.now {
        preview.push(t.text("appoint-ahead"));
    }
    preview.push(t.with("preview-basis", &[("basis", command.basis.as_str())]));
    Ok((preview, notes))
}

/// A post of the scope in words.
async fn place(desk: &mut Desk, post: &str) -> Result<String, Error> {
    let Some(found) = posts::load(&mut desk.conn, &desk.scope, post, None).await? else {
        return Ok(String::new());
    };
    let agency = facts::agency(&mut desk.conn, &found.agency, desk.now).await?;
    let title = titled(&found.title, found.field.as_deref());
    Ok(format!(
        "{title}, {}",
        agency.map(|agency| agency.name).unwrap_or_default()
    ))
}

async fn save(desk: Desk, mut page: FormPage, command: &RecordAppointment) -> Response {
    let (ground, actor) = (desk.ground(), desk.actor());
    let done =
        record_appointment::run(&ground.db, &ground.entropy, desk.now, &actor, command).await;
    let key = match done {
        Ok(_) => return Redirect::to(&format!("/people/{}", command.person)).into_response(),
        Err(RecordAppointmentError::Db(error)) => return broken(&error),
        Err(RecordAppointmentError::SeatHeld(_)) => "appoint-refused-seat",
        Err(RecordAppointmentError::HeldAlready) => "appoint-refused-already",
        Err(RecordAppointmentError::WrongKind) => "appoint-refused-kind",
        Err(RecordAppointmentError::EmptyInterval) => "field-until-before",
        Err(RecordAppointmentError::UnknownPost) => "appoint-refused-post",
        Err(RecordAppointmentError::UnknownPerson) => "propose-unknown",
    };
    page.refusal = desk.t.text(key);
    page.show(&desk)
}

/// An appointment to a post of the scope.
async fn of_scope(desk: &mut Desk, id: &str) -> Result<Option<(AppointmentFact, PostFact)>, Error> {
    let Some(found) = appointments::find(&mut desk.conn, id, None).await? else {
        return Ok(None);
    };
    let post = posts::load(&mut desk.conn, &desk.scope, &found.post, None).await?;
    Ok(post.map(|post| (found, post)))
}

/// Adds the appointment as a fixed first field; gives person and post in words.
async fn shown(
    desk: &mut Desk,
    reader: &mut Reader<'_>,
    fact: &AppointmentFact,
) -> Result<(String, String), Error> {
    let person = words::person(&desk.t, &mut desk.conn, &fact.person).await?;
    let post = place(desk, &fact.post).await?;
    let words = format!("{person}: {post}");
    reader.field("appointment", false, Input::Fixed(words));
    Ok((person, post))
}

/// GET /admin/appointments/{id}/end
pub(crate) async fn end_form(
    mut desk: Desk,
    Path(id): Path<String>,
    Query(filled): Query<Filled>,
) -> Response {
    match read_end(&mut desk, &id, &filled).await {
        Ok(Some((page, _))) => page.show_fresh(&desk),
        Ok(None) => desk.shell.not_found(),
        Err(error) => broken(&error),
    }
}

/// POST /admin/appointments/{id}/end
pub(crate) async fn end(
    mut desk: Desk,
    Path(id): Path<String>,
    CsrfForm(filled): CsrfForm<Filled>,
) -> Response {
    let (mut page, command, preview) = match read_end(&mut desk, &id, &filled).await {
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
    let done = end_appointment::run(&ground.db, &ground.entropy, desk.now, &actor, &command).await;
    let key = match done {
        Ok(_) => return to_person(desk, &id).await,
        Err(EndAppointmentError::Db(error)) => return broken(&error),
        Err(EndAppointmentError::EndedAlready) => "end-refused-ended",
        Err(EndAppointmentError::NotAfterBeginning) => "field-until-before",
        Err(EndAppointmentError::Changed) => "refused-changed",
        Err(EndAppointmentError::Unknown) => "propose-unknown",
    };
    page.refusal = desk.t.text(key);
    page.show(&desk)
}

async fn to_person(mut desk: Desk, appointment: &str) -> Response {
    match appointments::find(&mut desk.conn, appointment, None).await {
        Ok(Some(found)) => Redirect::to(&format!("/people/{}", found.person)).into_response(),
        Ok(None) => Redirect::to("/admin").into_response(),
        Err(error) => broken(&error),
    }
}

type Ending = (FormPage, Option<(EndAppointment, Vec<String>)>);

async fn read_end(desk: &mut Desk, id: &str, filled: &Filled) -> Result<Option<Ending>, Error> {
    let Some((fact, _)) = of_scope(desk, id).await? else {
        return Ok(None);
    };
    let mut page = FormPage::of(desk, "end", format!("/admin/appointments/{id}/end"));
    let mut reader = Reader::new(desk.t, filled);
    let (person, post) = shown(desk, &mut reader, &fact).await?;
    let to = reader.from("end");
    let basis = reader.basis(desk.now);
    let good = reader.is_good();
    page.fields = reader.done();
    let when = words::instant(to);
    let t = desk.t;
    let parts = [
        ("person", person.as_str()),
        ("post", post.as_str()),
        ("when", when.as_str()),
    ];
    let preview = vec![
        t.with("end-effect", &parts),
        t.text("end-effect-follows"),
        t.with("preview-basis", &[("basis", basis.as_str())]),
    ];
    let command = EndAppointment {
        appointment: id.to_owned(),
        to,
        basis,
    };
    Ok(Some((page, good.then_some((command, preview)))))
}

/// GET /admin/appointments/{id}/suspend
pub(crate) async fn suspend_form(
    mut desk: Desk,
    Path(id): Path<String>,
    Query(filled): Query<Filled>,
) -> Response {
    match read_suspension(&mut desk, &id, &filled).await {
        Ok(Some((page, _))) => page.show_fresh(&desk),
        Ok(None) => desk.shell.not_found(),
        Err(error) => broken(&error),
    }
}

/// POST /admin/appointments/{id}/suspend
pub(crate) async fn suspend(
    mut desk: Desk,
    Path(id): Path<String>,
    CsrfForm(filled): CsrfForm<Filled>,
) -> Response {
    let (mut page, command, preview) = match read_suspension(&mut desk, &id, &filled).await {
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
    let done =
        suspend_appointment::run(&ground.db, &ground.entropy, desk.now, &actor, &command).await;
    let key = match done {
        Ok(_) => return to_person(desk, &id).await,
        Err(SuspendAppointmentError::Db(error)) => return broken(&error),
        Err(SuspendAppointmentError::Outside) => "suspend-refused-outside",
        Err(SuspendAppointmentError::Unknown) => "propose-unknown",
    };
    page.refusal = desk.t.text(key);
    page.show(&desk)
}

type Suspending = (FormPage, Option<(SuspendAppointment, Vec<String>)>);

async fn read_suspension(
    desk: &mut Desk,
    id: &str,
    filled: &Filled,
) -> Result<Option<Suspending>, Error> {
    let Some((fact, _)) = of_scope(desk, id).await? else {
        return Ok(None);
    };
    let mut page = FormPage::of(desk, "suspend", format!("/admin/appointments/{id}/suspend"));
    let mut reader = Reader::new(desk.t, filled);
    let (person, post) = shown(desk, &mut reader, &fact).await?;
    let reason = reader.required("reason", true);
    let from = reader.from("from");
    let to = reader.until("to", from);
    let basis = reader.basis(desk.now);
    let good = reader.is_good();
    page.fields = reader.done();
    let t = desk.t;
    let period = words::period(&t, from, to);
    let parts = [
        ("person", person.as_str()),
        ("post", post.as_str()),
        ("period", period.as_str()),
        ("reason", reason.as_str()),
    ];
    let preview = vec![
        t.with("suspend-effect", &parts),
        t.text("suspend-effect-follows"),
        t.with("preview-basis", &[("basis", basis.as_str())]),
    ];
    let command = SuspendAppointment {
        appointment: id.to_owned(),
        reason: format!("{reason} ({basis})"),
        from,
        to,
    };
    Ok(Some((page, good.then_some((command, preview)))))
}
