//! Tokens and responses as read.
//! Standard: RFC 3161 §2.4.2, §2.3 (the TSA's certificate has the one critical usage timeStamping); RFC 5816 §2.2
//! It must never accept a token whose content is not TSTInfo, or of two signers.

use super::{Imprint, TstInfo};
use crate::algorithm::Table;
use crate::asn1::{Malformed, Reader, SEQUENCE, read};
use crate::certificate::Certificate;
use crate::cms::{CmsProblem, SignedMessage};
use crate::oids;

/// Why a token is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// It is malformed.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It is not a time stamp, or has not one signer.
    #[error("not a time stamp of one signer")]
    Shape,
    /// It stamps other bytes.
    #[error("the time stamp is over other bytes")]
    OtherBytes,
    /// Its signature is not whole.
    #[error("signature of the time stamp: {0}")]
    Signature(Box<CmsProblem>),
    /// Its signer's certificate is not only for time stamps.
    #[error("the certificate of the time stamp is not only for time stamps")]
    Usage,
    /// Its signer's certificate was not valid at its instant.
    #[error("the certificate of the time stamp was not valid at its instant")]
    Expired,
    /// There are several where one is expected.
    #[error("several signature time stamps")]
    Several,
}

/// A token that is whole: over these bytes, by a TSA's certificate (whose path is judged apart).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    /// The proven instant.
    pub at: i64,
    /// All it says.
    pub info: TstInfo,
    /// The TSA's certificate, not yet trusted.
    pub certificate: Certificate,
    /// Certificates in the token.
    pub certificates: Vec<Certificate>,
}

/// A token as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    message: SignedMessage,
    info: TstInfo,
}

impl Token {
    /// Reads a token.
    pub fn parse(der: &[u8]) -> Result<Self, TokenProblem> {
        let message = SignedMessage::parse(der)?;
        if message.content_type() != oids::TST_INFO || message.signers().len() != 1 {
            return Err(TokenProblem::Shape);
        }
        let info = TstInfo::parse(message.content().ok_or(TokenProblem::Shape)?)?;
        Ok(Self { message, info })
    }

    /// What it says, unverified.
    pub const fn info(&self) -> &TstInfo {
        &self.info
    }

    /// Judges it as a stamp over these bytes.
    pub fn verify(
        &self,
        stamped: &[u8],
        table: &Table,
        at: i64,
    ) -> Result<VerifiedToken, TokenProblem> {
        let imprint = Imprint::of(self.info.imprint.hash, stamped);
        self.verify_imprint(&imprint, table, at)
    }

    /// Judges it as a stamp over bytes with this digest.
    pub fn verify_imprint(
        &self,
        imprint: &Imprint,
        table: &Table,
        at: i64,
    ) -> Result<VerifiedToken, TokenProblem> {
        if *imprint != self.info.imprint {
            return Err(TokenProblem::OtherBytes);
        }
        let result = self
            .message
            .verify_content(0, None, table, at)
            .map_err(|problem| TokenProblem::Signature(Box::new(problem)))?;
        let extensions = &result.certificate.fields().extensions;
        let only = extensions.extended_key_usage.as_deref() == Some(&[oids::TIME_STAMPING])
            && extensions.criticality(oids::EXTENDED_KEY_USAGE) == Some(true);
        if !only {
            return Err(TokenProblem::Usage);
        }
        if !result.certificate.is_valid_at(self.info.at) {
            return Err(TokenProblem::Expired);
        }
        Ok(VerifiedToken {
            at: self.info.at,
            info: self.info.clone(),
            certificate: result.certificate,
            certificates: self.message.certificates().to_vec(),
        })
    }
}

/// A response as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// With a token.
    Granted(Vec<u8>),
    /// Without one; the status number.
    Refused(u64),
}

impl Response {
    /// Reads a response.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        const WHAT: &str = "time-stamp response";
        let mut fields = Reader::new(WHAT, read::single(WHAT, der, SEQUENCE)?.content);
        let status = fields.sequence()?.small()?;
        let token = fields.optional(SEQUENCE)?;
        fields.finish()?;
        match (status, token) {
            (0 | 1, Some(token)) => Ok(Self::Granted(token.raw.to_vec())),
            (0 | 1, None) => Err(Malformed::new(WHAT, "granted without a token")),
            (status, _) => Ok(Self::Refused(status)),
        }
    }
}
