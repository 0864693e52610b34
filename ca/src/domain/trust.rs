//! What is trusted: anchors, authorities under them, and the newest revocation lists. Data only; checks are in `pki::path`.

use crate::domain::certificate::AnchorKind;
use pki::certificate::Certificate;
use pki::crl::Crl;
use pki::path::Anchor;

/// Anchors, authorities and lists, parsed once.
#[derive(Default)]
pub struct TrustSet {
    /// Anchors.
    pub anchors: Vec<Anchor>,
    /// Authorities under them.
    pub intermediates: Vec<Certificate>,
    /// Newest lists.
    pub lists: Vec<Crl>,
}

/// Our word for an anchor's kind as `pki` has it.
pub fn kind_of(kind: pki::path::AnchorKind) -> AnchorKind {
    match kind {
        pki::path::AnchorKind::Government => AnchorKind::PublicDuty,
        pki::path::AnchorKind::Own => AnchorKind::Own,
        pki::path::AnchorKind::Other => AnchorKind::Public,
    }
}

/// The kind as `pki` has it.
pub fn pki_kind(kind: AnchorKind) -> pki::path::AnchorKind {
    match kind {
        AnchorKind::PublicDuty => pki::path::AnchorKind::Government,
        AnchorKind::Own => pki::path::AnchorKind::Own,
        AnchorKind::Public => pki::path::AnchorKind::Other,
    }
}
