//! Certificate profiles: reviewed data that says what a certificate of one kind must and may hold.
//! Standard: RFC 5280 §4.2, RFC 9336 (document signing), RFC 6960 §4.2.2.2.1, RFC 3161 §2.3
//! It must never let a field through that the profile does not name.

use crate::certificate::KeyUsage;
use crate::names::Attr;
use crate::oids;
use const_oid::ObjectIdentifier;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A profile's text is wrong.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not the expected shape.
    #[error("profile: {0}")]
    Shape(#[from] toml::de::Error),
    /// A word in it is unknown.
    #[error("profile {profile}: unknown {kind} {word}")]
    Unknown {
        /// The profile's name.
        profile: String,
        /// What kind of word.
        kind: &'static str,
        /// The word.
        word: String,
    },
}

/// Whether something must, may or must not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// Must.
    Required,
    /// May.
    Optional,
    /// Must not.
    #[default]
    Forbidden,
}

impl Presence {
    /// Whether what is found agrees.
    pub const fn allows(self, present: bool) -> bool {
        match self {
            Self::Required => present,
            Self::Optional => true,
            Self::Forbidden => !present,
        }
    }
}

/// Whose certificates: our own use, or a stand-in of the Government CA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The province's own use (*chữ ký nội bộ*).
    Own,
    /// Public duty (*chữ ký số chuyên dùng công vụ*), issued by the Government CA; here only its look-alike.
    Government,
}

