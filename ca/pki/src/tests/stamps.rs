//! Time stamps.

use super::world::*;
use crate::algorithm::{Hash, Table};
use crate::asn1::write;
use crate::cms::{self, SignedAttributes};
use crate::oids;
use crate::signing::Signer as _;
use crate::timestamp::{self, Failure, Imprint, Request, Response, Token, TokenProblem, TstInfo};

fn info(request: &Request) -> TstInfo {
    TstInfo {
        policy: oids::POLICY_TIME_STAMP,
        imprint: request.imprint().clone(),
        serial: vec![0x81, 2, 3],
        at: NOW,
        accuracy_ms: Some(1500),
        nonce: request.nonce().map(<[u8]>::to_vec),
        ordering: false,
    }
}

#[test]
fn openssl_verifies_our_token_for_its_own_request_under_every_algorithm() {
    for make in [p256, p384, pss_3072] {
        let world = World::with_keys(make, None);
        let desk = Desk::new();
        desk.put("data", b"Quyet dinh 118");
        desk.certificates("root.pem", &[&world.root.certificate]);
        desk.certificates("ca.pem", &[&world.issuing.certificate]);
        for hash in ["sha256", "sha384", "sha512", "sha3-256"] {
            desk.accepts(&format!(
                "ts -query -data data -{hash} -cert -out request.tsq"
            ));
            let request = Request::parse(&desk.get("request.tsq")).unwrap();
            assert!(request.wants_certificate());
            let token = timestamp::issue(
                &info(&request),
                &world.tsa.certificate,
                &[world.issuing.certificate.der()],
                &world.tsa.signer,
            )
            .unwrap();
            desk.put("reply.tsr", &timestamp::granted(&token));
            let verify = format!(
                "ts -verify -attime {} -in reply.tsr -CAfile root.pem -untrusted ca.pem",
                attime()
            );
            let text = desk.accepts(&format!("{verify} -queryfile request.tsq"));
            assert!(text.contains("Verification: OK"), "{text}");
            desk.accepts(&format!("{verify} -data data"));
            desk.put("other", b"Quyet dinh 119");
            desk.refuses(&format!("{verify} -data other"));
            let verified = Token::parse(&token)
                .unwrap()
                .verify(b"Quyet dinh 118", &Table::built_in(), NOW)
                .unwrap();
            assert_eq!(verified.at, NOW);
            assert_eq!(verified.info.accuracy_ms, Some(1500));
            assert_eq!(verified.info.nonce.as_deref(), request.nonce());
        }
    }
}

#[test]
fn a_request_that_asks_for_no_certificate_gets_none_and_openssl_verifies_with_its_own() {
    let world = World::new();
    let desk = Desk::new();
    desk.put("data", b"x");
    desk.certificates("root.pem", &[&world.root.certificate]);
    desk.certificates(
        "known.pem",
        &[&world.tsa.certificate, &world.issuing.certificate],
    );
    desk.accepts("ts -query -data data -sha256 -out q.tsq");
    let request = Request::parse(&desk.get("q.tsq")).unwrap();
    assert!(!request.wants_certificate());
    let token = timestamp::issue_without_certificates(
        &info(&request),
        &world.tsa.certificate,
        &world.tsa.signer,
    )
    .unwrap();
    assert!(
        cms::SignedMessage::parse(&token)
            .unwrap()
            .certificates()
            .is_empty()
    );
    desk.put("r.tsr", &timestamp::granted(&token));
    desk.accepts(&format!(
        "ts -verify -attime {} -in r.tsr -queryfile q.tsq -CAfile root.pem -untrusted known.pem",
        attime()
    ));
}

#[test]
fn openssl_reads_our_query_and_our_refusals() {
    let desk = Desk::new();
    let query = timestamp::query(
        &Imprint::of(Hash::Sha256, b"x"),
        Some(&[0x91, 2, 3, 4]),
        true,
    );
    desk.put("q.tsq", &query);
    let text = desk.accepts("ts -query -in q.tsq -text");
    assert!(text.contains("Certificate required: yes"), "{text}");
    assert!(text.contains("0x91020304"), "{text}");
    for (failure, expected) in [
        (Failure::BadAlg, "unrecognized or unsupported algorithm"),
        (Failure::BadDataFormat, "wrong format"),
        (Failure::TimeNotAvailable, "time source is not available"),
        (Failure::UnacceptedPolicy, "policy is not supported"),
        (Failure::UnacceptedExtension, "extension is not supported"),
        (Failure::SystemFailure, "system failure"),
    ] {
        let der = timestamp::rejected(failure);
        desk.put("r.tsr", &der);
        let text = desk.accepts("ts -reply -in r.tsr -text");
        assert!(text.contains("Rejected"), "{text}");
        assert!(text.contains(expected), "{failure:?}: {text}");
        assert_eq!(Response::parse(&der).unwrap(), Response::Refused(2));
    }
}

#[test]
fn a_request_of_openssl_with_sha1_a_policy_or_without_nonce_is_judged_right() {
    let desk = Desk::new();
    desk.put("data", b"x");
    desk.accepts("ts -query -data data -sha1 -out a.tsq");
    let malformed = Request::parse(&desk.get("a.tsq")).unwrap_err();
    assert_eq!(Failure::of(&malformed), Failure::BadAlg);
    desk.accepts("ts -query -data data -sha256 -no_nonce -tspolicy 1.2.3.4 -out b.tsq");
    let request = Request::parse(&desk.get("b.tsq")).unwrap();
    assert_eq!(request.nonce(), None);
    assert!(!request.wants_certificate());
    assert_eq!(request.policy().unwrap().to_string(), "1.2.3.4");
}

