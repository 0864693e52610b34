//! The signing law and the guard rules as dated rows, read from TOML text.

use serde::Deserialize;
use thiserror::Error;

use crate::facts::AppointmentKind;
use crate::interval::Interval;
use crate::text::Text;
use crate::vocabulary::{Action, Capacity, Code};

/// All rows, in the order of the tie-break (`order`, then id).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// Rows that give.
    pub rows: Vec<Rule>,
    /// Rows that forbid.
    pub forbids: Vec<Forbid>,
}

/// What must be recorded for a row to give a capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The post is the head of the paper's agency.
    Head,
    /// The post is a deputy there and the paper's field is assigned to it.
    AssignedField,
    /// The post is a deputy there and this one paper was handed over to it by the head.
    HandedOver,
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

/// One row of the signing law.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Identifier of the row.
    pub id: Text,
    /// Place in the tie-break among chains; lower wins.
    pub order: u8,
    /// What must be recorded.
    pub ground: Ground,
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
    /// The capacity it is.
    pub capacity: Capacity,
    /// `document, article clause`, as cited in answers.
    pub citation: Text,
    /// Lines with the slots `{collective}`, `{head}`, `{post}`.
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<RuleRow>,
    #[serde(default)]
    forbid: Vec<ForbidRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    id: String,
    order: u8,
    ground: Ground,
    actions: Vec<Action>,
    document: String,
    clause: String,
    source: String,
    valid_from: toml::value::Datetime,
    valid_to: Option<toml::value::Datetime>,
    #[serde(default)]
    excluded_kinds: Vec<String>,
    #[serde(default)]
    needs_signature: bool,
    #[serde(default)]
    obligations: Vec<String>,
    block: Vec<BlockRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockRow {
    regime: Option<Regime>,
    #[serde(default)]
    appointments: Vec<AppointmentKind>,
    #[serde(default)]
    kinds: Vec<String>,
    capacity: Capacity,
    clause: Option<String>,
    lines: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ForbidRow {
    id: String,
    actions: Vec<Action>,
    when: When,
    code: Code,
    document: String,
    clause: String,
    source: String,
    valid_from: toml::value::Datetime,
    valid_to: Option<toml::value::Datetime>,
}

const DAY: i64 = 86_400_000;
const HANOI: i64 = 7 * 3_600_000;

/// Start of a civil day at +07:00 (days-from-civil of the proleptic Gregorian calendar).
fn day_start(date: toml::value::Date) -> i64 {
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = i64::from(date.year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) * DAY - HANOI
}

fn validity(
    from: &toml::value::Datetime,
    to: Option<&toml::value::Datetime>,
) -> Result<Interval, &'static str> {
    let day = |value: &toml::value::Datetime| match (value.date, value.time) {
        (Some(date), None) => Ok(day_start(date)),
        _ => Err("a validity is a day such as 2020-03-05"),
    };
    let interval = Interval {
        from: day(from)?,
        to: to.map(day).transpose()?,
    };
    if interval.is_empty() {
        return Err("it ends before it begins");
    }
    Ok(interval)
}

fn slots_known(line: &str) -> bool {
    let rest = line
        .replace("{collective}", "")
        .replace("{head}", "")
        .replace("{post}", "");
    !rest.contains(['{', '}'])
}

impl RuleRow {
    fn checked(self) -> Result<Rule, &'static str> {
        let valid = validity(&self.valid_from, self.valid_to.as_ref())?;
        if self.source.trim().is_empty() {
            return Err("every row says how far its text was checked");
        }
        if self.actions.is_empty() || self.block.is_empty() {
            return Err("a row needs at least one action and one block");
        }
        if !self
            .block
            .iter()
            .flat_map(|b| &b.lines)
            .all(|l| slots_known(l))
        {
            return Err("a block line has a slot that is not {collective}, {head} or {post}");
        }
        let document = self.document;
        let clause = self.clause;
        let blocks = self.block.into_iter().map(|block| Block {
            citation: format!("{document}, {}", block.clause.as_deref().unwrap_or(&clause)).into(),
            regime: block.regime,
            appointments: block.appointments,
            kinds: block.kinds,
            capacity: block.capacity,
            lines: block.lines,
        });
        Ok(Rule {
            blocks: blocks.collect(),
            id: self.id.into(),
            order: self.order,
            ground: self.ground,
            actions: self.actions,
            valid,
            clause: clause.into(),
            document: document.into(),
            source: self.source,
            excluded_kinds: self.excluded_kinds,
            needs_signature: self.needs_signature,
            obligations: self.obligations,
        })
    }
}

impl ForbidRow {
    fn checked(self) -> Result<Forbid, &'static str> {
        if self.code == Code::Allowed {
            return Err("a forbidding row cannot allow");
        }
        Ok(Forbid {
            valid: validity(&self.valid_from, self.valid_to.as_ref())?,
            id: self.id.into(),
            actions: self.actions,
            when: self.when,
            code: self.code,
            citation: format!("{}, {}", self.document, self.clause).into(),
            source: self.source,
        })
    }
}

impl Rules {
    /// Reads rule files given as (name, text); one bad row refuses all.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, RuleError> {
        let mut rules = Self::default();
        for (file, text) in files {
            let read: File = toml::from_str(text).map_err(|error| RuleError::Unreadable {
                file: (*file).to_owned(),
                error: Box::new(error),
            })?;
            for row in read.rule {
                let id = row.id.clone();
                let twice = rules.rows.iter().any(|known| known.id.as_str() == id);
                let rule = if twice {
                    Err("the id is used twice")
                } else {
                    row.checked()
                };
                rules
                    .rows
                    .push(rule.map_err(|reason| wrong(file, &id, reason))?);
            }
            for row in read.forbid {
                let id = row.id.clone();
                rules
                    .forbids
                    .push(row.checked().map_err(|reason| wrong(file, &id, reason))?);
            }
        }
        rules
            .rows
            .sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        Ok(rules)
    }
}

fn wrong(file: &str, row: &str, reason: &'static str) -> RuleError {
    RuleError::Wrong {
        file: file.to_owned(),
        row: row.to_owned(),
        reason,
    }
}
