//! The facts of the register as plain rows: one value per record, validity half-open, ids opaque.

use super::time::Interval;
use super::words::{AppointmentKind, AssignmentKind, Standing, SuccessionKind};

/// One version of an agency.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AgencyFact {
    /// Key of the record.
    pub record: String,
    /// `agy_…`
    pub id: String,
    /// The agency above it.
    pub parent: Option<String>,
    /// Administrative code, `H08.01`: an attribute with validity, not an identity.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Short name.
    pub short_name: String,
    /// Kind, `ubnd_tinh`, `so`, …
    pub kind: String,
    /// Whether it works as a collective, so that its head signs TM.
    pub collective: bool,
    /// Level in the list of bodies, 1 for the province.
    pub level: i64,
    /// Domain of its mail.
    pub mail_domain: String,
    /// Identifier in the form of QCVN 102.
    pub id_qcvn102: Option<String>,
    /// Statistical code, reused over time: never an identity.
    pub gso_code: Option<String>,
    /// First instant.
    pub from: i64,
    /// First instant after it.
    pub to: Option<i64>,
}

impl AgencyFact {
    /// The interval in which this version is valid.
    pub fn interval(&self) -> Interval {
        Interval {
            from: self.from,
            to: self.to,
        }
    }
}

/// A unit inside an agency.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct UnitFact {
    /// Key of the record.
    pub record: String,
    /// `unt_…`
    pub id: String,
    /// The agency it belongs to.
    pub agency: String,
    /// Number within the agency, `01`.
    pub number: String,
    /// Name.
    pub name: String,
    /// Whether it has a seal of its own.
    pub own_seal: bool,
    /// First instant.
    pub from: i64,
    /// First instant after it.
    pub to: Option<i64>,
}

/// A post.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PostFact {
    /// Key of the record.
    pub record: String,
    /// `pst_…`
    pub id: String,
    /// Its agency.
    pub agency: String,
    /// Its unit; `None` for the head of the agency and the head's deputies.
    pub unit: Option<String>,
    /// Code of the kind of post, `PCT_UBND`.
    pub code: String,
    /// Title, `Phó Chủ tịch`.
    pub title: String,
    /// Rank in its list, 1 first.
    pub rank: i64,
    /// How it stands in the agency.
    pub standing: Standing,
    /// Whether it heads the agency (not only a unit of it).
    pub is_head: bool,
    /// The post whose deputy it is.
    pub deputy_of: Option<String>,
    /// Capacities the law's table lets it hold: TM, TRUC_TIEP, KT, TM_KT, TL, TL_KT, TUQ, DONG_DAU, …
    pub capacities: Vec<String>,
    /// The field that tells this seat from its neighbours.
    pub field: Option<String>,
    /// First instant.
    pub from: i64,
    /// First instant after it.
    pub to: Option<i64>,
}

impl PostFact {
    /// The interval in which this version is valid.
    pub fn interval(&self) -> Interval {
        Interval {
            from: self.from,
            to: self.to,
        }
    }
}

/// A person in a post.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct AppointmentFact {
    /// Key of the record.
    pub record: String,
    /// `apt_…`
    pub id: String,
    /// Who.
    pub person: String,
    /// Which post.
    pub post: String,
    /// In which way.
    pub kind: AppointmentKind,
    /// Decision or list that says so.
    pub basis: String,
    /// First instant.
    #[sqlx(rename = "valid_from")]
    pub from: i64,
    /// First instant after it.
    #[sqlx(rename = "valid_to")]
    pub to: Option<i64>,
}

impl AppointmentFact {
    /// The interval of the appointment, suspensions not taken out.
    pub fn interval(&self) -> Interval {
        Interval {
            from: self.from,
            to: self.to,
        }
    }
}

/// A time in which an appointment is not in force.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct SuspensionFact {
    /// Key of the record.
    pub record: String,
    /// `sus_…`
    pub id: String,
    /// Which appointment.
    pub appointment: String,
    /// Why: leave, discipline, …
    pub reason: String,
    /// First instant.
    #[sqlx(rename = "valid_from")]
    pub from: i64,
    /// First instant after it.
    #[sqlx(rename = "valid_to")]
    pub to: Option<i64>,
}

