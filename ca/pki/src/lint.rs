//! Judging a to-be-signed certificate before anything signs it.
//! Standard: RFC 5280 §4.1, §4.2, appendix A.1; RFC 9598; the profiles in ca/profiles
//! It must never pass what a second parser reads differently, and never stop at the first finding.

use crate::algorithm::SignatureAlgorithm;
use crate::asn1::write;
use crate::certificate::Tbs;
use crate::issue::{Issuer, Linted, Prepared};
use crate::names::{AlternativeName, DistinguishedName};
use crate::profile::Profile;

mod extensions;
mod key;
mod names;
mod validity;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// Where the rule comes from.
    pub clause: &'static str,
    /// What was found.
    pub detail: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}): {}", self.rule, self.clause, self.detail)
    }
}

/// What a to-be-signed certificate says, for whoever is asked to sign it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TbsFacts {
    /// Name of the subject.
    pub subject: DistinguishedName,
    /// Bytes of the issuer's name.
    pub issuer: Vec<u8>,
    /// Authority key identifier.
    pub issuer_key_id: Option<Vec<u8>>,
    /// Serial number.
    pub serial: Vec<u8>,
    /// Public key.
    pub spki: Vec<u8>,
    /// First instant.
    pub not_before: i64,
    /// Last second.
    pub not_after: i64,
    /// Other names.
    pub alternative_names: Vec<AlternativeName>,
    /// Whether it would be a CA.
    pub is_ca: bool,
    /// Algorithm it says it is signed with.
    pub algorithm: SignatureAlgorithm,
}

/// Findings under way.
#[derive(Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn require(
        &mut self,
        holds: bool,
        rule: &'static str,
        clause: &'static str,
        detail: impl FnOnce() -> String,
    ) {
        if !holds {
            self.0.push(Finding {
                rule,
                clause,
                detail: detail(),
            });
        }
    }
}

/// Judges a prepared certificate by its profile and its issuer; without a finding it may be signed.
pub fn lint(
    prepared: Prepared,
    profile: &Profile,
    issuer: &Issuer,
) -> Result<Linted, Vec<Finding>> {
    let mut findings = Findings::default();
    findings.require(
        prepared.profile == profile.hash(),
        "profile_of_preparation",
        "ca/profiles",
        || "prepared by another profile, or the profile was changed since".to_owned(),
    );
    let tbs = judge(&prepared.tbs, profile, &mut findings);
    if let Some(tbs) = &tbs {
        under_issuer(tbs, profile, issuer, &mut findings);
    }
    if !findings.0.is_empty() {
        return Err(findings.0);
    }
    Ok(Linted {
        tbs: prepared.tbs,
        algorithm: issuer.algorithm(),
        issuer_spki: issuer.spki().to_vec(),
        profile: prepared.profile,
    })
}

/// Judges a to-be-signed certificate from outside by a profile alone: what the holder of the issuer's key asks before it signs.
pub fn fits_profile(tbs: &[u8], profile: &Profile) -> Result<TbsFacts, Vec<Finding>> {
    let mut findings = Findings::default();
    let tbs = judge(tbs, profile, &mut findings);
    match tbs {
        Some(tbs) if findings.0.is_empty() => Ok(TbsFacts {
            subject: tbs.subject,
            issuer: tbs.issuer_raw,
            issuer_key_id: tbs.extensions.authority_key_id,
            serial: tbs.serial,
            spki: tbs.spki,
            not_before: tbs.not_before,
            not_after: tbs.not_after,
            alternative_names: tbs.extensions.alternative_names,
            is_ca: tbs.extensions.is_ca,
            algorithm: tbs.algorithm,
        }),
        _ => Err(findings.0),
    }
}

/// The same, and by its issuer: what the signer asks when it knows the CA's certificate.
pub fn fits_profile_under(
    tbs: &[u8],
    profile: &Profile,
    issuer: &Issuer,
) -> Result<TbsFacts, Vec<Finding>> {
    let facts = fits_profile(tbs, profile)?;
    let mut findings = Findings::default();
    match Tbs::parse(tbs) {
        Ok(tbs) => under_issuer(&tbs, profile, issuer, &mut findings),
        Err(malformed) => {
            findings.require(false, "parses", "RFC 5280 §4.1", || malformed.to_string())
        }
    }
    if findings.0.is_empty() {
        Ok(facts)
    } else {
        Err(findings.0)
    }
}

