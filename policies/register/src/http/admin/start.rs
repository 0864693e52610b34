//! `/admin`: where administration starts: which roles I hold, what they let me do, what waits for a second pair of eyes.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::db::Error;
use platform::i18n::Tongue;

use super::super::reading::broken;
use super::super::words::days;
use super::{Desk, NEEDS, words};
use crate::flows::{list_invitable, list_waiting, read_list};
use crate::rights::{ScopeError, held_by, scope_of};

/// A role I hold.
struct Mine {
    name: String,
    what: String,
    place: String,
    days: String,
    rights: Vec<(String, String)>,
}

/// A door to a page.
struct Door {
    href: String,
    name: String,
    what: String,
}

/// A proposal that I may decide.
struct Waiting {
    href: String,
    act: String,
    effect: String,
    by: String,
    ends: String,
}

#[derive(Template)]
#[template(path = "admin_start.html")]
struct Page {
    t: Tongue,
    mine: Vec<Mine>,
    doors: Vec<Door>,
    waiting: Vec<Waiting>,
}

/// Lists are handlers of their own, with the need in their flow.
const IMPORTS: &str = "/admin/imports";
/// Letters are a page of sign-in.
const LETTERS: &str = "/admin/letters";
/// Pages that have a door here, with the key of their texts.
const DOORS: &[(&str, &str)] = &[
    ("/admin/rights", "door-rights"),
    ("/admin/proposals", "door-proposals"),
    (IMPORTS, "door-imports"),
    ("/admin/feeds", "door-feeds"),
    (LETTERS, "door-letters"),
    ("/admin/people/new", "door-person-new"),
    ("/admin/appointments/new", "door-appoint"),
    ("/admin/assignments/new", "door-assign"),
    ("/admin/plans", "door-plans"),
    ("/admin/calendar", "door-calendar"),
    ("/admin/quality", "door-quality"),
];

/// GET /admin
pub(crate) async fn show(mut desk: Desk) -> Response {
    match load(&mut desk).await {
        Ok(page) => {
            let title = page.t.text("admin-title");
            desk.shell.page(StatusCode::OK, &title, &page)
        }
        Err(error) => broken(&error),
    }
}

async fn load(desk: &mut Desk) -> Result<Page, Error> {
    let t = desk.t;
    let me = desk.caller.person.clone();
    let mut mine = Vec::new();
    for held in held_by(&mut desk.conn, &me, desk.now).await? {
        let root = held.grant.agency.as_deref();
        mine.push(Mine {
            name: held.role.name(t.lang()).to_owned(),
            what: held.role.what(t.lang()).to_owned(),
            place: words::agency(&t, &mut desk.conn, root, desk.now).await?,
            days: days(&t, held.grant.from, held.grant.to),
            rights: words::rights(&t, held.role),
        });
    }
    let mut doors = Vec::new();
    for (href, key) in DOORS {
        let need = NEEDS
            .iter()
            .find(|(method, path, _)| *method == "GET" && path == href)
            .map(|(_, _, need)| *need)
            .or_else(|| (*href == IMPORTS).then_some(read_list::NEED))
            .or_else(|| (*href == LETTERS).then_some(list_invitable::NEED));
        let open = match need {
            Some(need) => match scope_of(&mut desk.conn, &me, None, need, desk.now).await {
                Ok(_) => true,
                Err(ScopeError::NoRight | ScopeError::NoProvince) => false,
                Err(ScopeError::Db(error)) => return Err(error),
            },
            None => false,
        };
        if open {
            doors.push(Door {
                href: (*href).to_owned(),
                name: t.text(key),
                what: t.text(&format!("{key}-what")),
            });
        }
    }
    let mut waiting = Vec::new();
    let (conn, scope, now) = (&mut desk.conn, &desk.scope, desk.now);
    for open in list_waiting::proposals(conn, scope, &me, now).await? {
        waiting.push(Waiting {
            href: format!("/admin/proposals/{}", open.id),
            act: words::act_name(&t, &open.act),
            effect: words::effect(&t, &mut desk.conn, &open.act, desk.now).await?,
            by: words::person(&t, &mut desk.conn, &open.proposed_by).await?,
            ends: words::day(open.expires_at),
        });
    }
    Ok(Page {
        t,
        mine,
        doors,
        waiting,
    })
}
