//! Shapes exactly as the standards name them.

pub mod authorization;
pub mod discovery;
pub mod introspection;
pub mod jwks;
pub mod parameters;
pub mod token;
