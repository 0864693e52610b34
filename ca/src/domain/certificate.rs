//! Whose certificate it is, under which anchor, and how it ends.

use serde::{Deserialize, Serialize};

/// Under what law an anchor stands; decides what its signatures may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorKind {
    /// Our own: *chữ ký điện tử chuyên dùng*, shown as “chữ ký nội bộ”.
    Own,
    /// The Government CA: “chữ ký số chuyên dùng công vụ”.
    PublicDuty,
    /// A public CA.
    Public,
}

impl AnchorKind {
    /// The word kept in the database and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::PublicDuty => "public_duty",
            Self::Public => "public",
        }
    }

    /// Reads the word back.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Own, Self::PublicDuty, Self::Public]
            .into_iter()
            .find(|k| k.word() == word)
    }

    /// What the law calls a signature under this anchor (Law 20/2023/QH15 Art. 22).
    pub fn signature_name(self) -> &'static str {
        match self {
            Self::Own => "chữ ký nội bộ",
            Self::PublicDuty => "chữ ký số chuyên dùng công vụ",
            Self::Public => "chữ ký số công cộng",
        }
    }
}

/// Who or what holds a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Holder {
    /// A person, by id.
    Person(String),
    /// A post, by id.
    Post(String),
    /// An agency (its seal), by id.
    Agency(String),
    /// A mailbox, by address.
    Mailbox(String),
    /// A service of ours: `tsa`, `ocsp`, `tls`, `root`, `issuing`.
    Service(String),
}

impl Holder {
    /// The word of the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Post(_) => "post",
            Self::Agency(_) => "agency",
            Self::Mailbox(_) => "mailbox",
            Self::Service(_) => "service",
        }
    }

    /// The id within the kind.
    pub fn id(&self) -> &str {
        match self {
            Self::Person(id)
            | Self::Post(id)
            | Self::Agency(id)
            | Self::Mailbox(id)
            | Self::Service(id) => id,
        }
    }

    /// Reads kind and id back.
    pub fn of(kind: &str, id: &str) -> Option<Self> {
        let id = id.to_owned();
        match kind {
            "person" => Some(Self::Person(id)),
            "post" => Some(Self::Post(id)),
            "agency" => Some(Self::Agency(id)),
            "mailbox" => Some(Self::Mailbox(id)),
            "service" => Some(Self::Service(id)),
            _ => None,
        }
    }
}

/// Why a certificate is revoked (RFC 5280 §5.3.1); `unspecified` is never used, hold comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RevocationReason {
    /// The key is known to others.
    KeyCompromise,
    /// Name or post changed.
    AffiliationChanged,
    /// Another certificate took its place.
    Superseded,
    /// No longer needed.
    CessationOfOperation,
    /// The right to it was withdrawn.
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// All that a registrar may choose.
    pub const ALL: [Self; 5] = [
        Self::KeyCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
    ];

    /// The standard's identifier.
    pub fn word(self) -> &'static str {
        match self {
            Self::KeyCompromise => "keyCompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
    }

    /// Reads the identifier back.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.word() == word)
    }

    /// CRLReason code.
    pub fn code(self) -> u8 {
        match self {
            Self::KeyCompromise => 1,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::PrivilegeWithdrawn => 9,
        }
    }
}

/// How a certificate stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not yet valid.
    NotYet,
    /// In force.
    InForce,
    /// Its time is over.
    Expired,
    /// Revoked at the instant given.
    Revoked(i64),
}

/// Standing of a certificate with these dates at `at`.
pub fn standing(not_before: i64, not_after: i64, revoked_at: Option<i64>, at: i64) -> Standing {
    match revoked_at {
        Some(end) if at >= end => Standing::Revoked(end),
        _ if at < not_before => Standing::NotYet,
        _ if at > not_after => Standing::Expired,
        _ => Standing::InForce,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revoked_certificate_was_in_force_before_the_instant_of_revocation() {
        assert_eq!(standing(10, 20, Some(15), 14), Standing::InForce);
        assert_eq!(standing(10, 20, Some(15), 15), Standing::Revoked(15));
        assert_eq!(standing(10, 20, None, 9), Standing::NotYet);
        assert_eq!(standing(10, 20, None, 21), Standing::Expired);
    }

    #[test]
    fn every_word_of_holder_anchor_and_reason_reads_back() {
        for reason in RevocationReason::ALL {
            assert_eq!(RevocationReason::of(reason.word()), Some(reason));
        }
        for kind in [AnchorKind::Own, AnchorKind::PublicDuty, AnchorKind::Public] {
            assert_eq!(AnchorKind::of(kind.word()), Some(kind));
        }
        let holder = Holder::Mailbox("vt@binhdinh.test".into());
        assert_eq!(Holder::of(holder.kind(), holder.id()), Some(holder));
    }
}