fn judge(raw: &[u8], profile: &Profile, findings: &mut Findings) -> Option<Tbs> {
    let tbs = match Tbs::parse(raw) {
        Ok(tbs) => tbs,
        Err(malformed) => {
            findings.require(false, "parses", "RFC 5280 §4.1", || malformed.to_string());
            return None;
        }
    };
    second_parsers(&tbs, findings);
    findings.require(
        tbs.serial.len() >= 8 && tbs.serial_octets <= 20,
        "serial_number_of_64_to_159_bits",
        "RFC 5280 §4.1.2.2",
        || format!("{} octets", tbs.serial_octets),
    );
    validity::judge(&tbs, profile, findings);
    names::judge(&tbs, profile, findings);
    key::judge(&tbs, profile, findings);
    extensions::judge(&tbs, profile, findings);
    Some(tbs)
}

/// Two foreign parsers must read the same bytes: x509-cert, whose re-encoding must be equal, and OpenSSL.
fn second_parsers(tbs: &Tbs, findings: &mut Findings) {
    use der::{Decode as _, Encode as _};
    let again = x509_cert::TbsCertificate::from_der(&tbs.raw)
        .ok()
        .and_then(|parsed| parsed.to_der().ok());
    findings.require(
        again.as_deref() == Some(tbs.raw.as_slice()),
        "second_parser_agrees",
        "X.690 §10",
        || "x509-cert reads or writes it differently".to_owned(),
    );
    let unsigned = write::sequence(&[
        tbs.raw.clone(),
        tbs.algorithm_raw.clone(),
        write::bits(&[0]),
    ]);
    let third = openssl::x509::X509::from_der(&unsigned).and_then(|parsed| {
        Ok((
            parsed.subject_name().to_der()?,
            parsed.serial_number().to_bn()?.to_vec(),
            parsed.public_key().is_ok(),
        ))
    });
    findings.require(
        third.is_ok_and(|(subject, serial, key)| {
            subject == tbs.subject_raw && serial == tbs.serial && key
        }),
        "third_parser_agrees",
        "X.690 §10",
        || "OpenSSL reads it differently".to_owned(),
    );
}

fn under_issuer(tbs: &Tbs, profile: &Profile, issuer: &Issuer, findings: &mut Findings) {
    findings.require(
        tbs.issuer_raw == issuer.name(),
        "issuer_is_byte_equal_to_subject_of_ca",
        "RFC 5280 §7.1",
        || "the issuer's name differs in bytes".to_owned(),
    );
    findings.require(
        tbs.algorithm == issuer.algorithm(),
        "algorithm_is_the_issuers",
        "RFC 5280 §4.1.2.3",
        || format!("{:?}", tbs.algorithm),
    );
    findings.require(
        tbs.extensions.authority_key_id.as_deref() == Some(issuer.key_id()),
        "authority_key_id_is_the_issuers",
        "RFC 5280 §4.2.1.1",
        || "another key identifier".to_owned(),
    );
    findings.require(
        issuer.is_ca && issuer.signs_certificates,
        "issuer_may_issue",
        "RFC 5280 §4.2.1.3, §4.2.1.9",
        || "the issuer is not a CA that signs certificates".to_owned(),
    );
    let itself = issuer.spki() == tbs.spki && tbs.subject_raw == tbs.issuer_raw;
    findings.require(
        itself == profile.self_signed,
        "self_signed_only_as_root",
        "RFC 5280 §3.2",
        || format!("self-signed: {itself}"),
    );
    findings.require(
        profile.self_signed || issuer.spki() != tbs.spki,
        "key_is_not_the_issuers",
        "RFC 5280 §3.2",
        || "the subject's key is the issuer's".to_owned(),
    );
    findings.require(
        !tbs.extensions.is_ca || itself || issuer.path_length != Some(0),
        "path_length_of_issuer",
        "RFC 5280 §4.2.1.9",
        || "the issuer may not issue to CAs".to_owned(),
    );
    validity::within_issuer(tbs, issuer, findings);
    names::permitted(tbs, issuer, findings);
}
