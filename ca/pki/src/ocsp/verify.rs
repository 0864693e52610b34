//! Judging responses.
//! Standard: RFC 6960 §3.2, §4.2.2.2
//! It must never accept a responder certificate that is not issued by the very CA whose certificates it answers for.

use super::CertId;
use super::response::{Refusal, ResponderId, ResponseData, Single};
use crate::algorithm::{KeyKind, SignatureAlgorithm, Table};
use crate::asn1::{Malformed, OCTET_STRING, Reader, SEQUENCE, constructed, read};
use crate::certificate::Certificate;
use crate::oids;
use crate::signing::{self, SignatureProblem};

const WHAT: &str = "OCSP response";
/// Largest response that is read.
pub const LIMIT: usize = 1024 * 1024;

/// Why a response is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OcspProblem {
    /// It is a refusal.
    #[error("the responder refused: {0:?}")]
    Refused(Refusal),
    /// Nobody whom the issuer delegated to signed it.
    #[error("the responder is neither the issuer nor delegated by it: {0}")]
    Responder(&'static str),
    /// The signature is wrong.
    #[error("signature of the responder: {0}")]
    Signature(#[from] SignatureProblem),
    /// The algorithm is not accepted any more.
    #[error("the algorithm is not accepted")]
    WeakAlgorithm,
    /// It is from the future or out of date.
    #[error("the response is not current")]
    NotCurrent,
    /// The nonce is not ours.
    #[error("the nonce is another one")]
    Nonce,
    /// It is about other certificates.
    #[error("the response is about other certificates")]
    OtherCertificate,
}

/// A response as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    der: Vec<u8>,
    outcome: Result<Basic, Refusal>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Basic {
    raw: Vec<u8>,
    data: ResponseData,
    algorithm: SignatureAlgorithm,
    signature: Vec<u8>,
    certificates: Vec<Certificate>,
}

impl Response {
    /// Reads a response.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        if der.len() > LIMIT {
            return Err(Malformed::new(WHAT, "too large"));
        }
        let mut fields = Reader::new(WHAT, read::single(WHAT, der, SEQUENCE)?.content);
        let code = fields.enumerated()?;
        let outcome = if code == 0 {
            let mut bytes = Reader::new(WHAT, fields.expect(constructed(0))?.content);
            let mut inner = bytes.sequence()?;
            bytes.finish()?;
            if inner.oid()? != oids::OCSP_BASIC {
                return Err(Malformed::new(WHAT, "kind of response is not known"));
            }
            let basic = inner.expect(OCTET_STRING)?.content;
            inner.finish()?;
            Ok(Basic::parse(basic)?)
        } else {
            Err(Refusal::from_code(code).ok_or(Malformed::new(WHAT, "unknown response status"))?)
        };
        fields.finish()?;
        Ok(Self {
            der: der.to_vec(),
            outcome,
        })
    }

    /// Its bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The refusal, if it is one.
    pub fn refusal(&self) -> Option<Refusal> {
        self.outcome.as_ref().err().copied()
    }

    /// What it says, unverified.
    pub fn data(&self) -> Option<&ResponseData> {
        self.outcome.as_ref().ok().map(|basic| &basic.data)
    }

    /// Whether the issuer, or a responder it delegated to, signed this with an accepted algorithm.
    pub fn verify(&self, issuer: &Certificate, at: i64) -> Result<(), OcspProblem> {
        let basic = self
            .outcome
            .as_ref()
            .map_err(|refusal| OcspProblem::Refused(*refusal))?;
        let responder = basic.responder(issuer)?;
        if responder.der() != issuer.der() {
            delegated(responder, issuer, basic.data.produced_at)?;
        }
        let accepted = KeyKind::of_spki(responder.spki())
            .is_ok_and(|kind| Table::built_in().may_accept(basic.algorithm, kind, at));
        if !accepted {
            return Err(OcspProblem::WeakAlgorithm);
        }
        signing::verify(
            responder.spki(),
            basic.algorithm,
            &basic.raw,
            &basic.signature,
        )?;
        Ok(())
    }

    /// The verified answer about one certificate, if it is current at this instant; `nonce` is compared when given.
    pub fn answer(
        &self,
        issuer: &Certificate,
        serial: &[u8],
        nonce: Option<&[u8]>,
        at: i64,
    ) -> Result<&Single, OcspProblem> {
        self.verify(issuer, at)?;
        let basic = self
            .outcome
            .as_ref()
            .map_err(|refusal| OcspProblem::Refused(*refusal))?;
        if nonce.is_some() && basic.data.nonce.as_deref() != nonce {
            return Err(OcspProblem::Nonce);
        }
        let answer = basic
            .data
            .answers
            .iter()
            .find(|answer| answer.id.serial() == serial && answer.id.matches(issuer))
            .ok_or(OcspProblem::OtherCertificate)?;
        let current = answer.this_update <= at + 1000
            && answer.next_update.is_none_or(|next| at < next + 1000);
        if current {
            Ok(answer)
        } else {
            Err(OcspProblem::NotCurrent)
        }
    }

    /// The unverified answer about an identifier.
    pub fn status_of(&self, id: &CertId) -> Option<&Single> {
        self.data()?
            .answers
            .iter()
            .find(|answer| answer.id.is_same(id))
    }
}

