//! Certificates: what openssl says of them, and what the linter refuses.

use super::world::*;
use crate::asn1::write;
use crate::certificate::{Certificate, Tbs};
use crate::issue::{AssembleError, Issuer, Locations, Prepared, Request, assemble, prepare_tbs};
use crate::lint::{fits_profile, lint};
use crate::names::{AlternativeName, Attr, DistinguishedName};
use crate::oids;
use crate::profile::Profile;
use crate::signing::Signer as _;

#[test]
fn openssl_verifies_every_certificate_for_its_purpose_with_crl_check_under_every_algorithm() {
    for make in [p256, p384, pss_3072] {
        let world = World::with_keys(make, None);
        let desk = Desk::new();
        desk.certificates("root.pem", &[&world.root.certificate]);
        desk.certificates("ca.pem", &[&world.issuing.certificate]);
        desk.put("list.der", &world.list(1, NOW - 1000, &[]));
        desk.put("root.der", &list(&world.root, 1, NOW - 1000, &[]));
        desk.accepts("crl -inform DER -in list.der -out list.pem");
        desk.accepts("crl -inform DER -in root.der -out root-list.pem");
        let lists = [desk.get("list.pem"), desk.get("root-list.pem")].concat();
        desk.put("lists.pem", &lists);
        for (holder, purpose) in [
            (&world.mailbox, "smimesign"),
            (&world.person, "smimesign"),
            (&world.tsa, "timestampsign"),
            (&world.ocsp, "ocsphelper"),
        ] {
            desk.certificates("leaf.pem", &[&holder.certificate]);
            desk.accepts(&format!(
                "verify -x509_strict -purpose {purpose} -attime {} -CAfile root.pem -untrusted ca.pem -crl_check_all -CRLfile lists.pem leaf.pem",
                attime()
            ));
        }
        desk.certificates("leaf.pem", &[&world.mailbox.certificate]);
        desk.refuses(&format!(
            "verify -purpose sslserver -attime {} -CAfile root.pem -untrusted ca.pem leaf.pem",
            attime()
        ));
    }
}

#[test]
fn openssl_prints_the_fields_as_they_were_asked_for() {
    let world = World::constrained();
    let desk = Desk::new();
    desk.certificates("a.pem", &[&world.mailbox.certificate]);
    let text = desk.accepts("x509 -in a.pem -noout -text -nameopt utf8,sep_comma_plus");
    for expected in [
        "CN=Hộp thư Chủ tịch UBND tỉnh",
        "email:chutich@binhdinh.example.com",
        "E-mail Protection",
        "URI:http://status.antin.example.com/crl/issuing.crl",
        "OCSP - URI:http://status.antin.example.com/ocsp",
        "Policy: 1.3.6.1.4.1.32473.576.3",
        "X509v3 Key Usage: critical",
        "CA:FALSE",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    desk.certificates("b.pem", &[&world.person.certificate]);
    let text = desk.accepts("x509 -in b.pem -noout -text -nameopt utf8,sep_comma_plus");
    assert!(text.contains("1.3.6.1.5.5.7.3.36"), "{text}");
    assert!(text.contains("UID=SHCC:BD-000002"), "{text}");
    desk.certificates("c.pem", &[&world.issuing.certificate]);
    let text = desk.accepts("x509 -in c.pem -noout -text");
    assert!(text.contains("email:binhdinh.example.com"), "{text}");
    assert!(text.contains("pathlen:0"), "{text}");
}

#[test]
fn what_was_signed_reads_back_as_it_was_asked_for() {
    let world = World::new();
    let certificate = &world.person.certificate;
    assert_eq!(
        certificate.subject_name().to_string(),
        "UID=SHCC:BD-000002,CN=Ngô Đức Thịnh,title=Phó Chủ tịch,O=Ủy ban nhân dân tỉnh Bình Định,C=VN"
    );
    assert_eq!(certificate.emails(), ["thinhnd@binhdinh.example.com"]);
    assert_eq!(certificate.serial(), [&[0x44][..], &[4; 15]].concat());
    assert_eq!(certificate.not_before(), NOW - 3_600_000);
    assert_eq!(certificate.issuer(), world.issuing.certificate.subject());
    assert_eq!(
        certificate.authority_key_id(),
        world.issuing.certificate.key_id()
    );
    assert!(certificate.is_valid_at(certificate.not_after() + 999));
    assert!(!certificate.is_valid_at(certificate.not_after() + 1000));
    let facts = fits_profile(certificate.tbs(), &Profile::built_in("person").unwrap()).unwrap();
    assert_eq!(facts.serial, certificate.serial());
    assert_eq!(facts.spki, world.person.signer.spki());
}

/// A change to a good mailbox request and the rule that must find it.
type Change = (&'static str, fn(&mut Request<'_>));

