//! Signed messages: what openssl says of them.

use super::world::*;
use crate::algorithm::{Hash, Table};
use crate::asn1::read;
use crate::cms::{
    self, BuildError, CapacityBasis, CmsProblem, ConsentEvidence, SignedAttributes, SignedMessage,
};
use crate::oids;
use crate::signing::Signer as _;
use crate::timestamp::{self, Imprint, TokenProblem, TstInfo};

pub const CONTENT: &[u8] = "Quyết định số 118/QĐ-UBND".as_bytes();

pub fn attributes(holder: &Holder, content: &[u8]) -> SignedAttributes {
    let hash = holder.signer.algorithm().hash;
    SignedAttributes::new(oids::DATA, hash, &hash.digest(content), &holder.certificate)
}

pub fn message(world: &World, holder: &Holder, attributes: &SignedAttributes) -> Vec<u8> {
    let signature = holder.signer.sign(&attributes.to_der()).unwrap();
    cms::signed_data(
        attributes,
        holder.signer.algorithm(),
        &signature,
        &holder.certificate,
        &[world.issuing.certificate.der()],
        None,
    )
}

pub fn capacity() -> CapacityBasis {
    CapacityBasis {
        capacity: "TM.+KT.".into(),
        post: "pst_phochutich".into(),
        basis: vec!["apt_1".into(), "asg_2".into()],
        agency: "agy_ubnd".into(),
        decision: "dec_3".into(),
    }
}

fn consent() -> ConsentEvidence {
    ConsentEvidence {
        statement: b"{}".to_vec(),
        authenticator_data: vec![1; 37],
        client_data_json: b"{\"type\":\"webauthn.get\"}".to_vec(),
        signature: vec![2; 70],
        credential_key: vec![3; 91],
        binding: vec![4; 200],
    }
}

fn stamp(world: &World, cms: &[u8]) -> Vec<u8> {
    let info = TstInfo {
        policy: oids::POLICY_TIME_STAMP,
        imprint: Imprint::of(Hash::Sha256, &cms::imprint_of_signature(cms).unwrap()),
        serial: vec![9],
        at: NOW,
        accuracy_ms: Some(1000),
        nonce: None,
        ordering: false,
    };
    timestamp::issue(
        &info,
        &world.tsa.certificate,
        &[world.issuing.certificate.der()],
        &world.tsa.signer,
    )
    .unwrap()
}

pub fn judge(cms: &[u8], content: &[u8]) -> Result<cms::SignerResult, CmsProblem> {
    SignedMessage::parse(cms)?.verify_content(0, Some(content), &Table::built_in(), NOW)
}

#[test]
fn openssl_accepts_cades_signatures_of_every_algorithm_with_and_without_time_stamp() {
    for make in [p256, p384, pss_3072] {
        let world = World::with_keys(make, None);
        let desk = Desk::new();
        desk.put("content", CONTENT);
        desk.certificates("root.pem", &[&world.root.certificate]);
        let signed = attributes(&world.person, CONTENT)
            .capacity(capacity())
            .consent(consent());
        let plain = message(&world, &world.person, &signed);
        let stamped = cms::add_time_stamp(&plain, &stamp(&world, &plain)).unwrap();
        let command = format!(
            "cms -verify -cades -binary -inform DER -in m.p7s -content content -CAfile root.pem -purpose smimesign -attime {} -out out",
            attime()
        );
        for der in [&plain, &stamped] {
            desk.put("m.p7s", der);
            let text = desk.accepts(&command);
            assert!(text.contains("CAdES Verification successful"), "{text}");
            assert_eq!(desk.get("out"), CONTENT);
            desk.put("content", b"other");
            desk.refuses(&command);
            desk.put("content", CONTENT);
            let result = judge(der, CONTENT).unwrap();
            assert_eq!(result.capacity, Some(capacity()));
            assert_eq!(result.consent, Some(consent()));
            assert_eq!(result.signing_time, None);
            assert_eq!(result.certificate, world.person.certificate);
        }
        let time = judge(&stamped, CONTENT)
            .unwrap()
            .time_stamp
            .unwrap()
            .unwrap();
        assert_eq!(time.at, NOW);
        assert_eq!(time.certificate, world.tsa.certificate);
        assert!(stamped.len() < cms::estimate_size(signed.to_der().len(), 4096));
    }
}

