//! How often a visitor may have documents examined, counted in memory by address and minute.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

const MOST_VISITORS: usize = 10_000;
const MINUTE: i64 = 60_000;

/// A counter per visitor.
pub struct Rate {
    per_minute: u32,
    seen: Mutex<(i64, HashMap<IpAddr, u32>)>,
    /// Examinations at a time.
    pub examining: tokio::sync::Semaphore,
}

impl Rate {
    /// A counter with this limit.
    pub fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            seen: Mutex::new((0, HashMap::new())),
            examining: tokio::sync::Semaphore::new(2),
        }
    }

    /// Whether the visitor may once more.
    pub fn admits(&self, visitor: IpAddr, now: i64) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.div_euclid(MINUTE);
        if seen.0 != minute {
            *seen = (minute, HashMap::new());
        }
        let visitors = &mut seen.1;
        if visitors.len() >= MOST_VISITORS && !visitors.contains_key(&visitor) {
            return false;
        }
        let count = visitors.entry(visitor).or_insert(0);
        *count = count.saturating_add(1);
        *count <= self.per_minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_is_refused_after_his_share_and_admitted_again_in_the_next_minute() {
        let rate = Rate::new(2);
        let visitor = IpAddr::from([127, 0, 0, 1]);
        assert!(rate.admits(visitor, 0) && rate.admits(visitor, 1));
        assert!(!rate.admits(visitor, 2));
        assert!(rate.admits(IpAddr::from([127, 0, 0, 2]), 3));
        assert!(rate.admits(visitor, MINUTE));
    }
}