#[test]
fn every_bad_request_is_found_by_its_rule() {
    let table: &[Change] = &[
        ("validity_is_at_most_the_profiles", |r| {
            r.not_after = r.not_before + 398 * DAY;
        }),
        ("validity_is_not_empty", |r| r.not_after = r.not_before),
        ("does_not_outlive_its_issuer", |r| {
            r.not_before = NOW + 2900 * DAY;
            r.not_after = NOW + 3001 * DAY;
        }),
        ("required_attribute_is_there", |r| {
            r.subject = DistinguishedName::new().with(Attr::Country, "VN");
        }),
        ("fixed_attribute_has_its_value", |r| {
            r.subject = DistinguishedName::new()
                .with(Attr::Country, "LA")
                .with(Attr::Organization, "O")
                .with(Attr::CommonName, "C");
        }),
        ("attribute_is_named_by_the_profile", |r| {
            r.subject = r.subject.clone().with(Attr::EmailAddress, "a@example.com");
        }),
        ("attribute_stands_once", |r| {
            r.subject = r.subject.clone().with(Attr::CommonName, "Hai");
        }),
        ("attribute_fits_its_upper_bound", |r| {
            r.subject = r.subject.clone().with(
                Attr::OrganizationalUnit,
                "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh Bình Định",
            );
        }),
        ("no_space_at_the_ends_or_doubled", |r| {
            r.subject = r.subject.clone().with(Attr::OrganizationalUnit, "Sở Y tế ");
        }),
        ("no_control_character", |r| {
            r.subject = r.subject.clone().with(Attr::OrganizationalUnit, "Sở\0Y tế");
        }),
        ("composed_letters", |r| {
            r.subject = r
                .subject
                .clone()
                .with(Attr::OrganizationalUnit, "So\u{309} Y te\u{302}\u{301}");
        }),
        ("latin_letters_without_look_alikes", |r| {
            r.subject = r
                .subject
                .clone()
                .with(Attr::OrganizationalUnit, "Sở Y tế \u{d0}ức");
        }),
        ("latin_letters_without_look_alikes", |r| {
            r.subject = r
                .subject
                .clone()
                .with(Attr::OrganizationalUnit, "S\u{43e} Y te");
        }),
        ("no_invisible_character", |r| {
            r.subject = r
                .subject
                .clone()
                .with(Attr::OrganizationalUnit, "Sở\u{202e}Y");
        }),
        ("alternative_names_as_many_as_the_profile_says", |r| {
            r.alternative_names.clear();
        }),
        ("alternative_names_as_many_as_the_profile_says", |r| {
            r.alternative_names
                .push(AlternativeName::Dns("www.binhdinh.example.com".into()));
        }),
        ("alternative_name_stands_once", |r| {
            r.alternative_names.push(r.alternative_names[0].clone());
        }),
        ("mail_address_is_one", |r| {
            r.alternative_names = email("chutich@@binhdinh.example.com");
        }),
        ("kind_of_alternative_name_is_the_profiles", |r| {
            r.alternative_names.push(AlternativeName::Other {
                oid: oids::DATA,
                value: write::utf8("x"),
            });
        }),
        ("name_is_permitted_by_the_issuer", |r| {
            r.alternative_names
                .extend(email("chutich@other.example.com"));
        }),
        ("name_is_permitted_by_the_issuer", |r| {
            r.alternative_names
                .extend(email("a@sub.binhdinh.example.com"));
        }),
        ("status_and_limits_are_the_profiles", |r| {
            r.locations = Locations::default();
        }),
        ("status_addresses_are_plain_http", |r| {
            r.locations.crl = vec!["https://status.antin.example.com/a.crl".into()];
        }),
        ("key_is_not_the_issuers", |r| r.spki = r.issuer.spki()),
    ];
    let world = World::constrained();
    let issuer = world.issuer();
    let profile = Profile::built_in("mailbox").unwrap();
    let key = p256();
    for (rule, change) in table {
        let mut request = asked(&profile, &issuer, name("Hộp thư Sở Y tế"), key.spki(), 9);
        request.alternative_names = email("soyte@binhdinh.example.com");
        assert!(lint(prepare_tbs(&request).unwrap(), &profile, &issuer).is_ok());
        change(&mut request);
        let findings = lint(prepare_tbs(&request).unwrap(), &profile, &issuer).unwrap_err();
        assert!(
            findings.iter().any(|finding| finding.rule == *rule),
            "{rule}: {findings:?}"
        );
    }
}

