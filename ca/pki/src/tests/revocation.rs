//! Revocation lists and OCSP.

use super::world::*;
use crate::asn1::write;
use crate::crl::{self, Crl, CrlError, Entry, List, Reason};
use crate::ocsp::{
    self, CertId, OcspProblem, Refusal, Request, Response, ResponseData, Single, Status,
};
use crate::oids;
use crate::signing::Signer as _;

fn entry(serial: &[u8], ago: i64, reason: Option<Reason>) -> Entry {
    Entry {
        serial: serial.to_vec(),
        revoked_at: NOW - ago,
        reason,
    }
}

#[test]
fn openssl_reads_the_list_and_finds_the_revoked_certificate() {
    let world = World::new();
    let desk = Desk::new();
    let serial = world.mailbox.certificate.serial();
    let entries = [
        entry(serial, 5000, Some(Reason::CessationOfOperation)),
        entry(&[0xff; 19], 9000, None),
    ];
    let der = world.list(258, NOW - 1000, &entries);
    desk.put("list.der", &der);
    desk.certificates("ca.pem", &[&world.issuing.certificate]);
    desk.certificates("root.pem", &[&world.root.certificate]);
    let text = desk.accepts("crl -inform DER -in list.der -noout -text -CAfile ca.pem");
    for expected in [
        "verify OK",
        "X509v3 CRL Number",
        "258",
        "Cessation Of Operation",
        "X509v3 Authority Key Identifier",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains("Unspecified"));
    desk.accepts("crl -inform DER -in list.der -out list.pem");
    let judge = |holder: &Holder| {
        desk.certificates("leaf.pem", &[&holder.certificate]);
        desk.openssl(&format!(
            "verify -attime {} -CAfile root.pem -untrusted ca.pem -crl_check -CRLfile list.pem leaf.pem",
            attime()
        ))
    };
    let (ok, text) = judge(&world.mailbox);
    assert!(!ok && text.contains("certificate revoked"), "{text}");
    assert!(judge(&world.person).0);
    let list = Crl::parse(&der).unwrap();
    assert_eq!(list.number(), Some(258));
    assert_eq!(
        list.entry(serial).unwrap().reason,
        Some(Reason::CessationOfOperation)
    );
    assert_eq!(list.this_update(), (NOW - 1000) / 1000 * 1000);
    list.verify(&world.issuing.certificate).unwrap();
    assert!(list.verify(&World::new().issuing.certificate).is_err());
    assert!(list.verify(&world.root.certificate).is_err());
}

#[test]
fn a_list_with_bad_times_or_serial_numbers_is_not_made() {
    let world = World::new();
    let issuer = world.issuer();
    let make = |entries: &[Entry], next| {
        crl::prepare_tbs(&List {
            issuer: &issuer,
            number: 1,
            this_update: NOW,
            next_update: next,
            entries,
        })
    };
    assert_eq!(make(&[], NOW), Err(CrlError::Times));
    let next = NOW + DAY;
    assert_eq!(make(&[entry(&[0], 0, None)], next), Err(CrlError::Serial));
    assert_eq!(
        make(&[entry(&[1; 21], 0, None)], next),
        Err(CrlError::Serial)
    );
    assert_eq!(
        make(&[entry(&[7], 0, None), entry(&[0, 7], 0, None)], next),
        Err(CrlError::Serial)
    );
    assert_eq!(
        make(&[entry(&[7], -1000, None)], next),
        Err(CrlError::Future)
    );
    let tbs = make(&[], next).unwrap();
    let foreign = world.root.signer.sign(&tbs).unwrap();
    assert!(matches!(
        crl::assemble(&tbs, &issuer, &foreign),
        Err(CrlError::Signature(_))
    ));
}

