//! Attacks on signed messages by their names in the field.

use super::messages::{CONTENT, attributes, judge, message};
use super::world::*;
use crate::algorithm::{Hash, SignatureAlgorithm, Table};
use crate::asn1::{constructed, write};
use crate::certificate::Certificate;
use crate::cms::{self, BuildError, CmsProblem, SignedAttributes, SignedMessage};
use crate::oids;
use crate::signing::Signer as _;

/// One Attribute.
fn attribute(oid: &const_oid::ObjectIdentifier, values: &[Vec<u8>]) -> Vec<u8> {
    write::sequence(&[write::oid(oid), write::set_of(values.to_vec())])
}

#[test]
fn bad_sets_of_attributes_are_refused() {
    let kind = attribute(&oids::CONTENT_TYPE, &[write::oid(&oids::DATA)]);
    let digest = attribute(&oids::MESSAGE_DIGEST, &[write::octets(&[1; 32])]);
    let good = write::set_of(vec![kind.clone(), digest.clone()]);
    assert!(SignedAttributes::parse(&good).is_ok());
    let other = attribute(&oids::MESSAGE_DIGEST, &[write::octets(&[2; 32])]);
    let two = attribute(
        &oids::MESSAGE_DIGEST,
        &[write::octets(&[1; 32]), write::octets(&[2; 32])],
    );
    let none = attribute(&oids::MESSAGE_DIGEST, &[]);
    let unsorted = write::tlv(0x31, &[digest.clone(), kind.clone()].concat());
    for (what, bad) in [
        ("no digest", write::set_of(vec![kind.clone()])),
        ("no content type", write::set_of(vec![digest.clone()])),
        ("empty", write::set_of(vec![])),
        (
            "digest twice",
            write::set_of(vec![kind.clone(), digest.clone(), other]),
        ),
        ("two values", write::set_of(vec![kind.clone(), two])),
        ("no value", write::set_of(vec![kind.clone(), none])),
        ("not in DER order", unsorted),
        ("a sequence", write::sequence(&[kind, digest])),
    ] {
        assert!(SignedAttributes::parse(&bad).is_err(), "{what}");
    }
}

/// A message put together by hand, so that each part can be wrong.
struct Parts {
    version: u64,
    named: Vec<u8>,
    digest: Hash,
    attributes: Option<Vec<u8>>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    certificates: Vec<Vec<u8>>,
    content_type: const_oid::ObjectIdentifier,
    more: Vec<Vec<u8>>,
}

impl Parts {
    fn of(holder: &Holder, attributes: &[u8]) -> Self {
        Self {
            version: 1,
            named: write::sequence(&[
                holder.certificate.issuer().to_vec(),
                write::integer(holder.certificate.serial()),
            ]),
            digest: Hash::Sha256,
            attributes: Some(attributes.to_vec()),
            algorithm: holder.signer.algorithm().to_der(),
            signature: holder.signer.sign(attributes).unwrap(),
            certificates: vec![holder.certificate.der().to_vec()],
            content_type: oids::DATA,
            more: Vec::new(),
        }
    }

    fn info(&self) -> Vec<u8> {
        let mut members = vec![
            write::small(self.version),
            self.named.clone(),
            self.digest.to_der(),
        ];
        members.extend(
            self.attributes
                .clone()
                .map(|raw| write::retag(constructed(0), raw)),
        );
        members.push(self.algorithm.clone());
        members.push(write::octets(&self.signature));
        write::sequence(&members)
    }

    fn message(&self) -> Vec<u8> {
        let mut infos = vec![self.info()];
        infos.extend(self.more.clone());
        let data = write::sequence(&[
            write::small(1),
            write::set_of(vec![self.digest.to_der()]),
            write::sequence(&[write::oid(&self.content_type)]),
            write::retag(constructed(0), write::set_of(self.certificates.clone())),
            write::set_of(infos),
        ]);
        write::sequence(&[write::oid(&oids::SIGNED_DATA), write::explicit(0, &data)])
    }
}

#[test]
fn attributes_cannot_be_passed_off_as_content() {
    let world = World::new();
    let signed = attributes(&world.person, CONTENT).to_der();
    let mut parts = Parts::of(&world.person, &signed);
    assert!(judge(&parts.message(), CONTENT).is_ok());
    parts.attributes = None;
    assert!(
        matches!(judge(&parts.message(), &signed), Err(CmsProblem::Malformed(m)) if m.why == "no signed attributes")
    );
}

#[test]
fn a_signature_is_bound_to_the_certificate_it_names() {
    let world = World::new();
    let signed = attributes(&world.person, CONTENT).to_der();
    let mut parts = Parts::of(&world.person, &signed);
    parts.certificates = vec![world.issuing.certificate.der().to_vec()];
    assert_eq!(
        judge(&parts.message(), CONTENT).unwrap_err(),
        CmsProblem::CertificateMissing
    );
    let twin = same_key_again(&world);
    let mut parts = Parts::of(&world.person, &signed);
    parts.named = write::sequence(&[twin.issuer().to_vec(), write::integer(twin.serial())]);
    parts.certificates = vec![twin.der().to_vec(), world.person.certificate.der().to_vec()];
    assert_eq!(
        judge(&parts.message(), CONTENT).unwrap_err(),
        CmsProblem::CertificateDiffers,
        "a second certificate for the same key is not the one that was named"
    );
    let as_mail = SignedMessage::parse(&parts.message()).unwrap().verify_mail(
        0,
        &Hash::Sha256.digest(CONTENT),
        &Table::built_in(),
        NOW,
    );
    assert_eq!(as_mail.unwrap_err(), CmsProblem::CertificateDiffers);
    let kind = attribute(&oids::CONTENT_TYPE, &[write::oid(&oids::DATA)]);
    let digest = attribute(
        &oids::MESSAGE_DIGEST,
        &[write::octets(&Hash::Sha256.digest(CONTENT))],
    );
    let unnamed = write::set_of(vec![kind, digest]);
    assert_eq!(
        judge(&Parts::of(&world.person, &unnamed).message(), CONTENT).unwrap_err(),
        CmsProblem::CertificateUnnamed
    );
}

