//! Types and transitions of sign-in: no I/O, no clock, no randomness of its own.

pub mod account;
pub mod authorization;
pub mod client;
pub mod keys;
pub mod letter;
pub mod next_step;
pub mod one_time_code;
pub mod passkey;
pub mod password;
pub mod pkce;
pub mod return_path;
pub mod scope;
pub mod secret;
pub mod session;
pub mod throttle;
pub mod tokens;
pub mod totp;
