//! Types and rules of mail without I/O: addresses, commands, replies, messages, retries.

pub mod address;
pub mod command;
pub mod message;
pub mod reply;
pub mod retry;
