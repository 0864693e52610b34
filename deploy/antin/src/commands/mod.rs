//! One file per verb of the command line.

pub mod backup;
pub mod bench;
pub mod config;
pub mod decide;
pub mod demo;
pub mod doctor;
pub mod emergency;
pub mod import;
pub mod init;
pub mod keys;
pub mod log;
pub mod migrate;
pub mod plan;
pub mod restore;
pub mod routes;
pub mod serve;
pub mod signer;
pub mod verify;
