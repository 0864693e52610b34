//! The consent statement: what exactly a person agrees to, as bytes that have one form only.
//! Standard: RFC 8785; docs/SECURITY.md for the members
//! It must never accept bytes that differ from the canonical form of what they say.

use super::canonical::{CanonicalError, canonical};
use crate::domain::{Bytes, Digest, DigestAlgorithm};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The longest life of a statement, and of the nonce in it: two minutes.
pub const LIFETIME_MS: i64 = 120_000;
/// The largest statement read.
const LARGEST: usize = 16 * 1024;
const VERSION: u32 = 1;

/// What is consented to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentPurpose {
    /// A person signs.
    Sign,
    /// A clerk seals.
    Seal,
    /// A person signs several contents at once.
    Batch,
}

/// One content, by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Digest algorithm.
    pub algorithm: DigestAlgorithm,
    /// Digest value.
    pub digest: Bytes,
    /// What the page called it.
    pub label: String,
}

impl Content {
    /// The digest with its algorithm.
    pub fn as_digest(&self) -> Digest {
        Digest {
            algorithm: self.algorithm,
            value: self.digest.clone(),
        }
    }
}

/// The statement. For `sign`, `contents` is what is signed; for `seal` it is the bytes to be sealed, then the digest in the person's CMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentStatement {
    /// Always 1.
    pub version: u32,
    /// What is consented to.
    pub purpose: ConsentPurpose,
    /// What is signed.
    pub contents: Vec<Content>,
    /// In which post.
    pub post: String,
    /// For which agency.
    pub agency: String,
    /// The stored decision that allowed it.
    pub decision: String,
    /// In which capacity (`TM.`, `KT.`, … joined with `+`).
    pub capacity: String,
    /// Ids of the appointment, assignment, mandate or decision it rests on.
    pub basis: Vec<String>,
    /// The key that shall sign.
    pub key: String,
    /// Epoch of the facts the decision used.
    pub epoch: i64,
    /// The signer's nonce.
    pub nonce: Bytes,
    /// When consent ends, UTC milliseconds.
    pub not_after: i64,
}

/// Why bytes are not a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Larger than any statement.
    #[error("statement of {0} bytes is too large")]
    TooLarge(usize),
    /// Not JSON of this shape.
    #[error("not a consent statement: {0}")]
    Shape(String),
    /// JSON of this shape, but not in canonical form.
    #[error("the statement is not canonical JSON (RFC 8785)")]
    NotCanonical,
    /// A version that is not known.
    #[error("statement version {0} is not known")]
    Version(u32),
    /// A member that says nothing or too much.
    #[error("{0}")]
    Member(&'static str),
    /// It has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

impl ConsentStatement {
    /// The canonical bytes.
    pub fn to_jcs(&self) -> Result<Vec<u8>, StatementError> {
        Ok(canonical(self)?)
    }

    /// Reads a statement; refuses everything but its canonical bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        if bytes.len() > LARGEST {
            return Err(StatementError::TooLarge(bytes.len()));
        }
        let statement: Self =
            serde_json::from_slice(bytes).map_err(|e| StatementError::Shape(e.to_string()))?;
        if statement.to_jcs()? != bytes {
            return Err(StatementError::NotCanonical);
        }
        statement.check()?;
        Ok(statement)
    }

    fn check(&self) -> Result<(), StatementError> {
        if self.version != VERSION {
            return Err(StatementError::Version(self.version));
        }
        let wanted = match self.purpose {
            ConsentPurpose::Sign => 1..=1,
            ConsentPurpose::Seal => 2..=2,
            ConsentPurpose::Batch => 1..=100,
        };
        if !wanted.contains(&self.contents.len()) {
            return Err(StatementError::Member(
                "the number of contents does not fit the purpose",
            ));
        }
        if self
            .contents
            .iter()
            .any(|c| !c.as_digest().is_well_formed())
        {
            return Err(StatementError::Member(
                "a digest has not the length of its algorithm",
            ));
        }
        let short = |text: &str| !text.is_empty() && text.chars().count() <= 200;
        if !self.contents.iter().all(|c| short(&c.label)) {
            return Err(StatementError::Member("a label is empty or too long"));
        }
        let single = [
            &self.post,
            &self.agency,
            &self.decision,
            &self.capacity,
            &self.key,
        ];
        if !single.into_iter().all(|text| short(text)) {
            return Err(StatementError::Member(
                "post, agency, decision, capacity or key is empty or too long",
            ));
        }
        if self.basis.is_empty() || self.basis.len() > 32 || !self.basis.iter().all(|b| short(b)) {
            return Err(StatementError::Member(
                "the basis must name between 1 and 32 facts",
            ));
        }
        Ok(())
    }
}

