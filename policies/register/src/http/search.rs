//! `/search?q=`: agencies, posts and people of the reader's scope, accents optional, exact marks first, page by page.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use platform::caller::SignedIn;
use platform::clock::format_date;
use platform::db::{Conn, Error};
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::reading::{Asked, Find, Reading, broken, link};
use super::words::{days, titled};
use crate::domain::telex;
use crate::facts::{self, AsOf};
use crate::rights::Scope;
use crate::store::agencies;
use crate::store::search::{self, After, FoundPerson};

/// People on a page.
const PAGE: i64 = 50;
/// Agencies and posts above them.
const FEW: i64 = 10;

/// A line of results.
struct Hit {
    href: String,
    title: String,
    beside: String,
}

/// A body that bore the code asked for, and what it is on the day.
struct OldCode {
    body: Hit,
    days: String,
    now: Vec<Hit>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Page {
    t: Tongue,
    find: Find,
    asked: String,
    agencies: Vec<Hit>,
    codes: Vec<OldCode>,
    posts: Vec<Hit>,
    people: Vec<Hit>,
    next: Option<String>,
    meant: Option<(String, String)>,
    nothing: bool,
}

pub(crate) async fn show(
    shell: Shell,
    SignedIn(caller): SignedIn,
    Query(asked): Query<Asked>,
) -> Response {
    let mut reading = match Reading::open(shell, &caller, &asked).await {
        Ok(reading) => reading,
        Err(response) => return response,
    };
    match load(&mut reading, &asked).await {
        Ok(page) => {
            let title = page.t.text("search");
            reading.shell.page(StatusCode::OK, &title, &page)
        }
        Err(error) => broken(&error),
    }
}

async fn load(reading: &mut Reading, asked: &Asked) -> Result<Page, Error> {
    let t = reading.tongue();
    let (conn, scope, as_of, carry) = (
        &mut reading.conn,
        &reading.scope,
        reading.as_of,
        reading.carry.clone(),
    );
    let mut page = Page {
        find: reading.find.clone(),
        asked: asked.q.trim().to_string(),
        agencies: Vec::new(),
        codes: Vec::new(),
        posts: Vec::new(),
        people: Vec::new(),
        next: None,
        meant: None,
        nothing: false,
        t,
    };
    let Some(query) = search::Query::of(&asked.q) else {
        return Ok(page);
    };
    let after = After::decode(&asked.after);
    if after.is_none() {
        page.codes = old_codes(conn, scope, &page.t, &page.asked, as_of).await?;
        for found in search::agencies(conn, scope, &query, as_of, FEW).await? {
            page.agencies.push(Hit {
                href: link(&format!("/agencies/{}", found.id), &carry),
                title: found.name,
                beside: found.code,
            });
        }
        for found in search::posts(conn, scope, &query, as_of, FEW).await? {
            let title = titled(&found.title, found.field.as_deref());
            page.posts.push(Hit {
                href: link(&format!("/posts/{}", found.id), &carry),
                title,
                beside: found.agency_name,
            });
        }
    }
    let after = after.unwrap_or_else(After::start);
    let mut people = search::people(conn, scope, &query, as_of.known, &after, PAGE + 1).await?;
    let more = i64::try_from(people.len()).is_ok_and(|n| n > PAGE);
    if more {
        people.truncate(usize::try_from(PAGE).unwrap_or(0));
        page.next = people
            .last()
            .map(|last| next_href(&page.asked, &carry, last));
    }
    for found in people {
        let posts = facts::posts_of(conn, &found.person, as_of.at).await?;
        page.people.push(hit(&page.t, found, posts.first(), &carry));
    }
    page.nothing = page.agencies.is_empty()
        && page.codes.is_empty()
        && page.posts.is_empty()
        && page.people.is_empty();
    page.meant = telex::decode(&page.asked)
        .filter(|_| page.nothing)
        .map(|meant| (search_href(&meant, &carry, ""), meant));
    Ok(page)
}

/// Bodies of the scope that bore this code and do not bear it on the day, each with what it is then.
async fn old_codes(
    conn: &mut Conn,
    scope: &Scope,
    t: &Tongue,
    code: &str,
    as_of: AsOf,
) -> Result<Vec<OldCode>, Error> {
    let mut found = Vec::new();
    let bearers = agencies::bearers(conn, scope, &code.to_uppercase(), as_of.known).await?;
    let past = bearers
        .into_iter()
        .filter(|version| version.to.is_some_and(|to| to <= as_of.at));
    for version in past {
        let last = format_date(version.to.unwrap_or(as_of.at) - 1);
        let mut now = Vec::new();
        for heir in agencies::heirs(conn, &version.id, as_of).await? {
            now.push(Hit {
                href: format!("/agencies/{}?at={}", heir.id, format_date(as_of.at)),
                title: heir.name,
                beside: heir.code,
            });
        }
        found.push(OldCode {
            days: days(t, version.from, version.to),
            body: Hit {
                href: format!("/agencies/{}?at={last}", version.id),
                title: version.name,
                beside: version.code,
            },
            now,
        });
    }
    Ok(found)
}

/// Staff number, year of birth, post and agency tell people of one name apart.
fn hit(t: &Tongue, found: FoundPerson, post: Option<&facts::HeldPost>, carry: &str) -> Hit {
    let year = found
        .birth_date
        .as_deref()
        .and_then(|date| date.get(..4))
        .unwrap_or_default();
    let post = post.map_or_else(
        || t.text("no-post"),
        |held| format!("{}, {}", held.title, held.agency_name),
    );
    Hit {
        href: link(&format!("/people/{}", found.person), carry),
        beside: t.with(
            "found-person",
            &[
                ("staff", found.staff_no.as_str()),
                ("year", year),
                ("post", post.as_str()),
            ],
        ),
        title: found.full_name,
    }
}

fn next_href(q: &str, carry: &str, last: &FoundPerson) -> String {
    search_href(q, carry, &After::of(last).encode())
}

fn search_href(q: &str, carry: &str, after: &str) -> String {
    let mut query = String::from("/search?q=");
    for byte in q.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                query.push(char::from(byte))
            }
            _ => query.push_str(&format!("%{byte:02X}")),
        }
    }
    for (name, value) in [("", carry), ("after=", after)] {
        if !value.is_empty() {
            query.push('&');
            query.push_str(name);
            query.push_str(value);
        }
    }
    query
}
