//! What the account page needs of the mail relay: passwords for one device each. The relay keeps them; this room only shows them.

use crate::BoxFuture;
use platform::caller::Caller;

/// A device that may send mail.
#[derive(Debug, Clone)]
pub struct MailDevice {
    /// Names it when it is to be removed.
    pub id: String,
    /// What its owner calls it.
    pub label: String,
    /// When its password was made.
    pub created_at: i64,
    /// When it last signed in.
    pub last_used: Option<i64>,
}

/// A new password, shown once.
#[derive(Debug, Clone)]
pub struct NewMailPassword {
    /// Name for the mail program.
    pub username: String,
    /// Password for the mail program.
    pub password: String,
    /// Addresses it may send from.
    pub addresses: Vec<String>,
}

/// The relay did not do it.
#[derive(Debug, thiserror::Error)]
#[error("mail passwords: {0}")]
pub struct MailPasswordsError(pub String);

/// Passwords for mail programs.
pub trait MailPasswords: Send + Sync {
    /// Whether there are any: without a relay the account page has no such section.
    fn is_offered(&self) -> bool {
        true
    }
    /// The devices of a person.
    fn list<'a>(
        &'a self,
        person: &'a str,
    ) -> BoxFuture<'a, Result<Vec<MailDevice>, MailPasswordsError>>;
    /// A password for one more device.
    fn create<'a>(
        &'a self,
        by: &'a Caller,
        label: &'a str,
    ) -> BoxFuture<'a, Result<NewMailPassword, MailPasswordsError>>;
    /// Ends the password of a device.
    fn revoke<'a>(
        &'a self,
        by: &'a Caller,
        id: &'a str,
    ) -> BoxFuture<'a, Result<(), MailPasswordsError>>;
}

/// No mail relay runs beside this program.
pub struct NoMailPasswords;

impl MailPasswords for NoMailPasswords {
    fn is_offered(&self) -> bool {
        false
    }

    fn list<'a>(
        &'a self,
        _person: &'a str,
    ) -> BoxFuture<'a, Result<Vec<MailDevice>, MailPasswordsError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn create<'a>(
        &'a self,
        _by: &'a Caller,
        _label: &'a str,
    ) -> BoxFuture<'a, Result<NewMailPassword, MailPasswordsError>> {
        Box::pin(async { Err(MailPasswordsError("no mail relay".into())) })
    }

    fn revoke<'a>(
        &'a self,
        _by: &'a Caller,
        _id: &'a str,
    ) -> BoxFuture<'a, Result<(), MailPasswordsError>> {
        Box::pin(async { Err(MailPasswordsError("no mail relay".into())) })
    }
}
