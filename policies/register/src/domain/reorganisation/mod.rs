//! Plans of reorganisation: rows of a plan, what they do to the bodies of the register, and what goes over with them. Pure: the same
//! rows, choices and register give the same records.

mod carry;
pub mod files;
mod moved;
mod outline;
mod places;
pub mod preview;
pub mod rules;
mod seats;
mod tree;

use std::collections::BTreeMap;

use platform::random::Entropy;
use serde::{Deserialize, Serialize};

use super::facts::MailForward;
use super::import::{Closing, Existing, Operation};
use super::words::{Action, Item};
pub use preview::{Counts, Outcome, Preview, Question};
pub use rules::Rules;

/// The answer "nobody takes it over".
pub const NOBODY: &str = "-";
/// The answer "it stays, under what succeeds the body above it".
pub const STAYS: &str = "=";

/// What a row says about a body that begins or changes; what it leaves out stays or is taken from the body before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Name.
    pub name: Option<String>,
    /// Code of the body above.
    pub parent: Option<String>,
    /// Kind.
    pub kind: Option<String>,
    /// Short name.
    pub short_name: Option<String>,
    /// Level, 1 for the province.
    pub level: Option<i64>,
    /// Domain of its mail.
    pub mail_domain: Option<String>,
    /// Statistical code.
    pub gso_code: Option<String>,
    /// QCVN 102 identifier.
    pub id_qcvn102: Option<String>,
}

/// One row of a plan, with administrative codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Where it stands in its file.
    pub line: u64,
    /// What it does.
    pub action: Action,
    /// Code of the body before; empty for a new one.
    pub old: String,
    /// Code of the body after; empty for an end.
    pub new: String,
    /// What is said about the body after.
    pub body: Body,
    /// Which functions go over, in words; empty for all.
    pub functions: String,
    /// Whether this successor is the one proposed.
    pub proposed: bool,
    /// Decision that says so, when it is not the plan's.
    pub basis: String,
}

/// A plan as the planner takes it.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The instant at which it takes effect.
    pub at: i64,
    /// Decision behind it.
    pub basis: &'a str,
    /// Its rows.
    pub rows: &'a [Row],
    /// Answers: code of a body, staff number or address → code of the successor, [`NOBODY`] or [`STAYS`].
    pub choices: &'a BTreeMap<String, String>,
}

/// What stands in the register, with what only plans need.
#[derive(Debug, Default)]
pub struct World {
    /// Facts, people, addresses.
    pub existing: Existing,
    /// Forwarded addresses.
    pub forwards: Vec<MailForward>,
    /// Bodies for which somebody has a role of administration that lasts: (agency, person).
    pub roles: Vec<(String, String)>,
}

/// Records to add and to close, and the same in words for people.
#[derive(Debug, Default)]
pub struct Planned {
    /// Records to add.
    pub operations: Vec<Operation>,
    /// Records to close.
    pub closings: Vec<Closing>,
    /// What becomes of everything.
    pub preview: Preview,
}

/// Plans. With problems or open questions it may be shown but not published.
pub fn plan(draft: &Draft<'_>, world: &World, rules: &Rules, entropy: &Entropy) -> Planned {
    let mut planned = Planned::default();
    let outline = outline::draw(draft, world, entropy, &mut planned.preview);
    carry::carry(draft, world, rules, entropy, &outline, &mut planned);
    planned.preview.close(draft.at);
    planned
}

impl Item {
    /// Its table.
    pub(crate) const fn table(self) -> &'static str {
        self.as_str()
    }
}
