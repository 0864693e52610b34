//! An agency seals what a person signed, with a clerk's consent to both digests.
//! Standard: RFC 5652 §5.4, §5.6; RFC 5280 §6 for the person's certificate.
//! It must never seal without a person's signature that it has verified itself.

use super::{Signer, hash_of, malformed};
use crate::consent::{Assertion, ConsentPurpose};
use crate::domain::{Bytes, Digest, Purpose, Refusal, RefusalCode};
use crate::journal::Artefact;
use pki::algorithm::Table;
use pki::asn1::Reader;
use pki::certificate::Certificate;
use pki::cms::SignedMessage;
use pki::path::{Revocation, Usage, validate};

impl Signer {
    /// A seal, CMS without time stamp.
    pub fn sign_seal(
        &self,
        key: &str,
        statement: &Bytes,
        assertion: &Assertion,
        digest: &Digest,
        person_cms: &Bytes,
        chain: &[Bytes],
    ) -> Result<Vec<u8>, Refusal> {
        let info = self.key(key, |purpose| matches!(purpose, Purpose::Seal { .. }))?;
        let consented = self.consented(key, ConsentPurpose::Seal, statement, assertion)?;
        let mut contents = consented.statement.contents.iter().map(|c| c.as_digest());
        let (Some(sealed), Some(signed)) = (contents.next(), contents.next()) else {
            return Err(malformed("a seal needs two contents"));
        };
        if sealed != *digest {
            return Err(Refusal::new(
                RefusalCode::DigestMismatch,
                "the clerk consented to sealing something else",
            ));
        }
        self.person_signed(person_cms, &signed)?;
        let cms = self.sign_consented(&info, &consented, digest, chain)?;
        self.record_consent(&consented, Artefact::Seal, digest, &cms)?;
        Ok(cms)
    }

    /// Verifies a person's signature over a digest: arithmetic, certificate, and whose key it is.
    fn person_signed(&self, cms: &[u8], signed: &Digest) -> Result<(), Refusal> {
        let refuse = |detail: String| Refusal::new(RefusalCode::PersonSignature, detail);
        let message = SignedMessage::parse(without_padding(cms)?)
            .map_err(|error| refuse(error.to_string()))?;
        if message.signers().len() != 1 {
            return Err(refuse("there is not exactly one signer".into()));
        }
        if message.digest_algorithm(0) != Some(hash_of(signed.algorithm)) {
            return Err(refuse("the person signed with another hash".into()));
        }
        let now = self.now();
        let result = message
            .verify(0, &signed.value, &Table::built_in(), now)
            .map_err(|error| refuse(error.to_string()))?;
        self.is_a_persons(&result.certificate, message.certificates(), now)
    }

    fn is_a_persons(
        &self,
        certificate: &Certificate,
        others: &[Certificate],
        now: i64,
    ) -> Result<(), Refusal> {
        let refuse = |detail: String| Refusal::new(RefusalCode::PersonSignature, detail);
        let ours = self
            .store
            .state()
            .key_of(certificate.spki())
            .map(|record| record.info.clone());
        match ours {
            Some(info) if matches!(info.purpose, Purpose::Person { .. }) => {
                let installed = self.certificate(&info)?;
                if installed.der() == certificate.der() {
                    Ok(())
                } else {
                    Err(refuse(
                        "the person's certificate is not the installed one".into(),
                    ))
                }
            }
            Some(_) => Err(refuse("it was not signed by a person".into())),
            None => validate(
                certificate,
                others,
                &self.anchors,
                now,
                Usage::DocumentSigning,
                &Revocation::NONE,
            )
            .map(|_| ())
            .map_err(|error| refuse(error.to_string())),
        }
    }
}

/// The DER element, without the zeros that fill a PDF's /Contents.
fn without_padding(bytes: &[u8]) -> Result<&[u8], Refusal> {
    let element = Reader::new("signed message", bytes)
        .element()
        .map_err(|error| Refusal::new(RefusalCode::PersonSignature, error.to_string()))?;
    let padding = bytes.get(element.raw.len()..).unwrap_or_default();
    if padding.iter().any(|byte| *byte != 0) {
        return Err(Refusal::new(
            RefusalCode::PersonSignature,
            "bytes follow the person's signature",
        ));
    }
    Ok(element.raw)
}
