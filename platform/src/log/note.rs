//! Checkpoints as signed notes.
//! Standard: C2SP signed-note (Ed25519, signature type 0x01), C2SP tlog-checkpoint.
//! It must never accept a note whose signature by the named key does not verify.
use std::fmt::Write as _;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::tree::Hash;

const ED25519_TYPE: u8 = 1;

/// A checkpoint: the head of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The bytes that are signed.
    pub fn body(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root)
        )
    }
}

/// The whole text of a signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote(pub String);

/// A key that may sign: name and Ed25519 public key. Its text form is a C2SP verifier key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: [u8; 32],
}

/// Why a note is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not a signed note, or not a checkpoint.
    #[error("not a signed checkpoint: {0}")]
    Format(&'static str),
    /// No signature by a known key.
    #[error("no signature by a known key")]
    NoSignature,
    /// A known key's signature is false.
    #[error("the signature by {0} does not verify")]
    Signature(String),
}

impl VerifierKey {
    /// From name and raw public key. The name holds no space, plus sign or newline.
    pub fn new(name: &str, key: [u8; 32]) -> Option<Self> {
        let plain = !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+');
        plain.then(|| Self {
            name: name.to_owned(),
            key,
        })
    }

    /// Reads `name+hash+key`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (hash, key) = rest.split_once('+')?;
        let bytes = STANDARD.decode(key).ok()?;
        let (&kind, key) = bytes.split_first()?;
        let parsed = Self::new(name, key.try_into().ok()?)?;
        (kind == ED25519_TYPE && data_encoding::HEXLOWER.encode(&parsed.id()) == hash)
            .then_some(parsed)
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), first four bytes.
    pub fn id(&self) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(self.name.as_bytes());
        hash.update([b'\n', ED25519_TYPE]);
        hash.update(self.key);
        let digest: [u8; 32] = hash.finalize().into();
        let [a, b, c, d, ..] = digest;
        [a, b, c, d]
    }

    /// Joins a body and its raw Ed25519 signature to a note.
    pub fn note(&self, body: &str, signature: &[u8]) -> SignedNote {
        let mut blob = self.id().to_vec();
        blob.extend_from_slice(signature);
        let mut text = format!("{body}\n");
        // Writing into a String cannot fail.
        let _written = writeln!(text, "\u{2014} {} {}", self.name, STANDARD.encode(blob));
        SignedNote(text)
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut key = vec![ED25519_TYPE];
        key.extend_from_slice(&self.key);
        write!(
            f,
            "{}+{}+{}",
            self.name,
            data_encoding::HEXLOWER.encode(&self.id()),
            STANDARD.encode(key)
        )
    }
}

impl SignedNote {
    /// The checkpoint, if at least one known key signed it and no known key's signature is false.
    pub fn open(&self, keys: &[VerifierKey]) -> Result<Checkpoint, Error> {
        self.verify(keys)?;
        self.claimed()
    }

    /// Checks the signatures over whatever text the note holds.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<(), Error> {
        let (body, signatures) = self.parts()?;
        let mut verified = false;
        for line in signatures.lines() {
            let (name, blob) = line
                .strip_prefix("\u{2014} ")
                .and_then(|rest| rest.split_once(' '))
                .ok_or(Error::Format("a signature line"))?;
            let blob = STANDARD
                .decode(blob)
                .map_err(|_| Error::Format("a signature's base64"))?;
            let (id, signature) = blob
                .split_first_chunk::<4>()
                .ok_or(Error::Format("a signature's length"))?;
            let Some(key) = keys.iter().find(|key| key.name == name && key.id() == *id) else {
                continue;
            };
            UnparsedPublicKey::new(&ED25519, key.key)
                .verify(body.as_bytes(), signature)
                .map_err(|_| Error::Signature(name.to_owned()))?;
            verified = true;
        }
        if verified {
            Ok(())
        } else {
            Err(Error::NoSignature)
        }
    }

    /// What the note says, signature unchecked.
    pub fn claimed(&self) -> Result<Checkpoint, Error> {
        let (body, _) = self.parts()?;
        let mut lines = body.lines();
        let mut line = |what| lines.next().ok_or(Error::Format(what));
        let origin = line("origin")?.to_owned();
        let size_text = line("size")?;
        let size: u64 = size_text.parse().map_err(|_| Error::Format("size"))?;
        let root = STANDARD
            .decode(line("root")?)
            .ok()
            .and_then(|root| Hash::try_from(root).ok())
            .ok_or(Error::Format("root"))?;
        if origin.is_empty() || size_text != size.to_string() {
            return Err(Error::Format("origin or size"));
        }
        Ok(Checkpoint { origin, size, root })
    }

    fn parts(&self) -> Result<(&str, &str), Error> {
        let at = self
            .0
            .rfind("\n\n")
            .ok_or(Error::Format("no blank line before the signatures"))?;
        let (body, signatures) = self.0.split_at(at + 1);
        let signatures = signatures.strip_prefix('\n').unwrap_or_default();
        if signatures.is_empty() || !signatures.ends_with('\n') {
            return Err(Error::Format("signatures"));
        }
        Ok((body, signatures))
    }
}
