//! Tests of the whole crate, judged by the `openssl` command line wherever it can judge.

mod attacks;
mod issuing;
mod malformed;
mod messages;
mod paths;
mod revocation;
mod stamps;
mod world;
