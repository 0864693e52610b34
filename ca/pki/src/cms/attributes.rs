//! Signed attributes: what a signer really signs.
//! Standard: RFC 5652 §5.3, §5.4, §11; RFC 5035 §3 (signing certificate V2, with issuer and serial)
//! It must never accept an attribute that comes twice, has no value or two values, or a set out of DER order.

use super::evidence::{CapacityBasis, ConsentEvidence};
use crate::algorithm::Hash;
use crate::asn1::{
    Malformed, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, SET, constructed, read, time,
    write,
};
use crate::certificate::Certificate;
use crate::oids;
use const_oid::ObjectIdentifier;

const WHAT: &str = "signed attributes";

/// The certificate that the signer says he signs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EssCertificate {
    /// Hash of the digest below.
    pub hash: Hash,
    /// Digest of the certificate.
    pub digest: Vec<u8>,
    /// Issuer's name and serial number, if stated.
    pub issuer_serial: Option<(Vec<u8>, Vec<u8>)>,
}

impl EssCertificate {
    /// Whether this certificate is meant.
    pub fn matches(&self, certificate: &Certificate) -> bool {
        self.digest == certificate.digest(self.hash)
            && self.issuer_serial.as_ref().is_none_or(|(issuer, serial)| {
                issuer == certificate.issuer() && serial == certificate.serial()
            })
    }
}

/// The attributes of one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAttributes {
    content_type: ObjectIdentifier,
    digest: Vec<u8>,
    certificate: Option<EssCertificate>,
    /// signingTime; PAdES signatures must not carry it.
    pub signing_time: Option<i64>,
    /// Capacity and basis.
    pub capacity: Option<CapacityBasis>,
    /// Evidence of consent.
    pub consent: Option<ConsentEvidence>,
    others: Vec<ObjectIdentifier>,
    raw: Option<Vec<u8>>,
}

impl SignedAttributes {
    /// For content of a type with this digest, signed with this certificate.
    pub fn new(
        content_type: ObjectIdentifier,
        hash: Hash,
        digest: &[u8],
        signer: &Certificate,
    ) -> Self {
        Self {
            content_type,
            digest: digest.to_vec(),
            certificate: Some(EssCertificate {
                hash,
                digest: signer.digest(hash),
                issuer_serial: Some((signer.issuer().to_vec(), signer.serial().to_vec())),
            }),
            signing_time: None,
            capacity: None,
            consent: None,
            others: Vec::new(),
            raw: None,
        }
    }

    /// For a time stamp over its own content.
    pub fn for_time_stamp(tst_info: &[u8], signer: &Certificate, hash: Hash) -> Self {
        Self::new(oids::TST_INFO, hash, &hash.digest(tst_info), signer)
    }

    /// With a signing time (S/MIME).
    #[must_use]
    pub fn signing_time(mut self, at: i64) -> Self {
        self.signing_time = Some(at);
        self.raw = None;
        self
    }

    /// With capacity and basis.
    #[must_use]
    pub fn capacity(mut self, value: CapacityBasis) -> Self {
        self.capacity = Some(value);
        self.raw = None;
        self
    }

    /// With evidence of consent.
    #[must_use]
    pub fn consent(mut self, value: ConsentEvidence) -> Self {
        self.consent = Some(value);
        self.raw = None;
        self
    }

    /// The bytes to sign: SET OF Attribute.
    pub fn to_der(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let attribute = |oid: &ObjectIdentifier, value: Vec<u8>| {
            write::sequence(&[write::oid(oid), write::set_of(vec![value])])
        };
        let mut all = vec![
            attribute(&oids::CONTENT_TYPE, write::oid(&self.content_type)),
            attribute(&oids::MESSAGE_DIGEST, write::octets(&self.digest)),
        ];
        if let Some(certificate) = &self.certificate {
            all.push(attribute(
                &oids::SIGNING_CERTIFICATE_V2,
                signing_certificate(certificate),
            ));
        }
        if let Some(at) = self.signing_time {
            all.push(attribute(&oids::SIGNING_TIME, time::certificate_time(at)));
        }
        if let Some(value) = &self.capacity {
            all.push(attribute(&oids::CAPACITY_AND_BASIS, value.to_der()));
        }
        if let Some(value) = &self.consent {
            all.push(attribute(&oids::CONSENT_EVIDENCE, value.to_der()));
        }
        write::set_of(all)
    }

