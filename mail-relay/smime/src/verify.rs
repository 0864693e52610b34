//! Judges a signed mail: is the signed part whole, is the certificate trusted, does it name the sender. Three answers that do not hide each other.
//! Standard: RFC 8551 §3.5.3.4, §3.6; RFC 8550 §3, §4; RFC 5652 §5.4
//! It must never look for a signature anywhere but in the outermost entity, nor for an address anywhere but in the one From field.

use crate::mime::{Entity, MimeError, is_strict, parts};
use crate::sender::one_address;
use pki::algorithm::Table;
use pki::certificate::Certificate;
use pki::cms::{CmsProblem, SignedMessage};
use pki::crl::Crl;
use pki::path::{self, Anchor, PathProblem, Revocation, Usage};

/// Largest message looked at, octets.
const LARGEST: usize = 64 << 20;
/// Largest signature part, octets of base64.
const LARGEST_CMS: usize = 1 << 20;

/// What is trusted.
#[derive(Clone, Copy)]
pub struct Trust<'a> {
    /// Anchors.
    pub anchors: &'a [Anchor],
    /// Authorities under them.
    pub intermediates: &'a [Certificate],
    /// Revocation lists at hand.
    pub lists: &'a [Crl],
}

/// Why the signed part is not whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WholeProblem {
    /// The message can be read in more than one way.
    #[error(transparent)]
    Mime(#[from] MimeError),
    /// Larger than allowed.
    #[error("larger than allowed")]
    TooLarge,
    /// Not two parts of the right kinds.
    #[error("not a signed part followed by its signature")]
    Shape,
    /// The signature part is not base64.
    #[error("the signature part is not base64")]
    Base64,
    /// Not exactly one signer.
    #[error("not exactly one signer")]
    Signers,
    /// The signature says no.
    #[error(transparent)]
    Cms(#[from] CmsProblem),
}

/// Why the certificate is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustProblem {
    /// There is no certificate to trust.
    #[error("there is no whole signature whose certificate could be trusted")]
    NoCertificate,
    /// The path says no.
    #[error(transparent)]
    Path(#[from] PathProblem),
}

/// Why the address does not match.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// There is no certificate to compare with.
    #[error("there is no whole signature whose certificate could be compared")]
    NoCertificate,
    /// Not one From field with one address in it.
    #[error("the mail does not name one sender in one From field")]
    From,
    /// The certificate names others.
    #[error("the certificate does not name the sender's address")]
    Differs,
}

/// The answers.
#[derive(Debug, Clone)]
pub struct Report {
    /// Whether the outermost entity is signed at all.
    pub signed: bool,
    /// The signed part is whole.
    pub whole: Result<(), WholeProblem>,
    /// The certificate leads to an anchor: its label.
    pub trusted: Result<String, TrustProblem>,
    /// The certificate names the From address.
    pub address: Result<String, AddressProblem>,
    /// When the mailbox says it signed, UTC ms.
    pub signing_time: Option<i64>,
    /// The signer's certificate.
    pub signer: Option<Certificate>,
}

impl Report {
    fn of(signed: bool, problem: WholeProblem) -> Self {
        Self {
            signed,
            whole: Err(problem),
            trusted: Err(TrustProblem::NoCertificate),
            address: Err(AddressProblem::NoCertificate),
            signing_time: None,
            signer: None,
        }
    }
}

/// Judges a message as it lies in a mailbox. `now` is when it is asked: certificates are judged by it.
pub fn verify(message: &[u8], trust: &Trust<'_>, now: i64) -> Report {
    if message.len() > LARGEST {
        return Report::of(false, WholeProblem::TooLarge);
    }
    let outer = match Entity::parse(message, 0..message.len()) {
        Ok(outer) => outer,
        Err(problem) => return Report::of(false, problem.into()),
    };
    let kind = match outer.content_type(message) {
        Ok(kind) => kind,
        // A second Content-Type is how one reader is shown a signature and another is not.
        Err(problem) => return Report::of(true, problem.into()),
    };
    if kind.essence != "multipart/signed" {
        return Report::of(false, WholeProblem::Shape);
    }
    let (cms, signed) = match split(message, &outer, &kind) {
        Ok(found) => found,
        Err(problem) => return Report::of(true, problem),
    };
    let result = match judge(&cms, signed, now) {
        Ok(result) => result,
        Err(problem) => return Report::of(true, problem),
    };
    let (signer, signing_time, embedded) = result;
    let mut intermediates = trust.intermediates.to_vec();
    intermediates.extend(embedded);
    let revocation = Revocation {
        crls: trust.lists,
        ocsp: &[],
        required: false,
    };
    let trusted = path::validate(
        &signer,
        &intermediates,
        trust.anchors,
        now,
        Usage::EmailProtection,
        &revocation,
    )
    .map(|t| t.label)
    .map_err(TrustProblem::from);
    let address = matched(message, &outer, &signer);
    Report {
        signed: true,
        whole: Ok(()),
        trusted,
        address,
        signing_time,
        signer: Some(signer),
    }
}

