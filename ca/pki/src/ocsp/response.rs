//! Building responses.
//! Standard: RFC 6960 §4.2
//! It must never write parts of a second, and never name the responder otherwise than by its key.

use super::{CertId, nonce_extension, nonce_of};
use crate::algorithm::SignatureAlgorithm;
use crate::asn1::{Malformed, Reader, SEQUENCE, constructed, primitive, read, time, write};
use crate::certificate::{Certificate, extensions};
use crate::crl::Reason;
use crate::oids;

const WHAT: &str = "OCSP response";

/// Status of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Issued and not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// Since when.
        at: i64,
        /// Why.
        reason: Option<Reason>,
    },
    /// Never issued, as far as the responder knows.
    Unknown,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// malformedRequest (1).
    MalformedRequest,
    /// internalError (2).
    InternalError,
    /// tryLater (3).
    TryLater,
    /// sigRequired (5).
    SigRequired,
    /// unauthorized (6).
    Unauthorized,
}

impl Refusal {
    /// Its number.
    pub const fn code(self) -> u8 {
        match self {
            Self::MalformedRequest => 1,
            Self::InternalError => 2,
            Self::TryLater => 3,
            Self::SigRequired => 5,
            Self::Unauthorized => 6,
        }
    }

    pub(super) const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::MalformedRequest),
            2 => Some(Self::InternalError),
            3 => Some(Self::TryLater),
            5 => Some(Self::SigRequired),
            6 => Some(Self::Unauthorized),
            _ => None,
        }
    }
}

/// The answer about one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single {
    /// Which certificate.
    pub id: CertId,
    /// Its status.
    pub status: Status,
    /// Of when the answer is.
    pub this_update: i64,
    /// When a newer one is there.
    pub next_update: Option<i64>,
}

/// A response without an answer.
pub fn refusal(refusal: Refusal) -> Vec<u8> {
    write::sequence(&[write::enumerated(refusal.code())])
}

/// Encodes the to-be-signed answers.
pub fn response_data(
    responder: &Certificate,
    produced_at: i64,
    answers: &[Single],
    nonce: Option<&[u8]>,
) -> Vec<u8> {
    let answers: Vec<Vec<u8>> = answers.iter().map(single).collect();
    let mut members = vec![
        write::explicit(2, &write::octets(&responder.key_hash())),
        time::generalized(produced_at),
        write::sequence(&answers),
    ];
    if let Some(nonce) = nonce {
        members.push(write::explicit(
            1,
            &write::sequence(&[nonce_extension(nonce)]),
        ));
    }
    write::sequence(&members)
}

/// Joins the answers with their signature and the responder's certificates.
pub fn assemble(
    data: &[u8],
    algorithm: SignatureAlgorithm,
    signature: &[u8],
    certificates: &[&[u8]],
) -> Vec<u8> {
    let mut members = vec![data.to_vec(), algorithm.to_der(), write::bits(signature)];
    if !certificates.is_empty() {
        members.push(write::explicit(0, &write::sequence(certificates)));
    }
    let basic = write::sequence(&members);
    let bytes = write::sequence(&[write::oid(&oids::OCSP_BASIC), write::octets(&basic)]);
    write::sequence(&[write::enumerated(0), write::explicit(0, &bytes)])
}

fn single(answer: &Single) -> Vec<u8> {
    let status = match answer.status {
        Status::Good => write::tlv(primitive(0), &[]),
        Status::Unknown => write::tlv(primitive(2), &[]),
        Status::Revoked { at, reason } => {
            let mut content = time::generalized(at);
            if let Some(reason) = reason {
                content.extend(write::explicit(0, &write::enumerated(reason.code())));
            }
            write::tlv(constructed(1), &content)
        }
    };
    let mut members = vec![
        answer.id.der().to_vec(),
        status,
        time::generalized(answer.this_update),
    ];
    if let Some(next) = answer.next_update {
        members.push(write::explicit(0, &time::generalized(next)));
    }
    write::sequence(&members)
}

/// Who says it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponderId {
    /// By name, as bytes.
    Name(Vec<u8>),
    /// By SHA-1 of its public key.
    Key(Vec<u8>),
}

/// To-be-signed answers as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseData {
    /// Who answers.
    pub responder: ResponderId,
    /// When it was made.
    pub produced_at: i64,
    /// The answers.
    pub answers: Vec<Single>,
    /// The echoed nonce.
    pub nonce: Option<Vec<u8>>,
}

impl ResponseData {
    /// Reads to-be-signed answers.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Reader::new(WHAT, read::single(WHAT, data, SEQUENCE)?.content);
        if let Some(version) = fields.optional(constructed(0))?
            && Reader::new(WHAT, version.content).small()? != 0
        {
            return Err(Malformed::new(WHAT, "not version 1"));
        }
        let id = fields.element()?;
        let responder = match id.tag {
            0xa1 => ResponderId::Name(read::single(WHAT, id.content, SEQUENCE)?.raw.to_vec()),
            0xa2 => ResponderId::Key(Reader::new(WHAT, id.content).octets()?.to_vec()),
            _ => return Err(Malformed::new(WHAT, "responder is not named")),
        };
        let produced_at = time::read_precise(WHAT, &fields.element()?)?;
        let mut answers = Vec::new();
        for member in read::members(WHAT, fields.expect(SEQUENCE)?.content, 64)? {
            let one = Reader::new(WHAT, read::single(WHAT, member.raw, SEQUENCE)?.content);
            answers.push(answer(one)?);
        }
        let mut nonce = None;
        if let Some(all) = fields.optional(constructed(1))? {
            nonce = nonce_of(WHAT, &extensions::entries(WHAT, all.content, 16)?)?;
        }
        fields.finish()?;
        Ok(Self {
            responder,
            produced_at,
            answers,
            nonce,
        })
    }
}

fn answer(mut one: Reader<'_>) -> Result<Single, Malformed> {
    let id = CertId::parse(one.expect(SEQUENCE)?.raw)?;
    let status = one.element()?;
    let status = match (status.tag, status.content) {
        (0x80, []) => Status::Good,
        (0x82, []) => Status::Unknown,
        (0xa1, content) => {
            let mut fields = Reader::new(WHAT, content);
            let at = time::read_precise(WHAT, &fields.element()?)?;
            let reason = match fields.optional(constructed(0))? {
                None => None,
                Some(element) => {
                    let code = Reader::new(WHAT, element.content).enumerated()?;
                    if code == 0 {
                        None
                    } else {
                        Some(
                            Reason::from_code(code)
                                .ok_or(Malformed::new(WHAT, "unknown reason"))?,
                        )
                    }
                }
            };
            fields.finish()?;
            Status::Revoked { at, reason }
        }
        _ => return Err(Malformed::new(WHAT, "unknown status")),
    };
    let this_update = time::read_precise(WHAT, &one.element()?)?;
    let next_update = match one.optional(constructed(0))? {
        None => None,
        Some(element) => Some(time::read_precise(
            WHAT,
            &Reader::new(WHAT, element.content).element()?,
        )?),
    };
    if let Some(all) = one.optional(constructed(1))?
        && extensions::entries(WHAT, all.content, 16)?
            .iter()
            .any(|entry| entry.1)
    {
        return Err(Malformed::new(WHAT, "unknown critical extension"));
    }
    one.finish()?;
    Ok(Single {
        id,
        status,
        this_update,
        next_update,
    })
}
