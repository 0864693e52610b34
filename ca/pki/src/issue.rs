//! Issuing: Requested → Prepared → Linted → Signed, each a type of its own.
//! Standard: RFC 5280 §4.1, §4.2; RFC 7093 §2 (1) (key identifiers)
//! It must never sign what was not linted, and never let the signed bytes differ from the linted ones.

use crate::algorithm::{KeyKind, SignatureAlgorithm};
use crate::asn1::{Malformed, constructed, primitive, time, write};
use crate::certificate::{Certificate, key_bits};
use crate::names::{AlternativeName, DistinguishedName, uri, wrapped};
use crate::oids;
use crate::profile::Profile;
use crate::signing::{self, SignatureProblem};
use const_oid::ObjectIdentifier;

mod issuer;

pub use issuer::{Issuer, NameConstraints};

/// Where status and issuer are published; http addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locations {
    /// CRL.
    pub crl: Vec<String>,
    /// OCSP responder.
    pub ocsp: Vec<String>,
    /// The issuer's certificate.
    pub ca_issuers: Vec<String>,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// Who issues.
    pub issuer: &'a Issuer,
    /// Name of the subject.
    pub subject: DistinguishedName,
    /// Its other names.
    pub alternative_names: Vec<AlternativeName>,
    /// Its public key.
    pub spki: &'a [u8],
    /// 16 random octets; the two highest bits are set by [`prepare_tbs`] so that the number is positive and long.
    pub serial: [u8; 16],
    /// First instant; parts of a second are cut.
    pub not_before: i64,
    /// Last second.
    pub not_after: i64,
    /// Where status is published.
    pub locations: Locations,
    /// Name constraints of a CA certificate.
    pub permitted: Option<NameConstraints>,
}

/// A certificate could not be prepared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// The public key is not one we certify.
    #[error("public key: {0}")]
    Key(#[from] Malformed),
}

/// A to-be-signed certificate that nobody has judged yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    pub(crate) tbs: Vec<u8>,
    pub(crate) profile: [u8; 32],
}

impl Prepared {
    /// The to-be-signed bytes.
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }
}

/// A to-be-signed certificate without findings; only [`crate::lint::lint`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linted {
    pub(crate) tbs: Vec<u8>,
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) issuer_spki: Vec<u8>,
    pub(crate) profile: [u8; 32],
}

impl Linted {
    /// The bytes to sign.
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// The algorithm to sign with.
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Hash of the profile it was judged by.
    pub const fn profile_hash(&self) -> [u8; 32] {
        self.profile
    }
}

