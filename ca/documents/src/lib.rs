//! Signed papers as PDF: composing, signing, numbering, inspecting; bytes in, bytes out.
//! Standard: ISO 32000-2 §7.5, §12.7, §12.8; ETSI EN 319 142-1 (PAdES B-B, B-T); Decree 30/2020/NĐ-CP Annex I.
//! Must never do I/O, read a clock, hold a key, or change one byte that was signed.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod appearance;
mod compose;
mod fields;
mod inspect;
mod locks;
mod number;
mod pdf;
mod sign;

pub use compose::letters::{Bundle, SealedLetter, Squares, compose_letters};
pub use compose::receipt::{Receipt, ReceiptSheet};
pub use compose::{ComposeError, PaperText, compose};
pub use fields::{DATE_FIELD, NUMBER_FIELD, PERSON_FIELD, SEAL_FIELD, lay_number_fields};
pub use inspect::{
    Finding, FindingCode, Report, RevisionKind, RevisionReport, SignatureReport, inspect,
};
pub use number::{NumberError, fill_number};
pub use pdf::file::{FILE_LIMIT, Unreadable};
pub use pdf::syntax::Malformed;
pub use sign::{Mark, Placement, Prepared, SignError, SignRequest, Visible, embed, prepare};
