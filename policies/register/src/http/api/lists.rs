//! Lists and single rows: a row is the list with its id, so that what a list hides a get does not find.

use axum::Json;
use platform::clock::{day_start, parse_date, parse_rfc3339};
use platform::problem::Problem;
use serde::Deserialize;

use super::{Asking, Counter, Named};
use crate::domain::time::AsOf;
use crate::store::directory::{self, Wanted};
use crate::wire::acts::is_id;
use crate::wire::shapes::{Agency, Appointment, Assignment, Page, Person, Post, Unit};

/// Rows on a page when nothing is said, and at most.
const USUAL: i64 = 50;
const MOST: i64 = 200;

/// The query of every operation that reads.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    limit: Option<String>,
    after: Option<String>,
    q: Option<String>,
    at: Option<String>,
    agency: Option<String>,
    person: Option<String>,
    post: Option<String>,
}

/// A query that is right: one row more than asked for, to know whether a page follows.
struct Right {
    wanted: Wanted,
    limit: usize,
    at: Option<i64>,
}

type Answer<T> = Result<Json<T>, Problem>;

impl Asked {
    fn check(self) -> Result<Right, Problem> {
        let limit = match self.limit.as_deref() {
            None => USUAL,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MOST).contains(limit))
                .ok_or_else(|| Problem::invalid(format!("limit: 1–{MOST}")))?,
        };
        let at = match self.at.as_deref() {
            None => None,
            Some(text) => Some(
                parse_rfc3339(text)
                    .or_else(|| parse_date(text).map(day_start))
                    .filter(|at| *at != 0)
                    .ok_or_else(|| Problem::invalid("at: yyyy-mm-dd, RFC 3339"))?,
            ),
        };
        Ok(Right {
            wanted: Wanted {
                id: String::new(),
                after: id("after", self.after)?,
                limit: limit.saturating_add(1),
                agency: id("agency", self.agency)?,
                person: id("person", self.person)?,
                post: id("post", self.post)?,
                words: self.q.unwrap_or_default(),
            },
            limit: usize::try_from(limit).unwrap_or(0),
            at,
        })
    }
}

fn id(name: &str, value: Option<String>) -> Result<String, Problem> {
    match value {
        None => Ok(String::new()),
        Some(text) if is_id(&text) => Ok(text),
        Some(_) => Err(Problem::invalid(format!("{name}: a–z 0–9 _"))),
    }
}

/// One row's query.
fn single(id: &str, asked: Asked) -> Result<Right, Problem> {
    let mut right = asked.check()?;
    right.wanted = Wanted::one(id);
    Ok(right)
}

/// The rows as a page.
fn page<F, T: From<F>>(mut rows: Vec<F>, limit: usize, id: impl Fn(&F) -> String) -> Json<Page<T>> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(id);
    Json(Page {
        items: rows.into_iter().map(T::from).collect(),
        next,
    })
}

fn found<F, T: From<F>>(rows: Vec<F>) -> Answer<T> {
    let row = rows.into_iter().next().ok_or_else(Problem::not_found)?;
    Ok(Json(T::from(row)))
}

impl Right {
    fn as_of(&self, counter: &Counter) -> AsOf {
        AsOf::now(self.at.unwrap_or(counter.now))
    }
}

/// GET /api/register/agencies
pub(crate) async fn agencies(mut counter: Counter, Asking(asked): Asking) -> Answer<Page<Agency>> {
    let right = asked.check()?;
    let as_of = right.as_of(&counter);
    let rows = directory::agencies(&mut counter.conn, &counter.scope, &right.wanted, as_of).await?;
    Ok(page(rows, right.limit, |row| row.id.clone()))
}

/// GET /api/register/agencies/{id}
pub(crate) async fn agency(
    mut counter: Counter,
    Named(id): Named,
    Asking(asked): Asking,
) -> Answer<Agency> {
    let right = single(&id, asked)?;
    let as_of = right.as_of(&counter);
    found(directory::agencies(&mut counter.conn, &counter.scope, &right.wanted, as_of).await?)
}

