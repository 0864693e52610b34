//! Work beside requests.

pub mod follow_epoch;
