//! Finding a person, a post or an agency by what was typed: an id or a number is exact, a name offers what it may mean.

use platform::db::Error;

use super::Desk;
use super::form::{Choice, Input, Reader};
use crate::domain::time::AsOf;
use crate::facts::{self, AgencyFact, Person, PostFact};
use crate::store::search::{self, After, Query};
use crate::store::{agencies, people, posts};

/// Offers at most this many.
const FEW: i64 = 10;

/// A person by staff number anywhere in the register, or by name inside the scope.
pub(crate) async fn person(
    desk: &mut Desk,
    reader: &mut Reader<'_>,
) -> Result<Option<Person>, Error> {
    let typed = reader.required("person", true);
    if typed.is_empty() {
        return Ok(None);
    }
    let exact = match people::find(&mut desk.conn, &typed).await? {
        Some(found) => Some(found),
        None => people::find_by_staff_no(&mut desk.conn, &typed.to_uppercase()).await?,
    };
    if let Some(found) = exact.filter(|found| !found.erased) {
        let words = told_apart(desk, &found.id, &found.full_name, &found.staff_no).await?;
        reader.offer("person", Some(&found.id), Input::Fixed(words));
        return Ok(Some(found));
    }
    let mut choices = Vec::new();
    if let Some(query) = Query::of(&typed) {
        let found = search::people(
            &mut desk.conn,
            &desk.scope,
            &query,
            None,
            &After::start(),
            FEW,
        )
        .await?;
        for one in found {
            let help = told_apart(desk, &one.person, "", &one.staff_no).await?;
            choices.push(Choice {
                value: one.person,
                text: one.full_name,
                help,
            });
        }
    }
    offer(reader, "person", choices);
    Ok(None)
}

/// Name, staff number, and what the person does now.
async fn told_apart(
    desk: &mut Desk,
    person: &str,
    name: &str,
    staff_no: &str,
) -> Result<String, Error> {
    let held = facts::posts_of(&mut desk.conn, person, desk.now).await?;
    let post = held.first().map_or_else(
        || desk.t.text("no-post"),
        |held| format!("{}, {}", held.title, held.agency_name),
    );
    Ok([name, staff_no, post.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · "))
}

/// A post of the scope, by id or by words of its title.
pub(crate) async fn post(
    desk: &mut Desk,
    reader: &mut Reader<'_>,
) -> Result<Option<PostFact>, Error> {
    let typed = reader.required("post", true);
    if typed.is_empty() {
        return Ok(None);
    }
    if let Some(found) = posts::load(&mut desk.conn, &desk.scope, &typed, None).await? {
        let agency = facts::agency(&mut desk.conn, &found.agency, desk.now).await?;
        let title = super::super::words::titled(&found.title, found.field.as_deref());
        let words = format!("{title}, {}", agency.map(|a| a.name).unwrap_or_default());
        reader.offer("post", Some(&found.id), Input::Fixed(words));
        return Ok(Some(found));
    }
    let mut choices = Vec::new();
    if let Some(query) = Query::of(&typed) {
        let now = AsOf::now(desk.now);
        for one in search::posts(&mut desk.conn, &desk.scope, &query, now, FEW).await? {
            choices.push(Choice {
                value: one.id,
                text: super::super::words::titled(&one.title, one.field.as_deref()),
                help: one.agency_name,
            });
        }
    }
    offer(reader, "post", choices);
    Ok(None)
}

/// An agency of the scope, by id, code or words of its name.
pub(crate) async fn agency(
    desk: &mut Desk,
    reader: &mut Reader<'_>,
) -> Result<Option<AgencyFact>, Error> {
    let typed = reader.required("agency", true);
    if typed.is_empty() {
        return Ok(None);
    }
    let as_of = AsOf::now(desk.now);
    let known = agencies::list(&mut desk.conn, &desk.scope, as_of).await?;
    let exact = known
        .into_iter()
        .find(|one| one.id == typed || one.code.eq_ignore_ascii_case(&typed));
    if let Some(found) = exact {
        reader.offer("agency", Some(&found.id), Input::Fixed(found.name.clone()));
        return Ok(Some(found));
    }
    let mut choices = Vec::new();
    if let Some(query) = Query::of(&typed) {
        for one in search::agencies(&mut desk.conn, &desk.scope, &query, as_of, FEW).await? {
            choices.push(Choice {
                value: one.id,
                text: one.name,
                help: one.code,
            });
        }
    }
    offer(reader, "agency", choices);
    Ok(None)
}

fn offer(reader: &mut Reader<'_>, name: &'static str, choices: Vec<Choice>) {
    if choices.is_empty() {
        reader.fault(name, reader.t.text("field-nothing-found"));
    } else {
        reader.fault(name, reader.t.text("field-choose"));
        reader.offer(name, None, Input::Pick(choices));
    }
}
