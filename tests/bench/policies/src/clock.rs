//! Times, their order statistics, the machine's load and the bytes in use.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The system's allocator, counting the bytes in use while asked to.
pub struct Counted;

static COUNTING: AtomicBool = AtomicBool::new(false);
static BYTES: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came; only a number is kept beside it.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTING.load(Relaxed) {
            BYTES.fetch_add(layout.size(), Relaxed);
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if COUNTING.load(Relaxed) {
            BYTES.fetch_sub(layout.size(), Relaxed);
        }
        unsafe { System.dealloc(place, layout) }
    }
}

/// Begins or ends counting.
pub fn count_bytes(on: bool) {
    COUNTING.store(on, Relaxed);
}

/// Bytes taken and not given back while counting; wraps below zero.
pub fn bytes() -> usize {
    BYTES.load(Relaxed)
}

/// The load of the machine over 1, 5 and 15 minutes.
pub fn load() -> String {
    let all = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    all.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// How long one act takes.
pub fn time<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = act();
    (done, started.elapsed())
}

/// Single times of several rounds.
#[derive(Default)]
pub struct Times {
    all: Vec<u64>,
    medians: Vec<u64>,
    round: Vec<u64>,
}

impl Times {
    pub fn add(&mut self, one: Duration) {
        self.round
            .push(u64::try_from(one.as_nanos()).unwrap_or(u64::MAX));
    }

    pub fn end_round(&mut self) {
        self.round.sort_unstable();
        self.medians.push(self.round[self.round.len() / 2]);
        self.all.append(&mut self.round);
    }

    /// Median, 99th of a hundred, mean, and the least and greatest median of a round, in nanoseconds.
    pub fn sum_up(mut self) -> Summary {
        self.all.sort_unstable();
        let count = self.all.len();
        Summary {
            p50: self.all[count / 2],
            p99: self.all[count * 99 / 100],
            mean: self.all.iter().sum::<u64>() / count as u64,
            least: *self.medians.iter().min().unwrap(),
            most: *self.medians.iter().max().unwrap(),
        }
    }
}

/// What is told of many times.
#[derive(Clone, Copy)]
pub struct Summary {
    pub p50: u64,
    pub p99: u64,
    pub mean: u64,
    least: u64,
    most: u64,
}

impl Summary {
    pub fn line(&self, what: &str, beside: Option<&Summary>) {
        let ratio = beside.map_or_else(String::new, |ours| {
            let of = |one: u64, other: u64| one as f64 / other as f64;
            format!(
                " | {:.1} × ours at p50, {:.1} × in the mean",
                of(self.p50, ours.p50),
                of(self.mean, ours.mean)
            )
        });
        println!(
            "{what}: p50 {} ns, p99 {} ns, mean {} ns (p50 of the rounds {}–{}){ratio}",
            self.p50, self.p99, self.mean, self.least, self.most
        );
    }
}
