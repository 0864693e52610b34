//! Rules on extensions.

use super::Findings;
use crate::asn1::write;
use crate::certificate::Tbs;
use crate::oids;
use crate::profile::{Presence, Profile};
use const_oid::ObjectIdentifier;

/// Every extension we know how to make.
const KNOWN: [ObjectIdentifier; 11] = [
    oids::AUTHORITY_KEY_IDENTIFIER,
    oids::SUBJECT_KEY_IDENTIFIER,
    oids::KEY_USAGE,
    oids::BASIC_CONSTRAINTS,
    oids::EXTENDED_KEY_USAGE,
    oids::SUBJECT_ALT_NAME,
    oids::NAME_CONSTRAINTS,
    oids::CERTIFICATE_POLICIES,
    oids::CRL_DISTRIBUTION_POINTS,
    oids::AUTHORITY_INFO_ACCESS,
    oids::OCSP_NOCHECK,
];

pub(super) fn judge(tbs: &Tbs, profile: &Profile, findings: &mut Findings) {
    let found = &tbs.extensions;
    for (oid, _, _) in &found.list {
        findings.require(
            KNOWN.contains(oid),
            "extension_is_known",
            "ca/profiles",
            || oid.to_string(),
        );
    }
    let mut constraints = Vec::new();
    if profile.ca {
        constraints.push(write::boolean(true));
        constraints.extend(profile.path_length.map(write::small));
    }
    let constraints = write::sequence(&constraints);
    findings.require(
        found.value(oids::BASIC_CONSTRAINTS) == Some(constraints.as_slice()),
        "basic_constraints_are_the_profiles",
        "RFC 5280 §4.2.1.9",
        || format!("CA: {}, path length: {:?}", found.is_ca, found.path_length),
    );
    findings.require(
        found.key_usage == Some(profile.key_usage),
        "key_usage_is_the_profiles",
        "RFC 5280 §4.2.1.3",
        || format!("{:?}", found.key_usage),
    );
    findings.require(
        found.extended_key_usage.as_deref().unwrap_or_default() == profile.extended,
        "extended_key_usage_is_the_profiles",
        "RFC 5280 §4.2.1.12",
        || format!("{:?}", found.extended_key_usage),
    );
    findings.require(
        found.policies == profile.policies,
        "policies_are_the_profiles",
        "RFC 5280 §4.2.1.4",
        || format!("{:?}", found.policies),
    );
    findings.require(
        found.ocsp_nocheck == profile.status.nocheck,
        "ocsp_nocheck_is_the_profiles",
        "RFC 6960 §4.2.2.2.1",
        || format!("{}", found.ocsp_nocheck),
    );
    criticality(tbs, profile, findings);
    locations(tbs, profile, findings);
}

fn criticality(tbs: &Tbs, profile: &Profile, findings: &mut Findings) {
    let eku = (!profile.extended.is_empty()).then_some(profile.extended_critical);
    let rules: [(ObjectIdentifier, Option<bool>); 5] = [
        (oids::KEY_USAGE, Some(true)),
        (oids::BASIC_CONSTRAINTS, Some(true)),
        (oids::EXTENDED_KEY_USAGE, eku),
        (oids::AUTHORITY_KEY_IDENTIFIER, Some(false)),
        (oids::SUBJECT_KEY_IDENTIFIER, Some(false)),
    ];
    for (oid, expected) in rules {
        let is = tbs.extensions.criticality(oid);
        findings.require(is == expected, "criticality", "RFC 5280 §4.2.1", || {
            format!("{oid}: {is:?}, not {expected:?}")
        });
    }
    for oid in [
        oids::CERTIFICATE_POLICIES,
        oids::CRL_DISTRIBUTION_POINTS,
        oids::AUTHORITY_INFO_ACCESS,
        oids::OCSP_NOCHECK,
    ] {
        findings.require(
            tbs.extensions.criticality(oid) != Some(true),
            "criticality",
            "RFC 5280 §4.2",
            || format!("{oid} is critical"),
        );
    }
    let alternative = tbs.extensions.criticality(oids::SUBJECT_ALT_NAME);
    findings.require(
        alternative.is_none_or(|critical| critical == tbs.subject.is_empty()),
        "criticality",
        "RFC 5280 §4.2.1.6",
        || "alternative names are critical only without a subject".to_owned(),
    );
    findings.require(
        tbs.extensions.criticality(oids::NAME_CONSTRAINTS) != Some(false),
        "criticality",
        "RFC 5280 §4.2.1.10",
        || "name constraints must be critical".to_owned(),
    );
}

fn locations(tbs: &Tbs, profile: &Profile, findings: &mut Findings) {
    let found = &tbs.extensions;
    let constrained = found.criticality(oids::NAME_CONSTRAINTS).is_some();
    let rules: [(&str, Presence, bool); 4] = [
        ("crl", profile.status.crl, !found.crl_urls.is_empty()),
        ("ocsp", profile.status.ocsp, !found.ocsp_urls.is_empty()),
        (
            "ca_issuers",
            profile.status.ca_issuers,
            !found.ca_issuer_urls.is_empty(),
        ),
        (
            "name_constraints",
            profile.status.name_constraints,
            constrained,
        ),
    ];
    for (name, presence, present) in rules {
        findings.require(
            presence.allows(present),
            "status_and_limits_are_the_profiles",
            "ca/profiles",
            || format!("{name}: {presence:?}, present: {present}"),
        );
    }
    let addresses = found
        .crl_urls
        .iter()
        .chain(&found.ocsp_urls)
        .chain(&found.ca_issuer_urls);
    for address in addresses {
        findings.require(
            address.starts_with("http://") && address.len() > 7,
            "status_addresses_are_plain_http",
            "RFC 5280 §4.2.1.13 (no circular checks)",
            || address.clone(),
        );
    }
}
