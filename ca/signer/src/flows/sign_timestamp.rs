//! Makes a time stamp: the whole TSTInfo is built here, with the signer's own clock.
//! Standard: RFC 3161 §2.4.2; RFC 5816 (ESSCertIDv2).
//! It must never take an instant from a request, nor stamp an instant earlier than it did before.

use super::{Signer, hash_of, malformed, sha256};
use crate::domain::{Bytes, Digest, Purpose, Refusal, RefusalCode, Timestamp};
use crate::journal::{Artefact, Event};
use pki::asn1::{Reader, write};
use pki::timestamp::{Imprint, TstInfo, issue};

/// How far the clock may have gone back since the last line of the journal.
const BACKWARD: i64 = 2_000;

impl Signer {
    /// Makes a time stamp.
    pub fn sign_timestamp(
        &self,
        key: &str,
        digest: &Digest,
        nonce: Option<&Bytes>,
        policy: Option<&str>,
        cert_req: bool,
    ) -> Result<Timestamp, Refusal> {
        let info = self.key(key, |purpose| *purpose == Purpose::Tsa)?;
        let certificate = self.certificate(&info)?;
        if !digest.is_well_formed() {
            return Err(malformed("the digest has not the length of its algorithm"));
        }
        if nonce.is_some_and(|nonce| nonce.is_empty() || nonce.len() > 32) {
            return Err(malformed("a nonce has 1 to 32 bytes"));
        }
        if policy.is_some_and(|policy| policy != self.timestamp_policy.to_string()) {
            return Err(Refusal::new(
                RefusalCode::Unsupported,
                "stamps are made under one policy only",
            ));
        }
        let now = self.now();
        if now.saturating_add(BACKWARD) < self.store.state().last_at() {
            return Err(Refusal::new(
                RefusalCode::Clock,
                "the clock has gone back; time stamps stop",
            ));
        }
        let mut serial = self.random::<16>();
        if let Some(first) = serial.first_mut() {
            *first = (*first & 0x7f) | 0x40;
        }
        let token_info = TstInfo {
            policy: self.timestamp_policy,
            imprint: Imprint {
                hash: hash_of(digest.algorithm),
                value: digest.value.0.clone(),
            },
            serial: serial.to_vec(),
            at: now,
            accuracy_ms: Some(1_000),
            nonce: nonce.map(|nonce| nonce.0.clone()),
            ordering: false,
        };
        let token = issue(&token_info, &certificate, &[], &self.signing(&info)?)?;
        let token = if cert_req {
            token
        } else {
            without_certificates(&token).map_err(|error| malformed(error.to_string()))?
        };
        self.store.commit(now, |_| {
            Ok(Event::Signed {
                key: key.to_owned(),
                what: Artefact::TimeStamp {
                    serial: data_encoding::HEXLOWER.encode(&serial),
                },
                tbs_sha256: sha256(&token_info.to_der()),
            })
        })?;
        Ok(Timestamp {
            token: token.into(),
            serial: serial.as_slice().into(),
            time: now,
        })
    }
}

/// The token without its certificates field, which is not signed (RFC 3161 §2.4.1: absent unless asked for).
fn without_certificates(token: &[u8]) -> Result<Vec<u8>, pki::Malformed> {
    const WHAT: &str = "time stamp";
    let mut info = Reader::new(WHAT, token).sequence()?;
    let kind = info.element()?.raw.to_vec();
    let mut signed_data = info.enter(0xa0)?.sequence()?;
    let mut kept = Vec::new();
    while !signed_data.is_empty() {
        let field = signed_data.element()?;
        if field.tag != 0xa0 {
            kept.push(field.raw.to_vec());
        }
    }
    Ok(write::sequence(&[
        kind,
        write::explicit(0, &write::sequence(&kept)),
    ]))
}
