//! `/organisation`: the tree of the reader's scope as a list and as a picture, one agency opened.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use platform::caller::SignedIn;
use platform::db::Error;
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::picture::{Label, Picture, lay};
use super::reading::{Asked, Find, Reading, broken, link};
use super::words::{Line, short};
use crate::facts::{AgencyFact, PostFact, UnitFact};
use crate::store::{agencies, people, posts, units};

/// Boxes in a row of the picture.
const ROW: usize = 5;
/// Letters a box holds.
const ROOM: usize = 24;

/// A unit of the opened agency with its posts.
struct Inside {
    name: String,
    lines: Vec<Line>,
    vacant_head: Option<String>,
}

/// An agency in the tree.
struct Branch {
    open_href: String,
    name: String,
    people: i64,
    vacant: Option<String>,
    opened: bool,
    below: Vec<Branch>,
}

#[derive(Template)]
#[template(path = "organisation.html")]
struct Page {
    t: Tongue,
    find: Find,
    agencies: i64,
    people: i64,
    picture: Picture,
    groups: Vec<(String, Vec<Branch>)>,
    top: Branch,
    opened_name: String,
    opened_href: String,
    inside: Vec<Inside>,
    administers: bool,
}

/// What the page is drawn from.
struct Loaded {
    agencies: Vec<AgencyFact>,
    people: BTreeMap<String, i64>,
    vacant: BTreeMap<String, String>,
    opened: AgencyFact,
    inside: Vec<Inside>,
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
    let loaded = match load(&mut reading, &asked.agency).await {
        Ok(Some(loaded)) => loaded,
        Ok(None) => return reading.shell.not_found(),
        Err(error) => return broken(&error),
    };
    let t = reading.tongue();
    let administers = match reading.administers().await {
        Ok(administers) => administers,
        Err(error) => return broken(&error),
    };
    let Some(mut page) = page(t, reading.find, loaded, &reading.carry) else {
        return reading.shell.not_found();
    };
    page.administers = administers;
    let title = page.t.text("organisation");
    reading.shell.page(StatusCode::OK, &title, &page)
}

async fn load(reading: &mut Reading, wanted: &str) -> Result<Option<Loaded>, Error> {
    let (conn, scope, as_of) = (&mut reading.conn, &reading.scope, reading.as_of);
    let agencies = agencies::list(conn, scope, as_of).await?;
    // On another day other bodies stood at the top of what the reader may see: the upper ones come first.
    let top = agencies.first();
    let opened = agencies
        .iter()
        .find(|agency| agency.id == wanted)
        .or_else(|| {
            agencies.iter().find(|agency| {
                top.is_some_and(|top| agency.parent.as_deref() == Some(top.id.as_str()))
            })
        })
        .or(top)
        .cloned();
    let Some(opened) = opened else {
        return Ok(None);
    };
    let people = people::headcount(conn, scope, as_of)
        .await?
        .into_iter()
        .collect();
    let vacant = posts::vacant_heads(conn, scope, as_of)
        .await?
        .into_iter()
        .collect();
    let units = units::of_agency(conn, scope, &opened.id, as_of).await?;
    let posts = posts::list(conn, scope, &opened.id, as_of).await?;
    let holders = people::holders_of_agency(conn, scope, &opened.id, as_of).await?;
    let t = Tongue::new(reading.shell.lang, &crate::TEXTS);
    let inside = inside(&t, &units, &posts, &holders, &reading.carry);
    Ok(Some(Loaded {
        agencies,
        people,
        vacant,
        opened,
        inside,
    }))
}

/// The leadership first, then unit by unit.
fn inside(
    t: &Tongue,
    units: &[UnitFact],
    posts: &[PostFact],
    holders: &[crate::facts::Holder],
    carry: &str,
) -> Vec<Inside> {
    let leaders = (t.text("leadership"), None);
    let others = units
        .iter()
        .map(|unit| (unit.name.clone(), Some(unit.id.as_str())));
    let mut all = Vec::new();
    for (name, unit) in std::iter::once(leaders).chain(others) {
        let of_unit: Vec<&PostFact> = posts
            .iter()
            .filter(|post| post.unit.as_deref() == unit)
            .collect();
        if of_unit.is_empty() {
            continue;
        }
        let lines: Vec<Line> = of_unit
            .iter()
            .map(|post| Line::of(post, holders, t, carry))
            .collect();
        let head = of_unit.iter().zip(&lines).find(|(post, line)| {
            matches!(
                post.standing,
                crate::facts::Standing::AgencyHead | crate::facts::Standing::UnitHead
            ) && line.holders.is_empty()
        });
        let vacant_head =
            head.map(|(post, _)| t.with("vacant-title", &[("title", post.title.as_str())]));
        all.push(Inside {
            name,
            lines,
            vacant_head,
        });
    }
    all
}

