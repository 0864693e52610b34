//! The table of algorithms as data: what we make, what we accept, until when.

use super::{Hash, KeyKind, Scheme, SignatureAlgorithm};

/// One row.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Scheme.
    pub scheme: Scheme,
    /// Hash.
    pub hash: Hash,
    /// Kind of key: `p256`, `p384`, `p521`, `rsa`.
    pub key: String,
    /// Fewest bits of the key.
    pub min_bits: u32,
    /// Whether we make such signatures.
    pub make: bool,
    /// Last instant of which a signature is accepted, UTC milliseconds; none: no end is set.
    #[serde(default)]
    pub accept_until: Option<i64>,
    /// Where the row comes from.
    pub source: String,
}

/// All rows.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The rows.
    pub algorithm: Vec<Row>,
}

/// The table's text is not a table.
#[derive(Debug, thiserror::Error)]
#[error("algorithm table: {0}")]
pub struct TableError(#[from] toml::de::Error);

impl Table {
    /// Reads a table.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        Ok(toml::from_str(text)?)
    }

    /// The table that comes with the program (ca/profiles/algorithms.toml).
    pub fn built_in() -> Self {
        Self::parse(include_str!("../../../profiles/algorithms.toml")).unwrap_or(Self {
            algorithm: Vec::new(),
        })
    }

    /// Whether we may sign like this.
    pub fn may_make(&self, algorithm: SignatureAlgorithm, key: KeyKind, at: i64) -> bool {
        self.rows(algorithm, key)
            .any(|row| row.make && lasts(row, at))
    }

    /// Whether such a signature, proved to exist at this instant, is accepted.
    pub fn may_accept(&self, algorithm: SignatureAlgorithm, key: KeyKind, at: i64) -> bool {
        self.rows(algorithm, key).any(|row| lasts(row, at))
    }

    fn rows(&self, algorithm: SignatureAlgorithm, key: KeyKind) -> impl Iterator<Item = &Row> {
        self.algorithm.iter().filter(move |row| {
            row.scheme == algorithm.scheme
                && row.hash == algorithm.hash
                && row.key == key.name()
                && row.min_bits <= key.bits()
        })
    }
}

fn lasts(row: &Row, at: i64) -> bool {
    row.accept_until.is_none_or(|end| at <= end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    #[test]
    fn what_is_made_is_p256_p384_and_pss_from_3072_bits() {
        let table = Table::built_in();
        let make = |algorithm, key| table.may_make(algorithm, key, NOW);
        assert!(make(SignatureAlgorithm::ECDSA_SHA256, KeyKind::P256));
        assert!(make(SignatureAlgorithm::ECDSA_SHA384, KeyKind::P384));
        assert!(make(SignatureAlgorithm::PSS_SHA256, KeyKind::Rsa(3072)));
        assert!(!make(SignatureAlgorithm::PSS_SHA256, KeyKind::Rsa(2048)));
        assert!(!make(SignatureAlgorithm::PKCS1_SHA256, KeyKind::Rsa(4096)));
        assert!(!make(SignatureAlgorithm::ECDSA_SHA512, KeyKind::P521));
    }

    #[test]
    fn what_is_accepted_ends_on_its_date_and_never_goes_below_2048_bits() {
        let table = Table::built_in();
        let accept = |algorithm, key, at| table.may_accept(algorithm, key, at);
        let end = 1_924_991_999_000;
        assert!(accept(
            SignatureAlgorithm::PKCS1_SHA256,
            KeyKind::Rsa(2048),
            end
        ));
        assert!(!accept(
            SignatureAlgorithm::PKCS1_SHA256,
            KeyKind::Rsa(2048),
            end + 1
        ));
        assert!(accept(
            SignatureAlgorithm::PKCS1_SHA256,
            KeyKind::Rsa(3072),
            end + 1
        ));
        assert!(!accept(
            SignatureAlgorithm::PKCS1_SHA256,
            KeyKind::Rsa(2047),
            NOW
        ));
        assert!(accept(SignatureAlgorithm::ECDSA_SHA512, KeyKind::P521, NOW));
        assert!(accept(
            SignatureAlgorithm::new(Scheme::Ecdsa, Hash::Sha3_256),
            KeyKind::P256,
            NOW
        ));
    }
}
