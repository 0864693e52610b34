//! Installs the certificate of a key, from wherever it was issued.
//! Standard: RFC 5280 §4.1.2.7 (the subject public key is the key's own).
//! It must never let a CA key change its name or its place in the hierarchy.

use super::{Signer, parsed};
use crate::domain::{Bytes, KeyInfo, Purpose, Refusal, RefusalCode};
use crate::journal::Event;
use crate::store::State;
use pki::certificate::Certificate;

impl Signer {
    /// Installs a certificate.
    pub fn install_certificate(&self, key: &str, der: &Bytes) -> Result<KeyInfo, Refusal> {
        let certificate = parsed(der)?;
        self.store.commit(self.now(), |state| {
            let info = &state.key(key)?.info;
            if certificate.spki() != info.public_key.0 {
                return Err(mismatch("the certificate is of another key"));
            }
            match &info.purpose {
                Purpose::CaRoot | Purpose::CaIssuing => {
                    may_be_ca(state, info, &certificate, self)?;
                }
                Purpose::Mailbox { address } => {
                    let emails = certificate.emails();
                    if !emails.iter().any(|e| e.eq_ignore_ascii_case(address)) {
                        return Err(mismatch("the certificate is not for the key's address"));
                    }
                }
                Purpose::Log | Purpose::Evidence => {
                    return Err(Refusal::new(
                        RefusalCode::WrongPurpose,
                        "keys for this purpose have no certificate",
                    ));
                }
                _ => {}
            }
            if certificate.is_ca() != info.purpose.is_ca() {
                return Err(mismatch("CA keys have CA certificates, and no others"));
            }
            Ok(Event::CertificateInstalled {
                key: key.to_owned(),
                certificate: der.clone(),
            })
        })?;
        Ok(self.store.state().key(key)?.info.clone())
    }
}

fn may_be_ca(
    state: &State,
    info: &KeyInfo,
    certificate: &Certificate,
    signer: &Signer,
) -> Result<(), Refusal> {
    if let Some(installed) = &info.certificate
        && parsed(installed)?.subject() != certificate.subject()
    {
        return Err(mismatch("a CA does not change its name"));
    }
    let issued = match info.purpose {
        Purpose::CaRoot => certificate.verify_issued_by(certificate).is_ok(),
        _ => {
            let ours = state
                .keys()
                .filter(|record| record.info.purpose == Purpose::CaRoot)
                .filter_map(|record| record.info.certificate.as_ref())
                .filter_map(|der| Certificate::parse(der).ok())
                .any(|root| certificate.verify_issued_by(&root).is_ok());
            ours || signer
                .anchors
                .iter()
                .any(|anchor| certificate.verify_issued_by(&anchor.certificate).is_ok())
        }
    };
    if issued {
        Ok(())
    } else {
        Err(mismatch("the certificate was not issued by a root of ours"))
    }
}

fn mismatch(detail: &str) -> Refusal {
    Refusal::new(RefusalCode::CertificateMismatch, detail)
}