/// A field of work or the custody of a seal, given to a post.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct AssignmentFact {
    /// Key of the record.
    pub record: String,
    /// `asg_…`
    pub id: String,
    /// What is given.
    pub kind: AssignmentKind,
    /// To which post.
    pub post: String,
    /// Over which agency.
    pub agency: String,
    /// The field of work, in the words of the decision.
    pub field: Option<String>,
    /// Decision or list that says so.
    pub basis: String,
    /// First instant.
    #[sqlx(rename = "valid_from")]
    pub from: i64,
    /// First instant after it.
    #[sqlx(rename = "valid_to")]
    pub to: Option<i64>,
}

/// What took over what.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct SuccessionFact {
    /// Key of the record.
    pub record: String,
    /// `suc_…`
    pub id: String,
    /// Between what.
    pub kind: SuccessionKind,
    /// The one before.
    pub predecessor: String,
    /// The one after.
    pub successor: String,
    /// Which functions went over, in words.
    pub functions: String,
    /// Decision that says so.
    pub basis: String,
    /// When.
    #[sqlx(rename = "valid_from")]
    pub at: i64,
}

/// A seal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct SealFact {
    /// Key of the record.
    pub record: String,
    /// `sea_…`
    pub id: String,
    /// Whose.
    pub agency: String,
    /// The unit, when it is a unit's own seal.
    pub unit: Option<String>,
    /// Name on it.
    pub name: String,
    /// First instant.
    #[sqlx(rename = "valid_from")]
    pub from: i64,
    /// First instant after it.
    #[sqlx(rename = "valid_to")]
    pub to: Option<i64>,
}

/// Who owns an address.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MailboxOwner {
    /// A person.
    Person(String),
    /// A post: whoever holds it.
    Post(String),
}

/// An address of the province's mail.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mailbox {
    /// Key of the record.
    pub record: String,
    /// `mbx_…`
    pub id: String,
    /// The address, lower case.
    pub address: String,
    /// The agency it stands for.
    pub agency: String,
    /// Whose it is.
    pub owner: MailboxOwner,
    /// First instant.
    pub from: i64,
    /// First instant after it.
    pub to: Option<i64>,
}

/// An address that ended and what comes to it goes to another mailbox, for a time.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct MailForward {
    /// Key of the record.
    pub record: String,
    /// `mfw_…`
    pub id: String,
    /// The old address, lower case.
    pub address: String,
    /// `mbx_…`, where it goes.
    pub mailbox: String,
    /// First instant.
    #[sqlx(rename = "valid_from")]
    pub from: i64,
    /// First instant after it.
    #[sqlx(rename = "valid_to")]
    pub to: i64,
}

/// What names a person; record axis only, erasable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonAttributes {
    /// Key of the record.
    pub record: String,
    /// `psn_…`
    pub person: String,
    /// Staff number: the key by which people are told apart.
    pub staff_no: String,
    /// Full name, the one truth; its parts are hints.
    pub full_name: String,
    /// Surname (may be two words).
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// `F` or `M`, when recorded.
    pub gender: Option<String>,
    /// `yyyy-mm-dd`.
    pub birth_date: Option<String>,
    /// Sign-in name, never reused.
    pub username: String,
    /// Mail address.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Personal number, sealed.
    pub personal_number: Option<Vec<u8>>,
    /// Blind index of the personal number.
    pub personal_number_index: Option<Vec<u8>>,
}

/// Everything the engine compiles: every record as known, past and future validity included.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Facts {
    /// The authority epoch these rows belong to.
    pub epoch: i64,
    /// Versions of agencies.
    pub agencies: Vec<AgencyFact>,
    /// Units.
    pub units: Vec<UnitFact>,
    /// Posts.
    pub posts: Vec<PostFact>,
    /// Appointments.
    pub appointments: Vec<AppointmentFact>,
    /// Suspensions.
    pub suspensions: Vec<SuspensionFact>,
    /// Assignments.
    pub assignments: Vec<AssignmentFact>,
    /// Seals.
    pub seals: Vec<SealFact>,
    /// Successions.
    pub successions: Vec<SuccessionFact>,
}
