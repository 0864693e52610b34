//! Judging one signature of a message: digest, attributes, certificate, arithmetic, time stamp. Trust in the certificate is [`crate::path`].
//! Standard: RFC 5652 §5.4, §5.6; RFC 5035 §5; ETSI EN 319 102-1 §5.2.7
//! It must never take the signer's certificate by name when the signed attributes name another, and never accept a message without that attribute.

use super::message::{SignedMessage, SignerInfo};
use crate::algorithm::{KeyKind, SignatureAlgorithm, Table};
use crate::asn1::Malformed;
use crate::certificate::Certificate;
use crate::cms::{CapacityBasis, ConsentEvidence};
use crate::signing::{self, SignatureProblem};
use crate::timestamp::{Token, TokenProblem, VerifiedToken};

/// Why a signature is not whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CmsProblem {
    /// The message is malformed.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// There is no such signer.
    #[error("there is no such signer")]
    NoSigner,
    /// The content is not the one that was signed.
    #[error("the content was changed: another digest was signed")]
    DigestDiffers,
    /// The signed content type is not the message's.
    #[error("the signed content type is another one")]
    ContentTypeDiffers,
    /// The signer's certificate is not in the message.
    #[error("the signer's certificate is not in the message")]
    CertificateMissing,
    /// The signed attributes name no certificate.
    #[error("the signed attributes name no certificate")]
    CertificateUnnamed,
    /// The signed attributes name another certificate.
    #[error("the signed attributes name another certificate")]
    CertificateDiffers,
    /// The hash of the content is not the one of the signature.
    #[error("the digest algorithm does not fit the signature algorithm")]
    AlgorithmMismatch,
    /// The algorithm is not accepted, or not any more.
    #[error("the signature algorithm or key is not accepted")]
    WeakAlgorithm,
    /// The arithmetic says no.
    #[error(transparent)]
    Signature(#[from] SignatureProblem),
}

/// What a whole signature says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerResult {
    /// The signer's certificate, not yet trusted.
    pub certificate: Certificate,
    /// Algorithm of the signature.
    pub algorithm: SignatureAlgorithm,
    /// When the signer says he signed.
    pub signing_time: Option<i64>,
    /// Capacity and basis.
    pub capacity: Option<CapacityBasis>,
    /// Evidence of consent.
    pub consent: Option<ConsentEvidence>,
    /// The signature time stamp, if there is one.
    pub time_stamp: Option<Result<VerifiedToken, TokenProblem>>,
    /// The signature value.
    pub signature: Vec<u8>,
    /// Digest of the content.
    pub content_digest: Vec<u8>,
}

/// Whether the signed attributes must name the signer's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    Required,
    Optional,
}

impl SignedMessage {
    /// Judges one signature over content with this digest, made with [`SignedMessage::digest_algorithm`]. `at` is the instant by which algorithms are judged:
    /// the proven one, or now.
    pub fn verify(
        &self,
        index: usize,
        digest: &[u8],
        table: &Table,
        at: i64,
    ) -> Result<SignerResult, CmsProblem> {
        self.judge(index, digest, table, at, Naming::Required)
    }

    /// The same for mail of other programs, which need not name the certificate in the signed attributes (RFC 8551 §2.5); where they do, it must be that one.
    pub fn verify_mail(
        &self,
        index: usize,
        digest: &[u8],
        table: &Table,
        at: i64,
    ) -> Result<SignerResult, CmsProblem> {
        self.judge(index, digest, table, at, Naming::Optional)
    }

    fn judge(
        &self,
        index: usize,
        digest: &[u8],
        table: &Table,
        at: i64,
        naming: Naming,
    ) -> Result<SignerResult, CmsProblem> {
        let signer = self.signers().get(index).ok_or(CmsProblem::NoSigner)?;
        let attributes = signer.attributes();
        if attributes.content_type() != self.content_type() {
            return Err(CmsProblem::ContentTypeDiffers);
        }
        if digest.len() != signer.digest_algorithm().len() || attributes.digest() != digest {
            return Err(CmsProblem::DigestDiffers);
        }
        let certificate = self.certificate_of(signer, naming)?;
        let algorithm = signer.algorithm();
        if algorithm.hash != signer.digest_algorithm() {
            return Err(CmsProblem::AlgorithmMismatch);
        }
        let kind = KeyKind::of_spki(certificate.spki())?;
        if !table.may_accept(algorithm, kind, at) {
            return Err(CmsProblem::WeakAlgorithm);
        }
        signing::verify(
            certificate.spki(),
            algorithm,
            &attributes.to_der(),
            signer.signature(),
        )?;
        Ok(SignerResult {
            certificate: certificate.clone(),
            algorithm,
            signing_time: attributes.signing_time,
            capacity: attributes.capacity.clone(),
            consent: attributes.consent.clone(),
            time_stamp: stamp_of(signer, table, at),
            signature: signer.signature().to_vec(),
            content_digest: digest.to_vec(),
        })
    }

    /// The same over content that is at hand, or inside the message when `detached` is none.
    pub fn verify_content(
        &self,
        index: usize,
        detached: Option<&[u8]>,
        table: &Table,
        at: i64,
    ) -> Result<SignerResult, CmsProblem> {
        let hash = self.digest_algorithm(index).ok_or(CmsProblem::NoSigner)?;
        let content = match (detached, self.content()) {
            (Some(content), None) => content,
            (None, Some(content)) => content,
            (Some(outside), Some(inside)) if outside == inside => outside,
            _ => return Err(CmsProblem::DigestDiffers),
        };
        self.verify(index, &hash.digest(content), table, at)
    }

    fn certificate_of(
        &self,
        signer: &SignerInfo,
        naming: Naming,
    ) -> Result<&Certificate, CmsProblem> {
        let named = signer.attributes().certificate();
        if named.is_none() && naming == Naming::Required {
            return Err(CmsProblem::CertificateUnnamed);
        }
        let mut candidates = self
            .certificates()
            .iter()
            .filter(|certificate| signer.identifier().names(certificate))
            .peekable();
        if candidates.peek().is_none() {
            return Err(CmsProblem::CertificateMissing);
        }
        candidates
            .find(|certificate| named.is_none_or(|named| named.matches(certificate)))
            .ok_or(CmsProblem::CertificateDiffers)
    }
}

fn stamp_of(
    signer: &SignerInfo,
    table: &Table,
    at: i64,
) -> Option<Result<VerifiedToken, TokenProblem>> {
    let judge = |raw: &Vec<u8>| Token::parse(raw)?.verify(signer.signature(), table, at);
    match signer.time_stamps() {
        [] => None,
        [only] => Some(judge(only)),
        _ => Some(Err(TokenProblem::Several)),
    }
}
