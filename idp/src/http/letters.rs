//! `/admin/letters`: which agency, where its people stand, what printing would do, and the PDF itself.

use super::Service;
use super::browser::{failed_db, see_other};
use crate::domain::letter::{Choice, Counts, Line, Stage};
use crate::flows::make_letters::{self, MOST, MakeLettersError, Wanted};
use crate::flows::plan_letters::{self, Plan};
use crate::{Idp, TEXTS};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use platform::caller::{Caller, SignedIn};
use platform::clock;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use register::flows::list_invitable::{self, Left, ListInvitableError};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Rows on a page.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "letters.html")]
struct ChoosePage {
    t: Tongue,
    agencies: Vec<Agency>,
}

struct Agency {
    name: String,
    code: String,
    people: i64,
    alone: String,
    below: Option<String>,
}

#[derive(Template)]
#[template(path = "letters_agency.html")]
struct AgencyPage<'a> {
    t: Tongue,
    csrf: &'a str,
    agency: &'a str,
    name: &'a str,
    below: bool,
    not_recent: Option<String>,
    counts: Counts,
    open_until: String,
    missing: usize,
    waiting: usize,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
    left: Vec<(String, String, String)>,
}

struct Row {
    person: String,
    name: String,
    staff_no: String,
    place: String,
    username: String,
    class: &'static str,
    stage: String,
}

#[derive(Template)]
#[template(path = "letters_confirm.html")]
struct ConfirmPage<'a> {
    t: Tongue,
    csrf: &'a str,
    agency: &'a str,
    name: &'a str,
    below: bool,
    who: &'static str,
    people: Vec<String>,
    letters: String,
    replaced: String,
    until: String,
    activated: String,
    left: String,
    back: String,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    agency: String,
    #[serde(default)]
    below: String,
    #[serde(default)]
    page: usize,
}

/// Where the page of an agency is.
fn address(agency: &str, below: bool, page: usize) -> String {
    let agency: String = url::form_urlencoded::byte_serialize(agency.as_bytes()).collect();
    let below = if below { "&below=1" } else { "" };
    let page = if page > 0 {
        format!("&page={page}#people")
    } else {
        String::new()
    };
    format!("/admin/letters?agency={agency}{below}{page}")
}

fn sign_in_again(agency: &str, below: bool) -> String {
    let next = address(agency, below, 0);
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/login?again=1&next={next}")
}

/// GET /admin/letters
pub(super) async fn show(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Response {
    if asked.agency.is_empty() {
        return choose(&service.0, &shell, &caller).await;
    }
    let below = asked.below == "1";
    match plan(&service.0, &caller, &asked.agency, below).await {
        Ok(plan) => {
            let body = agency_page(&service.0, &shell, &caller, &plan, below, asked.page);
            shell.page(StatusCode::OK, &body.t.text("letters-title"), &body)
        }
        Err(error) => refused(&shell, error),
    }
}

async fn plan(
    idp: &Idp,
    caller: &Caller,
    agency: &str,
    below: bool,
) -> Result<Plan, ListInvitableError> {
    let ground = idp.ground();
    let mut conn = ground.db.read().await?;
    plan_letters::run(&mut conn, &caller.person, agency, below, ground.now()).await
}

async fn choose(idp: &Idp, shell: &Shell, caller: &Caller) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let ground = idp.ground();
    let found = async {
        let mut conn = ground.db.read().await?;
        list_invitable::choosable(&mut conn, &caller.person, ground.now()).await
    };
    let list = match found.await {
        Ok(list) => list,
        Err(error) => return refused(shell, error),
    };
    let parents: BTreeSet<String> = list
        .iter()
        .filter_map(|one| one.agency.parent.clone())
        .collect();
    let agencies = list.into_iter().map(|one| Agency {
        alone: address(&one.agency.id, false, 0),
        below: parents
            .contains(&one.agency.id)
            .then(|| address(&one.agency.id, true, 0)),
        name: one.agency.name,
        code: one.agency.code,
        people: one.people,
    });
    let body = ChoosePage {
        agencies: agencies.collect(),
        t,
    };
    shell.page(StatusCode::OK, &t.text("letters-title"), &body)
}

