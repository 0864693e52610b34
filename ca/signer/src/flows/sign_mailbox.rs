//! A mailbox signs by machine, and the signature says so.
//! Standard: RFC 8551 §2.5 (S/MIME signed attributes, signing time).
//! It must never sign for another address than the key's, nor claim a person's capacity.

use super::{Signer, checked_chain, content_digest, sha256};
use crate::domain::{Bytes, Digest, Purpose, Refusal, RefusalCode};
use crate::journal::Event;
use pki::cms::{CapacityBasis, SignedAttributes, signed_data};
use pki::signing::Signer as _;

/// How far the signing time may be from the signer's clock.
const NEAR: i64 = 5 * 60_000;
/// What the capacity of a machine signature reads.
pub const MACHINE: &str = "machine";

impl Signer {
    /// A mailbox's signature, CMS, detached.
    pub fn sign_mailbox(
        &self,
        key: &str,
        digest: &Digest,
        signing_time: i64,
        from: &str,
        chain: &[Bytes],
    ) -> Result<Vec<u8>, Refusal> {
        let info = self.key(key, |purpose| matches!(purpose, Purpose::Mailbox { .. }))?;
        let Purpose::Mailbox { address } = &info.purpose else {
            return Err(Refusal::new(RefusalCode::WrongPurpose, "not a mailbox key"));
        };
        if !address.eq_ignore_ascii_case(from) {
            return Err(Refusal::new(
                RefusalCode::AddressMismatch,
                "the mail is from another address than the key's",
            ));
        }
        let now = self.now();
        if !(now - NEAR..=now + NEAR).contains(&signing_time) {
            return Err(Refusal::new(
                RefusalCode::Clock,
                "the signing time is too far from now",
            ));
        }
        let certificate = self.certificate(&info)?;
        let chain = checked_chain(chain)?;
        let signer = self.signing(&info)?;
        let hash = content_digest(digest, &signer)?;
        let machine = CapacityBasis {
            capacity: MACHINE.to_owned(),
            post: address.clone(),
            ..CapacityBasis::default()
        };
        let attributes = SignedAttributes::new(pki::oids::DATA, hash, &digest.value, &certificate)
            .signing_time(signing_time)
            .capacity(machine);
        let signature = signer.sign(&attributes.to_der())?;
        let cms = signed_data(
            &attributes,
            signer.algorithm(),
            &signature,
            &certificate,
            &chain,
            None,
        );
        self.store.commit(now, |_| {
            Ok(Event::MailSigned {
                key: key.to_owned(),
                digest: digest.clone(),
                cms_sha256: sha256(&cms),
            })
        })?;
        Ok(cms)
    }
}
