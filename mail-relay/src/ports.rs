//! What the relay needs of other services: somebody who signs for a mailbox, and what to trust when verifying. Wired by the composition root.

use pki::path::Anchor;
use std::pin::Pin;

/// A boxed future, as traits of ours return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// No mailbox signature was made.
#[derive(Debug, thiserror::Error)]
pub enum MailboxSignerError {
    /// The mailbox has no certificate in force.
    #[error("mailbox {0} has no certificate in force")]
    NoCertificate(String),
    /// The signer refused or is away.
    #[error("mailbox signature: {0}")]
    Refused(String),
}

/// Signs for mailboxes under the machine policy; holds no key itself.
pub trait MailboxSigner: Send + Sync {
    /// A detached CMS (ContentInfo, DER) over this SHA-256 digest, with signing time (UTC ms); `from` is the address in the From field.
    fn sign<'a>(
        &'a self,
        address: &'a str,
        digest: [u8; 32],
        signing_time: i64,
        from: &'a str,
    ) -> BoxFuture<'a, Result<Vec<u8>, MailboxSignerError>>;
}

/// What is trusted when mail is verified.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Anchors with their labels.
    pub anchors: Vec<Anchor>,
    /// Authorities between anchors and mailboxes.
    pub intermediates: Vec<pki::certificate::Certificate>,
    /// Revocation lists at hand.
    pub lists: Vec<pki::crl::Crl>,
}

/// Gives what is trusted now.
pub trait MailTrust: Send + Sync {
    /// Anchors, authorities and lists.
    fn trust(&self) -> Trust;
}
