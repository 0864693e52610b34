//! What is said about a row: each note has a word, a weight, and a cause and a remedy in the texts of the register.

use serde::{Deserialize, Serialize};

/// What happens with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It can be taken as it stands or as repaired.
    Ready,
    /// It can be taken once somebody accepts what is proposed.
    Look,
    /// It cannot be taken.
    Refused,
}

impl Verdict {
    /// The word for it in addresses and texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Look => "look",
            Self::Refused => "refused",
        }
    }
}

/// One thing about a row. `Display` is not implemented: people read `note-<word>` of the texts, with the values `a` and `b`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The name was not in composed form; repaired.
    NameNfd,
    /// Spaces before, after or doubled, or of another kind; repaired.
    Spaces,
    /// Invisible characters; removed.
    ZeroWidth,
    /// Ð typed for Đ; repaired.
    EthForD,
    /// The tone stands where it stood in older spelling; the name stays as written and is found either way.
    OldTone,
    /// A day of birth written as text, read as day/month/year.
    DobText,
    /// A day of birth with a year of two digits; the century follows from the personal number or the age.
    DobTwoDigits(String),
    /// A day of birth stored as a bare serial number; read.
    DobSerial(String),
    /// The agency was written short; found.
    AgencyShort(String),
    /// The agency was written in another spelling (Qui for Quy); found.
    AgencySpelling(String),
    /// The post was written short; found.
    PostShort(String),
    /// The unit was written short or otherwise; found.
    UnitOtherwise(String),
    /// The telephone number is not one; left out.
    PhoneUnclear(String),
    /// The first day in the post cannot be read; the day of the list counts.
    FromUnclear(String),
    /// The post is outside the table for this kind of agency: it will carry no capacity.
    OutsideTable(String),
    /// The personal number lacks zeros in front, as Excel leaves it; proposed with them.
    LostZeros(String),
    /// The whole name in capitals; proposed in usual letters.
    UpperCase(String),
    /// Only the year of birth.
    DobYearOnly(String),
    /// Two centuries are possible.
    DobUnclear(String),
    /// No personal number: somebody with the same name could not be told apart by it.
    NumberMissing,
    /// An old number of nine digits; it is not kept.
    OldNumber,
    /// The personal number says another sex or year of birth than the row.
    NumberDisagrees(String),
    /// The agency was found only without its marks.
    AgencyMarks(String),
    /// Somebody in the register has this name and day of birth, but nothing proves that it is the same person.
    Possible(String),
    /// The person is in the register in another post: he would move.
    Moves(String),
    /// The person is in the register under another name.
    NameDiffers(String),
    /// The person is in the register with another day of birth.
    BirthDiffers(String),
    /// Somebody recorded by hand what the row would change; the source says otherwise.
    ByHand,
    /// A letter of another script that looks Latin.
    Lookalike(String),
    /// A character that stands in no name.
    BadName(String),
    /// No name.
    NameMissing,
    /// The day of birth cannot be read.
    BadDate(String),
    /// Neither 12 nor 9 digits.
    BadNumber(String),
    /// No agency.
    AgencyMissing,
    /// No agency of this name.
    UnknownAgency(String),
    /// Several agencies of this name.
    ManyAgencies(String),
    /// The agency lies outside what the reader administers.
    OtherAgency(String),
    /// The person holds a post that the reader does not administer; nothing more is said of him.
    HeldElsewhere,
    /// No unit of this name in the agency.
    UnknownUnit(String),
    /// No post of this title.
    UnknownPost(String),
    /// The same person stands in an earlier row.
    Duplicate(u32),
    /// The personal number stands in another row with another name.
    NumberTwice(u32),
    /// Somebody else holds this single seat.
    SeatHeld(String),
    /// The register refuses it for another reason, in its own words.
    Other(String),
}

