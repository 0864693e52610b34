//! The layer on both engines: reads, units, neighbours, retries, limits, the guards.
#![allow(dead_code)]
mod crowd;
mod guards;
mod kill;
mod units;
