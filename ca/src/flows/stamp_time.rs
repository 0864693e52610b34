//! Time stamps: for anybody over HTTP, and for our own signatures. The time is the signer's.
//! Standard: RFC 3161 §2.4; RFC 5816
//! It must never stamp a digest of an algorithm that is no longer trusted, and never name a time of its own.

use crate::domain::certificate::Holder;
use crate::service::Ca;
use crate::store::certificates;
use pki::algorithm::Hash;
use pki::timestamp::{Failure, Request};
use platform::db;
use signer::client::ClientError;
use signer::domain::Timestamp;
use signer::domain::{Digest, DigestAlgorithm, RefusalCode};

/// No time stamp.
#[derive(Debug, thiserror::Error)]
pub enum StampTime {
    /// The authority has no certificate in force.
    #[error("the time-stamping authority has no certificate in force")]
    NoAuthority,
    /// The signer.
    #[error(transparent)]
    Signer(#[from] ClientError),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// The TimeStampResp, DER, to a TimeStampReq, DER.
pub async fn run(ca: &Ca, request: &[u8]) -> Vec<u8> {
    let Ok(request) = Request::parse(request) else {
        return pki::timestamp::rejected(Failure::BadDataFormat);
    };
    let imprint = request.imprint();
    let algorithm = match imprint.hash {
        Hash::Sha256 => DigestAlgorithm::Sha256,
        Hash::Sha384 => DigestAlgorithm::Sha384,
        Hash::Sha512 => DigestAlgorithm::Sha512,
        _ => return pki::timestamp::rejected(Failure::BadAlg),
    };
    let digest = Digest {
        algorithm,
        value: imprint.value.clone().into(),
    };
    if !digest.is_well_formed() {
        return pki::timestamp::rejected(Failure::BadDataFormat);
    }
    let nonce = request.nonce().map(<[u8]>::to_vec);
    let policy = request.policy().map(|oid| oid.to_string());
    let asked_policy = policy.is_some();
    match stamp(ca, digest, nonce, policy, request.wants_certificate()).await {
        Ok(stamped) => pki::timestamp::granted(&stamped.token),
        Err(StampTime::Signer(ClientError::Refused { code, detail })) => {
            tracing::warn!(code = code.as_str(), detail, "time stamp refused");
            pki::timestamp::rejected(match code {
                RefusalCode::Clock => Failure::TimeNotAvailable,
                _ if asked_policy => Failure::UnacceptedPolicy,
                _ => Failure::SystemFailure,
            })
        }
        Err(error) => {
            tracing::error!(%error, "time stamp failed");
            pki::timestamp::rejected(Failure::SystemFailure)
        }
    }
}

/// Stamps a digest.
pub async fn stamp(
    ca: &Ca,
    digest: Digest,
    nonce: Option<Vec<u8>>,
    policy: Option<String>,
    with_certificate: bool,
) -> Result<Timestamp, StampTime> {
    let holder = Holder::Service("tsa".into());
    let row = certificates::in_force(&mut ca.ground.db.read().await?, &holder, ca.now()).await?;
    let key = row
        .and_then(|row| row.key_id)
        .ok_or(StampTime::NoAuthority)?;
    Ok(ca
        .signer
        .sign_timestamp(&key, digest, nonce, policy, with_certificate)
        .await?)
}
