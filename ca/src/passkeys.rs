//! What this crate asks of the sign-in service: which passkeys a person has. Wired by the composition root.

use std::future::Future;
use std::pin::Pin;

/// A passkey as the sign-in service knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Credential id.
    pub credential_id: Vec<u8>,
    /// COSE_Key, CBOR.
    pub cose_key: Vec<u8>,
    /// What the person calls the device.
    pub label: String,
}

/// The sign-in service could not answer.
#[derive(Debug, thiserror::Error)]
#[error("passkeys cannot be listed: {0}")]
pub struct PasskeyDirectoryError(pub String);

/// An answer that comes later.
pub type Answer<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, PasskeyDirectoryError>> + Send + 'a>>;

/// Lists passkeys.
pub trait PasskeyDirectory: Send + Sync {
    /// Passkeys of a person, oldest first.
    fn passkeys_of<'a>(&'a self, person: &'a str) -> Answer<'a, Vec<Passkey>>;
}
