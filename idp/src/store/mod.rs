//! SQL, one file per aggregate.

pub mod account;
pub mod activation;
pub mod attempt;
pub mod ceremony;
pub mod client;
pub mod credential;
pub mod emergency;
pub mod grant;
pub mod key;
pub mod session;
pub mod setup;
