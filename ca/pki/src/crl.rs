//! Certificate revocation lists: built with number, authority key identifier and reasons; read strictly.
//! Standard: RFC 5280 §5
//! It must never write the reason `unspecified`, parts of a second, or an empty list of entries.

use crate::algorithm::SignatureAlgorithm;
use crate::asn1::{
    ENUMERATED, GENERALIZED_TIME, INTEGER, Malformed, Reader, SEQUENCE, UTC_TIME, constructed,
    primitive, read, time, write,
};
use crate::certificate::{Certificate, extensions};
use crate::issue::{Issuer, extension};
use crate::oids;
use crate::signing::{self, SignatureProblem};

const WHAT: &str = "CRL";
/// Largest list that is read.
pub const LIMIT: usize = 64 * 1024 * 1024;

/// Why a certificate was revoked (CRLReason); `unspecified` is the absence of a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// keyCompromise (1).
    KeyCompromise,
    /// cACompromise (2).
    CaCompromise,
    /// affiliationChanged (3).
    AffiliationChanged,
    /// superseded (4).
    Superseded,
    /// cessationOfOperation (5).
    CessationOfOperation,
    /// certificateHold (6).
    CertificateHold,
    /// privilegeWithdrawn (9).
    PrivilegeWithdrawn,
    /// aACompromise (10).
    AaCompromise,
}

impl Reason {
    /// All of them with their numbers.
    pub const ALL: [(Self, u8, &'static str); 8] = [
        (Self::KeyCompromise, 1, "keyCompromise"),
        (Self::CaCompromise, 2, "cACompromise"),
        (Self::AffiliationChanged, 3, "affiliationChanged"),
        (Self::Superseded, 4, "superseded"),
        (Self::CessationOfOperation, 5, "cessationOfOperation"),
        (Self::CertificateHold, 6, "certificateHold"),
        (Self::PrivilegeWithdrawn, 9, "privilegeWithdrawn"),
        (Self::AaCompromise, 10, "aACompromise"),
    ];

    /// Its number.
    pub fn code(self) -> u8 {
        Self::ALL
            .iter()
            .find(|row| row.0 == self)
            .map_or(0, |row| row.1)
    }

    /// The reason of this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == code).map(|row| row.0)
    }

    /// Its name in the standard.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|row| row.0 == self)
            .map_or("unspecified", |row| row.2)
    }

    /// The reason of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.2 == name).map(|row| row.0)
    }

    /// Whether signatures from before the revocation stay doubtful as well.
    pub const fn is_compromise(self) -> bool {
        matches!(
            self,
            Self::KeyCompromise | Self::CaCompromise | Self::AaCompromise
        )
    }
}

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its serial number, big-endian.
    pub serial: Vec<u8>,
    /// Since when.
    pub revoked_at: i64,
    /// Why; none is `unspecified`.
    pub reason: Option<Reason>,
}

/// What a list is made of.
#[derive(Debug, Clone)]
pub struct List<'a> {
    /// Who issues it.
    pub issuer: &'a Issuer,
    /// Its number; rises with each list.
    pub number: u64,
    /// When it was made.
    pub this_update: i64,
    /// When the next one is there at the latest.
    pub next_update: i64,
    /// Revoked certificates.
    pub entries: &'a [Entry],
}

