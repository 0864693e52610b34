//! `/posts/{id}`: a post with its law, its fields of work and its holders over time.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use platform::caller::SignedIn;
use platform::db::Error;
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::reading::{Asked, Find, Reading, broken, link};
use super::words::{Step, appointment_acts, capacity, days, holder_step, titled, vacancy_step};
use crate::domain::time::Interval;
use crate::domain::words::{AssignmentKind, Kind, Verb};
use crate::facts::{self, Holder, PostFact};
use crate::store::{agencies, mailboxes, people, posts, units};

#[derive(Template)]
#[template(path = "post.html")]
struct Page {
    t: Tongue,
    find: Find,
    title: String,
    agency_name: String,
    agency_href: String,
    unit_name: Option<String>,
    standing: String,
    capacities: Vec<String>,
    deputy_of: Option<(String, String)>,
    addresses: Vec<String>,
    vacant: bool,
    assignments: Vec<Assigned>,
    holders: Vec<Step>,
    doors: Vec<(String, String)>,
}

/// A field of work or the custody of a seal.
struct Assigned {
    what: String,
    days: String,
    basis: String,
    end: Option<String>,
}

pub(crate) async fn show(
    shell: Shell,
    SignedIn(caller): SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let mut reading = match Reading::open(shell, &caller, &asked).await {
        Ok(reading) => reading,
        Err(response) => return response,
    };
    match load(&mut reading, &id).await {
        Ok(Some(page)) => {
            let title = format!("{}, {}", page.title, page.agency_name);
            reading.shell.page(StatusCode::OK, &title, &page)
        }
        Ok(None) => reading.shell.not_found(),
        Err(error) => broken(&error),
    }
}

async fn load(reading: &mut Reading, id: &str) -> Result<Option<Page>, Error> {
    let t = reading.tongue();
    let known = reading.as_of.known;
    let Some(post) = posts::load(&mut reading.conn, &reading.scope, id, known).await? else {
        return Ok(None);
    };
    let (appoints, assigns) = (
        (Verb::Record, Kind::Appointment),
        (Verb::Record, Kind::Assignment),
    );
    let may_appoint = reading.may(appoints, Some(&post.agency)).await?;
    let may_assign = reading.may(assigns, Some(&post.agency)).await?;
    let doors = doors(reading, &post, may_appoint, may_assign).await?;
    let (conn, scope, as_of, carry) = (
        &mut reading.conn,
        &reading.scope,
        reading.as_of,
        &reading.carry,
    );
    let agency = agencies::versions(conn, scope, &post.agency, as_of.known)
        .await?
        .pop();
    let units = units::of_agency(conn, scope, &post.agency, as_of).await?;
    let holders = people::holders_over_time(conn, scope, id, as_of.known).await?;
    let deputy_of = match &post.deputy_of {
        Some(head) => posts::load(conn, scope, head, as_of.known).await?,
        None => None,
    };
    let mut assignments = Vec::new();
    for assignment in facts::assignments_of_post(conn, id).await? {
        let what = match assignment.kind {
            AssignmentKind::Field => assignment.field.unwrap_or_default(),
            AssignmentKind::SealCustody => {
                let name = facts::agency(conn, &assignment.agency, as_of.at)
                    .await?
                    .map(|a| a.name)
                    .unwrap_or_default();
                t.with("keeps-seal-of", &[("agency", name.as_str())])
            }
        };
        let open = assignment.to.is_none_or(|to| to > as_of.at);
        assignments.push(Assigned {
            what,
            days: days(&t, assignment.from, assignment.to),
            basis: assignment.basis,
            end: (may_assign && open).then(|| format!("/admin/assignments/{}/end", assignment.id)),
        });
    }
    let addresses = mailboxes::of_post(conn, id, as_of).await?;
    let gaps = if post.standing.single_seat() {
        vacancies(&post, &holders, as_of.at)
    } else {
        Vec::new()
    };
    let mut dated: Vec<(i64, Step)> = gaps
        .into_iter()
        .map(|gap| (gap.from, vacancy_step(&t, gap.from, gap.to, as_of.at)))
        .collect();
    for holder in holders {
        let open = holder.to.is_none_or(|to| to > as_of.at);
        let (from, appointment) = (holder.from, holder.appointment.clone());
        let mut step = holder_step(&t, holder, as_of, carry);
        if may_appoint && open {
            step.acts = appointment_acts(&t, &appointment);
        }
        dated.push((from, step));
    }
    dated.sort_by_key(|(from, _)| std::cmp::Reverse(*from));
    let holders: Vec<Step> = dated.into_iter().map(|(_, step)| step).collect();
    Ok(Some(Page {
        find: reading.find.clone(),
        title: titled(&post.title, post.field.as_deref()),
        agency_name: agency.map(|a| a.name).unwrap_or_default(),
        agency_href: link(&format!("/agencies/{}", post.agency), carry),
        unit_name: units
            .into_iter()
            .find(|unit| post.unit.as_deref() == Some(unit.id.as_str()))
            .map(|unit| unit.name),
        standing: t.text(&format!(
            "standing-{}",
            post.standing.as_str().replace('_', "-")
        )),
        capacities: post
            .capacities
            .iter()
            .map(|code| capacity(&t, code))
            .collect(),
        deputy_of: deputy_of.map(|head| (link(&format!("/posts/{}", head.id), carry), head.title)),
        addresses: addresses.into_iter().map(|m| m.address).collect(),
        vacant: !holders.iter().any(|step| step.in_force && !step.vacancy),
        assignments,
        holders,
        doors,
        t,
    }))
}

/// Times in which a post of one seat stood empty, up to the day asked about; the last one is open when it is empty then.
fn vacancies(post: &PostFact, holders: &[Holder], at: i64) -> Vec<Interval> {
    let mut held: Vec<Interval> = holders
        .iter()
        .map(|holder| Interval {
            from: holder.from,
            to: holder.to,
        })
        .collect();
    held.sort_by_key(|one| one.from);
    let mut gaps = Vec::new();
    let mut free = Some(post.from);
    for one in held {
        let Some(from) = free else { break };
        if from < one.from {
            gaps.push(Interval {
                from,
                to: Some(one.from),
            });
        }
        free = one.to.map(|to| to.max(from));
    }
    if let Some(from) = free.filter(|from| *from <= at && post.interval().holds(at)) {
        gaps.push(Interval { from, to: None });
    }
    gaps
}

/// Doors to the forms about this post that are open to the reader.
async fn doors(
    reading: &mut Reading,
    post: &PostFact,
    may_appoint: bool,
    may_assign: bool,
) -> Result<Vec<(String, String)>, Error> {
    let t = reading.tongue();
    let id = &post.id;
    let mut doors = Vec::new();
    if may_appoint {
        doors.push((
            format!("/admin/appointments/new?post={id}"),
            t.text("appoint-short"),
        ));
    }
    if may_assign && post.deputy_of.is_some() {
        doors.push((
            format!("/admin/assignments/new?kind=field&post={id}"),
            t.text("assign-field"),
        ));
    }
    if may_assign
        && post
            .capacities
            .iter()
            .any(|capacity| capacity == "DONG_DAU")
    {
        doors.push((
            format!("/admin/assignments/new?kind=seal_custody&post={id}"),
            t.text("assign-seal-custody"),
        ));
    }
    let audit = (Verb::See, Kind::Audit);
    if reading.may(audit, Some(&post.agency)).await? {
        doors.push((format!("/admin/history/post/{id}"), t.text("history-title")));
    }
    Ok(doors)
}
