//! SQL, one file per aggregate. Reads are on `Conn`, writes on `Tx`.

pub mod anchors;
pub mod bindings;
pub mod certificates;
pub mod issuances;
pub mod keys;
pub mod numbers;
pub mod papers;
pub mod requests;
pub mod revocations;
pub mod signatures;
pub mod tls;
