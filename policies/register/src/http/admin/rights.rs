//! `/admin/rights`: who administers what, what each role allows, and the forms that propose to give or withdraw one, or to erase a person.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use platform::db::Error;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;

use super::super::reading::broken;
use super::super::words::days;
use super::form::{Choice, Filled, FormPage, Input, Reader, Step};
use super::{Desk, pick, words};
use crate::domain::administration::Table;
use crate::domain::proposal::Act;
use crate::domain::time::AsOf;
use crate::domain::words::{ProposalState, Reach};
use crate::flows::propose_act::ProposeActError;
use crate::flows::{carry_out_proposal, propose_act};
use crate::rights::{covers, may_grant};
use crate::store::{appointments, people, roles};

/// A grant in the list.
struct Line {
    person_href: String,
    person: String,
    role: String,
    place: String,
    days: String,
    basis: String,
    end_href: Option<String>,
}

/// A role of the table in words.
struct Told {
    name: String,
    what: String,
    rights: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "admin_rights.html")]
struct Page {
    t: Tongue,
    lines: Vec<Line>,
    roles: Vec<Told>,
    may_grant: bool,
}

/// GET /admin/rights
pub(crate) async fn show(mut desk: Desk) -> Response {
    match load(&mut desk).await {
        Ok(page) => {
            let title = page.t.text("door-rights");
            desk.shell.page(StatusCode::OK, &title, &page)
        }
        Err(error) => broken(&error),
    }
}

async fn load(desk: &mut Desk) -> Result<Page, Error> {
    let t = desk.t;
    let me = desk.caller.person.clone();
    let mut lines = Vec::new();
    let mut grants = false;
    let momentary = crate::domain::time::Interval {
        from: desk.now,
        to: Some(desk.now),
    };
    for grant in roles::list(&mut desk.conn, &desk.scope, AsOf::now(desk.now)).await? {
        let may = match Table::ours().role(&grant.role) {
            Some(role) => {
                may_grant(
                    &mut desk.conn,
                    &me,
                    role,
                    grant.agency.as_deref(),
                    momentary,
                    desk.now,
                )
                .await?
            }
            None => false,
        };
        grants |= may;
        lines.push(Line {
            person_href: format!("/people/{}", grant.person),
            person: if grant.name.is_empty() {
                t.text("erased")
            } else {
                format!("{} ({})", grant.name, grant.staff_no)
            },
            role: words::role_name(&t, &grant.role),
            place: if grant.agency.is_none() {
                t.text("whole-province")
            } else {
                grant.agency_name
            },
            days: days(&t, grant.from, grant.to),
            basis: grant.basis,
            end_href: may.then(|| format!("/admin/rights/{}/end", grant.id)),
        });
    }
    Ok(Page {
        roles: Table::ours()
            .roles()
            .map(|role| Told {
                name: role.name(t.lang()).to_owned(),
                what: role.what(t.lang()).to_owned(),
                rights: words::rights(&t, role),
            })
            .collect(),
        lines,
        may_grant: grants,
        t,
    })
}

/// GET /admin/rights/new
pub(crate) async fn form(mut desk: Desk, Query(filled): Query<Filled>) -> Response {
    match read_grant(&mut desk, &filled).await {
        Ok((page, _)) => page.show_fresh(&desk),
        Err(error) => broken(&error),
    }
}

/// POST /admin/rights/new
pub(crate) async fn propose(mut desk: Desk, CsrfForm(filled): CsrfForm<Filled>) -> Response {
    match read_grant(&mut desk, &filled).await {
        Ok((page, act)) => offer(desk, page, act, &filled).await,
        Err(error) => broken(&error),
    }
}

async fn read_grant(
    desk: &mut Desk,
    filled: &Filled,
) -> Result<(FormPage, Option<(Act, String)>), Error> {
    let mut page = FormPage::of(desk, "grant", "/admin/rights/new".into());
    let mut reader = Reader::new(desk.t, filled);
    let t = desk.t;
    let choices = Table::ours().grantable().map(|role| Choice {
        value: role.code.clone(),
        text: role.name(t.lang()).to_owned(),
        help: role.what(t.lang()).to_owned(),
    });
    let choices: Vec<Choice> = choices.collect();
    let person = pick::person(desk, &mut reader).await?;
    let role = reader.pick("role", choices);
    let reach = Table::ours().role(&role).map(|role| role.reach);
    let agency = if reach == Some(Reach::Province) {
        None
    } else {
        pick::agency(desk, &mut reader)
            .await?
            .map(|agency| agency.id)
    };
    let from = reader.from("from");
    let to = reader.until("to", from);
    let basis = reader.basis(desk.now);
    let good = reader.is_good();
    page.fields = reader.done();
    let act = person.filter(|_| good).map(|person| Act::GrantRole {
        person: person.id,
        role,
        agency,
        from: from.max(desk.now),
        to,
    });
    Ok((page, act.map(|act| (act, basis))))
}

/// GET /admin/rights/{id}/end
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

/// POST /admin/rights/{id}/end
pub(crate) async fn propose_end(
    mut desk: Desk,
    Path(id): Path<String>,
    CsrfForm(filled): CsrfForm<Filled>,
) -> Response {
    match read_end(&mut desk, &id, &filled).await {
        Ok(Some((page, act))) => offer(desk, page, act, &filled).await,
        Ok(None) => desk.shell.not_found(),
        Err(error) => broken(&error),
    }
}

type Read = (FormPage, Option<(Act, String)>);