impl Basic {
    fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Reader::new(WHAT, read::single(WHAT, raw, SEQUENCE)?.content);
        let data = fields.expect(SEQUENCE)?.raw;
        let algorithm = SignatureAlgorithm::read(WHAT, fields.expect(SEQUENCE)?.raw)?;
        let signature = fields.bits()?.to_vec();
        let mut certificates = Vec::new();
        if let Some(all) = fields.optional(constructed(0))? {
            let list = read::single(WHAT, all.content, SEQUENCE)?;
            for member in read::members(WHAT, list.content, 8)? {
                certificates.push(Certificate::parse(member.raw)?);
            }
        }
        fields.finish()?;
        Ok(Self {
            raw: data.to_vec(),
            data: ResponseData::parse(data)?,
            algorithm,
            signature,
            certificates,
        })
    }

    fn responder<'a>(&'a self, issuer: &'a Certificate) -> Result<&'a Certificate, OcspProblem> {
        self.certificates
            .iter()
            .chain(std::iter::once(issuer))
            .find(|certificate| match &self.data.responder {
                ResponderId::Key(hash) => *hash == certificate.key_hash(),
                ResponderId::Name(name) => name == certificate.subject(),
            })
            .ok_or(OcspProblem::Responder("its certificate is not there"))
    }
}

fn delegated(
    responder: &Certificate,
    issuer: &Certificate,
    produced_at: i64,
) -> Result<(), OcspProblem> {
    if responder.issuer() != issuer.subject() || responder.verify_issued_by(issuer).is_err() {
        return Err(OcspProblem::Responder("issued by another CA"));
    }
    if responder.is_ca() {
        return Err(OcspProblem::Responder("it is a CA"));
    }
    let signs = responder
        .extended_key_usage()
        .is_some_and(|usages| usages.contains(&oids::OCSP_SIGNING));
    if !signs
        || !responder
            .key_usage()
            .is_none_or(|usage| usage.has("digitalSignature"))
    {
        return Err(OcspProblem::Responder("it may not sign responses"));
    }
    if !responder.has_ocsp_nocheck() {
        return Err(OcspProblem::Responder(
            "its own status is not settled (nocheck)",
        ));
    }
    if !responder.is_valid_at(produced_at) {
        return Err(OcspProblem::Responder("not valid when it answered"));
    }
    if !responder.fields().extensions.unknown_critical.is_empty() {
        return Err(OcspProblem::Responder("unknown critical extension"));
    }
    Ok(())
}
