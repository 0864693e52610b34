//! Shapes on the wire.

pub mod authzen;
pub mod refusal;
