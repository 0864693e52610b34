//! SQL of the relay, one file per aggregate.

pub mod password;
pub mod queue;
