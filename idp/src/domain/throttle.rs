//! How wrong passwords and codes are slowed down, per account and per network, without shutting anybody out for ever.

use crate::domain::secret;
use std::net::IpAddr;

/// What failures are counted against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Stored key; the name inside is hashed, so the table is no list of accounts.
    pub key: Vec<u8>,
    /// Failures within [`WINDOW`] that are free.
    pub free: i64,
}

/// Failures older than this are forgotten.
pub const WINDOW: i64 = 60 * 60 * 1000;
const FIRST_WAIT: i64 = 5 * 60 * 1000;
const LONGEST_WAIT: i64 = 60 * 60 * 1000;

/// The network an address belongs to: /24 of IPv4, /64 of IPv6.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The three counters of one attempt: name from this network, name from anywhere, network with any name.
pub fn counters(name: &str, address: IpAddr) -> [Counter; 3] {
    let net = network(address);
    [
        Counter {
            key: secret::digest(&format!("both\n{name}\n{net}")),
            free: 5,
        },
        Counter {
            key: secret::digest(&format!("name\n{name}")),
            free: 50,
        },
        Counter {
            key: secret::digest(&format!("net\n{net}")),
            free: 200,
        },
    ]
}

/// What is remembered of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Failures in the window.
    pub failures: i64,
    /// When the last of them was.
    pub last: i64,
    /// Closed until then.
    pub blocked_until: i64,
}

impl Tally {
    /// A counter that never failed.
    pub const NONE: Self = Self {
        failures: 0,
        last: 0,
        blocked_until: 0,
    };

    /// The tally after one more failure.
    pub fn failed(self, free: i64, now: i64) -> Self {
        let failures = if now - self.last > WINDOW {
            1
        } else {
            self.failures + 1
        };
        let over = failures - free;
        let blocked_until = if over < 0 {
            self.blocked_until
        } else {
            let wait = FIRST_WAIT
                .saturating_mul(1_i64 << over.clamp(0, 8))
                .min(LONGEST_WAIT);
            now + wait
        };
        Self {
            failures,
            last: now,
            blocked_until,
        }
    }

    /// Milliseconds to wait, if closed.
    pub fn wait(self, now: i64) -> Option<i64> {
        (self.blocked_until > now).then(|| self.blocked_until - now)
    }

    /// Tries that are left before a wait.
    pub fn left(self, free: i64, now: i64) -> i64 {
        if now - self.last > WINDOW {
            free
        } else {
            (free - self.failures).max(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_wait_five_minutes_then_longer_but_never_more_than_an_hour() {
        let mut tally = Tally::NONE;
        for n in 1..5 {
            tally = tally.failed(5, 1000);
            assert_eq!((tally.wait(1000), tally.left(5, 1000)), (None, 5 - n));
        }
        tally = tally.failed(5, 1000);
        assert_eq!(tally.wait(1000), Some(5 * 60 * 1000));
        assert_eq!(tally.wait(1000 + 5 * 60 * 1000), None);
        let again = tally.failed(5, 1000);
        assert_eq!(again.wait(1000), Some(10 * 60 * 1000));
        for _ in 0..100 {
            tally = tally.failed(5, 1000);
        }
        assert_eq!(tally.wait(1000), Some(LONGEST_WAIT));
        assert_eq!(
            tally.failed(5, 1000 + 2 * WINDOW).wait(1000 + 2 * WINDOW),
            None
        );
    }

    #[test]
    fn one_network_cannot_shut_an_account_for_another() {
        let here = counters("thinhnd", "10.1.2.3".parse().unwrap());
        let there = counters("thinhnd", "10.1.3.3".parse().unwrap());
        let [a, b, c] = &here;
        let [x, y, z] = &there;
        assert_ne!(a.key, x.key);
        assert_eq!(b.key, y.key);
        assert_ne!(c.key, z.key);
        assert!(b.free > a.free);
    }

    #[test]
    fn an_address_counts_by_its_network() {
        let net = |s: &str| network(s.parse().unwrap());
        assert_eq!(net("10.1.2.3"), net("10.1.2.200"));
        assert_eq!(net("::ffff:10.1.2.3"), net("10.1.2.9"));
        assert_eq!(net("2001:db8:0:1::1"), net("2001:db8:0:1:ffff::2"));
        assert_ne!(net("2001:db8:0:1::1"), net("2001:db8:0:2::1"));
    }
}
