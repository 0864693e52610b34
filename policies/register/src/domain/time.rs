//! When we ask and as known when; days of Asia/Ho_Chi_Minh as half-open intervals of UTC milliseconds.

use jiff::civil::Date;

const DAY: i64 = 86_400_000;
const OFFSET: i64 = 7 * 3_600_000;
/// "As known now" on the record axis: later than any log index.
pub const NOW: i64 = i64::MAX;

/// A question in two times: valid at `at`, as known when the log had `known` leaves (`None`: all that is committed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// Valid time, UTC ms.
    pub at: i64,
    /// Size of the log at which we ask.
    pub known: Option<i64>,
}

impl AsOf {
    /// At this instant, as known now.
    pub const fn now(at: i64) -> Self {
        Self { at, known: None }
    }

    /// At this instant, as known when the log had `size` leaves.
    pub const fn known(at: i64, size: i64) -> Self {
        Self {
            at,
            known: Some(size),
        }
    }

    /// The record axis as the statements take it.
    pub(crate) fn position(self) -> i64 {
        self.known.unwrap_or(NOW)
    }
}

/// A half-open interval of valid time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// First instant.
    pub from: i64,
    /// First instant after it; `None` while the end is open.
    pub to: Option<i64>,
}

impl Interval {
    /// Whether the instant lies inside.
    pub fn holds(self, at: i64) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }

    /// Whether two intervals share an instant.
    pub fn meets(self, other: Self) -> bool {
        other.to.is_none_or(|to| self.from < to) && self.to.is_none_or(|to| other.from < to)
    }
}

/// 00:00 of a day in Viet Nam, UTC ms.
pub fn day_start(day: Date) -> i64 {
    let epoch = Date::constant(1970, 1, 1);
    let days = i64::from((day - epoch).get_days());
    days * DAY - OFFSET
}

/// The day of an instant in Viet Nam.
pub fn day_of(at: i64) -> Option<Date> {
    let days = i32::try_from((at + OFFSET).div_euclid(DAY)).ok()?;
    Date::constant(1970, 1, 1)
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

/// `dd/mm/yyyy` of an instant in Viet Nam.
pub fn day_text(at: i64) -> String {
    match day_of(at) {
        Some(day) => format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year()),
        None => String::from("–"),
    }
}

/// Reads `yyyy-mm-dd`, the form of our files.
pub fn read_iso(text: &str) -> Option<Date> {
    let (year, month, day) = three(text, '-')?;
    if text.len() != 10 || year.len() != 4 {
        return None;
    }
    civil(year, month, day)
}

/// Reads `dd/mm/yyyy` (also with dots or dashes), the form people type.
pub fn read_typed(text: &str) -> Option<Date> {
    let even = text.trim().replace(['.', '-'], "/");
    let (day, month, year) = three(&even, '/')?;
    if year.len() != 4 {
        return None;
    }
    civil(year, month, day)
}

fn three(text: &str, mark: char) -> Option<(&str, &str, &str)> {
    let mut parts = text.split(mark);
    let found = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(found)
}

fn civil(year: &str, month: &str, day: &str) -> Option<Date> {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !(digits(year) && digits(month) && digits(day)) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
