//! Authority as a pure function: facts and rules compiled into an immutable epoch, and a request answered from it with its chain.
//! Standard: Decree 30/2020/NĐ-CP Art. 13 clauses 1–2, Art. 25–27, Art. 32 (rows in `policies/rules/`)
//! It must never read a clock, a database or a file, never guess a capacity for an act of signing, and never allow on an error.
//!
//! Map: `vocabulary` (actions, capacities, reason codes) · `facts` (what is recorded) · `rules` (the law as rows) · `reading` (the rows as
//! TOML) · `compile` (facts + rules → [`Epoch`]) · `index` (its rows) · `mandates` (those of mandates) · `numbers` (texts as numbers) · `evaluate` (the verdict at one instant) · `rows` (one row of the law tried) · `granted` (rows on mandates) · `received` (the mandates, found by word) · `horizon` (until when the answer stands) · `candidates` (who could instead) ·
//! `usable` (what a post may do) · `explain` (the verdict as a full answer) · `grant` (whether authority may be given) · `decision` (question and answer).

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod candidates;
mod compile;
mod decision;
mod evaluate;
mod explain;
mod facts;
mod grant;
mod granted;
mod horizon;
mod index;
mod interval;
mod mandates;
mod numbers;
mod reading;
mod received;
mod rows;
mod rules;
mod text;
mod usable;
mod vocabulary;

pub use compile::{Defect, Epoch};
pub use decision::{Candidate, Decision, Link, LinkKind, Remedy, Request, Resource, Signed};
pub use facts::{
    Above, Addressee, Agency, Appointment, AppointmentKind, Assignment, AssignmentKind, Facts,
    Mandate, Post, Reach, Role, Seal, Unit,
};
pub use grant::{Grant, Objected};
pub use interval::Interval;
pub use rules::{
    Against, Block, Forbid, Ground, Need, Objection, Pair, Paper, Regime, Relation, Rule,
    RuleError, Rules, Tenure, When,
};
pub use text::Text;
pub use usable::{Scope, Usable};
pub use vocabulary::{Action, Capacity, Code, Form};
