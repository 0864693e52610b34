//! Forms of administration: fields with label, help and error, a preview of what will be recorded, then the act.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::clock::{day_end, day_start, format_date, parse_date};
use platform::i18n::Tongue;

use super::Desk;
use crate::domain::text::tidy;

/// Longest text of a field.
const LONGEST: usize = 300;

/// A thing to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) help: String,
}

impl Choice {
    /// Whether it is among the chosen ones.
    pub(crate) fn is_in(&self, chosen: &str) -> bool {
        chosen.split(' ').any(|one| one == self.value)
    }
}

/// How a field is filled in.
pub(crate) enum Input {
    /// One line of text.
    Line,
    /// A day, and perhaps an hour.
    Day,
    /// One of a few, all shown.
    Pick(Vec<Choice>),
    /// Any of several, all shown; the value holds those chosen with blanks between them.
    Many(Vec<Choice>),
    /// Given by the page that led here.
    Fixed(String),
}

/// One field.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) help: String,
    pub(crate) error: String,
    pub(crate) value: String,
    pub(crate) input: Input,
}

/// What was typed, by name of the field.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Filled(pub(crate) BTreeMap<String, String>);

/// Where the form stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is being filled in.
    Edit,
    /// What will happen is shown.
    Preview,
    /// It is to be recorded.
    Save,
}

impl Filled {
    /// The tidied text of a field.
    pub(crate) fn text(&self, name: &str) -> String {
        let typed = self.0.get(name).map(String::as_str).unwrap_or_default();
        let short: String = typed.chars().take(LONGEST).collect();
        tidy(&short)
    }

    /// Which button was pressed.
    pub(crate) fn step(&self) -> Step {
        match self.0.get("step").map(String::as_str) {
            Some("save") => Step::Save,
            Some("edit") => Step::Edit,
            _ => Step::Preview,
        }
    }

    /// Puts a value that the page itself knows.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }
}

/// A form being read: fields in order, and whether any of them is wrong.
pub(crate) struct Reader<'f> {
    pub(crate) t: Tongue,
    filled: &'f Filled,
    fields: Vec<Field>,
}

impl<'f> Reader<'f> {
    pub(crate) fn new(t: Tongue, filled: &'f Filled) -> Self {
        Self {
            t,
            filled,
            fields: Vec::new(),
        }
    }

    /// Adds a field under its texts `field-NAME` and, when there is one, `field-NAME-help`.
    pub(crate) fn field(&mut self, name: &'static str, has_help: bool, input: Input) -> String {
        let key = name.replace('_', "-");
        let value = self.filled.text(name);
        self.fields.push(Field {
            name,
            label: self.t.text(&format!("field-{key}")),
            help: if has_help {
                self.t.text(&format!("field-{key}-help"))
            } else {
                String::new()
            },
            error: String::new(),
            value: value.clone(),
            input,
        });
        value
    }

    /// Says what is wrong with a field; the first fault of a field stays.
    pub(crate) fn fault(&mut self, name: &str, text: String) {
        if let Some(field) = self
            .fields
            .iter_mut()
            .find(|field| field.name == name && field.error.is_empty())
        {
            field.error = text;
        }
    }

