//! Work that nobody asks for.

pub mod forget_files;