#[test]
fn capacity_and_basis_are_readable_with_asn1parse() {
    let world = World::new();
    let desk = Desk::new();
    let signed = attributes(&world.person, CONTENT).capacity(capacity());
    desk.put("m.der", &message(&world, &world.person, &signed));
    let text = desk.accepts("asn1parse -inform DER -in m.der");
    for expected in [
        "1.3.6.1.4.1.32473.576.1",
        "TM.+KT.",
        "apt_1",
        "asg_2",
        "dec_3",
        "id-smime-aa-signingCertificateV2",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(
        !text.contains("signingTime"),
        "PAdES carries no signing time"
    );
}

#[test]
fn a_mail_signature_carries_its_signing_time_and_openssl_reads_it() {
    let world = World::new();
    let desk = Desk::new();
    let signed = attributes(&world.mailbox, CONTENT).signing_time(NOW);
    let der = message(&world, &world.mailbox, &signed);
    desk.put("m.der", &der);
    let text = desk.accepts("asn1parse -inform DER -in m.der");
    assert!(text.contains("signingTime"), "{text}");
    assert_eq!(
        judge(&der, CONTENT).unwrap().signing_time,
        Some(NOW / 1000 * 1000)
    );
}

#[test]
fn signed_attributes_read_back_to_the_same_bytes_so_that_a_signer_can_judge_them() {
    let world = World::new();
    let signed = attributes(&world.person, CONTENT)
        .capacity(capacity())
        .consent(consent())
        .signing_time(NOW);
    let der = signed.to_der();
    let again = SignedAttributes::parse(&der).unwrap();
    assert_eq!(again.to_der(), der);
    assert_eq!(again.capacity, Some(capacity()));
    assert_eq!(again.digest(), Hash::Sha256.digest(CONTENT));
    assert!(again.others().is_empty());
    assert_eq!(
        again.certificate_serial(),
        Some(world.person.certificate.serial())
    );
    assert!(
        again
            .certificate()
            .unwrap()
            .matches(&world.person.certificate)
    );
    assert!(
        !again
            .certificate()
            .unwrap()
            .matches(&world.mailbox.certificate)
    );
}

#[test]
fn adding_a_time_stamp_leaves_every_signed_byte_and_happens_once() {
    let world = World::new();
    let plain = message(&world, &world.person, &attributes(&world.person, CONTENT));
    let token = stamp(&world, &plain);
    let stamped = cms::add_time_stamp(&plain, &token).unwrap();
    let (one, two) = (
        SignedMessage::parse(&plain).unwrap(),
        SignedMessage::parse(&stamped).unwrap(),
    );
    assert_eq!(
        one.signers()[0].attributes().to_der(),
        two.signers()[0].attributes().to_der()
    );
    assert_eq!(one.signers()[0].signature(), two.signers()[0].signature());
    assert_eq!(
        cms::add_time_stamp(&stamped, &token),
        Err(BuildError::Stamped)
    );
    let other = message(&world, &world.person, &attributes(&world.person, b"other"));
    let wrong = cms::add_time_stamp(&other, &token).unwrap();
    assert_eq!(
        judge(&wrong, b"other").unwrap().time_stamp,
        Some(Err(TokenProblem::OtherBytes))
    );
}

#[test]
fn openssl_signatures_with_cades_attributes_verify_here() {
    let world = World::new();
    let desk = Desk::new();
    let key = ec(openssl::nid::Nid::X9_62_PRIME256V1);
    let profile = crate::profile::Profile::built_in("mailbox").unwrap();
    let issuer = world.issuer();
    let spki = key.public_key_to_der().unwrap();
    let mut request = asked(&profile, &issuer, name("Hộp thư"), &spki, 22);
    request.alternative_names = email("a@binhdinh.example.com");
    let certificate = sign(&request, &world.issuing.signer);
    desk.put("key.pem", &key.private_key_to_pem_pkcs8().unwrap());
    desk.certificates("cert.pem", &[&certificate]);
    desk.put("content", CONTENT);
    desk.accepts("cms -sign -cades -md sha256 -binary -in content -signer cert.pem -inkey key.pem -outform DER -out m.p7s");
    let result = judge(&desk.get("m.p7s"), CONTENT).unwrap();
    assert_eq!(result.certificate, certificate);
    assert!(result.signing_time.is_some());
    desk.accepts("cms -sign -md sha256 -binary -in content -signer cert.pem -inkey key.pem -outform DER -out n.p7s");
    assert_eq!(
        judge(&desk.get("n.p7s"), CONTENT).unwrap_err(),
        CmsProblem::CertificateUnnamed
    );
    desk.accepts("cms -sign -stream -md sha256 -binary -in content -signer cert.pem -inkey key.pem -outform DER -nodetach -out b.p7s");
    let ber = desk.get("b.p7s");
    assert!(SignedMessage::parse(&ber).is_err(), "it is BER");
    for der in [ber, desk.get("n.p7s")] {
        let message = SignedMessage::parse_foreign(&der).unwrap();
        let mail = |content: &[u8]| {
            message.verify_mail(0, &Hash::Sha256.digest(content), &Table::built_in(), NOW)
        };
        assert_eq!(mail(CONTENT).unwrap().certificate, certificate);
        assert_eq!(mail(b"other").unwrap_err(), CmsProblem::DigestDiffers);
    }
}

#[test]
fn every_single_changed_byte_of_a_message_is_noticed() {
    let world = World::new();
    let signed = attributes(&world.person, CONTENT).capacity(capacity());
    let der = message(&world, &world.person, &signed);
    let info = read::single("m", &der, 0x30).unwrap();
    assert_eq!(info.raw.len(), der.len());
    let mut survivors = Vec::new();
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 1;
        if let Ok(result) = judge(&changed, CONTENT) {
            assert_eq!(result.certificate, world.person.certificate);
            assert_eq!(result.capacity, Some(capacity()));
            survivors.push(place);
        }
    }
    let issuing = world.issuing.certificate.der();
    let start = der
        .windows(issuing.len())
        .position(|window| window == issuing)
        .unwrap();
    let outside: Vec<&usize> = survivors
        .iter()
        .filter(|place| !(start..start + issuing.len()).contains(place))
        .collect();
    assert!(
        outside.len() <= 16,
        "only the unsigned frame may change without effect: {outside:?} of {}",
        der.len()
    );
}
