//! Half-open validity `[from, to)` in UTC milliseconds.

use serde::{Deserialize, Serialize};

/// When a fact or a rule holds: from `from` (included) to `to` (excluded); no `to` means no known end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// First instant at which it holds.
    pub from: i64,
    /// First instant at which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
}

impl Interval {
    /// From `from` on, without a known end.
    pub const fn since(from: i64) -> Self {
        Self { from, to: None }
    }

    /// From `from` until just before `to`.
    pub const fn between(from: i64, to: i64) -> Self {
        Self { from, to: Some(to) }
    }

    /// The one millisecond `at`.
    pub const fn instant(at: i64) -> Self {
        Self::between(at, at.saturating_add(1))
    }

    /// Whether it holds at `at`.
    pub const fn contains(&self, at: i64) -> bool {
        self.from <= at && at < self.end()
    }

    /// The end as a number; no end is the largest.
    pub const fn end(&self) -> i64 {
        match self.to {
            Some(to) => to,
            None => i64::MAX,
        }
    }

    /// Whether it holds at no instant.
    pub const fn is_empty(&self) -> bool {
        self.from >= self.end()
    }

    /// What both cover.
    pub fn meet(&self, other: &Self) -> Self {
        let end = self.end().min(other.end());
        Self {
            from: self.from.max(other.from),
            to: (end != i64::MAX).then_some(end),
        }
    }
}
