//! When a delivery is tried again and when it is given up.
//! Standard: RFC 5321 §4.5.4.1

/// Between tries, minutes: short at first, for a line that comes back; then half-hourly and longer.
const MINUTES: [i64; 8] = [1, 2, 5, 10, 30, 60, 120, 240];
/// Given up after four days.
pub const GIVEN_UP_AFTER: i64 = 4 * 86_400_000;

/// Instant of the next try after `attempts` failed ones; `None` when the message has waited too long.
pub fn next(queued_at: i64, attempts: i64, now: i64) -> Option<i64> {
    if now - queued_at >= GIVEN_UP_AFTER {
        return None;
    }
    let index = usize::try_from(attempts.max(1) - 1)
        .unwrap_or(usize::MAX)
        .min(MINUTES.len() - 1);
    MINUTES.get(index).map(|minutes| now + minutes * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_grow_apart_and_end_after_four_days() {
        assert_eq!(next(0, 1, 0), Some(60_000));
        assert_eq!(next(0, 99, 0), Some(240 * 60_000));
        assert_eq!(next(0, 3, GIVEN_UP_AFTER), None);
    }
}