#[test]
fn an_imprint_of_another_length_than_its_hash_is_refused() {
    let good = Imprint::of(Hash::Sha256, b"x");
    let query = timestamp::query(&good, None, false);
    assert!(Request::parse(&query).is_ok());
    let short = Imprint {
        hash: Hash::Sha512,
        ..good
    };
    assert!(Request::parse(&timestamp::query(&short, None, false)).is_err());
    assert_eq!(
        Failure::of(&Request::parse(b"\x30\x03\x02\x01\x01").unwrap_err()),
        Failure::BadDataFormat
    );
}

#[test]
fn a_token_over_other_bytes_or_by_another_certificate_is_refused() {
    let world = World::new();
    let query = timestamp::query(&Imprint::of(Hash::Sha256, b"signature"), None, true);
    let request = Request::parse(&query).unwrap();
    let table = Table::built_in();
    let make = |by: &Holder, info: &TstInfo| {
        timestamp::issue(info, &by.certificate, &[], &by.signer).unwrap()
    };
    let good = make(&world.tsa, &info(&request));
    let judge = |token: &[u8], bytes: &[u8]| {
        Token::parse(token).and_then(|token| token.verify(bytes, &table, NOW))
    };
    assert!(judge(&good, b"signature").is_ok());
    assert_eq!(judge(&good, b"other"), Err(TokenProblem::OtherBytes));
    let by_mailbox = make(&world.mailbox, &info(&request));
    assert_eq!(judge(&by_mailbox, b"signature"), Err(TokenProblem::Usage));
    let mut late = info(&request);
    late.at = NOW + 4000 * DAY;
    assert_eq!(
        judge(&make(&world.tsa, &late), b"signature"),
        Err(TokenProblem::Expired)
    );
    let plain = {
        let attributes = SignedAttributes::new(
            oids::DATA,
            Hash::Sha256,
            &Hash::Sha256.digest(b"data"),
            &world.tsa.certificate,
        );
        let signature = world.tsa.signer.sign(&attributes.to_der()).unwrap();
        cms::signed_data(
            &attributes,
            world.tsa.signer.algorithm(),
            &signature,
            &world.tsa.certificate,
            &[],
            Some(b"data"),
        )
    };
    assert_eq!(judge(&plain, b"signature"), Err(TokenProblem::Shape));
}

#[test]
fn a_time_stamp_with_fractions_of_a_second_is_read_and_never_written() {
    let query = timestamp::query(&Imprint::of(Hash::Sha256, b"x"), None, true);
    let mut info = info(&Request::parse(&query).unwrap());
    info.at = NOW + 789;
    let der = info.to_der();
    assert_eq!(TstInfo::parse(&der).unwrap().at, NOW);
    let whole = crate::asn1::time::generalized(NOW);
    let text = String::from_utf8(whole[2..].to_vec()).unwrap();
    let precise = write::tlv(0x18, text.replace('Z', ".789Z").as_bytes());
    let place = der
        .windows(whole.len())
        .position(|window| window == whole)
        .unwrap();
    let content = [
        &der[2 + usize::from(der[1] > 0x80)..place],
        &precise,
        &der[place + whole.len()..],
    ]
    .concat();
    assert_eq!(
        TstInfo::parse(&write::tlv(0x30, &content)).unwrap().at,
        NOW + 789
    );
}

#[test]
fn a_token_made_by_openssl_reads_and_verifies() {
    let world = World::new();
    let desk = Desk::new();
    desk.put("data", b"x");
    desk.certificates("tsa.pem", &[&world.tsa.certificate]);
    desk.certificates("ca.pem", &[&world.issuing.certificate]);
    let (key, certificate) = foreign_tsa(&world);
    desk.put("tsa.key", &key.private_key_to_pem_pkcs8().unwrap());
    desk.certificates("tsa.pem", &[&certificate]);
    desk.put("serial", b"01\n");
    desk.put(
        "ts.conf",
        b"[tsa]\ndefault_tsa = t\n[t]\nserial = serial\ncrypto_device = builtin\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\naccuracy = secs:1, millisecs:500\nclock_precision_digits = 3\ness_cert_id_alg = sha256\n",
    );
    desk.accepts("ts -query -data data -sha256 -cert -out q.tsq");
    desk.accepts(
        "ts -reply -config ts.conf -queryfile q.tsq -inkey tsa.key -signer tsa.pem -out r.tsr",
    );
    let Response::Granted(token) = Response::parse(&desk.get("r.tsr")).unwrap() else {
        panic!("not granted");
    };
    let verified = Token::parse(&token)
        .unwrap()
        .verify(b"x", &Table::built_in(), NOW)
        .unwrap();
    assert_eq!(verified.info.policy.to_string(), "1.2.3.4");
    assert_eq!(verified.info.accuracy_ms, Some(1500));
    assert_eq!(verified.certificate, certificate);
}

fn foreign_tsa(
    world: &World,
) -> (
    openssl::pkey::PKey<openssl::pkey::Private>,
    crate::certificate::Certificate,
) {
    let key = ec(openssl::nid::Nid::X9_62_PRIME256V1);
    let profile = crate::profile::Profile::built_in("tsa").unwrap();
    let issuer = world.issuer();
    let spki = key.public_key_to_der().unwrap();
    let mut request = asked(&profile, &issuer, name("TSA khác"), &spki, 21);
    request.not_after = NOW + 1700 * DAY;
    let certificate = sign(&request, &world.issuing.signer);
    (key, certificate)
}