fn agency_page<'a>(
    idp: &Idp,
    shell: &'a Shell,
    caller: &Caller,
    plan: &'a Plan,
    below: bool,
    page: usize,
) -> AgencyPage<'a> {
    let t = Tongue::new(shell.lang, &TEXTS);
    let now = idp.ground().now();
    let counts = Counts::of(&plan.lines);
    let takes = |choice: &Choice| plan.lines.iter().filter(|line| choice.takes(line)).count();
    let waiting: Vec<&Line> = plan
        .lines
        .iter()
        .filter(|line| Choice::All.takes(line))
        .collect();
    let page = page.min(waiting.len().saturating_sub(1) / ROWS);
    let to = |page| address(&plan.agency.id, below, page);
    let rows = waiting.iter().skip(page * ROWS).take(ROWS);
    let left = plan.lines.iter().filter_map(|line| {
        let why = match line.stage {
            Stage::Left(Left::Elsewhere) => "letters-left-elsewhere",
            Stage::Left(Left::Role) => "letters-left-role",
            Stage::Nameless => "letters-left-nameless",
            _ => return None,
        };
        let member = &line.member;
        Some((
            member.full_name.clone(),
            member.staff_no.clone(),
            t.text(why),
        ))
    });
    AgencyPage {
        csrf: &shell.csrf,
        agency: &plan.agency.id,
        name: &plan.agency.name,
        below,
        not_recent: (!idp.config().is_recent(caller.auth_time, now))
            .then(|| sign_in_again(&plan.agency.id, below)),
        open_until: clock::format_instant(counts.open_until),
        counts,
        missing: takes(&Choice::Missing),
        waiting: waiting.len(),
        rows: rows.map(|line| row(&t, line)).collect(),
        previous: page.checked_sub(1).map(to),
        next: ((page + 1) * ROWS < waiting.len()).then(|| to(page + 1)),
        left: left.take(ROWS).collect(),
        t,
    }
}

fn row(t: &Tongue, line: &Line) -> Row {
    let (class, stage) = match line.stage {
        Stage::Open(until) => (
            "wait",
            t.with(
                "letters-stage-open",
                &[("until", clock::format_instant(until))],
            ),
        ),
        Stage::Lapsed => ("warn", t.text("letters-stage-lapsed")),
        _ => ("no", t.text("letters-stage-without")),
    };
    let member = &line.member;
    let place = [member.title.as_str(), member.unit.as_str()];
    let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
    Row {
        person: member.person.clone(),
        name: member.full_name.clone(),
        staff_no: member.staff_no.clone(),
        place: place.join(", "),
        username: line
            .username
            .as_ref()
            .map_or_else(String::new, |name| name.as_str().to_owned()),
        class,
        stage,
    }
}

/// What the forms send; repeated fields are people.
struct Form {
    wanted: Wanted,
    make: bool,
}

impl Form {
    fn read(fields: Vec<(String, String)>) -> Option<Self> {
        let (mut agency, mut who) = (String::new(), String::new());
        let (mut below, mut make) = (false, false);
        let mut people = BTreeSet::new();
        for (name, value) in fields {
            match name.as_str() {
                "agency" => agency = value,
                "below" => below = value == "1",
                "who" => who = value,
                "step" => make = value == "make",
                "person" => {
                    people.insert(value);
                }
                _ => {}
            }
        }
        let choice = match who.as_str() {
            "missing" => Choice::Missing,
            "all" => Choice::All,
            "chosen" => Choice::Chosen(people),
            _ => return None,
        };
        Some(Self {
            wanted: Wanted {
                agency,
                below,
                choice,
            },
            make,
        })
    }
}

