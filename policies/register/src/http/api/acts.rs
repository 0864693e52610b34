//! The acts of the interface: the same flows as the forms, refused with the same reasons as problem documents.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::LOCATION;
use platform::problem::Problem;
use serde::Serialize;
use serde_json::json;

use super::{Counter, Named as Address, body};
use crate::domain::attributes::{Draft, Named};
use crate::domain::words::{AppointmentKind, AssignmentKind};
use crate::flows::end_appointment::{self, EndAppointment, EndAppointmentError};
use crate::flows::end_assignment::{self, EndAssignment, EndAssignmentError};
use crate::flows::record_appointment::{self, RecordAppointment, RecordAppointmentError};
use crate::flows::record_assignment::{self, RecordAssignment, RecordAssignmentError};
use crate::flows::record_person::{self, RecordPersonError, Tools};
use crate::flows::suspend_appointment::{self, SuspendAppointment, SuspendAppointmentError};
use crate::rights::covers;
use crate::store::directory::{self, Wanted};
use crate::store::posts;
use crate::wire::acts::{Correction, End, NewAppointment, NewAssignment, NewPerson, NewSuspension};
use crate::wire::shapes::{Appointment, Assignment, Person};

type Sent<T> = Result<Json<T>, JsonRejection>;

/// What stands in the way in the register itself.
fn conflict(code: &'static str, error: &dyn std::fmt::Display) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, "Sổ không cho phép việc này").detail(error.to_string())
}

/// A field that is wrong by itself.
fn wrong(fields: &[&str]) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid_fields",
        "Có trường không hợp lệ",
    )
    .with("fields", fields)
}

fn created(location: String, body: impl Serialize) -> Response {
    (StatusCode::CREATED, [(LOCATION, location)], Json(body)).into_response()
}

/// Whether a post lies in the scope; one outside is not there.
async fn demand_post(counter: &mut Counter, post: &str) -> Result<(), Problem> {
    let found = posts::load(&mut counter.conn, &counter.scope, post, None).await?;
    found.map(|_| ()).ok_or_else(|| wrong(&["post"]))
}

/// An appointment of the scope as the interface shows it.
async fn appointment(counter: &mut Counter, id: &str) -> Result<Appointment, Problem> {
    let rows =
        directory::appointments(&mut counter.conn, &counter.scope, &Wanted::one(id), None).await?;
    rows.into_iter()
        .next()
        .map(Appointment::from)
        .ok_or_else(Problem::not_found)
}

async fn assignment(counter: &mut Counter, id: &str) -> Result<Assignment, Problem> {
    let rows =
        directory::assignments(&mut counter.conn, &counter.scope, &Wanted::one(id), None).await?;
    rows.into_iter()
        .next()
        .map(Assignment::from)
        .ok_or_else(Problem::not_found)
}

fn checked(draft: &Draft, now: i64) -> Result<Named, Problem> {
    draft.check(now).map_err(|fields| {
        let names: Vec<&str> = fields.iter().map(|field| field.0).collect();
        wrong(&names)
    })
}

fn person_refused(error: RecordPersonError) -> Problem {
    match error {
        RecordPersonError::Db(error) => error.into(),
        RecordPersonError::Seal(error) => Problem::internal(&error),
        RecordPersonError::Unknown => Problem::not_found(),
        RecordPersonError::Taken(field) => conflict("taken", &error).with("fields", [field]),
        RecordPersonError::Agency => wrong(&["agency"]),
        RecordPersonError::Unchanged => conflict("unchanged", &error),
        RecordPersonError::Changed => conflict("changed", &error),
    }
}

