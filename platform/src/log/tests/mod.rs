//! The log against published vectors, against itself, and against people who change its past.
#![allow(dead_code)]
mod past;
mod vectors;
