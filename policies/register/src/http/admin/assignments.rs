//! Forms that assign fields of work to deputies and the custody of seals to văn thư, and that end an assignment.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use platform::db::Error;
use platform::edge::CsrfForm;

use super::super::reading::broken;
use super::super::words::titled;
use super::form::{Choice, Filled, FormPage, Input, Reader, Step};
use super::{Desk, pick, words};
use crate::domain::words::AssignmentKind;
use crate::facts;
use crate::flows::end_assignment::{self, EndAssignment, EndAssignmentError};
use crate::flows::record_assignment::{self, RecordAssignment, RecordAssignmentError};
use crate::store::{assignments, posts};

/// GET /admin/assignments/new
pub(crate) async fn form(mut desk: Desk, Query(filled): Query<Filled>) -> Response {
    match read(&mut desk, &filled).await {
        Ok((page, _)) => page.show_fresh(&desk),
        Err(error) => broken(&error),
    }
}

/// POST /admin/assignments/new
pub(crate) async fn record(mut desk: Desk, CsrfForm(filled): CsrfForm<Filled>) -> Response {
    let (mut page, command, preview) = match read(&mut desk, &filled).await {
        Ok((page, Some((command, preview)))) => (page, command, preview),
        Ok((page, None)) => return page.show(&desk),
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
        record_assignment::run(&ground.db, &ground.entropy, desk.now, &actor, &command).await;
    let key = match done {
        Ok(_) => return Redirect::to(&format!("/posts/{}", command.post)).into_response(),
        Err(RecordAssignmentError::Db(error)) => return broken(&error),
        Err(RecordAssignmentError::NotADeputyThere) => "assign-refused-deputy",
        Err(RecordAssignmentError::NotAClerk) => "assign-refused-clerk",
        Err(RecordAssignmentError::Field) => "assign-refused-field",
        Err(RecordAssignmentError::EmptyInterval) => "field-until-before",
        Err(RecordAssignmentError::UnknownPost) => "appoint-refused-post",
        Err(RecordAssignmentError::UnknownAgency) => "propose-unknown",
    };
    page.refusal = desk.t.text(key);
    page.show(&desk)
}

type Assigning = (FormPage, Option<(RecordAssignment, Vec<String>)>);

async fn read(desk: &mut Desk, filled: &Filled) -> Result<Assigning, Error> {
    let mut page = FormPage::of(desk, "assign", "/admin/assignments/new".into());
    let mut reader = Reader::new(desk.t, filled);
    let t = desk.t;
    let choices = AssignmentKind::ALL.iter().map(|kind| {
        let key = format!("assign-{}", kind.as_str().replace('_', "-"));
        Choice {
            value: kind.as_str().to_owned(),
            text: t.text(&key),
            help: t.text(&format!("{key}-help")),
        }
    });
    let choices: Vec<Choice> = choices.collect();
    let kind = AssignmentKind::parse(&reader.pick("kind", choices));
    let post = pick::post(desk, &mut reader).await?;
    let field = reader.field("field", true, Input::Line);
    if kind == Some(AssignmentKind::Field) && field.is_empty() {
        reader.fault("field", t.text("field-missing"));
    }
    let own = post.as_ref().map(|post| post.agency.clone());
    let agency = if kind == Some(AssignmentKind::SealCustody) && !filled.text("agency").is_empty() {
        pick::agency(desk, &mut reader)
            .await?
            .map(|agency| agency.id)
    } else {
        own
    };
    let from = reader.from("from");
    let to = reader.until("to", from);
    let basis = reader.basis(desk.now);
    let good = reader.is_good();
    page.fields = reader.done();
    let (Some(kind), Some(post), Some(agency), true) = (kind, post, agency, good) else {
        return Ok((page, None));
    };
    let title = titled(&post.title, post.field.as_deref());
    let body = words::agency(&t, &mut desk.conn, Some(&agency), desk.now).await?;
    let period = words::period(&t, from, to);
    let holders: Vec<String> = facts::holders_of(&mut desk.conn, &post.id, from.max(desk.now))
        .await?
        .into_iter()
        .map(|holder| holder.name)
        .collect();
    let holders = if holders.is_empty() {
        t.text("nobody")
    } else {
        holders.join(", ")
    };
    let parts = [
        ("post", title.as_str()),
        ("agency", body.as_str()),
        ("field", field.as_str()),
        ("period", period.as_str()),
        ("holders", holders.as_str()),
    ];
    let effect = format!("assign-effect-{}", kind.as_str().replace('_', "-"));
    let preview = vec![
        t.with(&effect, &parts),
        t.with("assign-holders", &parts),
        t.with("preview-basis", &[("basis", basis.as_str())]),
    ];
    let command = RecordAssignment {
        kind,
        post: post.id,
        agency,
        field: (kind == AssignmentKind::Field).then_some(field),
        basis,
        from,
        to,
    };
    Ok((page, Some((command, preview))))
}

/// GET /admin/assignments/{id}/end
pub(crate) async fn end_form(
    mut desk: Desk,
    Path(id): Path<String>,
    Query(filled): Query<Filled>,
) -> Response {
    match read_end(&mut desk, &id, &filled).await {
        Ok(Some((page, _, _))) => page.show_fresh(&desk),
        Ok(None) => desk.shell.not_found(),
        Err(error) => broken(&error),
    }
}

/// POST /admin/assignments/{id}/end
pub(crate) async fn end(
    mut desk: Desk,
    Path(id): Path<String>,
    CsrfForm(filled): CsrfForm<Filled>,
) -> Response {
    let (mut page, post, command, preview) = match read_end(&mut desk, &id, &filled).await {
        Ok(Some((page, post, Some((command, preview))))) => (page, post, command, preview),
        Ok(Some((page, _, None))) => return page.show(&desk),
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
    let done = end_assignment::run(&ground.db, &ground.entropy, desk.now, &actor, &command).await;
    let key = match done {
        Ok(_) => return Redirect::to(&format!("/posts/{post}")).into_response(),
        Err(EndAssignmentError::Db(error)) => return broken(&error),
        Err(EndAssignmentError::OutsideTime) => "end-refused-ended",
        Err(EndAssignmentError::Changed) => "refused-changed",
        Err(EndAssignmentError::Unknown) => "propose-unknown",
    };
    page.refusal = desk.t.text(key);
    page.show(&desk)
}

type Ending = (FormPage, String, Option<(EndAssignment, Vec<String>)>);

async fn read_end(desk: &mut Desk, id: &str, filled: &Filled) -> Result<Option<Ending>, Error> {
    let Some(fact) = assignments::find(&mut desk.conn, id, None).await? else {
        return Ok(None);
    };
    let Some(post) = posts::load(&mut desk.conn, &desk.scope, &fact.post, None).await? else {
        return Ok(None);
    };
    let t = desk.t;
    let mut page = FormPage::of(desk, "end-assign", format!("/admin/assignments/{id}/end"));
    let mut reader = Reader::new(t, filled);
    let body = words::agency(&t, &mut desk.conn, Some(&fact.agency), desk.now).await?;
    let what = match &fact.field {
        Some(field) => field.clone(),
        None => t.with("keeps-seal-of", &[("agency", body.as_str())]),
    };
    let title = titled(&post.title, post.field.as_deref());
    reader.field(
        "assignment",
        false,
        Input::Fixed(format!("{title}: {what}")),
    );
    let to = reader.from("end");
    let basis = reader.basis(desk.now);
    let good = reader.is_good();
    page.fields = reader.done();
    let when = words::instant(to);
    let parts = [
        ("post", title.as_str()),
        ("what", what.as_str()),
        ("when", when.as_str()),
    ];
    let preview = vec![
        t.with("end-assign-effect", &parts),
        t.with("preview-basis", &[("basis", basis.as_str())]),
    ];
    let command = EndAssignment {
        assignment: id.to_owned(),
        to,
        basis,
    };
    let found = good.then_some((command, preview));
    Ok(Some((page, fact.post, found)))
}
