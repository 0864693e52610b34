//! One file per thing the signer does; what they share is the open store, the clock, and what was configured at start.
//! Standard: named in each file.
//! It must never sign what was not judged here: each flow builds or parses what it signs.

mod consent;
mod generate_key;
mod install_certificate;
mod pin_credentials;
mod sign_certificate;
mod sign_checkpoint;
mod sign_crl;
mod sign_mailbox;
mod sign_ocsp;
mod sign_person;
mod sign_seal;
mod sign_timestamp;

use crate::config::{Clock, Config, EntropyFn};
use crate::consent::webauthn::RelyingParty;
use crate::domain::{Bytes, Digest, DigestAlgorithm, KeyInfo, Purpose, Refusal, RefusalCode};
use crate::journal::Event;
use crate::store::{Store, StoreError};
use consent::OpenConsents;
use pki::algorithm::Hash;
use pki::certificate::Certificate;
use pki::path::{Anchor, AnchorKind};
use pki::profile::Profile;
use pki::signing::OpensslSigner;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// Why the signer does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A profile.
    #[error("certificate profile: {0}")]
    Profile(#[from] pki::profile::ProfileError),
    /// An anchor.
    #[error("anchor: {0}")]
    Anchor(#[from] pki::Malformed),
    /// The time-stamp policy.
    #[error("time-stamp policy {0} is not an object identifier")]
    Policy(String),
}

/// The signer, open on its store.
pub struct Signer {
    store: Store,
    clock: Clock,
    entropy: EntropyFn,
    relying_party: RelyingParty,
    profiles: HashMap<String, Profile>,
    anchors: Vec<Anchor>,
    timestamp_policy: pki::ObjectIdentifier,
    consents: OpenConsents,
    demo: bool,
}

impl Signer {
    /// Opens the store and reads what was configured.
    pub fn open(config: &Config, clock: Clock, entropy: EntropyFn) -> Result<Self, OpenError> {
        let profiles = if config.profiles.is_empty() {
            Profile::all_built_in()?
        } else {
            config
                .profiles
                .iter()
                .map(|text| Profile::parse(text))
                .collect::<Result<_, _>>()?
        };
        let mut anchors = Vec::new();
        for der in &config.anchors {
            let certificate = Certificate::parse(der)?;
            anchors.push(Anchor {
                label: certificate.subject_name().to_string(),
                kind: AnchorKind::Government,
                certificate,
            });
        }
        let timestamp_policy = pki::ObjectIdentifier::new(&config.timestamp_policy)
            .map_err(|_| OpenError::Policy(config.timestamp_policy.clone()))?;
        Ok(Self {
            store: Store::open(config, entropy.clone(), clock())?,
            relying_party: RelyingParty::new(&config.rp_id, config.origins.clone()),
            profiles: profiles
                .into_iter()
                .map(|profile| (profile.name().to_owned(), profile))
                .collect(),
            anchors,
            timestamp_policy,
            consents: OpenConsents::default(),
            demo: config.demo,
            clock,
            entropy,
        })
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether it runs as a demo.
    pub fn is_demo(&self) -> bool {
        self.demo
    }

    /// Its clock.
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Records a refusal.
    pub fn record_refusal(
        &self,
        request: &str,
        key: Option<&str>,
        refusal: &Refusal,
    ) -> Result<u64, Refusal> {
        let event = Event::Refused {
            request: request.to_owned(),
            key: key.map(|key| key.chars().take(64).collect()),
            code: refusal.code,
            detail: refusal.detail.chars().take(500).collect(),
        };
        self.store.commit(self.now(), |_| Ok(event))
    }

    /// Notes that a signature was destroyed before anybody had it.
    pub fn destroy_signature(
        &self,
        key: &str,
        signature: Digest,
        reason: &str,
    ) -> Result<u64, Refusal> {
        if !signature.is_well_formed() || reason.is_empty() || reason.len() > 1000 {
            return Err(malformed("a digest and a reason are needed"));
        }
        self.store.commit(self.now(), |state| {
            state.key(key)?;
            Ok(Event::SignatureDestroyed {
                key: key.to_owned(),
                signature,
                reason: reason.to_owned(),
            })
        })
    }

    fn key(&self, key: &str, fits: impl Fn(&Purpose) -> bool) -> Result<KeyInfo, Refusal> {
        let info = self.store.state().key(key)?.info.clone();
        if fits(&info.purpose) {
            Ok(info)
        } else {
            Err(Refusal::new(
                RefusalCode::WrongPurpose,
                format!("{key} is a key for another purpose"),
            ))
        }
    }

    /// The key's certificate, valid now.
    fn certificate(&self, info: &KeyInfo) -> Result<Certificate, Refusal> {
        let der = info.certificate.as_ref().ok_or_else(|| {
            Refusal::new(
                RefusalCode::NoCertificate,
                format!("{} has no certificate yet", info.key),
            )
        })?;
        let certificate = parsed(der)?;
        let now = self.now();
        if now < certificate.not_before() || now > certificate.not_after() {
            return Err(Refusal::new(
                RefusalCode::CertificateNotValid,
                "the certificate of the key is not valid now",
            ));
        }
        Ok(certificate)
    }

    fn signing(&self, info: &KeyInfo) -> Result<OpensslSigner, Refusal> {
        Ok(OpensslSigner::with_default(self.store.private(&info.key)?)?)
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0u8; N];
        (self.entropy)(&mut bytes);
        bytes
    }
}

fn malformed(detail: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::Malformed, detail)
}

fn parsed(der: &[u8]) -> Result<Certificate, Refusal> {
    Certificate::parse(der).map_err(|error| malformed(error.to_string()))
}

fn sha256(bytes: &[u8]) -> Bytes {
    Bytes(Sha256::digest(bytes).to_vec())
}

fn hash_of(algorithm: DigestAlgorithm) -> Hash {
    match algorithm {
        DigestAlgorithm::Sha256 => Hash::Sha256,
        DigestAlgorithm::Sha384 => Hash::Sha384,
        DigestAlgorithm::Sha512 => Hash::Sha512,
    }
}

/// Certificates to embed: parsed, so that no other bytes ride along, at most four.
fn checked_chain(chain: &[Bytes]) -> Result<Vec<&[u8]>, Refusal> {
    if chain.len() > 4 {
        return Err(malformed("more than four certificates to embed"));
    }
    for der in chain {
        if !parsed(der)?.is_ca() {
            return Err(malformed("only CA certificates are embedded"));
        }
    }
    Ok(chain.iter().map(|der| der.0.as_slice()).collect())
}

fn content_digest(digest: &Digest, signer: &OpensslSigner) -> Result<Hash, Refusal> {
    use pki::signing::Signer as _;
    let hash = hash_of(digest.algorithm);
    if !digest.is_well_formed() || hash != signer.algorithm().hash {
        return Err(Refusal::new(
            RefusalCode::DigestMismatch,
            "the digest is not made with the hash of this key's signatures",
        ));
    }
    Ok(hash)
}