#[test]
fn remove_from_crl_in_a_full_list_and_a_delta_list_are_refused() {
    let world = World::new();
    let tbs = |entry_extension: &[u8], list_extension: Option<Vec<u8>>| {
        let issuer = world.issuer();
        let one = write::sequence(&[
            write::small(77),
            crate::asn1::time::certificate_time(NOW),
            write::sequence(&[entry_extension.to_vec()]),
        ]);
        let mut all = vec![crate::issue::extension(
            &oids::CRL_NUMBER,
            false,
            &write::small(1),
        )];
        all.extend(list_extension);
        write::sequence(&[
            write::small(1),
            issuer.algorithm().to_der(),
            issuer.name().to_vec(),
            crate::asn1::time::certificate_time(NOW),
            crate::asn1::time::certificate_time(NOW + DAY),
            write::sequence(&[one]),
            write::explicit(0, &write::sequence(&all)),
        ])
    };
    let reason = |code| crate::issue::extension(&oids::CRL_REASON, false, &write::enumerated(code));
    assert!(crl::parse_tbs(&tbs(&reason(4), None)).is_ok());
    for (entry, list) in [
        (reason(8), None),
        (reason(7), None),
        (
            reason(4),
            Some(crate::issue::extension(
                &oids::DELTA_CRL_INDICATOR,
                true,
                &write::small(1),
            )),
        ),
        (
            reason(4),
            Some(crate::issue::extension(&oids::DATA, true, &write::null())),
        ),
        (
            crate::issue::extension(&oids::DATA, true, &write::null()),
            None,
        ),
    ] {
        assert!(crl::parse_tbs(&tbs(&entry, list)).is_err());
    }
}

fn respond(world: &World, by: &Holder, request: &Request, status: Status) -> Vec<u8> {
    let answers: Vec<Single> = request
        .certificates()
        .iter()
        .map(|id| Single {
            id: id.clone(),
            status: if id.matches(&world.issuing.certificate) {
                status
            } else {
                Status::Unknown
            },
            this_update: NOW,
            next_update: Some(NOW + DAY),
        })
        .collect();
    let data = ocsp::response_data(&by.certificate, NOW, &answers, request.nonce());
    ResponseData::parse(&data).unwrap();
    let signature = by.signer.sign(&data).unwrap();
    ocsp::assemble(
        &data,
        by.signer.algorithm(),
        &signature,
        &[by.certificate.der()],
    )
}

#[test]
fn openssl_accepts_good_revoked_and_unknown_with_its_own_nonce() {
    for make in [p256, p384, pss_3072] {
        let world = World::with_keys(make, None);
        let desk = Desk::new();
        desk.certificates("root.pem", &[&world.root.certificate]);
        desk.certificates("ca.pem", &[&world.issuing.certificate]);
        desk.certificates("leaf.pem", &[&world.mailbox.certificate]);
        for (options, status, expected) in [
            ("", Status::Good, "Cert Status: good"),
            ("-sha256", Status::Good, "Cert Status: good"),
            (
                "",
                Status::Revoked {
                    at: NOW - 60_000,
                    reason: Some(Reason::AffiliationChanged),
                },
                "Revocation Reason: affiliationChanged",
            ),
            ("", Status::Unknown, "Cert Status: unknown"),
        ] {
            desk.accepts(&format!(
                "ocsp {options} -issuer ca.pem -cert leaf.pem -reqout request.der"
            ));
            let request = Request::parse(&desk.get("request.der")).unwrap();
            assert!(request.nonce().is_some());
            assert!(request.certificates()[0].matches(&world.issuing.certificate));
            assert_eq!(
                request.certificates()[0].serial(),
                world.mailbox.certificate.serial()
            );
            desk.put("reply.der", &respond(&world, &world.ocsp, &request, status));
            let text = desk.accepts(&format!(
                "ocsp -issuer ca.pem -reqin request.der -respin reply.der -resp_text -CAfile root.pem -attime {} -validity_period 3153600000",
                attime()
            ));
            assert!(text.contains("Response verify OK"), "{text}");
            assert!(text.contains(expected), "{text}");
            assert!(!text.contains("WARNING"), "{text}");
        }
    }
}

