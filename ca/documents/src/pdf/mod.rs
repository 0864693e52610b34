//! The PDF file as bytes: objects, strict reader of revisions, writer of incremental updates.

pub(crate) mod cross_reference;
pub(crate) mod file;
pub(crate) mod filter;
pub(crate) mod object;
pub(crate) mod syntax;
pub(crate) mod update;