/// The signature's DER and the exact bytes it covers.
fn split<'a>(
    message: &'a [u8],
    outer: &Entity,
    kind: &crate::mime::ContentType,
) -> Result<(Vec<u8>, &'a [u8]), WholeProblem> {
    use base64::Engine as _;
    let protocol = kind
        .parameter("protocol")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let boundary = kind
        .parameter("boundary")
        .filter(|b| !b.is_empty() && b.len() <= 70)
        .ok_or(WholeProblem::Shape)?;
    if !matches!(
        protocol.as_str(),
        "application/pkcs7-signature" | "application/x-pkcs7-signature"
    ) {
        return Err(WholeProblem::Shape);
    }
    let body = message.get(outer.body.clone()).unwrap_or_default();
    if !is_strict(body) {
        return Err(MimeError::BareLineEnd.into());
    }
    let found = parts(message, outer.body.clone(), boundary)?;
    let [signed, signature] = found.as_slice() else {
        return Err(WholeProblem::Shape);
    };
    let part = Entity::parse(message, signature.clone())?;
    let part_kind = part.content_type(message)?;
    if !matches!(
        part_kind.essence.as_str(),
        "application/pkcs7-signature" | "application/x-pkcs7-signature"
    ) {
        return Err(WholeProblem::Shape);
    }
    let encoding = part
        .one(message, "content-transfer-encoding")?
        .unwrap_or_default()
        .to_ascii_lowercase();
    if encoding != "base64" {
        return Err(WholeProblem::Base64);
    }
    let text: Vec<u8> = message
        .get(part.body)
        .unwrap_or_default()
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    if text.len() > LARGEST_CMS {
        return Err(WholeProblem::TooLarge);
    }
    let cms = base64::engine::general_purpose::STANDARD
        .decode(&text)
        .map_err(|_| WholeProblem::Base64)?;
    Ok((cms, message.get(signed.clone()).unwrap_or_default()))
}

type Judged = (Certificate, Option<i64>, Vec<Certificate>);

fn judge(cms: &[u8], signed: &[u8], now: i64) -> Result<Judged, WholeProblem> {
    let parsed = SignedMessage::parse_foreign(cms).map_err(CmsProblem::from)?;
    if parsed.signers().len() != 1 || parsed.content().is_some() {
        return Err(WholeProblem::Signers);
    }
    let hash = parsed.digest_algorithm(0).ok_or(WholeProblem::Signers)?;
    let result = parsed.verify_mail(0, &hash.digest(signed), &Table::built_in(), now)?;
    Ok((
        result.certificate,
        result.signing_time,
        parsed.certificates().to_vec(),
    ))
}

/// RFC 8550 §3: the address in From is among the certificate's.
fn matched(message: &[u8], outer: &Entity, signer: &Certificate) -> Result<String, AddressProblem> {
    let value = outer
        .one(message, "from")
        .map_err(|_| AddressProblem::From)?
        .ok_or(AddressProblem::From)?;
    let address = one_address(&value).ok_or(AddressProblem::From)?;
    if signer
        .emails()
        .iter()
        .any(|email| email.eq_ignore_ascii_case(&address))
    {
        Ok(address)
    } else {
        Err(AddressProblem::Differs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_without_a_signature_says_so() {
        let trust = Trust {
            anchors: &[],
            intermediates: &[],
            lists: &[],
        };
        let report = verify(b"From: a@b.test\r\n\r\nhello\r\n", &trust, 0);
        assert!(
            !report.signed
                && report.whole.is_err()
                && report.trusted.is_err()
                && report.address.is_err()
        );
    }
}