    /// Reads attributes and keeps their bytes; at most 64.
    pub fn parse(raw: &[u8]) -> Result<Self, Malformed> {
        let set = read::single(WHAT, raw, SET)?;
        let mut content_type = None;
        let mut digest = None;
        let mut found = Self {
            content_type: oids::DATA,
            digest: Vec::new(),
            certificate: None,
            signing_time: None,
            capacity: None,
            consent: None,
            others: Vec::new(),
            raw: Some(raw.to_vec()),
        };
        let mut seen: Vec<ObjectIdentifier> = Vec::new();
        for member in read::der_set(WHAT, &set, 64)? {
            let mut fields = Reader::new(WHAT, read::single(WHAT, member.raw, SEQUENCE)?.content);
            let oid = fields.oid()?;
            let mut values = Reader::new(WHAT, fields.expect(SET)?.content);
            fields.finish()?;
            if seen.contains(&oid) {
                return Err(Malformed::new(WHAT, "attribute comes twice"));
            }
            seen.push(oid);
            let value = values.element()?;
            values
                .finish()
                .map_err(|_| Malformed::new(WHAT, "attribute has more than one value"))?;
            match oid {
                oids::CONTENT_TYPE => {
                    read::single(WHAT, value.raw, OBJECT_IDENTIFIER)?;
                    content_type = Some(Reader::new(WHAT, value.raw).oid()?);
                }
                oids::MESSAGE_DIGEST => {
                    digest = Some(
                        read::single(WHAT, value.raw, OCTET_STRING)?
                            .content
                            .to_vec(),
                    );
                }
                oids::SIGNING_CERTIFICATE_V2 => {
                    found.certificate = Some(read_signing_certificate(value.raw)?);
                }
                oids::SIGNING_TIME => found.signing_time = Some(time::read(WHAT, &value)?),
                oids::CAPACITY_AND_BASIS => {
                    found.capacity = Some(CapacityBasis::parse(value.raw)?);
                }
                oids::CONSENT_EVIDENCE => {
                    found.consent = Some(ConsentEvidence::parse(value.raw)?);
                }
                other => found.others.push(other),
            }
        }
        found.content_type = content_type.ok_or(Malformed::new(WHAT, "no content type"))?;
        found.digest = digest.ok_or(Malformed::new(WHAT, "no message digest"))?;
        Ok(found)
    }

    /// Type of the signed content.
    pub const fn content_type(&self) -> ObjectIdentifier {
        self.content_type
    }

    /// Digest of the signed content.
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }

    /// Hash of the certificate's digest; ours use the same for the content.
    pub fn hash(&self) -> Option<Hash> {
        self.certificate
            .as_ref()
            .map(|certificate| certificate.hash)
    }

    /// The certificate named by the signer.
    pub const fn certificate(&self) -> Option<&EssCertificate> {
        self.certificate.as_ref()
    }

    /// Digest of the certificate named by the signer.
    pub fn certificate_hash(&self) -> Option<&[u8]> {
        self.certificate
            .as_ref()
            .map(|certificate| certificate.digest.as_slice())
    }

    /// Serial number of the certificate named by the signer.
    pub fn certificate_serial(&self) -> Option<&[u8]> {
        self.certificate
            .as_ref()
            .and_then(|certificate| certificate.issuer_serial.as_ref())
            .map(|(_, serial)| serial.as_slice())
    }

    /// Attributes we do not know: whoever is asked to sign them refuses.
    pub fn others(&self) -> &[ObjectIdentifier] {
        &self.others
    }
}

fn signing_certificate(certificate: &EssCertificate) -> Vec<u8> {
    let mut members = Vec::new();
    if certificate.hash != Hash::Sha256 {
        members.push(certificate.hash.to_der());
    }
    members.push(write::octets(&certificate.digest));
    if let Some((issuer, serial)) = &certificate.issuer_serial {
        let names = write::sequence(&[write::explicit(4, issuer)]);
        members.push(write::sequence(&[names, write::integer(serial)]));
    }
    write::sequence(&[write::sequence(&[write::sequence(&members)])])
}

/// The first certificate identifier of a SigningCertificateV2; those after it name the issuers.
fn read_signing_certificate(raw: &[u8]) -> Result<EssCertificate, Malformed> {
    const WHAT: &str = "signing certificate";
    let mut outer = Reader::new(WHAT, read::single(WHAT, raw, SEQUENCE)?.content);
    let list = read::members(WHAT, outer.expect(SEQUENCE)?.content, 16)?;
    outer.optional(SEQUENCE)?;
    outer.finish()?;
    let first = list
        .first()
        .ok_or(Malformed::new(WHAT, "names no certificate"))?;
    let mut fields = Reader::new(WHAT, read::single(WHAT, first.raw, SEQUENCE)?.content);
    let hash = match fields.optional(SEQUENCE)? {
        Some(identifier) => Hash::read(WHAT, identifier.raw)?,
        None => Hash::Sha256,
    };
    let digest = fields.octets()?.to_vec();
    if digest.len() != hash.len() {
        return Err(Malformed::new(
            WHAT,
            "digest has another length than its hash",
        ));
    }
    let issuer_serial = match fields.optional(SEQUENCE)? {
        None => None,
        Some(element) => {
            let mut parts = Reader::new(WHAT, element.content);
            let mut names = parts.sequence()?;
            let issuer = names.expect(constructed(4))?.content.to_vec();
            names.finish()?;
            let serial = parts.unsigned()?.to_vec();
            parts.finish()?;
            Some((issuer, serial))
        }
    };
    fields.finish()?;
    Ok(EssCertificate {
        hash,
        digest,
        issuer_serial,
    })
}
