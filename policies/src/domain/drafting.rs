//! What is looked at before an instrument of hand-over is drafted: the law's refusals as rows, and the days.

use engine::Role;
use serde::Deserialize;
use thiserror::Error;

const ROWS: &str = include_str!("../../rules/drafting/handover.toml");

/// In which manner work is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Manner {
    /// Ký thay: a deputy signs for the head.
    #[serde(rename = "KT")]
    Kt,
    /// Thừa ủy quyền.
    #[serde(rename = "TUQ")]
    Tuq,
    /// Ủy quyền (delegation of tasks between bodies).
    #[serde(rename = "UQ")]
    Uq,
}

impl Manner {
    /// Reads the form's word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "KT" => Some(Self::Kt),
            "TUQ" => Some(Self::Tuq),
            "UQ" => Some(Self::Uq),
            _ => None,
        }
    }
}

/// One row: this manner to such a post is refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Identifier of the row.
    pub id: String,
    manner: Manner,
    to: Receiver,
    document: String,
    clause: String,
    /// How far the text was checked.
    pub source: String,
    /// Key of the text that names the open way.
    pub remedy: String,
    valid_from: toml::value::Datetime,
    valid_to: Option<toml::value::Datetime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Receiver {
    Deputy,
    Other,
}

impl Refusal {
    /// Document and clause as cited.
    pub fn citation(&self) -> String {
        format!("{}, {}", self.document, self.clause)
    }
}

/// The rows could not be read.
#[derive(Debug, Error)]
#[error("handover.toml: {0}")]
pub struct DraftingRowsError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    refusal: Vec<Refusal>,
}

/// The row that refuses this manner to a post of this role on the day of `now`, if one does.
pub fn refusal(manner: Manner, to: Role, now: i64) -> Result<Option<Refusal>, DraftingRowsError> {
    let file: File = toml::from_str(ROWS).map_err(|error| DraftingRowsError(error.to_string()))?;
    let receiver = match to {
        Role::Deputy => Receiver::Deputy,
        Role::Head | Role::Other => Receiver::Other,
    };
    for row in file.refusal {
        let from = day_start(&row.valid_from)?;
        let to = row.valid_to.as_ref().map(day_start).transpose()?;
        let in_force = from <= now && to.is_none_or(|to| now < to);
        if in_force && row.manner == manner && row.to == receiver {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

fn day_start(value: &toml::value::Datetime) -> Result<i64, DraftingRowsError> {
    platform::clock::parse_date(&value.to_string())
        .map(platform::clock::day_start)
        .ok_or_else(|| DraftingRowsError(format!("`{value}` is not a day")))
}

/// What is wrong with a draft, one per field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The person does not hold the head's post he acts in.
    NotHead,
    /// No paper with this id is open in this agency.
    PaperUnknown,
    /// The paper is signed already.
    PaperSigned,
    /// The paper is an instrument itself: handing over is the head's alone.
    PaperIsInstrument,
    /// No post with this id.
    GranteeUnknown,
    /// The receiving post belongs to another agency.
    ForeignAgency,
    /// The receiving post is held by the person who hands over.
    SelfGrant,
    /// Nobody holds the receiving post.
    GranteeVacant,
    /// The manner is refused by a row of law.
    Unlawful,
    /// The last day is missing.
    EndMissing,
    /// The last day is not a day.
    EndUnreadable,
    /// The last day is over.
    EndPast,
    /// The last day is too far.
    EndTooFar,
    /// The written basis is missing.
    BasisMissing,
    /// The written basis is too long for the page.
    BasisTooLong,
}

impl Fault {
    /// The form field it stands at, and the key of its text.
    pub const fn at(self) -> (&'static str, &'static str) {
        match self {
            Self::NotHead => ("paper", "fault-not-head"),
            Self::PaperUnknown => ("paper", "fault-paper-unknown"),
            Self::PaperSigned => ("paper", "fault-paper-signed"),
            Self::PaperIsInstrument => ("paper", "fault-paper-is-instrument"),
            Self::GranteeUnknown => ("grantee", "fault-grantee-unknown"),
            Self::ForeignAgency => ("grantee", "fault-foreign-agency"),
            Self::SelfGrant => ("grantee", "fault-self-grant"),
            Self::GranteeVacant => ("grantee", "fault-grantee-vacant"),
            Self::Unlawful => ("manner", "fault-unlawful"),
            Self::EndMissing => ("until_day", "fault-end-missing"),
            Self::EndUnreadable => ("until_day", "fault-end-unreadable"),
            Self::EndPast => ("until_day", "fault-end-past"),
            Self::EndTooFar => ("until_day", "fault-end-too-far"),
            Self::BasisMissing => ("basis", "fault-basis-missing"),
            Self::BasisTooLong => ("basis", "fault-basis-too-long"),
        }
    }
}

/// Reads "đến hết ngày dd/mm/yyyy" into the first instant after it.
pub fn last_day(text: &str, now: i64, longest_days: i64) -> Result<i64, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Fault::EndMissing);
    }
    let day = platform::clock::parse_date(text).ok_or(Fault::EndUnreadable)?;
    let end = platform::clock::day_end(day);
    if end <= now {
        Err(Fault::EndPast)
    } else if end - now > longest_days.saturating_mul(86_400_000) {
        Err(Fault::EndTooFar)
    } else {
        Ok(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 30/11/2026 08:00 in Vietnam.
    const NOW: i64 = 1_796_000_400_000;

    #[test]
    fn the_last_day_is_covered_whole_and_its_end_is_the_next_midnight_in_vietnam() {
        let end = last_day("03/12/2026", NOW, 31).unwrap();
        assert_eq!(platform::clock::format_instant(end), "00:00:00 04/12/2026");
        assert_eq!(platform::clock::format_last_day(end), "03/12/2026");
    }

    #[test]
    fn a_day_that_is_missing_unreadable_over_or_too_far_is_refused() {
        for (text, fault) in [
            ("", Fault::EndMissing),
            ("  ", Fault::EndMissing),
            ("31/02/2026", Fault::EndUnreadable),
            ("mai", Fault::EndUnreadable),
            ("29/11/2026", Fault::EndPast),
            ("30/11/2027", Fault::EndTooFar),
        ] {
            assert_eq!(last_day(text, NOW, 31), Err(fault), "{text}");
        }
        assert!(
            last_day("30/11/2026", NOW, 31).is_ok(),
            "today still counts"
        );
    }

    #[test]
    fn tuq_and_uq_to_a_deputy_are_refused_with_their_clause_and_kt_is_not() {
        let tuq = refusal(Manner::Tuq, Role::Deputy, NOW).unwrap().unwrap();
        assert_eq!(tuq.citation(), "Nghị định 30/2020/NĐ-CP, Điều 13 khoản 3");
        assert_eq!(tuq.remedy, "use-kt");
        let uq = refusal(Manner::Uq, Role::Deputy, NOW).unwrap().unwrap();
        assert!(uq.citation().contains("72/2025/QH15"));
        let before = refusal(Manner::Uq, Role::Deputy, 1_700_000_000_000)
            .unwrap()
            .unwrap();
        assert!(before.citation().contains("30/2020"), "the law of that day");
        assert_eq!(refusal(Manner::Kt, Role::Deputy, NOW).unwrap(), None);
        assert!(refusal(Manner::Kt, Role::Other, NOW).unwrap().is_some());
    }
}
