//! The signing law and the guard rules as dated rows.

use serde::Deserialize;
use thiserror::Error;

use crate::facts::{Addressee, AppointmentKind};
use crate::interval::Interval;
use crate::text::Text;
use crate::vocabulary::{Action, Capacity, Code, Form};

/// All rows, in the order of the tie-break (`order`, then id).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// Rows that give.
    pub rows: Vec<Rule>,
    /// Rows that forbid.
    pub forbids: Vec<Forbid>,
    /// Rows that stand against giving authority, asked when it is drafted.
    pub objections: Vec<Objection>,
}

/// What must be recorded for a row to give a capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The post is the head of the paper's agency.
    Head,
    /// The post is a deputy there and the paper's field is assigned to it.
    AssignedField,
    /// The post received a mandate in the row's form.
    Mandate,
    /// The post received a mandate in the row's form, given inside one that its giver holds in the form `under`.
    UnderMandate,
    /// The post keeps the seal of the paper's agency.
    SealCustody,
    /// The post is named for signing copies of the paper's agency.
    NamedForCopies,
}

/// How an agency is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// By one head (chế độ thủ trưởng).
    Single,
    /// As a collective (chế độ tập thể).
    Collective,
}

/// How the post that receives stands to the post that gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Deputy of the head who gives, in the same agency.
    OwnDeputy,
    /// Head of a unit of the agency whose head gives.
    UnitHead,
    /// Deputy of the unit's head who gives, in the same unit.
    OwnUnitDeputy,
    /// Head of an agency under the agency whose head gives.
    HeadBelow,
    /// Any post of the agency whose head gives, but its deputies.
    OwnStaff,
    /// The head's own post, for what the collective gives.
    OwnHead,
}

/// Who may give to whom.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// How the receiver stands to the giver.
    pub to: Relation,
    /// Addressed to the holder of the post, or to the agency it heads.
    #[serde(default)]
    pub addressee: Addressee,
    /// Only agencies of these kinds give; empty means any.
    #[serde(default)]
    pub from_kinds: Vec<String>,
    /// Only posts in agencies of these kinds receive; empty means any.
    #[serde(default)]
    pub to_kinds: Vec<String>,
}

/// Whose tenure a mandate needs beside its own days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tenure {
    /// Nobody's: it goes on when the giver leaves.
    #[default]
    Post,
    /// The giver's post must have a holder, whoever he is.
    Holder,
    /// The person who gave it must still hold the post.
    Person,
}

/// What a mandate must state to carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Single papers.
    Papers,
    /// Kinds of paper.
    Kinds,
    /// Papers, kinds or fields.
    Content,
    /// A last day.
    End,
}

/// Whose form and seal the paper gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// That of the agency which gives.
    #[default]
    Grantor,
    /// The receiver's own.
    Grantee,
}

/// One row of the signing law.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Identifier of the row.
    pub id: Text,
    /// Place in the tie-break among chains; lower wins.
    pub order: u8,
    /// What must be recorded.
    pub ground: Ground,
    /// The form of the mandates it rests on.
    pub form: Option<Form>,
    /// The form of the mandate that they are given inside of.
    pub under: Option<Form>,
    /// Who may give them to whom; none of the pairs, no mandate.
    pub pairs: Vec<Pair>,
    /// Whose tenure they need.
    pub tenure: Tenure,
    /// What they must state.
    pub needs: Vec<Need>,
    /// Whose form and seal the paper gets.
    pub paper: Paper,
    /// Acts it gives.
    pub actions: Vec<Action>,
    /// When the row is law.
    pub valid: Interval,
    /// The document, such as `Nghị định 30/2020/NĐ-CP`.
    pub document: Text,
    /// Article and clause cited when no block says otherwise.
    pub clause: Text,
    /// How far the text was checked.
    pub source: String,
    /// Kinds of paper that cannot be done on this basis.
    pub excluded_kinds: Vec<String>,
    /// Whether a competent person must have signed before.
    pub needs_signature: bool,
    /// Conditions on carrying the act out.
    pub obligations: Vec<String>,
    /// Capacities and signature blocks, first match wins.
    pub blocks: Vec<Block>,
}

/// A capacity with its signature block, for one way an agency is run and one way the post is held.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Only for agencies run this way.
    pub regime: Option<Regime>,
    /// Only for holders appointed this way; empty means any.
    pub appointments: Vec<AppointmentKind>,
    /// Only for these kinds of paper; empty means every kind.
    pub kinds: Vec<String>,
    /// Only for mandates addressed so.
    pub addressee: Option<Addressee>,
    /// The capacity it is.
    pub capacity: Capacity,
    /// `document, article clause`, as cited in answers.
    pub citation: Text,
    /// Lines with the slots `{collective}`, `{head}`, `{post}`, `{post_in_full}`, `{giver}`.
    pub lines: Vec<String>,
}

/// When a forbidding row bites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The person who would act is the person who signed.
    ActorIsSigner,
}

/// A row that forbids, whatever gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Forbid {
    /// Identifier of the row.
    pub id: Text,
    /// Acts it forbids.
    pub actions: Vec<Action>,
    /// When it bites.
    pub when: When,
    /// Reason code of the refusal.
    pub code: Code,
    /// `document, article clause`.
    pub citation: Text,
    /// When the row is law.
    pub valid: Interval,
    /// How far the text was checked.
    pub source: String,
}

/// What may be wrong with authority about to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// It has no last day.
    NoEnd,
    /// It lasts longer than the row's `days`.
    TooLong,
    /// It begins before it is given.
    Backdated,
    /// It limits neither papers, kinds nor fields.
    NoContent,
    /// It names no kinds of paper.
    NoKinds,
    /// It names no paper.
    NoPaper,
    /// It goes to a deputy of the head who gives.
    ToDeputy,
    /// It goes to somebody who stands to the giver as no pair of the law allows.
    OutsideStructure,
    /// It is addressed otherwise than the law of that day addresses it (to the agency or to its head).
    WrongAddressee,
    /// The giver holds himself only a mandate for it.
    Onward,
    /// The giver has no power for it.
    BeyondPower,
    /// It names a kind of paper that this form cannot carry.
    KindExcluded,
    /// The person who gives would receive it.
    SelfGrant,
    /// Nobody holds the post that would receive.
    Vacant,
    /// The person does not hold the post in which he would give.
    NotHolder,
    /// No law gives this form on that day.
    NoLaw,
}

/// A row that stands against giving authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// Identifier of the row.
    pub id: Text,
    /// For this form; none means every form.
    pub form: Option<Form>,
    /// What is wrong.
    pub when: Against,
    /// Longest time, for [`Against::TooLong`].
    pub days: Option<i64>,
    /// `document, article clause`.
    pub citation: Text,
    /// Key of the text that names the open way.
    pub remedy: String,
    /// When the row is law.
    pub valid: Interval,
    /// How far the text was checked.
    pub source: String,
}

/// Why a rule file was not accepted.
#[derive(Debug, Error)]
pub enum RuleError {
    /// Not TOML, a field missing, or a word unknown.
    #[error("{file}: {error}")]
    Unreadable {
        /// Which file.
        file: String,
        /// What the reader says.
        error: Box<toml::de::Error>,
    },
    /// The row is readable and wrong.
    #[error("{file}: row `{row}`: {reason}")]
    Wrong {
        /// Which file.
        file: String,
        /// Which row.
        row: String,
        /// What is wrong.
        reason: &'static str,
    },
}
