//! The layer on both engines: reads, units, neighbours, retries, limits, the guards.
#![allow(dead_code, reason = "tests")]
mod crowd;
mod guards;
mod kill;
mod units;