fn same_key_again(world: &World) -> Certificate {
    let profile = crate::profile::Profile::built_in("person").unwrap();
    let issuer = world.issuer();
    let mut request = asked(
        &profile,
        &issuer,
        person_name(),
        world.person.signer.spki(),
        30,
    );
    request.alternative_names = email("thinhnd@binhdinh.example.com");
    sign(&request, &world.issuing.signer)
}

#[test]
fn a_signer_named_by_key_identifier_is_found_among_colliding_certificates() {
    let world = World::new();
    let signed = attributes(&world.person, CONTENT).to_der();
    let mut parts = Parts::of(&world.person, &signed);
    parts.version = 3;
    parts.named = write::tlv(0x80, world.person.certificate.key_id().unwrap());
    parts.certificates = vec![
        same_key_again(&world).der().to_vec(),
        world.person.certificate.der().to_vec(),
    ];
    let result = judge(&parts.message(), CONTENT).unwrap();
    assert_eq!(result.certificate, world.person.certificate);
    parts.version = 1;
    assert!(judge(&parts.message(), CONTENT).is_err());
}

#[test]
fn content_digest_and_algorithm_must_agree() {
    let world = World::new();
    let good = attributes(&world.person, CONTENT);
    let der = message(&world, &world.person, &good);
    assert_eq!(
        judge(&der, b"other").unwrap_err(),
        CmsProblem::DigestDiffers
    );
    let short = SignedMessage::parse(&der)
        .unwrap()
        .verify(0, &[], &Table::built_in(), NOW);
    assert_eq!(short.unwrap_err(), CmsProblem::DigestDiffers);
    let mut parts = Parts::of(&world.person, &good.to_der());
    parts.content_type = oids::TST_INFO;
    assert_eq!(
        judge(&parts.message(), CONTENT).unwrap_err(),
        CmsProblem::ContentTypeDiffers
    );
    let sha512 = SignedAttributes::new(
        oids::DATA,
        Hash::Sha512,
        &Hash::Sha512.digest(CONTENT),
        &world.person.certificate,
    );
    let mut parts = Parts::of(&world.person, &sha512.to_der());
    parts.digest = Hash::Sha512;
    assert_eq!(
        judge(&parts.message(), CONTENT).unwrap_err(),
        CmsProblem::AlgorithmMismatch
    );
    let mut parts = Parts::of(&world.person, &good.to_der());
    parts.algorithm = SignatureAlgorithm::PSS_SHA256.to_der();
    assert!(judge(&parts.message(), CONTENT).is_err());
}

#[test]
fn weak_hashes_and_odd_pss_parameters_are_refused() {
    let sha1_rsa = write::sequence(&[
        write::oid(&const_oid::ObjectIdentifier::new_unwrap(
            "1.2.840.113549.1.1.5",
        )),
        write::null(),
    ]);
    assert!(SignatureAlgorithm::read("a", &sha1_rsa).is_err());
    let hash = |hash: Hash| write::sequence(&[write::oid(&hash.oid()), write::null()]);
    let pss = |one: Hash, mask: Hash, salt: u64| {
        let mask = write::sequence(&[write::oid(&oids::MGF1), hash(mask)]);
        let parameters = write::sequence(&[
            write::explicit(0, &hash(one)),
            write::explicit(1, &mask),
            write::explicit(2, &write::small(salt)),
        ]);
        write::sequence(&[write::oid(&oids::RSASSA_PSS), parameters])
    };
    let read = |raw: Vec<u8>| SignatureAlgorithm::read("a", &raw);
    assert!(read(pss(Hash::Sha256, Hash::Sha256, 32)).is_ok());
    assert!(read(pss(Hash::Sha256, Hash::Sha512, 32)).is_err());
    assert!(read(pss(Hash::Sha256, Hash::Sha256, 0)).is_err());
    let defaults = write::sequence(&[
        write::oid(&oids::RSASSA_PSS),
        write::sequence::<Vec<u8>>(&[]),
    ]);
    assert!(read(defaults).is_err(), "the defaults of PSS are SHA-1");
    let null_ecdsa = write::sequence(&[write::oid(&oids::ECDSA_SHA256), write::null()]);
    assert!(read(null_ecdsa).is_err());
}

#[test]
fn of_two_signers_the_bad_one_does_not_hide_behind_the_good_one() {
    let world = World::new();
    let good = attributes(&world.person, CONTENT).to_der();
    let bad = attributes(&world.mailbox, b"other").to_der();
    let mut parts = Parts::of(&world.person, &good);
    parts.more = vec![Parts::of(&world.mailbox, &bad).info()];
    parts
        .certificates
        .push(world.mailbox.certificate.der().to_vec());
    let message = SignedMessage::parse(&parts.message()).unwrap();
    let outcomes: Vec<bool> = (0..3)
        .map(|index| {
            message
                .verify_content(index, Some(CONTENT), &Table::built_in(), NOW)
                .is_ok()
        })
        .collect();
    assert_eq!(outcomes.iter().filter(|ok| **ok).count(), 1);
    assert!(!outcomes[2], "there is no third signer");
    assert!(matches!(
        cms::imprint_of_signature(&parts.message()),
        Err(BuildError::Signers)
    ));
}
