//! Forms for a new person and for correcting what names one: a correction closes the old record.

use std::collections::BTreeMap;

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use platform::clock::{day_start, format_date, parse_date};
use platform::db::Error;
use platform::edge::CsrfForm;

use super::super::reading::broken;
use super::form::{Choice, Filled, FormPage, Input, Reader, Step};
use super::{Desk, pick};
use crate::domain::attributes::{Draft, Named};
use crate::domain::facts::PersonAttributes;
use crate::flows::record_person::{self, RecordPersonError, Tools};
use crate::store::people;

/// GET /admin/people/new
pub(crate) async fn form(mut desk: Desk, Query(filled): Query<Filled>) -> Response {
    match read_new(&mut desk, &filled).await {
        Ok((page, _)) => page.show_fresh(&desk),
        Err(error) => broken(&error),
    }
}

/// POST /admin/people/new
pub(crate) async fn record(mut desk: Desk, CsrfForm(filled): CsrfForm<Filled>) -> Response {
    let (mut page, wanted) = match read_new(&mut desk, &filled).await {
        Ok((page, Some(wanted))) => (page, wanted),
        Ok((page, None)) => return page.show(&desk),
        Err(error) => return broken(&error),
    };
    match filled.step() {
        Step::Edit => return page.show(&desk),
        Step::Preview => return preview(desk, page, &wanted).await,
        Step::Save => {}
    }
    let (ground, actor) = (desk.ground(), desk.actor());
    let tools = Tools {
        db: &ground.db,
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let agency = wanted.agency.as_deref();
    let done = record_person::run(
        tools,
        desk.now,
        &actor,
        &wanted.named,
        agency,
        &wanted.basis,
    );
    match done.await {
        Ok(person) => {
            Redirect::to(&format!("/admin/appointments/new?person={person}")).into_response()
        }
        Err(RecordPersonError::Db(error)) => broken(&error),
        Err(refused) => {
            refuse(&desk, &mut page, &refused);
            page.show(&desk)
        }
    }
}

/// What is to be recorded.
struct Wanted {
    named: Named,
    agency: Option<String>,
    basis: String,
}

async fn read_new(desk: &mut Desk, filled: &Filled) -> Result<(FormPage, Option<Wanted>), Error> {
    let mut page = FormPage::of(desk, "person-new", "/admin/people/new".into());
    let mut reader = Reader::new(desk.t, filled);
    let named = attributes(desk, &mut reader, filled);
    let agency = pick::agency(desk, &mut reader).await?;
    let basis = reader.basis(desk.now);
    let good = reader.is_good();
    page.fields = reader.done();
    let wanted = named.filter(|_| good).map(|named| Wanted {
        named,
        agency: agency.map(|agency| agency.id),
        basis,
    });
    Ok((page, wanted))
}

/// The fields of a person; faults stand at their fields.
fn attributes(desk: &Desk, reader: &mut Reader<'_>, filled: &Filled) -> Option<Named> {
    for (name, has_help) in [
        ("staff_no", true),
        ("full_name", true),
        ("surname", true),
        ("birth_date", true),
        ("username", true),
        ("email", false),
        ("phone", false),
        ("personal_number", true),
    ] {
        reader.field(name, has_help, Input::Line);
    }
    let genders = [("F", "gender-f"), ("M", "gender-m"), ("", "gender-unknown")];
    let genders = genders.map(|(value, key)| Choice {
        value: value.to_owned(),
        text: desk.t.text(key),
        help: String::new(),
    });
    let gender = reader.pick("gender", Vec::from(genders));
    let draft = Draft {
        staff_no: filled.text("staff_no"),
        full_name: filled.text("full_name"),
        surname: filled.text("surname"),
        gender,
        birth_date: filled.text("birth_date"),
        username: filled.text("username"),
        email: filled.text("email"),
        phone: filled.text("phone"),
        personal_number: filled.text("personal_number"),
    };
    match draft.check(desk.now) {
        Ok(named) => Some(named),
        Err(wrong) => {
            for field in wrong {
                let key = format!("wrong-{}", field.0.replace('_', "-"));
                reader.fault(field.0, desk.t.text(&key));
            }
            None
        }
    }
}

async fn preview(mut desk: Desk, mut page: FormPage, wanted: &Wanted) -> Response {
    let t = desk.t;
    let named = &wanted.named;
    let born = named.birth_date.as_deref().and_then(parse_date);
    let born = born.map_or_else(|| t.text("unknown"), |day| format_date(day_start(day)));
    let parts = [
        ("name", named.full_name.as_str()),
        ("staff", named.staff_no.as_str()),
        ("born", born.as_str()),
        ("username", named.username.as_str()),
    ];
    page.preview = vec![
        t.with("person-effect", &parts),
        t.with("preview-basis", &[("basis", wanted.basis.as_str())]),
    ];
    match people::bearers(&mut desk.conn, &named.full_name).await {
        Ok(0) => {}
        Ok(n) => page.notes.push(t.count("person-namesakes", "n", n)),
        Err(error) => return broken(&error),
    }
    page.show(&desk)
}

fn refuse(desk: &Desk, page: &mut FormPage, refused: &RecordPersonError) {
    let t = desk.t;
    match refused {
        RecordPersonError::Taken(field) => {
            page.refusal = t.text("person-refused-taken");
            for known in page.fields.iter_mut().filter(|known| known.name == *field) {
                known.error = t.text("person-taken");
            }
        }
        RecordPersonError::Agency => page.refusal = t.text("person-refused-agency"),
        RecordPersonError::Unchanged => page.refusal = t.text("person-refused-unchanged"),
        RecordPersonError::Changed => page.refusal = t.text("refused-changed"),
        RecordPersonError::Unknown | RecordPersonError::Seal(_) | RecordPersonError::Db(_) => {
            page.refusal = t.text("propose-unknown")
        }
    }
}

/// GET /admin/people/{id}/correct
pub(crate) async fn correct_form(mut desk: Desk, Path(id): Path<String>) -> Response {
    let known = match known(&mut desk, &id).await {
        Ok(Some(known)) => known,
        Ok(None) => return desk.shell.not_found(),
        Err(error) => return broken(&error),
    };
    let filled = as_typed(&known);
    let (page, _) = read_correction(&desk, &id, &filled);
    page.show_fresh(&desk)
}

/// POST /admin/people/{id}/correct
pub(crate) async fn correct(
    mut desk: Desk,
    Path(id): Path<String>,
    CsrfForm(filled): CsrfForm<Filled>,
) -> Response {
    let known = match known(&mut desk, &id).await {
        Ok(Some(known)) => known,
        Ok(None) => return desk.shell.not_found(),
        Err(error) => return broken(&error),
    };
    let (mut page, wanted) = read_correction(&desk, &id, &filled);
    let Some((named, basis)) = wanted else {
        return page.show(&desk);
    };
    match filled.step() {
        Step::Edit => return page.show(&desk),
        Step::Preview => {
            page.preview = differences(&desk, &as_typed(&known), &filled);
            page.preview
                .push(desk.t.with("preview-basis", &[("basis", basis.as_str())]));
            return page.show(&desk);
        }
        Step::Save => {}
    }
    let (ground, actor) = (desk.ground(), desk.actor());
    let tools = Tools {
        db: &ground.db,
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    match record_person::correct(tools, desk.now, &actor, &id, &named, &basis).await {
        Ok(()) => Redirect::to(&format!("/people/{id}")).into_response(),
        Err(RecordPersonError::Db(error)) => broken(&error),
        Err(refused) => {
            refuse(&desk, &mut page, &refused);
            page.show(&desk)
        }
    }
}

/// A person of the scope with what is recorded.
async fn known(desk: &mut Desk, id: &str) -> Result<Option<PersonAttributes>, Error> {
    if people::load(&mut desk.conn, &desk.scope, id)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    people::attributes_of(&mut desk.conn, id).await
}

/// What is recorded, as one would type it; the personal number is shown to nobody.
fn as_typed(known: &PersonAttributes) -> Filled {
    let born = known.birth_date.as_deref().and_then(parse_date);
    let fields = [
        ("staff_no", known.staff_no.clone()),
        ("full_name", known.full_name.clone()),
        ("surname", known.surname.clone()),
        ("gender", known.gender.clone().unwrap_or_default()),
        (
            "birth_date",
            born.map(|day| format_date(day_start(day)))
                .unwrap_or_default(),
        ),
        ("username", known.username.clone()),
        ("email", known.email.clone().unwrap_or_default()),
        ("phone", known.phone.clone().unwrap_or_default()),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    Filled(BTreeMap::from(fields))
}

fn read_correction(desk: &Desk, id: &str, filled: &Filled) -> (FormPage, Option<(Named, String)>) {
    let mut page = FormPage::of(
        desk,
        "person-correct",
        format!("/admin/people/{id}/correct"),
    );
    let mut reader = Reader::new(desk.t, filled);
    let named = attributes(desk, &mut reader, filled);
    let basis = reader.basis(desk.now);
    let good = reader.is_good();
    page.fields = reader.done();
    (page, named.filter(|_| good).map(|named| (named, basis)))
}

/// Field by field what was and what will be; the personal number is named, not shown.
fn differences(desk: &Desk, before: &Filled, after: &Filled) -> Vec<String> {
    let t = desk.t;
    let mut lines = Vec::new();
    for name in before.0.keys() {
        let (old, new) = (before.text(name), after.text(name));
        if old != new {
            let label = t.text(&format!("field-{}", name.replace('_', "-")));
            let parts = [
                ("field", label.as_str()),
                ("old", old.as_str()),
                ("new", new.as_str()),
            ];
            lines.push(t.with("person-change", &parts));
        }
    }
    if !after.text("personal_number").is_empty() {
        lines.push(t.text("person-change-number"));
    }
    lines
}
