//! Rules on subject and alternative names.

use super::Findings;
use crate::certificate::Tbs;
use crate::issue::Issuer;
use crate::names::{AlternativeName, Attr, DistinguishedName};
use crate::profile::{Count, Profile};

pub(super) fn judge(tbs: &Tbs, profile: &Profile, findings: &mut Findings) {
    let subject = &tbs.subject;
    let mut plain = DistinguishedName::new();
    for (attribute, value) in subject.attributes() {
        plain = plain.with(*attribute, value);
        letters(*attribute, value, findings);
        findings.require(
            profile.required.contains(attribute) || profile.optional.contains(attribute),
            "attribute_is_named_by_the_profile",
            "ca/profiles",
            || attribute.name(),
        );
        let once = matches!(attribute, Attr::OrganizationalUnit | Attr::UserId);
        findings.require(
            once || subject
                .attributes()
                .iter()
                .filter(|(other, _)| other == attribute)
                .count()
                == 1,
            "attribute_stands_once",
            "RFC 5280 §4.1.2.6",
            || attribute.name(),
        );
    }
    findings.require(
        plain.to_der() == tbs.subject_raw && !subject.is_multi_valued(),
        "names_are_utf8_in_single_relative_names",
        "RFC 5280 §4.1.2.4",
        || "another string type, or a relative name of several attributes".to_owned(),
    );
    for attribute in &profile.required {
        findings.require(
            subject.first(*attribute).is_some(),
            "required_attribute_is_there",
            "ca/profiles",
            || attribute.name(),
        );
    }
    for (attribute, value) in &profile.fixed {
        findings.require(
            subject.first(*attribute) == Some(value),
            "fixed_attribute_has_its_value",
            "ca/profiles",
            || format!("{} is not {value}", attribute.name()),
        );
    }
    alternative(tbs, profile, findings);
}

fn letters(attribute: Attr, value: &str, findings: &mut Findings) {
    let name = || format!("{}={value:?}", attribute.name());
    let length = value.chars().count();
    findings.require(
        (1..=attribute.upper_bound()).contains(&length),
        "attribute_fits_its_upper_bound",
        "RFC 5280 appendix A.1",
        name,
    );
    findings.require(
        value.trim() == value && !value.contains("  "),
        "no_space_at_the_ends_or_doubled",
        "RFC 4518 §2.6.1",
        name,
    );
    findings.require(
        !value.chars().any(char::is_control),
        "no_control_character",
        "RFC 4518 §2.2",
        name,
    );
    findings.require(
        !value
            .chars()
            .any(|letter| ('\u{300}'..='\u{36f}').contains(&letter)),
        "composed_letters",
        "RFC 5280 §7.1 (NFC)",
        name,
    );
    findings.require(
        value.chars().all(|letter| {
            !letter.is_alphabetic()
                || matches!(letter, '\u{0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
                    && !matches!(letter, '\u{d0}' | '\u{189}')
        }),
        "latin_letters_without_look_alikes",
        "UTS 39 §5",
        name,
    );
    findings.require(
        !value.chars().any(|letter| {
            matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        }),
        "no_invisible_character",
        "UTS 39 §5",
        name,
    );
    if matches!(attribute, Attr::Country) {
        findings.require(
            value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase()),
            "country_is_two_capital_letters",
            "RFC 5280 appendix A.1",
            name,
        );
    }
}

fn alternative(tbs: &Tbs, profile: &Profile, findings: &mut Findings) {
    let names = &tbs.extensions.alternative_names;
    let rules: [(&str, Count, usize); 4] = [
        (
            "email",
            profile.names.email,
            count(names, |n| matches!(n, AlternativeName::Email(_))),
        ),
        (
            "dns",
            profile.names.dns,
            count(names, |n| matches!(n, AlternativeName::Dns(_))),
        ),
        (
            "uri",
            profile.names.uri,
            count(names, |n| matches!(n, AlternativeName::Uri(_))),
        ),
        (
            "ip",
            profile.names.ip,
            count(names, |n| matches!(n, AlternativeName::Ip(_))),
        ),
    ];
    for (kind, allowed, found) in rules {
        findings.require(
            (allowed.min..=allowed.max).contains(&found),
            "alternative_names_as_many_as_the_profile_says",
            "ca/profiles",
            || format!("{found} of {kind}"),
        );
    }
    for (place, name) in names.iter().enumerate() {
        findings.require(
            !names.iter().skip(place + 1).any(|other| other == name),
            "alternative_name_stands_once",
            "RFC 5280 §4.2.1.6",
            || format!("{name:?}"),
        );
        match name {
            AlternativeName::Email(address) => findings.require(
                is_address(address),
                "mail_address_is_one",
                "RFC 5321 §4.1.2",
                || address.clone(),
            ),
            AlternativeName::Dns(host) => {
                findings.require(is_host(host), "host_name_is_one", "RFC 1034 §3.5", || {
                    host.clone()
                })
            }
            AlternativeName::Uri(_) | AlternativeName::Ip(_) => {}
            AlternativeName::Directory(_) | AlternativeName::Other { .. } => findings.require(
                false,
                "kind_of_alternative_name_is_the_profiles",
                "ca/profiles",
                || format!("{name:?}"),
            ),
        }
    }
}

pub(super) fn permitted(tbs: &Tbs, issuer: &Issuer, findings: &mut Findings) {
    let Some(constraints) = &issuer.permitted else {
        return;
    };
    for name in &tbs.extensions.alternative_names {
        let inside = match name {
            AlternativeName::Email(address) => constraints.permits_email(address),
            AlternativeName::Dns(host) => constraints.permits_dns(host),
            _ => true,
        };
        findings.require(
            inside,
            "name_is_permitted_by_the_issuer",
            "RFC 5280 §4.2.1.10",
            || format!("{name:?}"),
        );
    }
}

fn count(names: &[AlternativeName], kind: impl Fn(&AlternativeName) -> bool) -> usize {
    names.iter().filter(|name| kind(name)).count()
}

/// A mailbox of dot-atom form.
fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else {
        return false;
    };
    let atom = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    text.len() <= 254 && local.len() <= 64 && local.split('.').all(atom) && is_host(host)
}

/// A host name of letters, digits and inner hyphens; no wildcard.
fn is_host(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}
