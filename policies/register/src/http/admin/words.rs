//! Words of administration: rights, acts, states of proposals, people with what tells them apart.

use platform::clock::{date, day_start, format_date, format_instant, format_last_day};
use platform::db::{Conn, Error};
use platform::i18n::Tongue;

use super::super::words::days;
use crate::domain::administration::{Need, Role, Table};
use crate::domain::proposal::{Act, Proposal};
use crate::domain::words::{Kind, ProposalState, Verb};
use crate::facts;
use crate::store::{people, reorganisations, roles};

/// `xem bổ nhiệm`.
pub(crate) fn need(t: &Tongue, (verb, kind): Need) -> String {
    format!("{} {}", verb_word(t, verb), kind_word(t, kind))
}

fn verb_word(t: &Tongue, verb: Verb) -> String {
    t.text(&format!("verb-{}", verb.as_str()))
}

fn kind_word(t: &Tongue, kind: Kind) -> String {
    t.text(&format!("kind-of-{}", kind.as_str().replace('_', "-")))
}

/// What a role allows, one line a verb: (`Xem`, `cơ quan, đơn vị, …`).
pub(crate) fn rights(t: &Tongue, role: &Role) -> Vec<(String, String)> {
    Verb::ALL
        .iter()
        .filter_map(|verb| {
            let kinds: Vec<String> = role
                .rights
                .iter()
                .filter(|(of, _)| of == verb)
                .map(|(_, kind)| kind_word(t, *kind))
                .collect();
            (!kinds.is_empty()).then(|| (verb_word(t, *verb), kinds.join(", ")))
        })
        .collect()
}

/// The name of a role, or its code when the table knows it no more.
pub(crate) fn role_name(t: &Tongue, code: &str) -> String {
    Table::ours()
        .role(code)
        .map_or_else(|| code.to_owned(), |role| role.name(t.lang()).to_owned())
}

/// The name of a dangerous act.
pub(crate) fn act_name(t: &Tongue, act: &Act) -> String {
    Table::ours().dangerous(act.code()).map_or_else(
        || act.code().to_owned(),
        |row| row.name(t.lang()).to_owned(),
    )
}

/// The state of a proposal with its class: (word, class of the badge).
pub(crate) fn state(t: &Tongue, proposal: &Proposal, now: i64) -> (String, &'static str) {
    if proposal.is_expired(now) {
        return (t.text("proposal-expired"), "no");
    }
    let class = match proposal.state {
        ProposalState::Proposed => "wait",
        ProposalState::Approved => "warn",
        ProposalState::CarriedOut => "ok",
        ProposalState::Rejected | ProposalState::Withdrawn => "no",
    };
    let key = proposal.state.as_str().replace('_', "-");
    (t.text(&format!("proposal-{key}")), class)
}

/// `Ngô Đức Thịnh (BD-000002)`, or that the data were erased.
pub(crate) async fn person(t: &Tongue, conn: &mut Conn, id: &str) -> Result<String, Error> {
    Ok(match people::find(conn, id).await? {
        Some(known) if !known.erased => format!("{} ({})", known.full_name, known.staff_no),
        _ => t.text("erased"),
    })
}

/// The name of an agency, or the whole province.
pub(crate) async fn agency(
    t: &Tongue,
    conn: &mut Conn,
    id: Option<&str>,
    at: i64,
) -> Result<String, Error> {
    let Some(id) = id else {
        return Ok(t.text("whole-province"));
    };
    let found = facts::agency(conn, id, at).await?;
    Ok(found.map_or_else(|| id.to_owned(), |agency| agency.name))
}

/// What will happen when the act is carried out, in one sentence.
pub(crate) async fn effect(
    t: &Tongue,
    conn: &mut Conn,
    act: &Act,
    now: i64,
) -> Result<String, Error> {
    Ok(match act {
        Act::GrantRole {
            person: who,
            role,
            agency: root,
            from,
            to,
        } => {
            let who = person(t, conn, who).await?;
            let place = agency(t, conn, root.as_deref(), now).await?;
            let (role, when) = (role_name(t, role), days(t, *from, *to));
            t.with(
                "effect-grant-role",
                &[
                    ("person", who.as_str()),
                    ("role", role.as_str()),
                    ("agency", place.as_str()),
                    ("days", when.as_str()),
                ],
            )
        }
        Act::EndRole { grant, to } => {
            let Some(known) = roles::find(conn, grant).await? else {
                return Ok(t.text("effect-gone"));
            };
            let who = person(t, conn, &known.person).await?;
            let place = agency(t, conn, known.agency.as_deref(), now).await?;
            let (role, when) = (role_name(t, &known.role), format_instant(*to));
            t.with(
                "effect-end-role",
                &[
                    ("person", who.as_str()),
                    ("role", role.as_str()),
                    ("agency", place.as_str()),
                    ("when", when.as_str()),
                ],
            )
        }
        Act::ErasePerson { person: who } => {
            let who = person(t, conn, who).await?;
            t.with("effect-erase-person", &[("person", who.as_str())])
        }
        Act::PublishPlan { plan, .. } => {
            let Some(plan) = reorganisations::find(conn, plan).await? else {
                return Ok(t.text("effect-gone"));
            };
            let day = format_date(plan.at);
            t.with(
                "effect-publish-plan",
                &[("name", plan.name.as_str()), ("day", day.as_str())],
            )
        }
    })
}

/// `05/02/2026`.
pub(crate) fn day(at: i64) -> String {
    format_date(at)
}

/// `13:00:00 05/02/2026`.
pub(crate) fn instant(at: i64) -> String {
    format_instant(at)
}

/// `Từ ngày 05/02/2026 đến hết ngày 28/02/2027`, with the hour when it is not midnight.
pub(crate) fn period(t: &Tongue, from: i64, to: Option<i64>) -> String {
    let begin = if day_start(date(from)) == from {
        format_date(from)
    } else {
        format_instant(from)
    };
    match to.map(format_last_day) {
        Some(last) => t.with(
            "period-closed",
            &[("from", begin.as_str()), ("to", last.as_str())],
        ),
        None => t.with("period-open", &[("from", begin.as_str())]),
    }
}
