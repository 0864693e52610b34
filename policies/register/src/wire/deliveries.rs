//! Deliveries of the JSON interface: what is taken, and the difference report.

use platform::clock::rfc3339;
use platform::i18n::Tongue;
use serde::Serialize;

use crate::domain::feed::Counted;
use crate::domain::intake::Verdict;
use crate::domain::intake::leavers::{Doubt, Leaver};
use crate::domain::intake::match_up::Outcome;
use crate::domain::intake::weigh::Line;
use crate::flows::see_delivery::Report;
use crate::store::feeds::Delivery;

/// Rows and people named in one report; the page of the list has all of them.
const MOST: usize = 1_000;

/// A delivery that was taken.
#[derive(Debug, Serialize)]
pub struct Delivered {
    /// `lst_…`
    pub id: String,
    /// Whether it had been delivered before.
    pub again: bool,
    /// Where its difference report is.
    pub report: String,
}

/// What a delivery meant when it came.
#[derive(Debug, Serialize)]
pub struct Counts {
    joiners: usize,
    movers: usize,
    changed: usize,
    unchanged: usize,
    leavers: usize,
    look: usize,
    refused: usize,
}

impl From<Counted> for Counts {
    fn from(of: Counted) -> Self {
        Self {
            joiners: of.joiners,
            movers: of.movers,
            changed: of.changed,
            unchanged: of.unchanged,
            leavers: of.leavers,
            look: of.look,
            refused: of.refused,
        }
    }
}

/// The part that was published without a look.
#[derive(Debug, Serialize)]
pub struct Part {
    id: String,
    state: &'static str,
}

impl From<Delivery> for Part {
    fn from(part: Delivery) -> Self {
        Self {
            id: part.list,
            state: part.state.as_str(),
        }
    }
}

/// One thing said about a row.
#[derive(Debug, Serialize)]
pub struct Cause {
    code: &'static str,
    text: String,
    remedy: String,
}

/// A row that is not simply as the register has it.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Place of the user in `Resources`, from 0.
    resource: Option<u32>,
    name: String,
    outcome: &'static str,
    verdict: &'static str,
    causes: Vec<Cause>,
}

/// A person who is missing.
#[derive(Debug, Serialize)]
pub struct Missing {
    person: String,
    staff_no: String,
    doubt: Option<&'static str>,
    accepted: bool,
}

/// The difference report.
#[derive(Debug, Serialize)]
pub struct DeliveryReport {
    id: String,
    source: String,
    state: &'static str,
    received_at: String,
    effective: String,
    complete_for: Vec<String>,
    counts: Counts,
    published_at_once: Option<Part>,
    kept: bool,
    rows: Vec<Row>,
    leavers: Vec<Missing>,
    left_out: usize,
    page: String,
}

impl DeliveryReport {
    /// In the words of a language.
    pub fn of(report: Report, t: &Tongue) -> Self {
        let differing =
            |line: &&Line| line.verdict != Verdict::Ready || line.outcome != Outcome::Stays;
        let all = report.lines.iter().filter(differing).count() + report.leaving.leavers.len();
        let rows: Vec<Row> = report
            .lines
            .iter()
            .filter(differing)
            .take(MOST)
            .map(|line| row(line, t))
            .collect();
        let leavers: Vec<Missing> = report
            .leaving
            .leavers
            .iter()
            .take(MOST)
            .map(missing)
            .collect();
        Self {
            page: format!("/admin/imports/{}", report.delivery.list),
            id: report.delivery.list,
            source: report.delivery.source,
            state: report.delivery.state.as_str(),
            received_at: rfc3339(report.delivery.at),
            effective: rfc3339(report.delivery.effective),
            complete_for: report.whole_for,
            counts: report.delivery.counts.into(),
            published_at_once: report.part.map(Part::from),
            kept: report.kept,
            left_out: all.saturating_sub(rows.len() + leavers.len()),
            rows,
            leavers,
        }
    }
}

fn row(line: &Line, t: &Tongue) -> Row {
    Row {
        resource: line.number.checked_sub(2),
        name: line.name.clone(),
        outcome: line.outcome.as_str(),
        verdict: line.verdict.as_str(),
        causes: line
            .notes
            .iter()
            .map(|note| {
                let (word, value) = (note.word(), note.value());
                Cause {
                    code: word,
                    text: t.with(&format!("note-{word}"), &[("a", value.as_str())]),
                    remedy: t.text(&format!("note-{word}-remedy")),
                }
            })
            .collect(),
    }
}

fn missing(leaver: &Leaver) -> Missing {
    Missing {
        person: leaver.person.clone(),
        staff_no: leaver.staff_no.clone(),
        doubt: leaver.doubt.map(|doubt| match doubt {
            Doubt::Row(_) => "row",
            Doubt::ByHand => "by_hand",
        }),
        accepted: leaver.accepted,
    }
}
