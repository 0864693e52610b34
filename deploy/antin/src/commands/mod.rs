//! One file per verb of the command line.

pub mod bench;
pub mod config;
pub mod decide;
pub mod demo;
pub mod import;
pub mod init;
pub mod log;
pub mod migrate;
pub mod routes;
pub mod serve;
pub mod signer;
pub mod verify;
