//! SMTP from the server's side: lines, sessions, listeners.

pub mod lines;
pub mod listener;
pub mod session;