/// The WebAuthn challenge of a statement: SHA-256("antin-consent-v1" ‖ statement).
pub fn challenge(statement: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"antin-consent-v1");
    hash.update(statement);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> ConsentStatement {
        ConsentStatement {
            version: 1,
            purpose: ConsentPurpose::Sign,
            contents: vec![Content {
                algorithm: DigestAlgorithm::Sha256,
                digest: Bytes(vec![7; 32]),
                label: "Quyết định".into(),
            }],
            post: "pst_a".into(),
            agency: "agy_a".into(),
            decision: "dec_a".into(),
            capacity: "TM.+KT.".into(),
            basis: vec!["apt_a".into()],
            key: "key_a".into(),
            epoch: 3,
            nonce: Bytes(vec![1; 32]),
            not_after: 1_700_000_000_000,
        }
    }

    #[test]
    fn canonical_bytes_are_read_back_as_the_same_statement() {
        let bytes = sample().to_jcs().unwrap();
        assert!(bytes.starts_with(
            b"{\"agency\":\"agy_a\",\"basis\":[\"apt_a\"],\"capacity\":\"TM.+KT.\",\"contents\":["
        ));
        assert_eq!(ConsentStatement::parse(&bytes).unwrap(), sample());
    }

    #[test]
    fn the_same_statement_in_other_bytes_is_refused() {
        let text = String::from_utf8(sample().to_jcs().unwrap()).unwrap();
        for other in [
            text.replacen(":", ": ", 1),
            format!("{text}\n"),
            text.replacen("\"epoch\":3", "\"epoch\":3.0", 1),
            text.replacen("apt_a", "\\u0061pt_a", 1),
            text.replacen("{\"agency\":\"agy_a\",", "{", 1).replacen(
                ",\"version\":1}",
                ",\"version\":1,\"agency\":\"agy_a\"}",
                1,
            ),
        ] {
            assert!(
                ConsentStatement::parse(other.as_bytes()).is_err(),
                "{other}"
            );
        }
    }

    #[test]
    fn doubled_and_unknown_members_are_refused() {
        let text = String::from_utf8(sample().to_jcs().unwrap()).unwrap();
        let doubled = text.replacen("\"epoch\":3", "\"epoch\":3,\"epoch\":3", 1);
        assert!(matches!(
            ConsentStatement::parse(doubled.as_bytes()),
            Err(StatementError::Shape(_))
        ));
        let unknown = text.replacen("\"epoch\":3", "\"epoch\":3,\"extra\":1", 1);
        assert!(matches!(
            ConsentStatement::parse(unknown.as_bytes()),
            Err(StatementError::Shape(_))
        ));
    }

    #[test]
    fn a_statement_needs_contents_that_fit_its_purpose() {
        let mut statement = sample();
        statement.purpose = ConsentPurpose::Seal;
        assert!(ConsentStatement::parse(&statement.to_jcs().unwrap()).is_err());
        let mut statement = sample();
        statement.contents[0].digest = Bytes(vec![7; 31]);
        assert!(ConsentStatement::parse(&statement.to_jcs().unwrap()).is_err());
        let mut statement = sample();
        statement.basis.clear();
        assert!(ConsentStatement::parse(&statement.to_jcs().unwrap()).is_err());
        let mut statement = sample();
        statement.version = 2;
        assert_eq!(
            ConsentStatement::parse(&statement.to_jcs().unwrap()),
            Err(StatementError::Version(2))
        );
    }
}