/// GET /api/register/units
pub(crate) async fn units(mut counter: Counter, Asking(asked): Asking) -> Answer<Page<Unit>> {
    let right = asked.check()?;
    let as_of = right.as_of(&counter);
    let rows = directory::units(&mut counter.conn, &counter.scope, &right.wanted, as_of).await?;
    Ok(page(rows, right.limit, |row| row.id.clone()))
}

/// GET /api/register/units/{id}
pub(crate) async fn unit(
    mut counter: Counter,
    Named(id): Named,
    Asking(asked): Asking,
) -> Answer<Unit> {
    let right = single(&id, asked)?;
    let as_of = right.as_of(&counter);
    found(directory::units(&mut counter.conn, &counter.scope, &right.wanted, as_of).await?)
}

/// GET /api/register/posts
pub(crate) async fn posts(mut counter: Counter, Asking(asked): Asking) -> Answer<Page<Post>> {
    let right = asked.check()?;
    let as_of = right.as_of(&counter);
    let rows = directory::posts(&mut counter.conn, &counter.scope, &right.wanted, as_of).await?;
    Ok(page(rows, right.limit, |row| row.id.clone()))
}

/// GET /api/register/posts/{id}
pub(crate) async fn post(
    mut counter: Counter,
    Named(id): Named,
    Asking(asked): Asking,
) -> Answer<Post> {
    let right = single(&id, asked)?;
    let as_of = right.as_of(&counter);
    found(directory::posts(&mut counter.conn, &counter.scope, &right.wanted, as_of).await?)
}

/// GET /api/register/people
pub(crate) async fn people(mut counter: Counter, Asking(asked): Asking) -> Answer<Page<Person>> {
    let right = asked.check()?;
    let as_of = right.as_of(&counter);
    let rows = directory::people(&mut counter.conn, &counter.scope, &right.wanted, as_of).await?;
    Ok(page(rows, right.limit, |row| row.person.clone()))
}

/// GET /api/register/people/{id}
pub(crate) async fn person(
    mut counter: Counter,
    Named(id): Named,
    Asking(asked): Asking,
) -> Answer<Person> {
    let right = single(&id, asked)?;
    let as_of = right.as_of(&counter);
    found(directory::people(&mut counter.conn, &counter.scope, &right.wanted, as_of).await?)
}

/// GET /api/register/appointments
pub(crate) async fn appointments(
    mut counter: Counter,
    Asking(asked): Asking,
) -> Answer<Page<Appointment>> {
    let right = asked.check()?;
    let rows =
        directory::appointments(&mut counter.conn, &counter.scope, &right.wanted, right.at).await?;
    Ok(page(rows, right.limit, |row| row.id.clone()))
}

/// GET /api/register/appointments/{id}
pub(crate) async fn appointment(
    mut counter: Counter,
    Named(id): Named,
    Asking(asked): Asking,
) -> Answer<Appointment> {
    let right = single(&id, asked)?;
    found(directory::appointments(&mut counter.conn, &counter.scope, &right.wanted, None).await?)
}

/// GET /api/register/assignments
pub(crate) async fn assignments(
    mut counter: Counter,
    Asking(asked): Asking,
) -> Answer<Page<Assignment>> {
    let right = asked.check()?;
    let rows =
        directory::assignments(&mut counter.conn, &counter.scope, &right.wanted, right.at).await?;
    Ok(page(rows, right.limit, |row| row.id.clone()))
}

/// GET /api/register/assignments/{id}
pub(crate) async fn assignment(
    mut counter: Counter,
    Named(id): Named,
    Asking(asked): Asking,
) -> Answer<Assignment> {
    let right = single(&id, asked)?;
    found(directory::assignments(&mut counter.conn, &counter.scope, &right.wanted, None).await?)
}