async fn read_end(desk: &mut Desk, id: &str, filled: &Filled) -> Result<Option<Read>, Error> {
    let Some(known) = roles::find(&mut desk.conn, id).await? else {
        return Ok(None);
    };
    let seen = match &known.agency {
        Some(agency) => covers(&mut desk.conn, &desk.scope, agency).await?,
        None => desk.scope.is_whole(),
    };
    if !seen {
        return Ok(None);
    }
    let mut page = FormPage::of(desk, "withdraw", format!("/admin/rights/{id}/end"));
    let mut filled = filled.clone();
    filled.set("grant", id);
    let mut reader = Reader::new(desk.t, &filled);
    let who = words::person(&desk.t, &mut desk.conn, &known.person).await?;
    let what = format!("{who}: {}", words::role_name(&desk.t, &known.role));
    reader.field("grant", false, Input::Fixed(what));
    let to = reader.from("end").max(desk.now);
    let basis = reader.basis(desk.now);
    let good = reader.is_good();
    page.fields = reader.done();
    let act = good.then(|| {
        (
            Act::EndRole {
                grant: id.to_owned(),
                to,
            },
            basis,
        )
    });
    Ok(Some((page, act)))
}

/// GET /admin/people/{id}/erase
pub(crate) async fn erase_form(
    mut desk: Desk,
    Path(id): Path<String>,
    Query(filled): Query<Filled>,
) -> Response {
    match read_erasure(&mut desk, &id, &filled).await {
        Ok(Some((page, _))) => page.show_fresh(&desk),
        Ok(None) => desk.shell.not_found(),
        Err(error) => broken(&error),
    }
}

/// POST /admin/people/{id}/erase
pub(crate) async fn propose_erasure(
    mut desk: Desk,
    Path(id): Path<String>,
    CsrfForm(filled): CsrfForm<Filled>,
) -> Response {
    match read_erasure(&mut desk, &id, &filled).await {
        Ok(Some((page, act))) => offer(desk, page, act, &filled).await,
        Ok(None) => desk.shell.not_found(),
        Err(error) => broken(&error),
    }
}

async fn read_erasure(desk: &mut Desk, id: &str, filled: &Filled) -> Result<Option<Read>, Error> {
    let Some(person) = people::load(&mut desk.conn, &desk.scope, id)
        .await?
        .filter(|p| !p.erased)
    else {
        return Ok(None);
    };
    let mut page = FormPage::of(desk, "erase", format!("/admin/people/{id}/erase"));
    let mut filled = filled.clone();
    filled.set("person", id);
    let mut reader = Reader::new(desk.t, &filled);
    let words = format!("{} ({})", person.full_name, person.staff_no);
    reader.field("person", false, Input::Fixed(words));
    let basis = reader.basis(desk.now);
    let good = reader.is_good();
    page.fields = reader.done();
    let held = appointments::held_by(&mut desk.conn, id, AsOf::now(desk.now)).await?;
    if !held.is_empty() {
        page.notes.push(desk.t.text("erase-still-in-post"));
    }
    let act = good.then(|| {
        (
            Act::ErasePerson {
                person: id.to_owned(),
            },
            basis,
        )
    });
    Ok(Some((page, act)))
}

/// Shows the preview, or proposes; what needs no second person is carried out at once.
async fn offer(
    mut desk: Desk,
    mut page: FormPage,
    act: Option<(Act, String)>,
    filled: &Filled,
) -> Response {
    let Some((act, basis)) = act else {
        return page.show(&desk);
    };
    match filled.step() {
        Step::Edit => page.show(&desk),
        Step::Preview => match words::effect(&desk.t, &mut desk.conn, &act, desk.now).await {
            Ok(effect) => {
                let then = if desk.caller.in_emergency() {
                    "preview-at-once"
                } else {
                    "preview-four-eyes"
                };
                page.preview = vec![
                    effect,
                    desk.t.with("preview-basis", &[("basis", basis.as_str())]),
                    desk.t.text(then),
                ];
                page.show(&desk)
            }
            Err(error) => broken(&error),
        },
        Step::Save => save(desk, page, &act, &basis).await,
    }
}

async fn save(desk: Desk, mut page: FormPage, act: &Act, basis: &str) -> Response {
    let ground = desk.ground();
    let actor = desk.actor();
    let made = propose_act::run(&ground.db, &ground.entropy, desk.now, &actor, act, basis).await;
    match made {
        Ok(proposal) => {
            if proposal.state == ProposalState::Approved
                && let Err(error) = carry_out_proposal::run(
                    &ground.db,
                    &ground.entropy,
                    desk.now,
                    &actor,
                    &proposal.id,
                )
                .await
            {
                tracing::warn!(%error, proposal = proposal.id, "approved and not carried out; its page offers it again");
            }
            Redirect::to(&format!("/admin/proposals/{}", proposal.id)).into_response()
        }
        Err(ProposeActError::Db(error)) => broken(&error),
        Err(refused) => {
            page.refusal = refusal(&desk.t, &refused);
            page.show(&desk)
        }
    }
}

/// A refusal to propose, in words.
fn refusal(t: &Tongue, refused: &ProposeActError) -> String {
    t.text(match refused {
        ProposeActError::NotEntitled => "propose-not-entitled",
        ProposeActError::OwnRole => "propose-own-role",
        ProposeActError::OnlyOneAdministrator => "propose-only-one",
        ProposeActError::Unknown(_) => "propose-unknown",
        ProposeActError::Basis => "field-missing",
        ProposeActError::EmptyInterval => "propose-empty-interval",
        ProposeActError::LastAdministrator => "propose-last-administrator",
        ProposeActError::Db(_) => "propose-unknown",
    })
}
