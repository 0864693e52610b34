//! Our two signed attributes: in which capacity and on what basis was signed, and the evidence of consent.
//! Standard: none of another body; the shapes are fixed here under 1.3.6.1.4.1.32473.576
//! It must never gain or lose a field under the same object identifier.

use crate::asn1::{Malformed, Reader, SEQUENCE, UTF8_STRING, read, write};

/// Capacity, post and basis of a signature.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CapacityBasis {
    /// `TM.`, `KT.`, `TL.`, `TUQ.`, `Q.`, or how they combine; empty for one's own.
    pub capacity: String,
    /// Id of the post.
    pub post: String,
    /// Ids of appointment, assignment or mandate it rests on.
    pub basis: Vec<String>,
    /// Id of the agency.
    pub agency: String,
    /// Id of the decision that allowed it.
    pub decision: String,
}

/// Evidence that the person consented to these bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConsentEvidence {
    /// The consent statement (JCS).
    pub statement: Vec<u8>,
    /// WebAuthn authenticator data.
    pub authenticator_data: Vec<u8>,
    /// WebAuthn client data.
    pub client_data_json: Vec<u8>,
    /// The assertion's signature.
    pub signature: Vec<u8>,
    /// The credential's public key.
    pub credential_key: Vec<u8>,
    /// The registrar's signed binding of credential and person.
    pub binding: Vec<u8>,
}

impl CapacityBasis {
    /// Its DER.
    pub fn to_der(&self) -> Vec<u8> {
        let basis: Vec<Vec<u8>> = self.basis.iter().map(|id| write::utf8(id)).collect();
        write::sequence(&[
            write::utf8(&self.capacity),
            write::utf8(&self.post),
            write::sequence(&basis),
            write::utf8(&self.agency),
            write::utf8(&self.decision),
        ])
    }

    /// Reads it; at most 64 bases.
    pub fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        const WHAT: &str = "capacity and basis";
        let mut fields = Reader::new(WHAT, read::single(WHAT, raw, SEQUENCE)?.content);
        let text = |reader: &mut Reader<'_>| read::text(WHAT, &reader.expect(UTF8_STRING)?);
        let capacity = text(&mut fields)?;
        let post = text(&mut fields)?;
        let mut basis = Vec::new();
        let mut ids = fields.sequence()?;
        while !ids.is_empty() {
            if basis.len() == 64 {
                return Err(Malformed::new(WHAT, "too many bases"));
            }
            basis.push(text(&mut ids)?);
        }
        let agency = text(&mut fields)?;
        let decision = text(&mut fields)?;
        fields.finish()?;
        Ok(Self {
            capacity,
            post,
            basis,
            agency,
            decision,
        })
    }
}

impl ConsentEvidence {
    /// Its DER.
    pub fn to_der(&self) -> Vec<u8> {
        write::sequence(&[
            write::octets(&self.statement),
            write::octets(&self.authenticator_data),
            write::octets(&self.client_data_json),
            write::octets(&self.signature),
            write::octets(&self.credential_key),
            write::octets(&self.binding),
        ])
    }

    /// Reads it.
    pub fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        const WHAT: &str = "consent evidence";
        let mut fields = Reader::new(WHAT, read::single(WHAT, raw, SEQUENCE)?.content);
        let mut next = || fields.octets().map(<[u8]>::to_vec);
        let found = Self {
            statement: next()?,
            authenticator_data: next()?,
            client_data_json: next()?,
            signature: next()?,
            credential_key: next()?,
            binding: next()?,
        };
        fields.finish()?;
        Ok(found)
    }
}
