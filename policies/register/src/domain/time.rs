//! When we ask and as known when: valid time in half-open intervals of UTC milliseconds, record time as log positions.

/// "As known now" on the record axis: later than any log index.
const NOW: i64 = i64::MAX;

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
        position(self.known)
    }
}

/// The record axis as the statements take it.
pub(crate) fn position(known: Option<i64>) -> i64 {
    known.unwrap_or(NOW)
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