/// A signed certificate could not be put together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssembleError {
    /// The signature is not the issuer's over these bytes.
    #[error("signature of the issuer: {0}")]
    Signature(#[from] SignatureProblem),
    /// The result does not read back.
    #[error("the result does not read back: {0}")]
    Malformed(#[from] Malformed),
    /// The signed bytes are not the linted bytes.
    #[error("the signed bytes are not the linted bytes")]
    Differs,
}

/// Key identifier: the leftmost 160 bits of SHA-256 of the public key bits.
pub fn key_id(spki: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut digest = crate::algorithm::Hash::Sha256.digest(key_bits(spki)?);
    digest.truncate(20);
    Ok(digest)
}

/// Encodes the to-be-signed certificate of a request.
pub fn prepare_tbs(request: &Request<'_>) -> Result<Prepared, PrepareError> {
    KeyKind::of_spki(request.spki)?;
    let mut serial = request.serial;
    if let Some(first) = serial.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    let validity = write::sequence(&[
        time::certificate_time(request.not_before),
        time::certificate_time(request.not_after),
    ]);
    let tbs = write::sequence(&[
        write::explicit(0, &write::small(2)),
        write::integer(&serial),
        request.issuer.algorithm().to_der(),
        request.issuer.name().to_vec(),
        validity,
        request.subject.to_der(),
        request.spki.to_vec(),
        write::explicit(3, &write::sequence(&extensions(request)?)),
    ]);
    Ok(Prepared {
        tbs,
        profile: request.profile.hash(),
    })
}

/// Joins the linted bytes with their signature, checks it with the issuer's key, and reads the result back.
pub fn assemble(linted: Linted, signature: &[u8]) -> Result<Certificate, AssembleError> {
    signing::verify(
        &linted.issuer_spki,
        linted.algorithm,
        &linted.tbs,
        signature,
    )?;
    let der = write::sequence(&[
        linted.tbs.clone(),
        linted.algorithm.to_der(),
        write::bits(signature),
    ]);
    let certificate = Certificate::parse(&der)?;
    if certificate.tbs() != linted.tbs {
        return Err(AssembleError::Differs);
    }
    Ok(certificate)
}

fn extensions(request: &Request<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    let profile = request.profile;
    let mut all = Vec::new();
    let authority = write::sequence(&[write::tlv(primitive(0), request.issuer.key_id())]);
    all.push(extension(
        &oids::AUTHORITY_KEY_IDENTIFIER,
        false,
        &authority,
    ));
    all.push(extension(
        &oids::SUBJECT_KEY_IDENTIFIER,
        false,
        &write::octets(&key_id(request.spki)?),
    ));
    all.push(extension(
        &oids::KEY_USAGE,
        true,
        &write::named_bits(profile.key_usage.0),
    ));
    let mut constraints = Vec::new();
    if profile.ca {
        constraints.push(write::boolean(true));
        constraints.extend(profile.path_length.map(write::small));
    }
    all.push(extension(
        &oids::BASIC_CONSTRAINTS,
        true,
        &write::sequence(&constraints),
    ));
    if !profile.extended.is_empty() {
        let usages: Vec<Vec<u8>> = profile.extended.iter().map(write::oid).collect();
        all.push(extension(
            &oids::EXTENDED_KEY_USAGE,
            profile.extended_critical,
            &write::sequence(&usages),
        ));
    }
    if !request.alternative_names.is_empty() {
        let names: Vec<Vec<u8>> = request
            .alternative_names
            .iter()
            .map(AlternativeName::to_der)
            .collect();
        all.push(extension(
            &oids::SUBJECT_ALT_NAME,
            request.subject.is_empty(),
            &write::sequence(&names),
        ));
    }
    if let Some(permitted) = &request.permitted {
        all.push(extension(
            &oids::NAME_CONSTRAINTS,
            true,
            &permitted.to_der(),
        ));
    }
    if !profile.policies.is_empty() {
        let policies: Vec<Vec<u8>> = profile
            .policies
            .iter()
            .map(|policy| policy_information(policy, profile.cps.as_deref()))
            .collect();
        all.push(extension(
            &oids::CERTIFICATE_POLICIES,
            false,
            &write::sequence(&policies),
        ));
    }
    all.extend(status_extensions(&request.locations));
    if profile.status.nocheck {
        all.push(extension(&oids::OCSP_NOCHECK, false, &write::null()));
    }
    Ok(all)
}

fn status_extensions(locations: &Locations) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    if !locations.crl.is_empty() {
        let points: Vec<Vec<u8>> = locations
            .crl
            .iter()
            .map(|address| {
                let full = write::tlv(constructed(0), &uri(address));
                write::sequence(&[write::explicit(0, &full)])
            })
            .collect();
        all.push(extension(
            &oids::CRL_DISTRIBUTION_POINTS,
            false,
            &write::sequence(&points),
        ));
    }
    let access = |method: &ObjectIdentifier, addresses: &[String]| -> Vec<Vec<u8>> {
        addresses
            .iter()
            .map(|address| write::sequence(&[write::oid(method), uri(address)]))
            .collect()
    };
    let mut descriptions = access(&oids::ACCESS_OCSP, &locations.ocsp);
    descriptions.extend(access(&oids::ACCESS_CA_ISSUERS, &locations.ca_issuers));
    if !descriptions.is_empty() {
        all.push(extension(
            &oids::AUTHORITY_INFO_ACCESS,
            false,
            &write::sequence(&descriptions),
        ));
    }
    all
}

fn policy_information(policy: &ObjectIdentifier, cps: Option<&str>) -> Vec<u8> {
    let mut members = vec![write::oid(policy)];
    if let Some(address) = cps {
        let qualifier = write::sequence(&[write::oid(&oids::QUALIFIER_CPS), write::ia5(address)]);
        members.push(write::sequence(&[qualifier]));
    }
    write::sequence(&members)
}

/// One Extension.
pub(crate) fn extension(oid: &ObjectIdentifier, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut members = vec![write::oid(oid)];
    if critical {
        members.push(write::boolean(true));
    }
    members.push(wrapped(value));
    write::sequence(&members)
}
