//! What goes over the socket: framed JSON, typed requests, typed answers.
//! Standard: none; docs/SECURITY.md (typed requests, never bytes to sign)
//! It must never have a request that carries bytes to be signed as they are.

mod frame;
mod request;
mod response;

pub use frame::{FrameError, LARGEST_FRAME, read_frame, write_frame};
pub use request::{MailboxSignature, PersonSignature, Request, SealSignature};
pub use response::{Health, JournalEntry, JournalPage, Response};
