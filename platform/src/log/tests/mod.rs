//! The log against published vectors, against itself, and against people who change its past.
#![allow(dead_code, reason = "tests")]
mod past;
mod vectors;
