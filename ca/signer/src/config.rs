//! What the process is started with; nothing of it can be changed by a request.

use std::path::PathBuf;
use std::sync::Arc;

/// The signer's own clock: UTC milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;
/// The signer's randomness for ids, nonces and serial numbers (keys come from the cryptographic library itself). Outside tests it must be the operating system's.
pub type EntropyFn = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// Configuration of the signer.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its own directory (`<data>/signer`), made 0700 if absent.
    pub directory: PathBuf,
    /// The socket (at most about 100 bytes of path).
    pub socket: PathBuf,
    /// Origins of the pages on which people consent.
    pub origins: Vec<String>,
    /// WebAuthn relying-party id.
    pub rp_id: String,
    /// User ids that may connect, besides the signer's own.
    pub callers: Vec<u32>,
    /// Certificate profiles (TOML texts in the format of `ca/profiles`); empty for those that come with the program.
    pub profiles: Vec<String>,
    /// Anchors (certificates, DER) under which people's signatures are accepted before a seal, besides our own people's keys.
    pub anchors: Vec<Vec<u8>>,
    /// Policy of our time stamps (dotted OID).
    pub timestamp_policy: String,
    /// Where the key-encryption key comes from.
    pub key_encryption_key: KeyEncryptionKey,
    /// Whether this is a demo, in which nothing separates the signer from its callers.
    pub demo: bool,
}

/// Where the key-encryption key comes from: 32 bytes, as 64 hexadecimal digits.
#[derive(Debug, Clone)]
pub enum KeyEncryptionKey {
    /// A file of mode 0600; made when absent and the store is empty.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
}
