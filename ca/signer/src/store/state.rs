//! The state: what the journal's lines add up to, changed only by a line.

use super::keys::{KeyStore, StoreError, make_directory};
use super::sealing::KeyEncryption;
use crate::config::{Config, EntropyFn};
use crate::consent::PinnedCredential;
use crate::domain::{Algorithm, Bytes, KeyInfo, Purpose, Refusal, RefusalCode};
use crate::journal::{Artefact, Event, Journal, Line};
use openssl::pkey::{PKey, Private};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A key as the journal knows it.
#[derive(Debug, Clone)]
pub struct KeyRecord {
    /// Its public side and certificate.
    pub info: KeyInfo,
    /// The CRL number it signed last.
    pub crl_number: Option<u64>,
    /// The checkpoint it signed last: origin, size, root.
    pub checkpoint: Option<(String, u64, Bytes)>,
}

/// The registrar's credential.
#[derive(Debug, Clone)]
pub struct Registrar {
    /// Credential id.
    pub credential_id: Bytes,
    /// COSE key.
    pub public_key: Bytes,
}

/// Everything but the private keys.
#[derive(Debug, Default)]
pub struct State {
    keys: BTreeMap<String, KeyRecord>,
    registrar: Option<Registrar>,
    pins: HashMap<(String, Bytes), PinnedCredential>,
    used_bindings: HashSet<[u8; 32]>,
    counters: HashMap<Bytes, u32>,
    last_at: i64,
}

impl State {
    fn apply(&mut self, line: &Line) {
        self.last_at = self.last_at.max(line.at);
        match &line.event {
            Event::KeyGenerated {
                key,
                purpose,
                algorithm,
                public_key,
            } => self.add_key(key, purpose, *algorithm, public_key, line.at),
            Event::CertificateInstalled { key, certificate } => {
                if let Some(record) = self.keys.get_mut(key) {
                    record.info.certificate = Some(certificate.clone());
                }
            }
            Event::RegistrarPinned {
                credential_id,
                public_key,
            } => {
                self.registrar = Some(Registrar {
                    credential_id: credential_id.clone(),
                    public_key: public_key.clone(),
                });
            }
            Event::ConsentPinned {
                binding,
                registrar,
                counter,
            } => {
                self.counters
                    .insert(registrar.credential_id.clone(), *counter);
                if let Ok(challenge) = binding.challenge() {
                    self.used_bindings.insert(challenge);
                }
                self.pins.insert(
                    (binding.key.clone(), binding.credential_id.clone()),
                    PinnedCredential {
                        binding: binding.clone(),
                        registrar: registrar.clone(),
                        pinned_at: line.at,
                    },
                );
            }
            Event::ConsentUnpinned {
                credential_id, key, ..
            } => {
                self.pins.remove(&(key.clone(), credential_id.clone()));
            }
            Event::ConsentSigned {
                credential_id,
                counter,
                ..
            } => {
                self.counters.insert(credential_id.clone(), *counter);
            }
            Event::Signed {
                key,
                what: Artefact::Crl { number },
                ..
            } => {
                if let Some(record) = self.keys.get_mut(key) {
                    record.crl_number = Some(*number);
                }
            }
            Event::CheckpointSigned {
                key,
                origin,
                size,
                root,
            } => {
                if let Some(record) = self.keys.get_mut(key) {
                    record.checkpoint = Some((origin.clone(), *size, root.clone()));
                }
            }
            Event::Started { .. }
            | Event::Recovered { .. }
            | Event::UnfinishedKeyRemoved { .. }
            | Event::Signed { .. }
            | Event::MailSigned { .. }
            | Event::SignatureDestroyed { .. }
            | Event::Refused { .. } => {}
        }
    }

    fn add_key(
        &mut self,
        key: &str,
        purpose: &Purpose,
        algorithm: Algorithm,
        public_key: &Bytes,
        at: i64,
    ) {
        let info = KeyInfo {
            key: key.to_owned(),
            purpose: purpose.clone(),
            algorithm,
            public_key: public_key.clone(),
            certificate: None,
            created_at: at,
        };
        self.keys.insert(
            key.to_owned(),
            KeyRecord {
                info,
                crl_number: None,
                checkpoint: None,
            },
        );
    }

