//! Putting a signed message together around attributes that are signed already.
//! Standard: RFC 5652 §5.1, §5.3; RFC 3161 appendix A (signature time stamp)
//! It must never touch signed bytes when a time stamp is added.

use super::attributes::SignedAttributes;
use super::message::SignedMessage;
use crate::algorithm::{Hash, SignatureAlgorithm};
use crate::asn1::{Malformed, SEQUENCE, constructed, read, write};
use crate::certificate::Certificate;
use crate::oids;

/// A message could not be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// It is malformed.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It has not exactly one signer.
    #[error("the message has not exactly one signer")]
    Signers,
    /// It has a time stamp already.
    #[error("the signature is stamped already")]
    Stamped,
}

/// ContentInfo with SignedData of one signer. The hash is the one of the attributes' certificate digest.
pub fn signed_data(
    attributes: &SignedAttributes,
    algorithm: SignatureAlgorithm,
    signature: &[u8],
    signer: &Certificate,
    chain: &[&[u8]],
    content: Option<&[u8]>,
) -> Vec<u8> {
    let mut certificates = vec![signer.der().to_vec()];
    for certificate in chain {
        if !certificates.iter().any(|known| known == certificate) {
            certificates.push(certificate.to_vec());
        }
    }
    with_certificates(
        attributes,
        algorithm,
        signature,
        signer,
        certificates,
        content,
    )
}

/// The same without any certificate: a time stamp for a client that has it already (RFC 3161 §2.4.1, certReq).
pub fn signed_data_without_certificates(
    attributes: &SignedAttributes,
    algorithm: SignatureAlgorithm,
    signature: &[u8],
    signer: &Certificate,
    content: Option<&[u8]>,
) -> Vec<u8> {
    with_certificates(
        attributes,
        algorithm,
        signature,
        signer,
        Vec::new(),
        content,
    )
}

fn with_certificates(
    attributes: &SignedAttributes,
    algorithm: SignatureAlgorithm,
    signature: &[u8],
    signer: &Certificate,
    certificates: Vec<Vec<u8>>,
    content: Option<&[u8]>,
) -> Vec<u8> {
    let hash = attributes.hash().unwrap_or(algorithm.hash).to_der();
    let identifier = write::sequence(&[signer.issuer().to_vec(), write::integer(signer.serial())]);
    let info = write::sequence(&[
        write::small(1),
        identifier,
        hash.clone(),
        write::retag(constructed(0), attributes.to_der()),
        algorithm.to_der(),
        write::octets(signature),
    ]);
    let mut encapsulated = vec![write::oid(&attributes.content_type())];
    if let Some(content) = content {
        encapsulated.push(write::explicit(0, &write::octets(content)));
    }
    let version = if attributes.content_type() == oids::DATA {
        1
    } else {
        3
    };
    let mut parts = vec![
        write::small(version),
        write::set_of(vec![hash]),
        write::sequence(&encapsulated),
    ];
    if !certificates.is_empty() {
        parts.push(write::retag(constructed(0), write::set_of(certificates)));
    }
    parts.push(write::set_of(vec![info]));
    content_info(&write::sequence(&parts))
}

fn content_info(signed_data: &[u8]) -> Vec<u8> {
    write::sequence(&[
        write::oid(&oids::SIGNED_DATA),
        write::explicit(0, signed_data),
    ])
}

/// The signature value of a message of one signer: what a signature time stamp covers.
pub fn imprint_of_signature(cms: &[u8]) -> Result<Vec<u8>, BuildError> {
    let message = SignedMessage::parse(cms)?;
    match message.signers() {
        [signer] => Ok(signer.signature().to_vec()),
        _ => Err(BuildError::Signers),
    }
}

/// The same message with a signature time stamp as unsigned attribute.
pub fn add_time_stamp(cms: &[u8], token: &[u8]) -> Result<Vec<u8>, BuildError> {
    let message = SignedMessage::parse(cms)?;
    let [signer] = message.signers() else {
        return Err(BuildError::Signers);
    };
    if !signer.time_stamps().is_empty() {
        return Err(BuildError::Stamped);
    }
    read::single("time-stamp token", token, SEQUENCE)?;
    let attribute = write::sequence(&[
        write::oid(&oids::SIGNATURE_TIME_STAMP),
        write::set_of(vec![token.to_vec()]),
    ]);
    let mut unsigned: Vec<Vec<u8>> = signer.unsigned_raw().to_vec();
    unsigned.push(attribute);
    let mut members: Vec<Vec<u8>> = signer.fields_raw().to_vec();
    members.push(write::retag(constructed(1), write::set_of(unsigned)));
    let mut parts: Vec<Vec<u8>> = message.parts_raw().to_vec();
    parts.push(write::set_of(vec![write::sequence(&members)]));
    Ok(content_info(&write::sequence(&parts)))
}

/// Octets to keep free for a message with these attributes and certificates: signature of RSA-8192 and a time stamp with its chain included.
pub const fn estimate_size(attributes: usize, certificates: usize) -> usize {
    let structure = 512 + Hash::Sha512.len();
    let signature = 1024;
    let time_stamp = 8192;
    attributes + certificates + structure + signature + time_stamp
}
