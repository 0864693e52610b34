//! Types of handing over, without I/O.

pub mod drafting;
pub mod facts;
pub mod instrument;
pub mod law;