/// POST /api/register/people
pub(crate) async fn new_person(
    mut counter: Counter,
    sent: Sent<NewPerson>,
) -> Result<Response, Problem> {
    let asked = body(sent)?;
    let named = checked(&asked.draft, counter.now)?;
    let agency = asked.agency.map(|id| id.0);
    if let Some(agency) = &agency
        && !covers(&mut counter.conn, &counter.scope, agency).await?
    {
        return Err(wrong(&["agency"]));
    }
    let ground = counter.ground.clone();
    let tools = Tools {
        db: &ground.db,
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let actor = counter.actor();
    let done = record_person::run(
        tools,
        counter.now,
        &actor,
        &named,
        agency.as_deref(),
        &asked.basis.0,
    )
    .await;
    let id = done.map_err(person_refused)?;
    Ok(created(
        format!("/api/register/people/{id}"),
        json!({"id": id}),
    ))
}

/// POST /api/register/people/{id}/corrections
pub(crate) async fn correct_person(
    mut counter: Counter,
    Address(id): Address,
    sent: Sent<Correction>,
) -> Result<Response, Problem> {
    let asked = body(sent)?;
    let one = Wanted::one(&id);
    let as_of = crate::domain::time::AsOf::now(counter.now);
    if directory::people(&mut counter.conn, &counter.scope, &one, as_of)
        .await?
        .is_empty()
    {
        return Err(Problem::not_found());
    }
    let named = checked(&asked.draft, counter.now)?;
    let ground = counter.ground.clone();
    let tools = Tools {
        db: &ground.db,
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let actor = counter.actor();
    record_person::correct(tools, counter.now, &actor, &id, &named, &asked.basis.0)
        .await
        .map_err(person_refused)?;
    let rows = directory::people(&mut counter.conn, &counter.scope, &one, as_of).await?;
    let row = rows.into_iter().next().ok_or_else(Problem::not_found)?;
    Ok(created(
        format!("/api/register/people/{id}"),
        Person::from(row),
    ))
}

/// POST /api/register/appointments
pub(crate) async fn new_appointment(
    mut counter: Counter,
    sent: Sent<NewAppointment>,
) -> Result<Response, Problem> {
    let asked = body(sent)?;
    let kind = AppointmentKind::parse(&asked.kind).ok_or_else(|| wrong(&["kind"]))?;
    demand_post(&mut counter, &asked.post.0).await?;
    let command = RecordAppointment {
        person: asked.person.0,
        post: asked.post.0,
        kind,
        basis: asked.basis.0,
        from: asked.from.0,
        to: asked.to.map(|to| to.0),
    };
    let ground = counter.ground.clone();
    let done = record_appointment::run(
        &ground.db,
        &ground.entropy,
        counter.now,
        &counter.actor(),
        &command,
    )
    .await;
    let id = done.map_err(|error| match error {
        RecordAppointmentError::Db(error) => error.into(),
        RecordAppointmentError::UnknownPerson => wrong(&["person"]),
        RecordAppointmentError::UnknownPost => wrong(&["post", "from"]),
        RecordAppointmentError::EmptyInterval => wrong(&["to"]),
        RecordAppointmentError::WrongKind => wrong(&["kind"]),
        RecordAppointmentError::SeatHeld(_) => conflict("seat_held", &error),
        RecordAppointmentError::HeldAlready => conflict("held_already", &error),
    })?;
    let made = appointment(&mut counter, &id).await?;
    Ok(created(format!("/api/register/appointments/{id}"), made))
}

/// POST /api/register/appointments/{id}/end
pub(crate) async fn end_appointment(
    mut counter: Counter,
    Address(id): Address,
    sent: Sent<End>,
) -> Result<Response, Problem> {
    let asked = body(sent)?;
    appointment(&mut counter, &id).await?;
    let command = EndAppointment {
        appointment: id.clone(),
        to: asked.at.0,
        basis: asked.basis.0,
    };
    let ground = counter.ground.clone();
    let done = end_appointment::run(
        &ground.db,
        &ground.entropy,
        counter.now,
        &counter.actor(),
        &command,
    )
    .await;
    done.map_err(|error| match error {
        EndAppointmentError::Db(error) => error.into(),
        EndAppointmentError::Unknown => Problem::not_found(),
        EndAppointmentError::NotAfterBeginning => wrong(&["at"]),
        EndAppointmentError::EndedAlready => conflict("ended_already", &error),
        EndAppointmentError::Changed => conflict("changed", &error),
    })?;
    let ended = appointment(&mut counter, &id).await?;
    Ok(created(format!("/api/register/appointments/{id}"), ended))
}

/// POST /api/register/appointments/{id}/suspensions
pub(crate) async fn suspend_appointment(
    mut counter: Counter,
    Address(id): Address,
    sent: Sent<NewSuspension>,
) -> Result<Response, Problem> {
    let asked = body(sent)?;
    let known = appointment(&mut counter, &id).await?;
    let command = SuspendAppointment {
        appointment: id.clone(),
        reason: format!("{} ({})", asked.reason.0, asked.basis.0),
        from: asked.from.0,
        to: asked.to.map(|to| to.0),
    };
    let ground = counter.ground.clone();
    let done = suspend_appointment::run(
        &ground.db,
        &ground.entropy,
        counter.now,
        &counter.actor(),
        &command,
    )
    .await;
    done.map_err(|error| match error {
        SuspendAppointmentError::Db(error) => error.into(),
        SuspendAppointmentError::Unknown => Problem::not_found(),
        SuspendAppointmentError::Outside => wrong(&["from", "to"]),
    })?;
    Ok(created(format!("/api/register/appointments/{id}"), known))
}

/// POST /api/register/assignments
pub(crate) async fn new_assignment(
    mut counter: Counter,
    sent: Sent<NewAssignment>,
) -> Result<Response, Problem> {
    let asked = body(sent)?;
    let kind = AssignmentKind::parse(&asked.kind).ok_or_else(|| wrong(&["kind"]))?;
    let post = posts::load(&mut counter.conn, &counter.scope, &asked.post.0, None)
        .await?
        .ok_or_else(|| wrong(&["post"]))?;
    let agency = asked.agency.map_or(post.agency, |id| id.0);
    if !covers(&mut counter.conn, &counter.scope, &agency).await? {
        return Err(wrong(&["agency"]));
    }
    let command = RecordAssignment {
        kind,
        post: post.id,
        agency,
        field: asked.field.map(|field| field.0),
        basis: asked.basis.0,
        from: asked.from.0,
        to: asked.to.map(|to| to.0),
    };
    let ground = counter.ground.clone();
    let done = record_assignment::run(
        &ground.db,
        &ground.entropy,
        counter.now,
        &counter.actor(),
        &command,
    )
    .await;
    let id = done.map_err(|error| match error {
        RecordAssignmentError::Db(error) => error.into(),
        RecordAssignmentError::UnknownPost => wrong(&["post", "from"]),
        RecordAssignmentError::UnknownAgency => wrong(&["agency", "from"]),
        RecordAssignmentError::Field => wrong(&["field"]),
        RecordAssignmentError::EmptyInterval => wrong(&["to"]),
        RecordAssignmentError::NotADeputyThere => conflict("not_a_deputy_there", &error),
        RecordAssignmentError::NotAClerk => conflict("not_a_clerk", &error),
    })?;
    let made = assignment(&mut counter, &id).await?;
    Ok(created(format!("/api/register/assignments/{id}"), made))
}

/// POST /api/register/assignments/{id}/end
pub(crate) async fn end_assignment(
    mut counter: Counter,
    Address(id): Address,
    sent: Sent<End>,
) -> Result<Response, Problem> {
    let asked = body(sent)?;
    assignment(&mut counter, &id).await?;
    let command = EndAssignment {
        assignment: id.clone(),
        to: asked.at.0,
        basis: asked.basis.0,
    };
    let ground = counter.ground.clone();
    let done = end_assignment::run(
        &ground.db,
        &ground.entropy,
        counter.now,
        &counter.actor(),
        &command,
    )
    .await;
    done.map_err(|error| match error {
        EndAssignmentError::Db(error) => error.into(),
        EndAssignmentError::Unknown => Problem::not_found(),
        EndAssignmentError::OutsideTime => conflict("outside_time", &error),
        EndAssignmentError::Changed => conflict("changed", &error),
    })?;
    let ended = assignment(&mut counter, &id).await?;
    Ok(created(format!("/api/register/assignments/{id}"), ended))
}
