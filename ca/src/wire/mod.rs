//! Shapes on the wire: the papers interface and the verification report.

pub mod papers;
pub mod verification;