#[test]
fn a_response_counts_only_from_the_issuer_or_its_delegate() {
    let world = World::new();
    let serial = world.mailbox.certificate.serial();
    let request = Request::parse(&ocsp::request(
        &world.issuing.certificate,
        serial,
        Some(b"12345678"),
    ))
    .unwrap();
    assert_eq!(request.nonce(), Some(&b"12345678"[..]));
    let issuer = &world.issuing.certificate;
    let judge = |by: &Holder| {
        Response::parse(&respond(&world, by, &request, Status::Good))
            .unwrap()
            .answer(issuer, serial, Some(b"12345678"), NOW)
            .map(|answer| answer.status)
    };
    assert_eq!(judge(&world.ocsp), Ok(Status::Good));
    assert_eq!(judge(&world.issuing), Ok(Status::Good));
    for (by, why) in [
        (&world.mailbox, "it may not sign responses"),
        (&world.tsa, "it may not sign responses"),
        (&world.root, "issued by another CA"),
        (&World::new().ocsp, "issued by another CA"),
    ] {
        assert_eq!(judge(by), Err(OcspProblem::Responder(why)));
    }
}

#[test]
fn a_response_is_refused_when_late_for_another_nonce_or_another_certificate() {
    let world = World::new();
    let issuer = &world.issuing.certificate;
    let serial = world.mailbox.certificate.serial();
    let request = Request::parse(&ocsp::request(issuer, serial, Some(b"one"))).unwrap();
    let der = respond(&world, &world.ocsp, &request, Status::Good);
    let response = Response::parse(&der).unwrap();
    let judge = |nonce, serial: &[u8], at| response.answer(issuer, serial, nonce, at).err();
    assert_eq!(judge(Some(&b"one"[..]), serial, NOW), None);
    assert_eq!(
        judge(Some(&b"two"[..]), serial, NOW),
        Some(OcspProblem::Nonce)
    );
    assert_eq!(judge(None, &[9], NOW), Some(OcspProblem::OtherCertificate));
    assert_eq!(
        judge(None, serial, NOW + 2 * DAY),
        Some(OcspProblem::NotCurrent)
    );
    assert_eq!(
        judge(None, serial, NOW - DAY),
        Some(OcspProblem::NotCurrent)
    );
    let position = der.len() / 3;
    let mut changed = der;
    changed[position] ^= 1;
    let survives = Response::parse(&changed)
        .is_ok_and(|response| response.answer(issuer, serial, None, NOW).is_ok());
    assert!(!survives);
}

#[test]
fn another_issuer_with_the_same_serial_number_is_not_meant() {
    let world = World::new();
    let other = World::new();
    let id = CertId::new(&other.issuing.certificate, &[5; 16]);
    assert!(!id.matches(&world.issuing.certificate));
    assert!(id.matches(&other.issuing.certificate));
}

#[test]
fn openssl_reads_every_refusal() {
    let desk = Desk::new();
    for (refusal, text) in [
        (Refusal::MalformedRequest, "malformedrequest"),
        (Refusal::InternalError, "internalerror"),
        (Refusal::TryLater, "trylater"),
        (Refusal::SigRequired, "sigrequired"),
        (Refusal::Unauthorized, "unauthorized"),
    ] {
        let der = ocsp::refusal(refusal);
        desk.put("reply.der", &der);
        let (_, printed) = desk.openssl("ocsp -respin reply.der -noverify -resp_text");
        assert!(printed.contains(text), "{printed}");
        assert_eq!(Response::parse(&der).unwrap().refusal(), Some(refusal));
    }
}

#[test]
fn nonces_of_no_or_more_than_128_octets_are_malformed() {
    let world = World::new();
    let make =
        |length: usize| ocsp::request(&world.issuing.certificate, &[1], Some(&vec![7; length]));
    assert!(Request::parse(&make(1)).is_ok());
    assert!(Request::parse(&make(128)).is_ok());
    assert!(Request::parse(&make(0)).is_err());
    assert!(Request::parse(&make(129)).is_err());
}
