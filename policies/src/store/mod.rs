//! SQL of this service, one file per aggregate.

pub mod decisions;
pub mod instruments;
pub mod mandates;
