//! What can be wrong with a row: file, line, column, cause and remedy, in the texts of the register.

use crate::domain::text::TextFault;

/// One of the files of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum File {
    /// `agencies.csv`
    Agencies,
    /// `internal_units.csv`
    Units,
    /// `posts.csv`
    Posts,
    /// `officials_6000.csv` or any list of officials.
    Officials,
    /// A plan of reorganisation in our own format.
    Plan,
    /// Communes before and after.
    Merger,
    /// Departments before and after.
    Departments,
    /// Names over time.
    Versions,
    /// A list of bodies.
    Bodies,
}

impl File {
    /// The name people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agencies => "agencies.csv",
            Self::Units => "internal_units.csv",
            Self::Posts => "posts.csv",
            Self::Officials => "officials.csv",
            Self::Plan => "plan.csv",
            Self::Merger => "merger.csv",
            Self::Departments => "agency_mergers.csv",
            Self::Versions => "unit_versions.csv",
            Self::Bodies => "bodies.csv",
        }
    }
}

/// Why a row (or a whole file) cannot be taken, or what was noticed about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The file is larger than allowed.
    FileTooLarge,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// The CSV structure is broken.
    Broken(String),
    /// A column is missing.
    MissingColumn(String),
    /// A column nobody knows, or one that stands twice.
    UnknownColumn(String),
    /// Number of fields differs from the header.
    Width(usize, usize),
    /// The text is refused at the door.
    Text(TextFault),
    /// A field that must be filled is empty.
    Empty,
    /// Not a day in the form yyyy-mm-dd.
    BadDate(String),
    /// Not a number where one is expected.
    BadNumber(String),
    /// Not one of the words allowed.
    NotAllowed(String, &'static str),
    /// The same key on an earlier line.
    Duplicate(String, u64),
    /// No agency with this code.
    UnknownAgency(String),
    /// Agencies that stand above each other in a circle, or not exactly one without a parent.
    BadTree(String),
    /// No unit with this number in agencies of this kind.
    UnknownUnit(String),
    /// No post with this code.
    UnknownPost(String),
    /// The name does not agree with the code beside it.
    NameDiffers(String, String),
    /// Personal number of a wrong length.
    PersonalNumberLength(usize),
    /// Personal number with something else than digits.
    PersonalNumberDigits,
    /// The full name does not begin with the surname and end with the given name.
    NameParts,
    /// A sign-in name or address with characters that are not allowed.
    BadName(String),
    /// The username, address or number belongs to another person already.
    TakenBy(String, String),
    /// The code names a way of holding a post, not a post.
    WayOfHolding(String),
    /// Somebody else holds this single seat.
    SeatHeld(String),
    /// A new version or appointment must start after the one it replaces.
    NotAfter(String),
    /// Warning: Eth typed for Đ, repaired.
    EthRepaired(String),
    /// Warning: the post is outside the table for this kind of agency and gets no capacity.
    OutsideTable(String),
    /// Warning: the register knows that this appointment has ended; it is not revived.
    AlreadyEnded,
    /// Warning: nobody in the list can keep this agency's seal.
    NoCustodian(String),
    /// The header line is of no table that plans can be read from.
    UnknownPlanFile,
    /// No body bears this code just before the plan's instant.
    UnknownBody(String),
    /// A body after the plan that no list and no `new` row describes.
    UndescribedBody(String),
    /// The kind of place cannot be read from its name.
    NoKindOfPlace(String),
    /// The code names another place under another parent: not a change of name.
    ChangedHands(String),
    /// Two rows do different things to one body.
    TwoActs(String),
    /// The code belongs to a body that goes on.
    CodeTaken(String),
    /// The register already says that the body changes or ends then or later.
    SettledLater(String, String),
    /// Something about a new body is missing.
    Undescribed(String, &'static str),
    /// The body above is not there after the plan.
    NothingAbove(String, String),
    /// A body cannot be its own successor.
    OwnSuccessor(String),
    /// After the plan there is not exactly one body on top.
    NotOneTop(String),
    /// The answer names no body that is there after the plan.
    NoSuchAnswer(String, String),
}

impl Cause {
    /// Stem of the text keys `fault-<stem>` and `fault-<stem>-remedy`.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::FileTooLarge => "file-too-large",
            Self::NotUtf8 => "not-utf8",
            Self::Broken(_) => "broken",
            Self::MissingColumn(_) => "missing-column",
            Self::UnknownColumn(_) => "unknown-column",
            Self::Width(..) => "width",
            Self::Text(TextFault::NotNfc) => "not-nfc",
            Self::Text(TextFault::Control(_)) => "control",
            Self::Text(TextFault::MixedScript(_)) => "mixed-script",
            Self::Text(TextFault::TooLong { .. }) => "too-long",
            Self::Empty => "empty",
            Self::BadDate(_) => "bad-date",
            Self::BadNumber(_) => "bad-number",
            Self::NotAllowed(..) => "not-allowed",
            Self::Duplicate(..) => "duplicate",
            Self::UnknownAgency(_) => "unknown-agency",
            Self::BadTree(_) => "bad-tree",
            Self::UnknownUnit(_) => "unknown-unit",
            Self::UnknownPost(_) => "unknown-post",
            Self::NameDiffers(..) => "name-differs",
            Self::PersonalNumberLength(_) => "personal-number-length",
            Self::PersonalNumberDigits => "personal-number-digits",
            Self::NameParts => "name-parts",
            Self::BadName(_) => "bad-name",
            Self::TakenBy(..) => "taken-by",
            Self::WayOfHolding(_) => "way-of-holding",
            Self::SeatHeld(_) => "seat-held",
            Self::NotAfter(_) => "not-after",
            Self::EthRepaired(_) => "eth-repaired",
            Self::OutsideTable(_) => "outside-table",
            Self::AlreadyEnded => "already-ended",
            Self::NoCustodian(_) => "no-custodian",
            Self::UnknownPlanFile => "unknown-plan-file",
            Self::UnknownBody(_) => "unknown-body",
            Self::UndescribedBody(_) => "undescribed-body",
            Self::NoKindOfPlace(_) => "no-kind-of-place",
            Self::ChangedHands(_) => "changed-hands",
            Self::TwoActs(_) => "two-acts",
            Self::CodeTaken(_) => "code-taken",
            Self::SettledLater(..) => "settled-later",
            Self::Undescribed(..) => "undescribed",
            Self::NothingAbove(..) => "nothing-above",
            Self::OwnSuccessor(_) => "own-successor",
            Self::NotOneTop(_) => "not-one-top",
            Self::NoSuchAnswer(..) => "no-such-answer",
        }
    }

    /// The values its text names: `a` and `b`.
    pub fn values(&self) -> (String, String) {
        match self {
            Self::Broken(a)
            | Self::MissingColumn(a)
            | Self::UnknownColumn(a)
            | Self::BadDate(a)
            | Self::BadNumber(a)
            | Self::UnknownAgency(a)
            | Self::BadTree(a)
            | Self::UnknownUnit(a)
            | Self::UnknownPost(a)
            | Self::BadName(a)
            | Self::WayOfHolding(a)
            | Self::SeatHeld(a)
            | Self::NotAfter(a)
            | Self::EthRepaired(a)
            | Self::OutsideTable(a)
            | Self::NoCustodian(a)
            | Self::UnknownBody(a)
            | Self::UndescribedBody(a)
            | Self::NoKindOfPlace(a)
            | Self::ChangedHands(a)
            | Self::TwoActs(a)
            | Self::CodeTaken(a)
            | Self::OwnSuccessor(a)
            | Self::NotOneTop(a) => (a.clone(), String::new()),
            Self::NameDiffers(a, b)
            | Self::TakenBy(a, b)
            | Self::SettledLater(a, b)
            | Self::NothingAbove(a, b)
            | Self::NoSuchAnswer(a, b) => (a.clone(), b.clone()),
            Self::NotAllowed(a, b) | Self::Undescribed(a, b) => (a.clone(), (*b).to_string()),
            Self::Duplicate(a, line) => (a.clone(), line.to_string()),
            Self::Width(a, b) => (a.to_string(), b.to_string()),
            Self::PersonalNumberLength(a) => (a.to_string(), String::new()),
            Self::Text(TextFault::Control(c) | TextFault::MixedScript(c)) => {
                (format!("U+{:04X}", u32::from(*c)), String::new())
            }
            Self::Text(TextFault::TooLong { max, found }) => (found.to_string(), max.to_string()),
            Self::FileTooLarge
            | Self::UnknownPlanFile
            | Self::NotUtf8
            | Self::Text(TextFault::NotNfc)
            | Self::Empty
            | Self::PersonalNumberDigits
            | Self::NameParts
            | Self::AlreadyEnded => (String::new(), String::new()),
        }
    }
}

/// One thing about one place of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Which file.
    pub file: File,
    /// Line in the file, the header is line 1.
    pub line: u64,
    /// Column by its header, or empty for the whole row.
    pub column: String,
    /// What and why.
    pub cause: Cause,
}