fn page(t: Tongue, find: Find, loaded: Loaded, carry: &str) -> Option<Page> {
    let top = loaded.agencies.first()?;
    let mut groups = Vec::new();
    // A reader of several subtrees sees the other tops beside the children of the first.
    let (bodies, areas): (Vec<&AgencyFact>, Vec<&AgencyFact>) = loaded
        .agencies
        .iter()
        .filter(|agency| agency.id != top.id)
        .filter(|agency| match agency.parent.as_deref() {
            Some(parent) if parent == top.id => true,
            Some(parent) => !loaded.agencies.iter().any(|other| other.id == parent),
            None => true,
        })
        .partition(|a| !a.collective);
    for (key, members) in [("group-bodies", bodies), ("group-areas", areas)] {
        if !members.is_empty() {
            let title = t.count(key, "n", i64::try_from(members.len()).unwrap_or(0));
            groups.push((
                title,
                members
                    .into_iter()
                    .map(|agency| branch(&loaded, agency, &t, carry))
                    .collect(),
            ));
        }
    }
    Some(Page {
        picture: picture(&t, &loaded, top, carry),
        agencies: i64::try_from(loaded.agencies.len()).unwrap_or(0),
        people: loaded.people.values().sum(),
        top: branch(&loaded, top, &t, carry),
        opened_name: loaded.opened.name.clone(),
        opened_href: link(&format!("/agencies/{}", loaded.opened.id), carry),
        inside: loaded.inside,
        administers: false,
        groups,
        find,
        t,
    })
}

/// What stands under a body. Under the first of all also those whose upper body is not in the reader's scope.
fn children<'l>(loaded: &'l Loaded, parent: &str) -> Vec<&'l AgencyFact> {
    let there: BTreeSet<&str> = loaded.agencies.iter().map(|a| a.id.as_str()).collect();
    let first = loaded.agencies.first().map(|a| a.id.as_str());
    loaded
        .agencies
        .iter()
        .filter(|agency| match agency.parent.as_deref() {
            Some(above) if there.contains(above) => above == parent,
            _ => first == Some(parent) && first != Some(agency.id.as_str()),
        })
        .collect()
}

fn branch(loaded: &Loaded, agency: &AgencyFact, t: &Tongue, carry: &str) -> Branch {
    let is_top = loaded
        .agencies
        .first()
        .is_some_and(|top| top.id == agency.id);
    let below = if is_top {
        Vec::new()
    } else {
        children(loaded, &agency.id)
    };
    let amp = if carry.is_empty() {
        String::new()
    } else {
        format!("&{carry}")
    };
    Branch {
        open_href: format!("/organisation?agency={}{amp}", agency.id),
        name: agency.name.clone(),
        people: loaded.people.get(&agency.id).copied().unwrap_or(0),
        vacant: loaded
            .vacant
            .get(&agency.id)
            .map(|title| t.with("vacant-title", &[("title", title.as_str())])),
        opened: agency.id == loaded.opened.id,
        below: below
            .into_iter()
            .map(|agency| branch(loaded, agency, t, carry))
            .collect(),
    }
}

fn picture(t: &Tongue, loaded: &Loaded, top: &AgencyFact, carry: &str) -> Picture {
    let label = |agency: &AgencyFact| {
        let branch = branch(loaded, agency, t, carry);
        let count = t.count("people", "n", branch.people);
        Label {
            class: match (branch.opened, branch.vacant.is_some()) {
                (true, _) => "k sel",
                (false, true) => "k no",
                (false, false) => "k",
            },
            title: short(&agency.name, ROOM),
            below: branch
                .vacant
                .map_or(count.clone(), |vacant| format!("{count} · {vacant}")),
        }
    };
    let is_top_open = loaded.opened.id == top.id;
    let mut row = Vec::new();
    let (mut bodies, areas): (Vec<&AgencyFact>, Vec<&AgencyFact>) = loaded
        .agencies
        .iter()
        .filter(|a| a.id != top.id)
        .partition(|a| !a.collective);
    if !is_top_open {
        row.push(label(&loaded.opened));
        bodies.retain(|agency| agency.id != loaded.opened.id);
    }
    let shown = bodies.len().min(ROW - 2 - row.len());
    row.extend(bodies.iter().take(shown).map(|agency| label(agency)));
    let total = |agencies: &mut dyn Iterator<Item = &&AgencyFact>| -> i64 {
        agencies
            .filter_map(|agency| loaded.people.get(&agency.id))
            .sum()
    };
    let rest = [
        ("rest-bodies", bodies.get(shown..).unwrap_or_default()),
        ("rest-areas", areas.as_slice()),
    ];
    for (key, members) in rest {
        if !members.is_empty() {
            let n = i64::try_from(members.len()).unwrap_or(0);
            let people = total(&mut members.iter());
            row.push(Label {
                class: "k",
                title: t.count(key, "n", n),
                below: t.count("people", "n", people),
            });
        }
    }
    let mut inside: Vec<Label> = loaded
        .inside
        .iter()
        .take(ROW)
        .map(|unit| Label {
            class: if unit.vacant_head.is_some() {
                "k no"
            } else {
                "k"
            },
            title: short(&unit.name, ROOM),
            below: unit.vacant_head.clone().unwrap_or_else(|| {
                let n = unit
                    .lines
                    .iter()
                    .map(|line| line.holders.len())
                    .sum::<usize>();
                t.count("people", "n", i64::try_from(n).unwrap_or(0))
            }),
        })
        .collect();
    let hidden = loaded.inside.len().saturating_sub(ROW);
    if hidden > 0 && inside.pop().is_some() {
        let n = i64::try_from(hidden + 1).unwrap_or(0);
        inside.push(Label {
            class: "k",
            title: t.count("rest-units", "n", n),
            below: String::new(),
        });
    }
    lay(label(top), row, 0, inside)
}
