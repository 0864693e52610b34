//! Consent: the statement a person agrees to, the passkey assertion over it, the binding of a passkey to a person and a key.
//! Standard: RFC 8785 (JCS) for statement and binding; WebAuthn Level 3 §7.2 for assertions; RFC 9052 §7 for COSE keys.
//! It must never accept an assertion whose challenge it did not compute itself from the statement's own bytes.

mod assertion;
mod binding;
mod canonical;
pub mod cose;
mod statement;
pub mod webauthn;

pub use assertion::{Assertion, AssertionError};
pub use binding::{Binding, PinnedCredential};
pub use canonical::{CanonicalError, canonical};
pub use statement::{
    ConsentPurpose, ConsentStatement, Content, LIFETIME_MS, StatementError, challenge,
};