impl Note {
    /// Stem of the text keys `note-<word>` and `note-<word>-remedy`; also the word for accepting a group.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NameNfd => "name-nfd",
            Self::Spaces => "spaces",
            Self::ZeroWidth => "zero-width",
            Self::EthForD => "eth-for-d",
            Self::OldTone => "old-tone",
            Self::DobText => "dob-text",
            Self::DobTwoDigits(_) => "dob-two-digits",
            Self::DobSerial(_) => "dob-serial",
            Self::AgencyShort(_) => "agency-short",
            Self::AgencySpelling(_) => "agency-spelling",
            Self::PostShort(_) => "post-short",
            Self::UnitOtherwise(_) => "unit-otherwise",
            Self::PhoneUnclear(_) => "phone-unclear",
            Self::FromUnclear(_) => "from-unclear",
            Self::OutsideTable(_) => "outside-table",
            Self::LostZeros(_) => "lost-zeros",
            Self::UpperCase(_) => "upper-case",
            Self::DobYearOnly(_) => "dob-year-only",
            Self::DobUnclear(_) => "dob-unclear",
            Self::NumberMissing => "number-missing",
            Self::OldNumber => "old-number",
            Self::NumberDisagrees(_) => "number-disagrees",
            Self::AgencyMarks(_) => "agency-marks",
            Self::Possible(_) => "possible",
            Self::Moves(_) => "moves",
            Self::NameDiffers(_) => "name-differs",
            Self::BirthDiffers(_) => "birth-differs",
            Self::ByHand => "by-hand",
            Self::Lookalike(_) => "lookalike",
            Self::BadName(_) => "bad-name",
            Self::NameMissing => "name-missing",
            Self::BadDate(_) => "bad-date",
            Self::BadNumber(_) => "bad-number",
            Self::AgencyMissing => "agency-missing",
            Self::UnknownAgency(_) => "unknown-agency",
            Self::ManyAgencies(_) => "many-agencies",
            Self::OtherAgency(_) => "other-agency",
            Self::HeldElsewhere => "held-elsewhere",
            Self::UnknownUnit(_) => "unknown-unit",
            Self::UnknownPost(_) => "unknown-post",
            Self::Duplicate(_) => "duplicate",
            Self::NumberTwice(_) => "number-twice",
            Self::SeatHeld(_) => "seat-held",
            Self::Other(_) => "other",
        }
    }

    /// What a row with this note is worth.
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::NameNfd
            | Self::Spaces
            | Self::ZeroWidth
            | Self::EthForD
            | Self::OldTone
            | Self::DobText
            | Self::DobTwoDigits(_)
            | Self::DobSerial(_)
            | Self::AgencyShort(_)
            | Self::AgencySpelling(_)
            | Self::PostShort(_)
            | Self::UnitOtherwise(_)
            | Self::PhoneUnclear(_)
            | Self::FromUnclear(_)
            | Self::OutsideTable(_) => Verdict::Ready,
            Self::LostZeros(_)
            | Self::UpperCase(_)
            | Self::DobYearOnly(_)
            | Self::DobUnclear(_)
            | Self::NumberMissing
            | Self::OldNumber
            | Self::NumberDisagrees(_)
            | Self::AgencyMarks(_)
            | Self::Possible(_)
            | Self::Moves(_)
            | Self::NameDiffers(_)
            | Self::BirthDiffers(_)
            | Self::ByHand => Verdict::Look,
            Self::Lookalike(_)
            | Self::BadName(_)
            | Self::NameMissing
            | Self::BadDate(_)
            | Self::BadNumber(_)
            | Self::AgencyMissing
            | Self::UnknownAgency(_)
            | Self::ManyAgencies(_)
            | Self::OtherAgency(_)
            | Self::HeldElsewhere
            | Self::UnknownUnit(_)
            | Self::UnknownPost(_)
            | Self::Duplicate(_)
            | Self::NumberTwice(_)
            | Self::SeatHeld(_)
            | Self::Other(_) => Verdict::Refused,
        }
    }

    /// The value its text names, if any.
    pub fn value(&self) -> String {
        match self {
            Self::DobTwoDigits(value)
            | Self::DobSerial(value)
            | Self::AgencyShort(value)
            | Self::AgencySpelling(value)
            | Self::PostShort(value)
            | Self::UnitOtherwise(value)
            | Self::PhoneUnclear(value)
            | Self::FromUnclear(value)
            | Self::OutsideTable(value)
            | Self::LostZeros(value)
            | Self::UpperCase(value)
            | Self::DobYearOnly(value)
            | Self::DobUnclear(value)
            | Self::NumberDisagrees(value)
            | Self::AgencyMarks(value)
            | Self::Possible(value)
            | Self::Moves(value)
            | Self::NameDiffers(value)
            | Self::BirthDiffers(value)
            | Self::Lookalike(value)
            | Self::BadName(value)
            | Self::BadDate(value)
            | Self::BadNumber(value)
            | Self::UnknownAgency(value)
            | Self::ManyAgencies(value)
            | Self::OtherAgency(value)
            | Self::UnknownUnit(value)
            | Self::UnknownPost(value)
            | Self::SeatHeld(value)
            | Self::Other(value) => value.clone(),
            Self::Duplicate(row) | Self::NumberTwice(row) => row.to_string(),
            Self::NameNfd
            | Self::Spaces
            | Self::ZeroWidth
            | Self::EthForD
            | Self::OldTone
            | Self::DobText
            | Self::NumberMissing
            | Self::OldNumber
            | Self::NameMissing
            | Self::HeldElsewhere
            | Self::ByHand
            | Self::AgencyMissing => String::new(),
        }
    }
}

/// The verdict of a row with these notes, when the groups named are accepted.
pub fn verdict(notes: &[Note], accepted: &dyn Fn(&Note) -> bool) -> Verdict {
    notes
        .iter()
        .map(|note| match note.verdict() {
            Verdict::Look if accepted(note) => Verdict::Ready,
            verdict => verdict,
        })
        .max()
        .unwrap_or(Verdict::Ready)
}
