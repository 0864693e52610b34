//! Slows down guessing of mail passwords: counters per name and per network, in memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// Wrong passwords allowed in a window.
const PER_NAME: u32 = 10;
const PER_NETWORK: u32 = 50;
/// Length of a window, ms.
const WINDOW: i64 = 300_000;
/// Counters kept at most; old ones go first.
const MOST: usize = 20_000;

#[derive(Default)]
struct Counters(HashMap<String, (i64, u32)>);

impl Counters {
    fn count(&self, key: &str, now: i64) -> u32 {
        self.0
            .get(key)
            .filter(|(since, _)| now - since < WINDOW)
            .map_or(0, |(_, n)| *n)
    }

    fn add(&mut self, key: String, now: i64) {
        if self.0.len() >= MOST {
            self.0.retain(|_, (since, _)| now - *since < WINDOW);
        }
        let entry = self.0.entry(key).or_insert((now, 0));
        if now - entry.0 >= WINDOW {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }
}

/// Counters of one process.
#[derive(Default)]
pub struct Throttle(Mutex<Counters>);

/// The /24 or /64 an address belongs to.
fn network(peer: IpAddr) -> String {
    match peer {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("net {a}.{b}.{c}")
        }
        IpAddr::V6(v6) => match v6.segments() {
            [a, b, c, d, ..] => format!("net {a:x}:{b:x}:{c:x}:{d:x}"),
        },
    }
}

impl Throttle {
    fn with<T>(&self, act: impl FnOnce(&mut Counters) -> T) -> T {
        // A thread that panicked while counting leaves counters that are still counters.
        let mut counters = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        act(&mut counters)
    }

    /// Whether a try may be hashed at all.
    pub fn may_try(&self, peer: IpAddr, name: &str, now: i64) -> bool {
        self.with(|c| {
            c.count(&format!("name {name}"), now) < PER_NAME
                && c.count(&network(peer), now) < PER_NETWORK
        })
    }

    /// A wrong password.
    pub fn failed(&self, peer: IpAddr, name: &str, now: i64) {
        self.with(|c| {
            c.add(format!("name {name}"), now);
            c.add(network(peer), now);
        });
    }

    /// A right one clears the name's counter, not the network's.
    pub fn succeeded(&self, name: &str) {
        self.with(|c| c.0.remove(&format!("name {name}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_one_name_is_slowed_down_and_forgotten_after_the_window() {
        let (throttle, peer) = (Throttle::default(), IpAddr::from([127, 0, 0, 1]));
        for _ in 0..PER_NAME {
            assert!(throttle.may_try(peer, "a", 0));
            throttle.failed(peer, "a", 0);
        }
        assert!(!throttle.may_try(peer, "a", 1));
        assert!(throttle.may_try(peer, "b", 1));
        assert!(throttle.may_try(peer, "a", WINDOW));
    }

    #[test]
    fn guessing_many_names_from_one_network_is_slowed_down() {
        let (throttle, peer) = (Throttle::default(), IpAddr::from([10, 0, 0, 7]));
        for n in 0..PER_NETWORK {
            throttle.failed(peer, &format!("n{n}"), 0);
        }
        assert!(!throttle.may_try(IpAddr::from([10, 0, 0, 8]), "fresh", 0));
        assert!(throttle.may_try(IpAddr::from([10, 0, 1, 8]), "fresh", 0));
    }
}