/// How many names of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Fewest.
    #[serde(default)]
    pub min: usize,
    /// Most.
    pub max: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Validity {
    pub(crate) max_days: i64,
    pub(crate) backdate_minutes: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyText {
    kinds: Vec<String>,
    #[serde(default)]
    min_rsa_bits: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectText {
    required: Vec<String>,
    #[serde(default)]
    optional: Vec<String>,
    #[serde(default)]
    fixed: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names {
    #[serde(default)]
    pub(crate) email: Count,
    #[serde(default)]
    pub(crate) dns: Count,
    #[serde(default)]
    pub(crate) uri: Count,
    #[serde(default)]
    pub(crate) ip: Count,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsageText {
    ca: bool,
    #[serde(default)]
    path_length: Option<u64>,
    key_usage: Vec<String>,
    #[serde(default)]
    extended: Vec<String>,
    #[serde(default)]
    extended_critical: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PoliciesText {
    #[serde(default)]
    oids: Vec<String>,
    #[serde(default)]
    cps: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {
    #[serde(default)]
    pub(crate) crl: Presence,
    #[serde(default)]
    pub(crate) ocsp: Presence,
    #[serde(default)]
    pub(crate) ca_issuers: Presence,
    #[serde(default)]
    pub(crate) nocheck: bool,
    #[serde(default)]
    pub(crate) name_constraints: Presence,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    name: String,
    version: u32,
    purpose: String,
    class: Class,
    self_signed: bool,
    validity: Validity,
    key: KeyText,
    subject: SubjectText,
    #[serde(default)]
    alternative_names: Names,
    usage: UsageText,
    #[serde(default)]
    policies: PoliciesText,
    #[serde(default)]
    status: Status,
}

/// A profile, its words resolved.
#[derive(Debug, Clone)]
pub struct Profile {
    name: String,
    version: u32,
    purpose: String,
    class: Class,
    hash: [u8; 32],
    pub(crate) self_signed: bool,
    pub(crate) validity: Validity,
    pub(crate) key_kinds: Vec<String>,
    pub(crate) min_rsa_bits: u32,
    pub(crate) required: Vec<Attr>,
    pub(crate) optional: Vec<Attr>,
    pub(crate) fixed: Vec<(Attr, String)>,
    pub(crate) names: Names,
    pub(crate) ca: bool,
    pub(crate) path_length: Option<u64>,
    pub(crate) key_usage: KeyUsage,
    pub(crate) extended: Vec<ObjectIdentifier>,
    pub(crate) extended_critical: bool,
    pub(crate) policies: Vec<ObjectIdentifier>,
    pub(crate) cps: Option<String>,
    pub(crate) status: Status,
}

/// Name and TOML text of every profile that comes with the program.
pub const BUILT_IN: [(&str, &str); 8] = [
    ("root", include_str!("../../profiles/root.toml")),
    ("issuing", include_str!("../../profiles/issuing.toml")),
    ("mailbox", include_str!("../../profiles/mailbox.toml")),
    ("tsa", include_str!("../../profiles/tsa.toml")),
    ("ocsp", include_str!("../../profiles/ocsp.toml")),
    ("tls", include_str!("../../profiles/tls.toml")),
    ("person", include_str!("../../profiles/person.toml")),
    ("seal", include_str!("../../profiles/seal.toml")),
];

const EXTENDED: [(&str, ObjectIdentifier); 6] = [
    ("serverAuth", oids::SERVER_AUTH),
    ("clientAuth", oids::CLIENT_AUTH),
    ("emailProtection", oids::EMAIL_PROTECTION),
    ("timeStamping", oids::TIME_STAMPING),
    ("OCSPSigning", oids::OCSP_SIGNING),
    ("documentSigning", oids::DOCUMENT_SIGNING),
];

impl Profile {
    /// Reads a profile.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        use sha2::Digest as _;
        let shape: Text = toml::from_str(text)?;
        let unknown = |kind, word: &str| ProfileError::Unknown {
            profile: shape.name.clone(),
            kind,
            word: word.to_owned(),
        };
        let attributes = |names: &[String]| {
            names
                .iter()
                .map(|name| Attr::from_name(name).ok_or_else(|| unknown("attribute", name)))
                .collect::<Result<Vec<_>, _>>()
        };
        let fixed = shape
            .subject
            .fixed
            .iter()
            .map(|(name, value)| {
                Attr::from_name(name)
                    .map(|attribute| (attribute, value.clone()))
                    .ok_or_else(|| unknown("attribute", name))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let extended = shape
            .usage
            .extended
            .iter()
            .map(|name| {
                EXTENDED
                    .iter()
                    .find(|row| row.0 == name)
                    .map(|row| row.1)
                    .ok_or_else(|| unknown("extended key usage", name))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let policies = shape
            .policies
            .oids
            .iter()
            .map(|text| ObjectIdentifier::new(text).map_err(|_| unknown("policy", text)))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(kind) = shape
            .key
            .kinds
            .iter()
            .find(|kind| !["p256", "p384", "rsa"].contains(&kind.as_str()))
        {
            return Err(unknown("kind of key", kind));
        }
        Ok(Self {
            hash: sha2::Sha256::digest(text.as_bytes()).into(),
            required: attributes(&shape.subject.required)?,
            optional: attributes(&shape.subject.optional)?,
            fixed,
            key_usage: KeyUsage::from_names(&shape.usage.key_usage)
                .map_err(|word| unknown("key usage", &word))?,
            extended,
            policies,
            cps: shape.policies.cps.clone(),
            name: shape.name,
            version: shape.version,
            purpose: shape.purpose,
            class: shape.class,
            self_signed: shape.self_signed,
            validity: shape.validity,
            key_kinds: shape.key.kinds,
            min_rsa_bits: shape.key.min_rsa_bits,
            names: shape.alternative_names,
            ca: shape.usage.ca,
            path_length: shape.usage.path_length,
            extended_critical: shape.usage.extended_critical,
            status: shape.status,
        })
    }

    /// A profile that comes with the program.
    pub fn built_in(name: &str) -> Option<Self> {
        BUILT_IN
            .iter()
            .find(|row| row.0 == name)
            .and_then(|row| Self::parse(row.1).ok())
    }

    /// All profiles that come with the program.
    pub fn all_built_in() -> Result<Vec<Self>, ProfileError> {
        BUILT_IN.iter().map(|row| Self::parse(row.1)).collect()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// What it is for, in words.
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// Whose certificates.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// SHA-256 of its text: recorded with each certificate.
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Longest validity in milliseconds.
    pub const fn longest_validity(&self) -> i64 {
        self.validity.max_days * 86_400_000
    }

    /// Whether a certificate prepared now may begin at this instant.
    pub const fn may_begin_at(&self, not_before: i64, now: i64) -> bool {
        not_before <= now + 300_000 && not_before >= now - self.validity.backdate_minutes * 60_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_reads_and_bears_its_own_name() {
        for (name, text) in BUILT_IN {
            let profile = Profile::parse(text).unwrap();
            assert_eq!(profile.name(), name);
            assert!(!profile.purpose().is_empty());
        }
    }

    #[test]
    fn an_unknown_word_or_field_in_a_profile_is_an_error() {
        let text = BUILT_IN[2].1;
        for (from, to) in [
            ("digitalSignature", "digitalSigning"),
            ("emailProtection", "mail"),
            ("\"CN\"", "\"CommonName\""),
            ("p256", "p257"),
            ("ca = false", "ca = false\nanything = 1"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from} is in the profile");
            assert!(Profile::parse(&changed).is_err(), "{to}");
        }
    }

    #[test]
    fn a_certificate_may_be_backdated_only_as_far_as_its_profile_says() {
        let profile = Profile::built_in("mailbox").unwrap();
        let now = 1_795_000_000_000;
        assert!(profile.may_begin_at(now - 3_600_000, now));
        assert!(!profile.may_begin_at(now - 3_600_001, now));
        assert!(!profile.may_begin_at(now + 300_001, now));
    }
}
