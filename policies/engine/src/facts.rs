//! What is recorded about agencies, posts, people's appointments, assignments, mandates and seals; the engine's own types.

use serde::{Deserialize, Serialize};

use crate::interval::Interval;
use crate::text::Text;
use crate::vocabulary::Form;

/// Everything one epoch is made from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Agencies.
    #[serde(default)]
    pub agencies: Vec<Agency>,
    /// Posts.
    #[serde(default)]
    pub posts: Vec<Post>,
    /// Appointments of people to posts.
    #[serde(default)]
    pub appointments: Vec<Appointment>,
    /// Assignments (phân công) to posts.
    #[serde(default)]
    pub assignments: Vec<Assignment>,
    /// Active mandates of instruments.
    #[serde(default)]
    pub mandates: Vec<Mandate>,
    /// Seals of agencies.
    #[serde(default)]
    pub seals: Vec<Seal>,
}

/// A body of the state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agency {
    /// Identifier.
    pub id: Text,
    /// Name as written.
    pub name: Text,
    /// Kind of body, such as `ubnd_tinh` or `so`; rows of law name kinds.
    #[serde(default)]
    pub kind: Text,
    /// The collective's name when it works as a collective (`Ủy ban nhân dân`); none when one head runs it.
    #[serde(default)]
    pub collective: Option<Text>,
    /// The agencies it stands under, each for its time.
    #[serde(default)]
    pub above: Vec<Above>,
    /// When the agency exists.
    pub valid: Interval,
}

/// An agency stands under another for some time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Above {
    /// The agency above.
    pub agency: Text,
    /// When.
    pub valid: Interval,
}

/// The part of an agency to which a post belongs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// Identifier.
    pub id: Text,
    /// Name as written (`Phòng Tổ chức cán bộ`).
    pub name: Text,
}

/// Where a post stands in its agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Head of the agency.
    Head,
    /// Deputy of the head of the agency.
    Deputy,
    /// Head of a unit of the agency.
    UnitHead,
    /// Deputy of a unit's head.
    UnitDeputy,
    /// Any other post.
    Other,
}

/// An office that outlives its holders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// Identifier.
    pub id: Text,
    /// Agency it belongs to.
    pub agency: Text,
    /// Title as written.
    pub title: Text,
    /// Its standing.
    pub role: Role,
    /// The unit it belongs to; none for the head of the agency and his deputies.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// When the post exists.
    pub valid: Interval,
}

/// How a person holds a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentKind {
    /// Full appointment.
    Full,
    /// Acting (quyền, `Q.`).
    Acting,
    /// In charge (phụ trách), held in the deputy's own post: he runs the agency and still signs `KT.`
    InCharge,
    /// Beside another post (kiêm nhiệm).
    Concurrent,
}

/// A person in a post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Appointment {
    /// Identifier.
    pub id: Text,
    /// Who.
    pub person: Text,
    /// Which post.
    pub post: Text,
    /// How.
    pub kind: AppointmentKind,
    /// The decision of appointment, as cited.
    #[serde(default)]
    pub instrument: Option<Text>,
    /// From when to when.
    pub valid: Interval,
}

/// What an assignment gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AssignmentKind {
    /// A field of work given by the head of the agency to a deputy; the base of `KT.`
    Field {
        /// The field.
        field: Text,
    },
    /// Keeping and using the seal of the agency.
    SealCustody,
    /// Signing copies of the agency's papers.
    Copies,
}

/// A lasting assignment to a post, made by the head of an agency for that agency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Identifier.
    pub id: Text,
    /// Agency whose head assigns, and for whose papers.
    pub agency: Text,
    /// Post that receives.
    pub grantee: Text,
    /// What it gives.
    #[serde(flatten)]
    pub gives: AssignmentKind,
    /// The decision of assignment, as cited.
    #[serde(default)]
    pub instrument: Option<Text>,
    /// From when to when.
    pub valid: Interval,
}

/// What a mandate reaches. An empty list limits nothing; everything stated limits together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Only these papers.
    #[serde(default)]
    pub papers: Vec<Text>,
    /// Only these kinds of paper.
    #[serde(default)]
    pub kinds: Vec<Text>,
    /// Only these fields of work.
    #[serde(default)]
    pub fields: Vec<Text>,
    /// Only matters about these agencies or those below them.
    #[serde(default)]
    pub agencies: Vec<Text>,
    /// Only papers that state an amount of at most so many đồng.
    #[serde(default)]
    pub ceiling: Option<i64>,
}

/// To whom a mandate is addressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    /// To the holder of the post.
    #[default]
    Post,
    /// To the agency that the post heads.
    Agency,
}

/// One atom of delegated authority.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mandate {
    /// Identifier.
    pub id: Text,
    /// In which manner.
    pub form: Form,
    /// Post that hands over.
    pub grantor: Text,
    /// Post that receives.
    pub grantee: Text,
    /// To whom it is addressed.
    #[serde(default)]
    pub addressee: Addressee,
    /// When it is bound to the person who gave it: it carries only while he holds the post that hands over.
    #[serde(default)]
    pub giver: Option<Text>,
    /// When it names a person: it carries for him only, not for the next holder of the post.
    #[serde(default)]
    pub holder: Option<Text>,
    /// What it reaches.
    #[serde(flatten)]
    pub reach: Reach,
    /// The signed instrument, as cited.
    pub instrument: Text,
    /// From when to when.
    pub valid: Interval,
    /// When it is suspended.
    #[serde(default)]
    pub pauses: Vec<Interval>,
}

/// The seal of an agency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seal {
    /// Identifier.
    pub id: Text,
    /// Whose.
    pub agency: Text,
    /// When it may be used.
    pub valid: Interval,
}
