//! The decision point for applications on the wire.

pub mod batch;
pub mod evaluation;
pub mod metadata;
pub mod page;
pub mod reading;
pub mod search;