    /// A key, if it exists.
    pub fn key(&self, key: &str) -> Result<&KeyRecord, Refusal> {
        self.keys
            .get(key)
            .ok_or_else(|| Refusal::new(RefusalCode::UnknownKey, format!("no key {key}")))
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &KeyRecord> {
        self.keys.values()
    }

    /// How many keys there are.
    pub fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// The registrar, if pinned.
    pub fn registrar(&self) -> Option<&Registrar> {
        self.registrar.as_ref()
    }

    /// The pin of a credential on a key.
    pub fn pin(&self, key: &str, credential_id: &Bytes) -> Option<&PinnedCredential> {
        self.pins.get(&(key.to_owned(), credential_id.clone()))
    }

    /// All pins of a key.
    pub fn pins_of(&self, key: &str) -> Vec<PinnedCredential> {
        let mut pins: Vec<_> = self
            .pins
            .values()
            .filter(|pin| pin.binding.key == key)
            .cloned()
            .collect();
        pins.sort_by_key(|pin| pin.pinned_at);
        pins
    }

    /// Whether a binding of these very bytes was pinned before: the registrar's assertion over it is spent.
    pub fn binding_was_used(&self, challenge: &[u8; 32]) -> bool {
        self.used_bindings.contains(challenge)
    }

    /// A pin of this credential on any key.
    pub fn any_pin(&self, credential_id: &Bytes) -> Option<&PinnedCredential> {
        self.pins
            .values()
            .find(|pin| pin.binding.credential_id == *credential_id)
    }

    /// The key whose public key this is.
    pub fn key_of(&self, public_key: &[u8]) -> Option<&KeyRecord> {
        self.keys
            .values()
            .find(|record| record.info.public_key.0 == public_key)
    }

    /// The last counter seen of a credential.
    pub fn counter(&self, credential_id: &Bytes) -> u32 {
        self.counters.get(credential_id).copied().unwrap_or(0)
    }

    /// The newest instant in the journal.
    pub fn last_at(&self) -> i64 {
        self.last_at
    }
}

/// Sealed keys, journal and state together, locked to this process.
pub struct Store {
    keys: KeyStore,
    journal: Journal,
    state: Mutex<State>,
    _lock: File,
}

impl Store {
    /// Opens the store: takes the lock, verifies the journal, removes what a crash left unfinished.
    pub fn open(config: &Config, entropy: EntropyFn, now: i64) -> Result<Self, StoreError> {
        make_directory(&config.directory)?;
        let lock = lock(config)?;
        let key_directory = config.directory.join("keys");
        let journal_path = config.directory.join("journal.jsonl");
        let fresh = KeyStore::is_empty(&key_directory) && !journal_path.exists();
        let encryption = KeyEncryption::load(&config.key_encryption_key, fresh, entropy)?;
        let mac = zeroize::Zeroizing::new(*encryption.journal_key());
        let keys = KeyStore::open(&key_directory, encryption)?;
        if !journal_path.exists() && !keys.ids().is_empty() {
            return Err(StoreError::JournalMissing(journal_path));
        }
        let mut state = State::default();
        let (journal, torn) = Journal::open(&journal_path, &mac, |line| state.apply(line))?;
        if let Ok(directory) = File::open(&config.directory) {
            directory.sync_all().map_err(|cause| StoreError::File {
                path: config.directory.clone(),
                cause,
            })?;
        }
        let store = Self {
            keys,
            journal,
            state: Mutex::new(state),
            _lock: lock,
        };
        store.record(now, Event::Started { demo: config.demo })?;
        if torn > 0 {
            tracing::warn!(bytes = torn, "cut off a torn last line of the journal");
            store.record(now, Event::Recovered { bytes: torn })?;
        }
        store.remove_unfinished(now)?;
        Ok(store)
    }

    fn remove_unfinished(&self, now: i64) -> Result<(), StoreError> {
        let held: HashSet<String> = self.keys.ids().into_iter().collect();
        let known: HashSet<String> = self.state().keys.keys().cloned().collect();
        for key in held.difference(&known) {
            self.keys.remove_unfinished(key)?;
            self.record(now, Event::UnfinishedKeyRemoved { key: key.clone() })?;
        }
        for key in known.difference(&held) {
            tracing::error!(
                key,
                "the journal knows a key whose file is gone: restore it from backup"
            );
        }
        Ok(())
    }

    /// The state as it is now.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sealed keys.
    pub fn keys(&self) -> &KeyStore {
        &self.keys
    }

    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The private key, opened for one use.
    pub fn private(&self, key: &str) -> Result<PKey<Private>, Refusal> {
        self.keys.private(key).map_err(|error| {
            tracing::error!(key, %error, "a private key cannot be opened");
            Refusal::new(RefusalCode::Internal, "the private key cannot be opened")
        })
    }

    /// Decides on the state as it is, records the event, and returns when it is durable. No other event comes between.
    pub fn commit(
        &self,
        now: i64,
        decide: impl FnOnce(&State) -> Result<Event, Refusal>,
    ) -> Result<u64, Refusal> {
        let line = {
            let mut state = self.state();
            let event = decide(&state)?;
            let line = self.journal.enqueue(now, event).map_err(stopped)?;
            state.apply(&line);
            line
        };
        self.journal.wait(line.index).map_err(stopped)?;
        Ok(line.index)
    }

    fn record(&self, now: i64, event: Event) -> Result<(), StoreError> {
        let line = {
            let mut state = self.state();
            let line = self.journal.enqueue(now, event)?;
            state.apply(&line);
            line
        };
        Ok(self.journal.wait(line.index)?)
    }
}

fn stopped(error: crate::journal::JournalError) -> Refusal {
    tracing::error!(%error, "journal");
    Refusal::new(RefusalCode::Internal, "the journal cannot be written")
}

fn lock(config: &Config) -> Result<File, StoreError> {
    let path = config.directory.join("lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|cause| StoreError::File {
            path: path.clone(),
            cause,
        })?;
    file.try_lock()
        .map_err(|_| StoreError::Locked(config.directory.clone()))?;
    Ok(file)
}