/// POST /admin/letters: shows what would happen, or does it.
pub(super) async fn act(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    CsrfForm(fields): CsrfForm<Vec<(String, String)>>,
) -> Response {
    let Some(Form { wanted, make }) = Form::read(fields) else {
        return shell.error(StatusCode::UNPROCESSABLE_ENTITY);
    };
    if !make {
        return confirm(&service.0, &shell, &caller, &wanted).await;
    }
    match make_letters::run(&service.0, &caller, &wanted).await {
        Ok(made) => {
            let code: String = made
                .code
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
                .collect();
            let name = format!("attachment; filename=\"thu-kich-hoat-{code}.pdf\"");
            let headers = [
                (CONTENT_TYPE, "application/pdf".to_owned()),
                (CONTENT_DISPOSITION, name),
                (CACHE_CONTROL, "no-store".to_owned()),
            ];
            (headers, made.pdf).into_response()
        }
        Err(error) => explain(&shell, &wanted, error),
    }
}

async fn confirm(idp: &Idp, shell: &Shell, caller: &Caller, wanted: &Wanted) -> Response {
    let plan = match plan(idp, caller, &wanted.agency, wanted.below).await {
        Ok(plan) => plan,
        Err(error) => return refused(shell, error),
    };
    let chosen: Vec<&Line> = plan
        .lines
        .iter()
        .filter(|line| wanted.choice.takes(line))
        .collect();
    if chosen.is_empty() {
        return explain(shell, wanted, MakeLettersError::Nobody);
    }
    if chosen.len() > MOST {
        return explain(shell, wanted, MakeLettersError::TooMany(chosen.len()));
    }
    let open = chosen
        .iter()
        .filter(|line| matches!(line.stage, Stage::Open(_)));
    let t = Tongue::new(shell.lang, &TEXTS);
    let counts = Counts::of(&plan.lines);
    let (who, people) = match &wanted.choice {
        Choice::Missing => ("missing", Vec::new()),
        Choice::All => ("all", Vec::new()),
        Choice::Chosen(people) => ("chosen", people.iter().cloned().collect()),
    };
    let end = idp.ground().now() + idp.config().letter_life;
    let body = ConfirmPage {
        csrf: &shell.csrf,
        agency: &plan.agency.id,
        name: &plan.agency.name,
        below: wanted.below,
        who,
        people,
        letters: chosen.len().to_string(),
        replaced: open.count().to_string(),
        until: clock::format_date(end),
        activated: counts.activated.to_string(),
        left: (counts.elsewhere + counts.role + counts.nameless + counts.shut).to_string(),
        back: address(&plan.agency.id, wanted.below, 0),
        t,
    };
    shell.page(StatusCode::OK, &t.text("letters-confirm-title"), &body)
}

fn refused(shell: &Shell, error: ListInvitableError) -> Response {
    match error {
        ListInvitableError::NoRight => said(shell, StatusCode::FORBIDDEN, "letters-no-right"),
        ListInvitableError::Db(error) => failed_db(error),
    }
}

fn said(shell: &Shell, status: StatusCode, key: &str) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    shell.refusal(
        status,
        &t.text("letters-title"),
        &t.text(key),
        &t.text(&format!("{key}-next")),
    )
}

fn explain(shell: &Shell, wanted: &Wanted, error: MakeLettersError) -> Response {
    match error {
        MakeLettersError::NoRight => said(shell, StatusCode::FORBIDDEN, "letters-no-right"),
        MakeLettersError::NotRecent => see_other(&sign_in_again(&wanted.agency, wanted.below)),
        MakeLettersError::Nobody => said(shell, StatusCode::UNPROCESSABLE_ENTITY, "letters-nobody"),
        MakeLettersError::Changed => said(shell, StatusCode::CONFLICT, "letters-changed"),
        MakeLettersError::TooMany(found) => {
            let t = Tongue::new(shell.lang, &TEXTS);
            let values = [("n", found.to_string()), ("most", MOST.to_string())];
            shell.refusal(
                StatusCode::UNPROCESSABLE_ENTITY,
                &t.text("letters-title"),
                &t.with("letters-too-many", &values),
                &t.text("letters-too-many-next"),
            )
        }
        MakeLettersError::Pages(why) => {
            tracing::error!(error = why, "letters cannot be set");
            said(shell, StatusCode::INTERNAL_SERVER_ERROR, "letters-pages")
        }
        MakeLettersError::Db(error) => failed_db(error),
    }
}
