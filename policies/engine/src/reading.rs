//! The rows of the law read from TOML text; one bad row refuses all.

use serde::Deserialize;

use crate::facts::{Addressee, AppointmentKind};
use crate::interval::Interval;
use crate::rules::{
    Against, Block, Forbid, Ground, Need, Objection, Pair, Paper, Regime, Rule, RuleError, Rules,
    Tenure, When,
};
use crate::vocabulary::{Action, Capacity, Code, Form};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<RuleRow>,
    #[serde(default)]
    forbid: Vec<ForbidRow>,
    #[serde(default)]
    objection: Vec<ObjectionRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    id: String,
    order: u8,
    ground: Ground,
    form: Option<Form>,
    under: Option<Form>,
    #[serde(default)]
    pairs: Vec<Pair>,
    #[serde(default)]
    tenure: Tenure,
    #[serde(default)]
    needs: Vec<Need>,
    #[serde(default)]
    paper: Paper,
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
    addressee: Option<Addressee>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectionRow {
    id: String,
    form: Option<Form>,
    when: Against,
    days: Option<i64>,
    document: String,
    clause: String,
    source: String,
    remedy: String,
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

/// Slots of a block line.
const SLOTS: &[&str] = &[
    "{collective}",
    "{head}",
    "{post}",
    "{post_in_full}",
    "{giver}",
];

fn slots_known(line: &str) -> bool {
    let rest = SLOTS
        .iter()
        .fold(line.to_owned(), |rest, slot| rest.replace(slot, ""));
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
            return Err("a block line has a slot that is not known");
        }
        let mandates = matches!(self.ground, Ground::Mandate | Ground::UnderMandate);
        if mandates != self.form.is_some() || mandates == self.pairs.is_empty() {
            return Err(
                "a row on mandates, and no other, names their form and who may give to whom",
            );
        }
        if (self.ground == Ground::UnderMandate) != self.under.is_some() {
            return Err("a row on mandates inside others, and no other, names the form of those");
        }
        let document = self.document;
        let clause = self.clause;
        let blocks = self.block.into_iter().map(|block| Block {
            citation: format!("{document}, {}", block.clause.as_deref().unwrap_or(&clause)).into(),
            regime: block.regime,
            appointments: block.appointments,
            kinds: block.kinds,
            addressee: block.addressee,
            capacity: block.capacity,
            lines: block.lines,
        });
        Ok(Rule {
            blocks: blocks.collect(),
            id: self.id.into(),
            order: self.order,
            ground: self.ground,
            form: self.form,
            under: self.under,
            pairs: self.pairs,
            tenure: self.tenure,
            needs: self.needs,
            paper: self.paper,
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

impl ObjectionRow {
    fn checked(self) -> Result<Objection, &'static str> {
        if self.source.trim().is_empty() {
            return Err("every row says how far its text was checked");
        }
        if (self.when == Against::TooLong) != self.days.is_some() {
            return Err("`days` belongs to `too_long` and to nothing else");
        }
        Ok(Objection {
            valid: validity(&self.valid_from, self.valid_to.as_ref())?,
            id: self.id.into(),
            form: self.form,
            when: self.when,
            days: self.days,
            citation: format!("{}, {}", self.document, self.clause).into(),
            remedy: self.remedy,
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
            for row in read.objection {
                let id = row.id.clone();
                let twice = rules.objections.iter().any(|known| known.id.as_str() == id);
                let objection = if twice {
                    Err("the id is used twice")
                } else {
                    row.checked()
                };
                rules
                    .objections
                    .push(objection.map_err(|reason| wrong(file, &id, reason))?);
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
