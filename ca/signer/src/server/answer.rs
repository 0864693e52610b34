//! From a frame to an answer: reads the request, calls its one flow, records a refusal.

use crate::domain::{Refusal, RefusalCode};
use crate::flows::Signer;
use crate::wire::{Health, JournalEntry, JournalPage, Request, Response};

const MOST_KEYS: usize = 500;

/// Answers one frame.
pub(super) fn answer(signer: &Signer, frame: &[u8]) -> Response {
    let request: Request = match serde_json::from_slice(frame) {
        Ok(request) => request,
        Err(error) => {
            let refusal = Refusal::new(
                RefusalCode::Malformed,
                format!("there is no such request: {error}"),
            );
            return refuse(signer, "unreadable", None, refusal);
        }
    };
    let (name, key) = request.names();
    let key = key.map(str::to_owned);
    match dispatch(signer, request) {
        Ok(response) => response,
        Err(refusal) => refuse(signer, name, key.as_deref(), refusal),
    }
}

/// Records a refusal and gives it as the answer.
pub(super) fn refuse(
    signer: &Signer,
    request: &str,
    key: Option<&str>,
    refusal: Refusal,
) -> Response {
    tracing::warn!(request, key, code = %refusal.code.as_str(), detail = %refusal.detail, "refused");
    match signer.record_refusal(request, key, &refusal) {
        Ok(_) => Response::Refused(refusal),
        Err(unrecorded) => Response::Refused(unrecorded),
    }
}

fn dispatch(signer: &Signer, request: Request) -> Result<Response, Refusal> {
    Ok(match request {
        Request::Health {} => health(signer),
        Request::GenerateKey { purpose, algorithm } => {
            Response::Key(signer.generate_key(purpose, algorithm)?)
        }
        Request::PublicKey { key } => Response::Key(signer.store().state().key(&key)?.info.clone()),
        Request::Keys {} => keys(signer),
        Request::InstallCertificate { key, certificate } => {
            Response::Key(signer.install_certificate(&key, &certificate)?)
        }
        Request::SignCertificate { key, profile, tbs } => {
            Response::Signed(signer.sign_certificate(&key, &profile, &tbs)?.into())
        }
        Request::SignCrl { key, tbs } => Response::Signed(signer.sign_crl(&key, &tbs)?.into()),
        Request::SignOcsp { key, response_data } => {
            Response::Signed(signer.sign_ocsp(&key, &response_data)?.into())
        }
        Request::SignTimestamp {
            key,
            digest,
            nonce,
            policy,
            cert_req,
        } => Response::Timestamp(signer.sign_timestamp(
            &key,
            &digest,
            nonce.as_ref(),
            policy.as_deref(),
            cert_req,
        )?),
        Request::OpenConsent { key } => Response::Consent(signer.open_consent(&key)?),
        Request::SignPerson(s) => Response::Signed(
            signer
                .sign_person(&s.key, &s.statement, &s.assertion, &s.digest, &s.chain)?
                .into(),
        ),
        Request::SignSeal(s) => Response::Signed(
            signer
                .sign_seal(
                    &s.key,
                    &s.statement,
                    &s.assertion,
                    &s.digest,
                    &s.person_cms,
                    &s.chain,
                )?
                .into(),
        ),
        Request::SignMailbox(s) => Response::Signed(
            signer
                .sign_mailbox(&s.key, &s.digest, s.signing_time, &s.from, &s.chain)?
                .into(),
        ),
        Request::SignCheckpoint {
            key,
            origin,
            size,
            root,
            proof,
        } => Response::Checkpoint(signer.sign_checkpoint(&key, &origin, size, &root, &proof)?),
        Request::LastCheckpoint { key } => Response::LastCheckpoint(signer.last_checkpoint(&key)?),
        Request::PinRegistrar {
            credential_id,
            public_key,
        } => Response::Recorded(signer.pin_registrar(credential_id, public_key)?),
        Request::PinConsent { binding, registrar } => {
            Response::Recorded(signer.pin_consent(binding, registrar)?)
        }
        Request::UnpinConsent {
            credential_id,
            key,
            reason,
        } => Response::Recorded(signer.unpin_consent(credential_id, &key, &reason)?),
        Request::Credentials { key } => {
            let state = signer.store().state();
            state.key(&key)?;
            Response::Credentials(state.pins_of(&key))
        }
        Request::DestroySignature {
            key,
            signature,
            reason,
        } => Response::Recorded(signer.destroy_signature(&key, signature, &reason)?),
        Request::Journal { from } => journal(signer, from)?,
    })
}

fn health(signer: &Signer) -> Response {
    let state = signer.store().state();
    Response::Health(Health {
        keys: u64::try_from(state.key_count()).unwrap_or(u64::MAX),
        journal: signer.store().journal().length(),
        registrar_pinned: state.registrar().is_some(),
        demo: signer.is_demo(),
        now: signer.now(),
    })
}

fn keys(signer: &Signer) -> Response {
    let state = signer.store().state();
    let mut keys: Vec<_> = state.keys().map(|record| record.info.clone()).collect();
    keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
    keys.truncate(MOST_KEYS);
    // Certificates stay out: an answer must fit a frame.
    for key in &mut keys {
        key.certificate = None;
    }
    Response::Keys(keys)
}

fn journal(signer: &Signer, from: u64) -> Result<Response, Refusal> {
    let (lines, next) = signer.store().journal().page(from).map_err(|error| {
        tracing::error!(%error, "the journal cannot be read");
        Refusal::new(RefusalCode::Internal, "the journal cannot be read")
    })?;
    let entries = lines
        .into_iter()
        .map(|(line, hash)| JournalEntry {
            index: line.index,
            at: line.at,
            previous: line.previous,
            event: line.event,
            hash: hash.as_slice().into(),
        })
        .collect();
    Ok(Response::Journal(JournalPage { entries, next }))
}
