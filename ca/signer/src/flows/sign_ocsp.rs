//! Signs answers of an OCSP responder.
//! Standard: RFC 6960 §4.2.1, §4.2.2.2 (a delegated responder answers for its own issuer only).
//! It must never sign an answer about another issuer, under another responder's name, or far from its own clock.

use super::{Signer, malformed, sha256};
use crate::domain::{Bytes, Purpose, Refusal, RefusalCode};
use crate::journal::{Artefact, Event};
use pki::certificate::Certificate;
use pki::ocsp::{self, ResponderId, ResponseData};
use pki::signing::Signer as _;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

impl Signer {
    /// Signs a ResponseData; gives the whole OCSPResponse with the responder's certificate.
    pub fn sign_ocsp(&self, key: &str, data: &Bytes) -> Result<Vec<u8>, Refusal> {
        let info = self.key(key, |purpose| *purpose == Purpose::Ocsp)?;
        let responder = self.certificate(&info)?;
        let issuer = self.issuer_of(&responder)?;
        let answers = ResponseData::parse(data).map_err(|error| malformed(error.to_string()))?;
        let named = match &answers.responder {
            ResponderId::Name(name) => name == responder.subject(),
            ResponderId::Key(hash) => *hash == responder.key_hash(),
        };
        let ours = answers
            .answers
            .iter()
            .all(|answer| answer.id.matches(&issuer));
        if !named || !ours || answers.answers.is_empty() {
            return Err(Refusal::new(
                RefusalCode::IssuerMismatch,
                "the answers are of another responder or about another issuer",
            ));
        }
        let now = self.now();
        let near = (now - 5 * MINUTE..=now + MINUTE).contains(&answers.produced_at);
        let bounded = answers.answers.iter().all(|answer| {
            answer.this_update <= now + MINUTE
                && answer
                    .next_update
                    .is_none_or(|next| next > answer.this_update && next <= now + 8 * DAY)
        });
        if !near || !bounded {
            return Err(Refusal::new(
                RefusalCode::Clock,
                "producedAt, thisUpdate or nextUpdate is too far from now",
            ));
        }
        let signer = self.signing(&info)?;
        let signature = signer.sign(data)?;
        self.store.commit(now, |_| {
            Ok(Event::Signed {
                key: key.to_owned(),
                what: Artefact::OcspResponse,
                tbs_sha256: sha256(data),
            })
        })?;
        Ok(ocsp::assemble(
            data,
            signer.algorithm(),
            &signature,
            &[responder.der()],
        ))
    }

    fn issuer_of(&self, certificate: &Certificate) -> Result<Certificate, Refusal> {
        self.store
            .state()
            .keys()
            .filter(|record| record.info.purpose.is_ca())
            .filter_map(|record| record.info.certificate.as_ref())
            .filter_map(|der| Certificate::parse(der).ok())
            .find(|ca| certificate.verify_issued_by(ca).is_ok())
            .ok_or_else(|| {
                Refusal::new(
                    RefusalCode::IssuerMismatch,
                    "the responder's certificate is not from a CA of ours",
                )
            })
    }
}
