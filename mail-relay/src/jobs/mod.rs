//! Work beside sessions.

pub mod run_queue;
