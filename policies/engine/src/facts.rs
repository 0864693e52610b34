//! What is recorded about agencies, posts, people's appointments, assignments, mandates and seals; the engine's own types.

use serde::{Deserialize, Serialize};

use crate::interval::Interval;
use crate::text::Text;

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
    /// The collective's name when it works as a collective (`Ủy ban nhân dân`); none when one head runs it.
    #[serde(default)]
    pub collective: Option<Text>,
    /// When the agency exists.
    pub valid: Interval,
}

/// Where a post stands in its agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Head of the agency.
    Head,
    /// Deputy of the head of the agency.
    Deputy,
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

/// One atom of delegated authority: one paper handed over by the head to a deputy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mandate {
    /// Identifier.
    pub id: Text,
    /// Post that hands over.
    pub grantor: Text,
    /// Post that receives.
    pub grantee: Text,
    /// The one paper.
    pub paper: Text,
    /// The signed instrument, as cited.
    pub instrument: Text,
    /// From when to when.
    pub valid: Interval,
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