#[test]
fn a_request_of_one_profile_does_not_pass_as_another_and_no_leaf_becomes_a_ca() {
    let world = World::new();
    let issuer = world.issuer();
    let all = Profile::all_built_in().unwrap();
    for holder in [&world.mailbox, &world.person, &world.tsa, &world.ocsp] {
        let fitting: Vec<&str> = all
            .iter()
            .filter(|profile| fits_profile(holder.certificate.tbs(), profile).is_ok())
            .map(Profile::name)
            .collect();
        assert_eq!(fitting.len(), 1, "{fitting:?}");
    }
    let profile = Profile::built_in("issuing").unwrap();
    let key = p256();
    let mut request = asked(&profile, &issuer, name("CA thứ hai"), key.spki(), 8);
    request.locations.ocsp.clear();
    let findings = lint(prepare_tbs(&request).unwrap(), &profile, &issuer).unwrap_err();
    assert!(
        findings
            .iter()
            .any(|finding| finding.rule == "path_length_of_issuer")
    );
    let as_ca = fits_profile(prepare_tbs(&request).unwrap().tbs(), &profile);
    assert!(
        as_ca.is_ok(),
        "only the issuer's own limit stands against it"
    );
    let mailbox = Profile::built_in("mailbox").unwrap();
    let findings = fits_profile(prepare_tbs(&request).unwrap().tbs(), &mailbox).unwrap_err();
    for rule in [
        "basic_constraints_are_the_profiles",
        "key_usage_is_the_profiles",
        "extended_key_usage_is_the_profiles",
    ] {
        assert!(findings.iter().any(|finding| finding.rule == rule));
    }
}

#[test]
fn weak_keys_are_found() {
    let world = World::new();
    let issuer = world.issuer();
    let profile = Profile::built_in("mailbox").unwrap();
    let rsa = |bits| {
        openssl::pkey::PKey::from_rsa(openssl::rsa::Rsa::generate(bits).unwrap())
            .unwrap()
            .public_key_to_der()
            .unwrap()
    };
    let p521 = ec(openssl::nid::Nid::SECP521R1)
        .public_key_to_der()
        .unwrap();
    for (spki, rule) in [
        (rsa(2048), "rsa_key_is_long_enough"),
        (p521, "kind_of_key_is_the_profiles"),
        (divisible_by_three(), "rsa_modulus_has_no_small_factor"),
    ] {
        let mut request = asked(&profile, &issuer, name("Hộp thư"), &spki, 9);
        request.alternative_names = email("a@binhdinh.example.com");
        let findings = lint(prepare_tbs(&request).unwrap(), &profile, &issuer).unwrap_err();
        assert!(
            findings.iter().any(|finding| finding.rule == rule),
            "{findings:?}"
        );
    }
    let even_exponent = {
        let mut modulus = vec![0xff; 384];
        modulus[383] = 0xfd;
        rsa_spki(&modulus, 65_538)
    };
    let mut request = asked(&profile, &issuer, name("Hộp thư"), &even_exponent, 9);
    request.alternative_names = email("a@binhdinh.example.com");
    assert!(prepare_tbs(&request).is_err());
}

fn divisible_by_three() -> Vec<u8> {
    rsa_spki(&[0xff; 384], 65_537)
}

fn rsa_spki(modulus: &[u8], exponent: u64) -> Vec<u8> {
    let key = write::sequence(&[write::integer(modulus), write::small(exponent)]);
    let algorithm = write::sequence(&[write::oid(&oids::RSA_ENCRYPTION), write::null()]);
    write::sequence(&[algorithm, write::bits(&key)])
}