/// A list could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// nextUpdate is not after thisUpdate.
    #[error("nextUpdate is not after thisUpdate")]
    Times,
    /// A serial number is zero, or longer than 20 octets, or stands twice.
    #[error("a serial number is out of range or stands twice")]
    Serial,
    /// An entry is revoked after thisUpdate.
    #[error("an entry lies in the future of the list")]
    Future,
    /// The signature is not the issuer's.
    #[error("signature of the issuer: {0}")]
    Signature(#[from] SignatureProblem),
    /// The bytes are malformed.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// Encodes the to-be-signed list.
pub fn prepare_tbs(list: &List<'_>) -> Result<Vec<u8>, CrlError> {
    if list.next_update / 1000 <= list.this_update / 1000 {
        return Err(CrlError::Times);
    }
    let mut seen = std::collections::HashSet::new();
    let mut entries = Vec::with_capacity(list.entries.len());
    for entry in list.entries {
        let serial = write::integer(&entry.serial);
        if serial.len() > 22 || serial == [INTEGER, 1, 0] || !seen.insert(serial.clone()) {
            return Err(CrlError::Serial);
        }
        if entry.revoked_at / 1000 > list.this_update / 1000 {
            return Err(CrlError::Future);
        }
        let mut members = vec![serial, time::certificate_time(entry.revoked_at)];
        if let Some(reason) = entry.reason {
            members.push(write::sequence(&[extension(
                &oids::CRL_REASON,
                false,
                &write::enumerated(reason.code()),
            )]));
        }
        entries.push(write::sequence(&members));
    }
    let authority = write::sequence(&[write::tlv(primitive(0), list.issuer.key_id())]);
    let extensions = write::sequence(&[
        extension(&oids::AUTHORITY_KEY_IDENTIFIER, false, &authority),
        extension(&oids::CRL_NUMBER, false, &write::small(list.number)),
    ]);
    let mut members = vec![
        write::small(1),
        list.issuer.algorithm().to_der(),
        list.issuer.name().to_vec(),
        time::certificate_time(list.this_update),
        time::certificate_time(list.next_update),
    ];
    if !entries.is_empty() {
        members.push(write::sequence(&entries));
    }
    members.push(write::explicit(0, &extensions));
    Ok(write::sequence(&members))
}

/// Joins the to-be-signed list with its signature and checks it.
pub fn assemble(tbs: &[u8], issuer: &Issuer, signature: &[u8]) -> Result<Vec<u8>, CrlError> {
    parse_tbs(tbs)?;
    signing::verify(issuer.spki(), issuer.algorithm(), tbs, signature)?;
    Ok(write::sequence(&[
        tbs.to_vec(),
        issuer.algorithm().to_der(),
        write::bits(signature),
    ]))
}

/// What a to-be-signed list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TbsList {
    /// Bytes of the issuer's name.
    pub issuer: Vec<u8>,
    /// Authority key identifier.
    pub authority_key_id: Option<Vec<u8>>,
    /// Number.
    pub number: Option<Vec<u8>>,
    /// When it was made.
    pub this_update: i64,
    /// When the next one is there.
    pub next_update: Option<i64>,
    /// Revoked certificates.
    pub entries: Vec<Entry>,
    /// Whether it covers only a part of what its issuer issued (a distribution point is named).
    pub partial: bool,
    algorithm: SignatureAlgorithm,
}

impl TbsList {
    /// The entry of a serial number.
    pub fn entry(&self, serial: &[u8]) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.serial == serial)
    }

    /// The algorithm it says it is signed with.
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Its number, if it fits 64 bits.
    pub fn number(&self) -> Option<u64> {
        let bytes = self.number.as_ref()?;
        (bytes.len() <= 8).then(|| {
            bytes
                .iter()
                .fold(0, |sum, &byte| (sum << 8) | u64::from(byte))
        })
    }
}

/// Reads a to-be-signed list: version 2; delta lists and unknown critical extensions are refused.
pub fn parse_tbs(tbs: &[u8]) -> Result<TbsList, Malformed> {
    let mut fields = Reader::new(WHAT, read::single(WHAT, tbs, SEQUENCE)?.content);
    if fields.small()? != 1 {
        return Err(Malformed::new(WHAT, "not version 2"));
    }
    let algorithm = SignatureAlgorithm::read(WHAT, fields.expect(SEQUENCE)?.raw)?;
    let issuer = fields.expect(SEQUENCE)?.raw.to_vec();
    let this_update = time::read(WHAT, &fields.element()?)?;
    let next_update = match fields.peek() {
        Some(UTC_TIME | GENERALIZED_TIME) => Some(time::read(WHAT, &fields.element()?)?),
        _ => None,
    };
    let mut entries = Vec::new();
    if let Some(list) = fields.optional(SEQUENCE)? {
        let mut rest = Reader::new(WHAT, list.content);
        if rest.is_empty() {
            return Err(Malformed::new(WHAT, "list of entries is empty"));
        }
        while !rest.is_empty() {
            entries.push(entry(rest.sequence()?)?);
        }
    }
    let mut found = TbsList {
        issuer,
        authority_key_id: None,
        number: None,
        this_update,
        next_update,
        entries,
        partial: false,
        algorithm,
    };
    if let Some(all) = fields.optional(constructed(0))? {
        for (oid, critical, value) in extensions::entries(WHAT, all.content, 32)? {
            match oid {
                oids::AUTHORITY_KEY_IDENTIFIER => {
                    found.authority_key_id = extensions::authority_key_id(&value)?;
                }
                oids::CRL_NUMBER => {
                    let number = read::single(WHAT, &value, INTEGER)?.content;
                    let number = read::unsigned(number).map_err(|why| Malformed::new(WHAT, why))?;
                    if number.len() > 20 {
                        return Err(Malformed::new(WHAT, "number is too long"));
                    }
                    found.number = Some(number.to_vec());
                }
                oids::ISSUING_DISTRIBUTION_POINT => found.partial = true,
                oids::DELTA_CRL_INDICATOR => {
                    return Err(Malformed::new(WHAT, "delta lists are not read"));
                }
                _ if critical => {
                    return Err(Malformed::new(WHAT, "unknown critical extension"));
                }
                _ => {}
            }
        }
    }
    fields.finish()?;
    Ok(found)
}