    /// Changes how a field is filled in: to choose among several, or shown as fixed.
    pub(crate) fn offer(&mut self, name: &str, value: Option<&str>, input: Input) {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.input = input;
            if let Some(value) = value {
                field.value = value.to_owned();
            }
        }
    }

    /// A text that must not be empty.
    pub(crate) fn required(&mut self, name: &'static str, has_help: bool) -> String {
        let value = self.field(name, has_help, Input::Line);
        if value.is_empty() {
            self.fault(name, self.t.text("field-missing"));
        }
        value
    }

    /// `dd/mm/yyyy` or `dd/mm/yyyy HH:MM`: the first instant of that day, or that minute.
    pub(crate) fn from(&mut self, name: &'static str) -> i64 {
        let typed = self.field(name, true, Input::Day);
        match instant(&typed) {
            Some(at) => at,
            None => {
                self.fault(name, self.t.text("field-day-wrong"));
                0
            }
        }
    }

    /// "đến hết ngày": the first instant after that day; empty while the end is open.
    pub(crate) fn until(&mut self, name: &'static str, after: i64) -> Option<i64> {
        let typed = self.field(name, true, Input::Day);
        if typed.is_empty() {
            return None;
        }
        match parse_date(&typed).map(day_end) {
            Some(to) if to > after => Some(to),
            Some(_) => {
                self.fault(name, self.t.text("field-until-before"));
                None
            }
            None => {
                self.fault(name, self.t.text("field-day-wrong"));
                None
            }
        }
    }

    /// Number and day of the decision: `15/QĐ-UBND ngày 05/02/2026`.
    pub(crate) fn basis(&mut self, now: i64) -> String {
        let number = self.required("basis_number", true);
        let typed = self.field("basis_day", true, Input::Day);
        match parse_date(&typed).map(day_start) {
            Some(day) if day <= now => format!("{number} ngày {}", format_date(day)),
            Some(_) => {
                self.fault("basis_day", self.t.text("field-basis-ahead"));
                number
            }
            None => {
                self.fault("basis_day", self.t.text("field-day-wrong"));
                number
            }
        }
    }

    /// One of a few words.
    pub(crate) fn pick(&mut self, name: &'static str, choices: Vec<Choice>) -> String {
        let known: Vec<String> = choices.iter().map(|choice| choice.value.clone()).collect();
        let value = self.field(name, false, Input::Pick(choices));
        if !known.contains(&value) {
            self.fault(name, self.t.text("field-choose"));
        }
        value
    }

    /// Whether every field is right so far.
    pub(crate) fn is_good(&self) -> bool {
        self.fields.iter().all(|field| field.error.is_empty())
    }

    /// The fields, for the page.
    pub(crate) fn done(self) -> Vec<Field> {
        self.fields
    }
}

fn instant(typed: &str) -> Option<i64> {
    let (day, time) = typed.split_once(' ').unwrap_or((typed, "00:00"));
    let day = day_start(parse_date(day)?);
    let (hour, minute) = time.trim().split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute))
        .then(|| day + (hour * 60 + minute) * 60_000)
}

/// The page of a form.
#[derive(Template)]
#[template(path = "admin_form.html")]
pub(crate) struct FormPage {
    pub(crate) t: Tongue,
    pub(crate) csrf: String,
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) action: String,
    pub(crate) fields: Vec<Field>,
    /// What the flow refused, for the form as a whole.
    pub(crate) refusal: String,
    /// Sentences of what will happen; empty while the form is being filled in.
    pub(crate) preview: Vec<String>,
    /// What deserves a second look.
    pub(crate) notes: Vec<String>,
    pub(crate) submit: String,
}

impl FormPage {
    /// An empty page of this act; its texts are `KEY-title`, `KEY-lead`, `KEY-submit`.
    pub(crate) fn of(desk: &Desk, key: &str, action: String) -> Self {
        let t = desk.t;
        Self {
            csrf: desk.shell.csrf.clone(),
            title: t.text(&format!("{key}-title")),
            lead: t.text(&format!("{key}-lead")),
            submit: t.text(&format!("{key}-submit")),
            action,
            fields: Vec::new(),
            refusal: String::new(),
            preview: Vec::new(),
            notes: Vec::new(),
            t,
        }
    }

    /// The words of a choice, by its value.
    pub(crate) fn choice(&self, value: &str) -> Option<String> {
        self.fields.iter().find_map(|field| match &field.input {
            Input::Many(choices) | Input::Pick(choices) => choices
                .iter()
                .find(|choice| choice.value == value)
                .map(|choice| choice.text.clone()),
            _ => None,
        })
    }

    fn is_bad(&self) -> bool {
        !self.refusal.is_empty() || self.fields.iter().any(|field| !field.error.is_empty())
    }

    /// Renders; faults answer 422, so that programs see them too.
    pub(crate) fn show(self, desk: &Desk) -> Response {
        let status = if self.is_bad() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        let title = self.title.clone();
        desk.shell.page(status, &title, &self)
    }

    /// The same for the first look at a form, when empty fields are no faults yet.
    pub(crate) fn show_fresh(mut self, desk: &Desk) -> Response {
        for field in &mut self.fields {
            if field.value.is_empty() || matches!(field.input, Input::Pick(_)) {
                field.error.clear();
            }
        }
        self.show(desk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_hours_are_read_as_offices_write_them() {
        let noon = day_start(parse_date("04/02/2026").unwrap()) + 13 * 3_600_000;
        assert_eq!(instant("04/02/2026 13:00"), Some(noon));
        assert_eq!(instant("4/2/2026"), Some(noon - 13 * 3_600_000));
        for wrong in [
            "",
            "31/02/2026",
            "04/02/2026 24:00",
            "04/02/2026 1300",
            "mai",
        ] {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }
}
