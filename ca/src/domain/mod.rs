//! Types and transitions of certification: no I/O, no clock, no randomness.

pub mod binding;
pub mod certificate;
pub mod issuance;
pub mod paper;
pub mod signing;
pub mod trust;
pub mod verdict;
pub mod vocabulary;
