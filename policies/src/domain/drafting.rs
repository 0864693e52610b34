//! What is looked at before an instrument is drafted: what the law has against it, in the form's words, and the days.

use engine::Against;

/// A draft's fault that is the law's, with the row that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlawful {
    /// What stands against it.
    pub against: Against,
    /// Document and clause; none when no row allows it and none speaks of it.
    pub citation: Option<String>,
    /// Key of the text that names the open way.
    pub remedy: Option<String>,
}

impl From<engine::Objected<'_>> for Unlawful {
    fn from(objected: engine::Objected<'_>) -> Self {
        Self {
            against: objected.against,
            citation: objected.row.map(|row| row.citation.to_string()),
            remedy: objected.row.map(|row| row.remedy.clone()),
        }
    }
}

/// What stands against a draft as a fault of the form: what the form says in its own words, and the rest as the law's.
pub const fn fault_of(against: Against) -> Fault {
    match against {
        Against::NotHolder | Against::BeyondPower | Against::Onward => Fault::NotHead,
        Against::SelfGrant => Fault::SelfGrant,
        Against::Vacant => Fault::GranteeVacant,
        Against::NoEnd => Fault::EndMissing,
        _ => Fault::Unlawful,
    }
}

/// What of a draft the law asks about is said at which field of the form.
pub const fn place(against: Against) -> &'static str {
    match against {
        Against::NoEnd | Against::TooLong | Against::Backdated => "until_day",
        Against::NoContent | Against::NoKinds | Against::KindExcluded => "kinds",
        Against::NoPaper | Against::BeyondPower | Against::Onward | Against::NotHolder => "paper",
        Against::SelfGrant | Against::Vacant | Against::OutsideStructure => "grantee",
        Against::ToDeputy | Against::WrongAddressee | Against::NoLaw => "manner",
    }
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
    /// The law has something against it.
    Unlawful,
    /// None of the receivers is filled in.
    NoClause,
    /// The amount is not a number of đồng.
    AmountUnreadable,
    /// A kind of paper that is not known.
    KindUnknown,
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
            Self::NoClause => ("grantee", "fault-grantee-unknown"),
            Self::AmountUnreadable => ("ceiling", "fault-amount"),
            Self::KindUnknown => ("kinds", "fault-kind"),
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
}
