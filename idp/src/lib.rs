//! Sign-in: accounts and what people prove themselves with, sessions, and the OpenID provider with its pages.
//! Standard: OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0; RFC 6749, 7009, 7636, 7662, 9068, 9207; WebAuthn Level 3; RFC 6238
//! It must never grant authority: it says who is there and in which post, and asks the register at every use whether that is in force.
//!
//! Map: `domain/` types and rules without I/O · `wire/` shapes as the standards name them · `flows/` one file for each thing that happens ·
//! `store/` SQL · `http/` pages and endpoints · `jobs/` clearing away · `mail_passwords`, `letters` what it needs of others: passwords of mail programs, printing.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

use crate::config::Config;
use crate::domain::keys::KeyRing;
use crate::domain::passkey::{PasskeyError, RelyingParty};
use crate::domain::password::PasswordHasher;
use arc_swap::{ArcSwap, Guard};
use platform::db::{self, Conn, Statement};
use platform::{Ground, migrations};
use std::pin::Pin;
use std::sync::Arc;
use url::Url;

pub mod config;
pub mod domain;
pub mod flows;
pub mod http;
pub mod jobs;
pub mod letters;
pub mod mail_passwords;
pub mod store;
pub mod wire;

#[cfg(test)]
mod journeys;
#[cfg(test)]
mod testing;

pub use flows::resolve_caller::Callers;
pub use http::{ROUTES, router};
pub use letters::{LetterComposer, LetterError};
pub use mail_passwords::{
    MailDevice, MailPasswords, MailPasswordsError, NewMailPassword, NoMailPasswords,
};

/// A boxed future, as traits of ours return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The name under which our own pages stand in for a client.
pub const PAGES: &str = "antin";

migrations! {
    /// Tables of sign-in.
    pub MIGRATIONS = "idp": ["0001_sign_in", "0002_emergency"];
}

mod texts {
    #![allow(missing_docs, reason = "made by the macro")]
    fluent_templates::static_loader! {
        pub static TEXTS = {
            locales: "./locales",
            fallback_language: "vi",
            customise: |bundle| bundle.set_use_isolating(false),
        };
    }
}
pub use texts::TEXTS;

/// Every SQL statement of this crate.
pub fn statements() -> Vec<&'static Statement> {
    [
        store::account::ALL,
        store::activation::ALL,
        store::attempt::ALL,
        store::ceremony::ALL,
        store::client::ALL,
        store::credential::ALL,
        store::emergency::ALL,
        store::grant::ALL,
        store::key::ALL,
        store::session::ALL,
        store::setup::ALL,
    ]
    .concat()
}

/// Columns of this crate that hold sealed values.
pub static SEALED: [&platform::secrets::columns::SealedColumn; 3] = [
    &store::activation::SEALED,
    &store::credential::SEALED,
    &store::key::SEALED,
];

/// The issuer of a public address: its origin, without a slash at the end.
pub fn issuer_of(public_url: &Url) -> String {
    public_url.origin().ascii_serialization()
}

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Signing keys.
    #[error(transparent)]
    Keys(#[from] flows::make_signing_keys::MakeKeysError),
    /// Passkeys.
    #[error(transparent)]
    Passkeys(#[from] PasskeyError),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// The service.
pub struct Idp {
    ground: Ground,
    config: Config,
    issuer: String,
    ring: Arc<ArcSwap<KeyRing>>,
    hasher: PasswordHasher,
    relying_party: RelyingParty,
    mail: Arc<dyn MailPasswords>,
    letters: Arc<dyn LetterComposer>,
}

impl Idp {
    /// Starts the service over a ground whose callers are these.
    pub async fn new(
        ground: Ground,
        callers: &Callers,
        config: Config,
        mail: Arc<dyn MailPasswords>,
        letters: Arc<dyn LetterComposer>,
    ) -> Result<Self, StartError> {
        let config = config.bounded();
        let ring = flows::make_signing_keys::run(&ground).await?;
        callers.ring.store(Arc::new(ring));
        let relying_party = RelyingParty::new(&ground.public_url, "Ấn Tín")?;
        let idp = Self {
            issuer: issuer_of(&ground.public_url),
            ring: Arc::clone(&callers.ring),
            hasher: PasswordHasher::new(config.hashes_at_once),
            relying_party,
            ground,
            config,
            mail,
            letters,
        };
        flows::register_client::publish_form_targets(&idp).await?;
        Ok(idp)
    }

    /// The shared parts.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The issuer, and the audience of our access tokens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn ring(&self) -> Guard<Arc<KeyRing>> {
        self.ring.load()
    }

    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.hasher
    }

    pub(crate) fn relying_party(&self) -> &RelyingParty {
        &self.relying_party
    }

    pub(crate) fn letters(&self) -> &Arc<dyn LetterComposer> {
        &self.letters
    }

    pub(crate) fn mail(&self) -> &dyn MailPasswords {
        self.mail.as_ref()
    }
}

/// A passkey as other services need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredPasskey {
    /// Credential id.
    pub credential_id: Vec<u8>,
    /// COSE_Key in CBOR: ES256 or RS256.
    pub cose_key: Vec<u8>,
    /// What its owner calls it.
    pub label: String,
}

/// Why passkeys could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PasskeysError {
    /// A stored passkey cannot be read.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// Database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// The passkeys of a person whose account is in use; none otherwise.
pub async fn passkeys_of(
    conn: &mut Conn,
    person: &str,
) -> Result<Vec<RegisteredPasskey>, PasskeysError> {
    let account = store::account::by_person(conn, person)
        .await?
        .filter(|a| a.state() == domain::account::AccountState::Active);
    let Some(account) = account else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for stored in store::credential::passkeys(conn, &account.id).await? {
        all.push(RegisteredPasskey {
            cose_key: domain::passkey::stored_cose_key(&stored.stored)?,
            credential_id: stored.credential_id,
            label: stored.label,
        });
    }
    Ok(all)
}
