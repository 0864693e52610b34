//! Words of the pages: intervals, kinds of appointments, capacities.

use platform::clock::{format_date, format_last_day};
use platform::i18n::Tongue;

use crate::domain::words::AppointmentKind;
use crate::facts::{AsOf, HeldPost, Holder};

/// `từ 01/08/2020 đến hết 01/01/2022`.
pub(crate) fn days(t: &Tongue, from: i64, to: Option<i64>) -> String {
    let from = format_date(from);
    match to {
        Some(to) => t.with(
            "days-closed",
            &[
                ("from", from.as_str()),
                ("to", format_last_day(to).as_str()),
            ],
        ),
        None => t.with("days-open", &[("from", from.as_str())]),
    }
}

/// The way a post is held, empty when it is held in full.
pub(crate) fn kind(t: &Tongue, kind: AppointmentKind) -> String {
    match kind {
        AppointmentKind::Full => String::new(),
        other => t.text(&format!("kind-{}", other.as_str().replace('_', "-"))),
    }
}

/// A capacity in words.
pub(crate) fn capacity(t: &Tongue, code: &str) -> String {
    t.text(&format!(
        "capacity-{}",
        code.to_ascii_lowercase().replace('_', "-")
    ))
}

/// Title with field: `Phó Chủ tịch (Kinh tế tổng hợp)`.
pub(crate) fn titled(title: &str, field: Option<&str>) -> String {
    match field {
        Some(field) => format!("{title} ({field})"),
        None => title.to_string(),
    }
}

/// A step of somebody's way or of a post's holders.
pub(crate) struct Step {
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) beside: String,
    pub(crate) kind: String,
    pub(crate) days: String,
    pub(crate) basis: String,
    pub(crate) in_force: bool,
    /// Nobody held the post in this time.
    pub(crate) vacancy: bool,
    /// Doors to forms about this appointment: (address, words).
    pub(crate) acts: Vec<(String, String)>,
}

/// Doors to the forms that end or suspend an appointment.
pub(crate) fn appointment_acts(t: &Tongue, appointment: &str) -> Vec<(String, String)> {
    ["end", "suspend"]
        .map(|act| {
            (
                format!("/admin/appointments/{appointment}/{act}"),
                t.text(&format!("{act}-short")),
            )
        })
        .into()
}

/// A time in which nobody held a post of one seat.
pub(crate) fn vacancy_step(t: &Tongue, from: i64, to: Option<i64>, at: i64) -> Step {
    Step {
        href: String::new(),
        title: t.text("vacant"),
        beside: String::new(),
        kind: String::new(),
        days: days(t, from, to),
        basis: String::new(),
        in_force: from <= at && to.is_none_or(|to| at < to),
        vacancy: true,
        acts: Vec::new(),
    }
}

/// A post in a person's history.
pub(crate) fn held_step(t: &Tongue, held: HeldPost, as_of: AsOf, carry: &str) -> Step {
    Step {
        href: super::reading::link(&format!("/posts/{}", held.post), carry),
        title: titled(&held.title, held.field.as_deref()),
        beside: match &held.unit_name {
            Some(unit) => format!("{unit}, {}", held.agency_name),
            None => held.agency_name.clone(),
        },
        kind: kind(t, held.kind),
        days: days(t, held.from, held.to),
        basis: held.basis,
        in_force: held.from <= as_of.at && held.to.is_none_or(|to| as_of.at < to),
        vacancy: false,
        acts: Vec::new(),
    }
}

/// A holder in a post's history.
pub(crate) fn holder_step(t: &Tongue, holder: Holder, as_of: AsOf, carry: &str) -> Step {
    Step {
        href: super::reading::link(&format!("/people/{}", holder.person), carry),
        title: if holder.name.is_empty() {
            t.text("erased")
        } else {
            holder.name
        },
        beside: holder.staff_no,
        kind: kind(t, holder.kind),
        days: days(t, holder.from, holder.to),
        basis: holder.basis,
        in_force: holder.from <= as_of.at && holder.to.is_none_or(|to| as_of.at < to),
        vacancy: false,
        acts: Vec::new(),
    }
}

/// A post with its holders, as a line of a tree or table.
pub(crate) struct Line {
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) holders: Vec<(String, String)>,
}

impl Line {
    /// A post with those of `holders` who hold it.
    pub(crate) fn of(
        post: &crate::facts::PostFact,
        holders: &[Holder],
        t: &Tongue,
        carry: &str,
    ) -> Self {
        let named = holders
            .iter()
            .filter(|holder| holder.post == post.id)
            .map(|holder| {
                let kind = kind(t, holder.kind);
                let name = if holder.name.is_empty() {
                    t.text("erased")
                } else {
                    holder.name.clone()
                };
                let shown = if kind.is_empty() {
                    name
                } else {
                    format!("{name} ({kind})")
                };
                (
                    super::reading::link(&format!("/people/{}", holder.person), carry),
                    shown,
                )
            });
        Self {
            href: super::reading::link(&format!("/posts/{}", post.id), carry),
            title: titled(&post.title, post.field.as_deref()),
            holders: named.collect(),
        }
    }
}

/// `Ủy ban nhân dân` in short, and cut to what a box of the picture holds.
pub(crate) fn short(name: &str, room: usize) -> String {
    let name = name
        .replace("Ủy ban nhân dân", "UBND")
        .replace("Hội đồng nhân dân", "HĐND");
    if name.chars().count() <= room {
        return name;
    }
    let mut cut: String = name.chars().take(room.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}