#[test]
fn a_changed_profile_or_a_foreign_signature_stops_the_assembly() {
    let world = World::new();
    let issuer = world.issuer();
    let profile = Profile::built_in("mailbox").unwrap();
    let key = p256();
    let mut request = asked(&profile, &issuer, name("Hộp thư"), key.spki(), 9);
    request.alternative_names = email("a@binhdinh.example.com");
    let prepared = prepare_tbs(&request).unwrap();
    let text = include_str!("../../../profiles/mailbox.toml");
    let edited = Profile::parse(&text.replace("version = 1", "version = 2")).unwrap();
    let findings = lint(prepared.clone(), &edited, &issuer).unwrap_err();
    assert_eq!(findings[0].rule, "profile_of_preparation");
    let linted = lint(prepared, &profile, &issuer).unwrap();
    let foreign = key.sign(linted.tbs()).unwrap();
    assert!(matches!(
        assemble(linted.clone(), &foreign),
        Err(AssembleError::Signature(_))
    ));
    let other_bytes = world.issuing.signer.sign(b"other").unwrap();
    assert!(assemble(linted, &other_bytes).is_err());
}

#[test]
fn another_issuer_of_the_same_name_is_found_by_its_key_identifier() {
    let world = World::new();
    let twin = World::new();
    let profile = Profile::built_in("mailbox").unwrap();
    let key = p256();
    let issuer = world.issuer();
    let mut request = asked(&profile, &issuer, name("Hộp thư"), key.spki(), 9);
    request.alternative_names = email("a@binhdinh.example.com");
    let findings = lint(prepare_tbs(&request).unwrap(), &profile, &twin.issuer()).unwrap_err();
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["authority_key_id_is_the_issuers"]);
}

#[test]
fn to_be_signed_bytes_with_an_extra_or_doubled_extension_are_found() {
    let world = World::new();
    let profile = Profile::built_in("mailbox").unwrap();
    let good = world.mailbox.certificate.fields().clone();
    for (extra, rule) in [
        (
            crate::issue::extension(&oids::OCSP_NOCHECK, false, &write::null()),
            "ocsp_nocheck_is_the_profiles",
        ),
        (
            crate::issue::extension(&oids::DATA, false, &write::null()),
            "extension_is_known",
        ),
        (
            crate::issue::extension(&oids::KEY_USAGE, true, &write::named_bits(0x20)),
            "parses",
        ),
    ] {
        let tbs = with_extension(&good, &extra);
        let findings = fits_profile(&tbs, &profile).unwrap_err();
        assert!(
            findings.iter().any(|finding| finding.rule == rule),
            "{rule}: {findings:?}"
        );
    }
}

fn with_extension(tbs: &Tbs, extra: &[u8]) -> Vec<u8> {
    let mut extensions: Vec<Vec<u8>> = tbs
        .extensions
        .list
        .iter()
        .map(|(oid, critical, value)| crate::issue::extension(oid, *critical, value))
        .collect();
    extensions.push(extra.to_vec());
    write::sequence(&[
        write::explicit(0, &write::small(2)),
        write::integer(&tbs.serial),
        tbs.algorithm_raw.clone(),
        tbs.issuer_raw.clone(),
        tbs.validity_raw.clone(),
        tbs.subject_raw.clone(),
        tbs.spki.clone(),
        write::explicit(3, &write::sequence(&extensions)),
    ])
}

#[test]
fn a_root_is_only_made_by_itself() {
    let world = World::new();
    let profile = Profile::built_in("root").unwrap();
    let issuer = Issuer::of(&world.root.certificate).unwrap();
    let key = p256();
    let mut request = asked(&profile, &issuer, name("Gốc Ấn Tín"), key.spki(), 9);
    request.locations = Locations::default();
    let prepared: Prepared = prepare_tbs(&request).unwrap();
    let findings = lint(prepared, &profile, &issuer).unwrap_err();
    assert_eq!(findings[0].rule, "self_signed_only_as_root");
    let again = Certificate::parse(world.root.certificate.der()).unwrap();
    assert!(again.verify_issued_by(&again).is_ok());
}
