//! One file per thing that happens in certification.

pub mod add_anchor;
pub mod answer_status;
pub mod bind_passkey;
pub mod ceremony;
pub mod examine_signature;
pub mod give_consent;
pub mod import_list;
pub mod install_official_certificate;
pub mod issue_certificate;
pub mod issue_mailbox;
pub mod issue_tls;
pub mod load_trust;
pub mod number_paper;
pub mod open_consent;
pub mod prepare_key;
pub mod publish_list;
pub mod reconcile;
pub mod request_seal;
pub mod request_signature;
pub mod revoke_certificate;
pub mod see_certificates;
pub mod see_paper;
pub mod sign_mailbox;
pub mod stamp_time;
pub mod submit_paper;
pub mod verify_document;

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// SHA-256, lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex(&sha2::Sha256::digest(bytes))
}