fn entry(mut fields: Reader<'_>) -> Result<Entry, Malformed> {
    let serial = fields.unsigned()?.to_vec();
    let revoked_at = time::read(WHAT, &fields.element()?)?;
    let mut reason = None;
    if let Some(all) = fields.optional(SEQUENCE)? {
        for (oid, critical, value) in extensions::entries(WHAT, all.raw, 16)? {
            if oid == oids::CRL_REASON {
                let code = read::single(WHAT, &value, ENUMERATED)?.content;
                reason = match code {
                    [0] => None,
                    [8] => {
                        return Err(Malformed::new(WHAT, "removeFromCRL in a full list"));
                    }
                    [code] => Some(
                        Reason::from_code(*code).ok_or(Malformed::new(WHAT, "unknown reason"))?,
                    ),
                    _ => return Err(Malformed::new(WHAT, "unknown reason")),
                };
            } else if critical {
                return Err(Malformed::new(WHAT, "unknown critical extension"));
            }
        }
    }
    fields.finish()?;
    Ok(Entry {
        serial,
        revoked_at,
        reason,
    })
}

/// A signed list as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crl {
    der: Vec<u8>,
    raw_tbs: Vec<u8>,
    tbs: TbsList,
    signature: Vec<u8>,
}

impl Crl {
    /// Reads a list.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        if der.len() > LIMIT {
            return Err(Malformed::new(WHAT, "too large"));
        }
        let mut fields = Reader::new(WHAT, read::single(WHAT, der, SEQUENCE)?.content);
        let raw_tbs = fields.expect(SEQUENCE)?.raw;
        let tbs = parse_tbs(raw_tbs)?;
        let algorithm = SignatureAlgorithm::read(WHAT, fields.expect(SEQUENCE)?.raw)?;
        let signature = fields.bits()?.to_vec();
        fields.finish()?;
        if algorithm != tbs.algorithm {
            return Err(Malformed::new(
                WHAT,
                "signature algorithms inside and outside differ",
            ));
        }
        Ok(Self {
            der: der.to_vec(),
            raw_tbs: raw_tbs.to_vec(),
            tbs,
            signature,
        })
    }

    /// Its bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Bytes of the issuer's name.
    pub fn issuer(&self) -> &[u8] {
        &self.tbs.issuer
    }

    /// Number, if it fits 64 bits.
    pub fn number(&self) -> Option<u64> {
        self.tbs.number()
    }

    /// When it was made.
    pub const fn this_update(&self) -> i64 {
        self.tbs.this_update
    }

    /// When the next one is there.
    pub const fn next_update(&self) -> Option<i64> {
        self.tbs.next_update
    }

    /// Revoked certificates.
    pub fn entries(&self) -> &[Entry] {
        &self.tbs.entries
    }

    /// The entry of a serial number.
    pub fn entry(&self, serial: &[u8]) -> Option<&Entry> {
        self.tbs.entry(serial)
    }

    /// What was signed.
    pub const fn tbs(&self) -> &TbsList {
        &self.tbs
    }

    /// Whether this CA issued and signed the list: name, key identifier, key usage, signature.
    pub fn verify(&self, issuer: &Certificate) -> Result<(), CrlError> {
        if self.tbs.issuer != issuer.subject() {
            return Err(CrlError::Malformed(Malformed::new(
                WHAT,
                "issued by another CA",
            )));
        }
        if let (Some(named), Some(is)) = (&self.tbs.authority_key_id, issuer.key_id())
            && named != is
        {
            return Err(CrlError::Malformed(Malformed::new(
                WHAT,
                "signed with another key",
            )));
        }
        if !issuer.key_usage().is_none_or(|usage| usage.has("cRLSign")) {
            return Err(CrlError::Malformed(Malformed::new(
                WHAT,
                "its issuer may not sign lists",
            )));
        }
        signing::verify(
            issuer.spki(),
            self.tbs.algorithm,
            &self.raw_tbs,
            &self.signature,
        )?;
        Ok(())
    }
}
