//! The part of a list's page about who is missing from it: for which agencies it is complete, and whose end is accepted.

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use platform::caller::SignedIn;
use platform::clock::format_date;
use platform::edge::csrf::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;

use super::Service;
use super::lists::{refused, said};
use super::reading::broken;
use crate::domain::intake::leavers::{Claim, Doubt, Leaver, Leaving, MOST};
use crate::flows::claim_list::{self, ClaimList, Said};

/// Leavers on a page.
const SHOWN: usize = 100;

/// What the page says about people who are missing.
pub(crate) struct Whole {
    /// Agencies declared: id and name.
    pub(crate) declared: Vec<(String, String)>,
    /// Agencies that could be declared: id, code and name.
    pub(crate) others: Vec<(String, String)>,
    pub(crate) lines: Vec<Missing>,
    pub(crate) n: usize,
    pub(crate) accepted: usize,
    pub(crate) at_once: bool,
    pub(crate) how_many: String,
    pub(crate) limit: String,
    pub(crate) next: Option<String>,
}

/// One person who is missing.
pub(crate) struct Missing {
    pub(crate) person: String,
    pub(crate) name: String,
    pub(crate) staff_no: String,
    pub(crate) held: Vec<String>,
    pub(crate) doubt: Option<String>,
    pub(crate) accepted: bool,
}

impl Whole {
    pub(crate) fn of(
        t: &Tongue,
        claim: &Claim,
        leaving: &Leaving,
        agencies: Vec<(String, String, String)>,
        (here, page): (&str, usize),
    ) -> Self {
        let (declared, others): (Vec<_>, Vec<_>) = agencies
            .into_iter()
            .partition(|(id, ..)| claim.whole_for.contains(id));
        let n = leaving.leavers.len();
        let first = page.saturating_mul(SHOWN);
        let shown = leaving.leavers.iter().skip(first).take(SHOWN);
        let figures = [
            ("n", n.to_string()),
            ("people", leaving.people.to_string()),
            ("most", MOST.to_string()),
        ];
        let figures = figures.each_ref().map(|(name, n)| (*name, n.as_str()));
        Self {
            declared: declared
                .into_iter()
                .map(|(id, _, name)| (id, name))
                .collect(),
            others: others
                .into_iter()
                .map(|(id, code, name)| (id, format!("{code} {name}")))
                .collect(),
            lines: shown.map(|leaver| missing(t, leaver)).collect(),
            n,
            accepted: leaving.accepted().count(),
            at_once: leaving.at_once(),
            how_many: t.with("leavers-how-many", &figures),
            limit: t.with("leavers-limit", &figures),
            next: (n > first.saturating_add(SHOWN))
                .then(|| format!("{here}?missing={}#leavers", page.saturating_add(1))),
        }
    }
}

fn missing(t: &Tongue, leaver: &Leaver) -> Missing {
    let held = leaver.held.iter().map(|held| {
        let since = format_date(held.from);
        let values = [
            ("post", held.title.as_str()),
            ("agency", held.agency.as_str()),
            ("day", since.as_str()),
        ];
        t.with("leavers-held", &values)
    });
    let doubt = leaver.doubt.map(|doubt| match doubt {
        Doubt::Row(row) => t.with("leavers-doubt-row", &[("row", row.to_string().as_str())]),
        Doubt::ByHand => t.text("leavers-doubt-by-hand"),
    });
    Missing {
        person: leaver.person.clone(),
        name: leaver.name.clone(),
        staff_no: leaver.staff_no.clone(),
        held: held.collect(),
        doubt,
        accepted: leaver.accepted,
    }
}

/// POST /admin/imports/{id}/claim
pub(crate) async fn claim(
    State(service): State<Service>,
    shell: Shell,
    SignedIn(caller): SignedIn,
    Path(id): Path<String>,
    CsrfForm(fields): CsrfForm<Vec<(String, String)>>,
) -> Response {
    let Some(words) = words(&fields) else {
        return shell.error(StatusCode::BAD_REQUEST);
    };
    match claim_list::run(&service.0.ground, &caller.person, &id, words).await {
        Ok(()) => Redirect::to(&format!("/admin/imports/{id}#leavers")).into_response(),
        Err(ClaimList::OtherAgency) => said(&shell, StatusCode::FORBIDDEN, "leavers-other-agency"),
        Err(ClaimList::TooMany) => said(&shell, StatusCode::CONFLICT, "leavers-too-many"),
        Err(ClaimList::Closed) => said(&shell, StatusCode::CONFLICT, "list-closed"),
        Err(ClaimList::Read(error)) => refused(&shell, &error),
        Err(ClaimList::Db(error)) => broken(&error),
    }
}

/// The forms of this part, told apart by their field `part`.
fn words(fields: &[(String, String)]) -> Option<Said> {
    let all = |name: &str| -> BTreeSet<String> {
        let values = fields.iter().filter(|(field, _)| field == name);
        values
            .map(|(_, value)| value.trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect()
    };
    let part = fields.iter().find(|(field, _)| field == "part")?;
    Some(match part.1.as_str() {
        "whole" => Said::Whole(all("agency")),
        "ends" => Said::Ends {
            shown: all("shown"),
            leave: all("leave"),
        },
        "all" => Said::AllCertain,
        _ => return None,
    })
}
