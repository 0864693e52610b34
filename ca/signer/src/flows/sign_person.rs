//! A person signs: the signed attributes are built here, from the statement the person consented to.
//! Standard: RFC 5652 §5.3; ETSI EN 319 122-1 §5 (signing certificate V2); PAdES: no signing time inside.
//! It must never sign a digest that the verified statement does not name.

use super::{Signer, checked_chain, content_digest};
use crate::consent::{Assertion, ConsentPurpose};
use crate::domain::{Bytes, Digest, KeyInfo, Purpose, Refusal, RefusalCode};
use crate::journal::Artefact;
use pki::cms::{SignedAttributes, signed_data};
use pki::signing::Signer as _;

impl Signer {
    /// A person's signature, CMS without time stamp.
    pub fn sign_person(
        &self,
        key: &str,
        statement: &Bytes,
        assertion: &Assertion,
        digest: &Digest,
        chain: &[Bytes],
    ) -> Result<Vec<u8>, Refusal> {
        let info = self.key(key, |purpose| matches!(purpose, Purpose::Person { .. }))?;
        let consented = self.consented(key, ConsentPurpose::Sign, statement, assertion)?;
        if consented.statement.contents.first().map(|c| c.as_digest()) != Some(digest.clone()) {
            return Err(Refusal::new(
                RefusalCode::DigestMismatch,
                "the person consented to something else",
            ));
        }
        let cms = self.sign_consented(&info, &consented, digest, chain)?;
        self.record_consent(&consented, Artefact::PersonSignature, digest, &cms)?;
        Ok(cms)
    }

    /// The CMS of a judged consent; the caller records it before it goes out.
    pub(super) fn sign_consented(
        &self,
        info: &KeyInfo,
        consented: &super::consent::Consented,
        digest: &Digest,
        chain: &[Bytes],
    ) -> Result<Vec<u8>, Refusal> {
        let certificate = self.certificate(info)?;
        let chain = checked_chain(chain)?;
        let signer = self.signing(info)?;
        let hash = content_digest(digest, &signer)?;
        let attributes = SignedAttributes::new(pki::oids::DATA, hash, &digest.value, &certificate)
            .capacity(consented.capacity())
            .consent(consented.evidence()?);
        let signature = signer.sign(&attributes.to_der())?;
        Ok(signed_data(
            &attributes,
            signer.algorithm(),
            &signature,
            &certificate,
            &chain,
            None,
        ))
    }
}
