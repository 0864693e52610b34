//! Time as an argument: UTC milliseconds, and days at +07:00 (Asia/Ho_Chi_Minh has had no other offset since 1975).
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// One day in milliseconds.
pub const DAY: i64 = 86_400_000;
/// How far the wall clock may lie behind the last record before a start is refused.
pub const BEHIND_LIMIT: i64 = 2_000;
/// How far the wall clock may lie ahead of the last record before a start is refused.
pub const AHEAD_LIMIT: i64 = 30 * DAY;

/// Where the present instant comes from.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { offset: i64 },
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's wall clock.
    pub fn system() -> Self {
        Self(Source::System { offset: 0 })
    }

    /// The machine's wall clock moved by `offset` ms: a test switch, refused by the configuration off loopback.
    pub fn system_with_offset(offset: i64) -> Self {
        Self(Source::System { offset })
    }

    /// A clock that stands still at `ms` until [`Clock::advance`] moves it. Clones share it.
    pub fn fixed(ms: i64) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(ms))))
    }

    /// Moves a fixed clock (and every clone of it). The system clock does not move by asking.
    pub fn advance(&self, ms: i64) {
        if let Source::Fixed(at) = &self.0 {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Now, in UTC milliseconds.
    pub fn now(&self) -> i64 {
        match &self.0 {
            Source::System { offset } => Timestamp::now().as_millisecond().saturating_add(*offset),
            Source::Fixed(at) => at.load(Ordering::SeqCst),
        }
    }
}

/// Why a start is refused because of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StartRefused {
    /// The wall stands before what is already recorded.
    #[error(
        "the clock is {0} ms behind the last record: set the clock right, or start with --accept-clock"
    )]
    Behind(i64),
    /// The wall stands implausibly far after what is recorded.
    #[error(
        "the clock is {0} ms ahead of the last record: set the clock right, or start with --accept-clock"
    )]
    Ahead(i64),
}

/// Compares the wall clock with the newest record, before a start.
pub fn check_start(now: i64, last_record: Option<i64>) -> Result<(), StartRefused> {
    let Some(last) = last_record else {
        return Ok(());
    };
    let ahead = now.saturating_sub(last);
    if ahead < -BEHIND_LIMIT {
        return Err(StartRefused::Behind(ahead.saturating_neg()));
    }
    if ahead > AHEAD_LIMIT {
        return Err(StartRefused::Ahead(ahead));
    }
    Ok(())
}

/// The fixed offset of Vietnam.
pub fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(7))
}

fn zoned(ms: i64) -> Zoned {
    Timestamp::from_millisecond(ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(zone())
}

/// The civil day in Vietnam on which the instant falls.
pub fn date(ms: i64) -> Date {
    zoned(ms).date()
}

/// First instant of a civil day in Vietnam.
pub fn day_start(day: Date) -> i64 {
    match day.to_zoned(zone()) {
        Ok(start) => start.timestamp().as_millisecond(),
        // Only dates at the very edge of the calendar (year ±9999) cannot be placed on the time line.
        Err(_) if day.year() < 0 => Timestamp::MIN.as_millisecond(),
        Err(_) => Timestamp::MAX.as_millisecond(),
    }
}

/// The first instant after "đến hết ngày …": 00:00 of the next day in Vietnam; an exclusive end.
pub fn day_end(day: Date) -> i64 {
    day_start(day).saturating_add(DAY)
}

/// `dd/mm/yyyy` in Vietnam.
pub fn format_date(ms: i64) -> String {
    let day = date(ms);
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

/// The last day that an exclusive end still covers: "đến hết ngày dd/mm/yyyy".
pub fn format_last_day(end: i64) -> String {
    format_date(end.saturating_sub(1))
}

/// `HH:MM:SS dd/mm/yyyy` in Vietnam.
pub fn format_instant(ms: i64) -> String {
    let at = zoned(ms);
    format!(
        "{:02}:{:02}:{:02} {:02}/{:02}/{:04}",
        at.hour(),
        at.minute(),
        at.second(),
        at.day(),
        at.month(),
        at.year()
    )
}

/// RFC 3339 in UTC with milliseconds, for APIs and logs.
pub fn rfc3339(ms: i64) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

/// Reads RFC 3339 (with offset) into UTC milliseconds.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    text.parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_millisecond)
}

/// Reads `dd/mm/yyyy` or `yyyy-mm-dd`.
pub fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(day) = text.parse::<Date>() {
        return Some(day);
    }
    let mut parts = text.split('/');
    let day = parts.next()?.parse::<i8>().ok()?;
    let month = parts.next()?.parse::<i8>().ok()?;
    let year = parts.next()?.parse::<i16>().ok()?;
    if parts.next().is_some() || year < 1000 {
        return None;
    }
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_day_is_the_first_instant_of_the_next_day_in_vietnam() {
        let end = day_end(parse_date("28/02/2027").unwrap());
        assert_eq!(rfc3339(end), "2027-02-28T17:00:00.000Z");
        assert_eq!(format_last_day(end), "28/02/2027");
        assert_eq!(format_date(end), "01/03/2027");
    }

    #[test]
    fn dates_are_read_in_both_spellings_and_nothing_else() {
        assert_eq!(parse_date("2024-11-30"), parse_date("30/11/2024"));
        for wrong in ["31/02/2024", "30/11/24", "30-11-2024", "", "1/2/3/4"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_start_is_refused_when_the_wall_stands_before_the_last_record_or_far_after_it() {
        assert_eq!(check_start(10_000, None), Ok(()));
        assert_eq!(check_start(10_000, Some(12_000)), Ok(()));
        assert_eq!(
            check_start(10_000, Some(12_001)),
            Err(StartRefused::Behind(2_001))
        );
        assert_eq!(check_start(AHEAD_LIMIT, Some(0)), Ok(()));
        assert_eq!(
            check_start(AHEAD_LIMIT + 1, Some(0)),
            Err(StartRefused::Ahead(AHEAD_LIMIT + 1))
        );
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told_and_its_clones_move_with_it() {
        let clock = Clock::fixed(5);
        let copy = clock.clone();
        clock.advance(10);
        assert_eq!((clock.now(), copy.now()), (15, 15));
        assert_eq!(format_instant(0), "07:00:00 01/01/1970");
    }
}
