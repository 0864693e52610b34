//! A hostile web process offers certificates, lists and answers that the signer must not sign: it gets nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use pki::certificate::Certificate;
use pki::issue::Issuer;
use pki::ocsp::{CertId, Single, Status};
use pki::signing::{OpensslSigner, Signer as _};
use signer::domain::{Algorithm, Purpose, RefusalCode as Code};
use support::Running;
use support::hierarchy::{ADDRESS, Hierarchy, certificate};
use support::office::{DAY, email, fresh_key, name, person_name, tbs};

#[tokio::test]
async fn a_tbs_outside_its_profile_is_refused() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let client = &running.client;
    let issuer = Issuer::of(&certificate(&ours.issuing)).unwrap();
    let key = OpensslSigner::with_default(fresh_key()).unwrap();
    let now = running.now();
    let try_tbs = |profile: &'static str, bytes: Vec<u8>, expected| {
        let attempt = client.sign_certificate(&ours.issuing.key, profile, bytes);
        running.refuses(attempt, expected)
    };
    let good = tbs(
        "mailbox",
        &issuer,
        name("A"),
        email(ADDRESS),
        key.spki(),
        now,
        89,
    );
    // Another profile than it was made for, an unknown one, one of the Government's.
    try_tbs("tls", good.clone(), Code::ProfileMismatch).await;
    try_tbs("whatever", good.clone(), Code::UnknownProfile).await;
    let person = tbs(
        "person",
        &issuer,
        person_name(),
        email("an@binhdinh.example"),
        key.spki(),
        now,
        89,
    );
    try_tbs("person", person, Code::ProfileMismatch).await;
    // Too long, backdated, in the future.
    let long = tbs(
        "mailbox",
        &issuer,
        name("A"),
        email(ADDRESS),
        key.spki(),
        now,
        500,
    );
    try_tbs("mailbox", long, Code::ProfileMismatch).await;
    let old = tbs(
        "mailbox",
        &issuer,
        name("A"),
        email(ADDRESS),
        key.spki(),
        now - 30 * DAY,
        60,
    );
    try_tbs("mailbox", old, Code::Clock).await;
    // No address; a short serial number; rubbish; one changed byte anywhere.
    let nameless = tbs("mailbox", &issuer, name("A"), vec![], key.spki(), now, 89);
    try_tbs("mailbox", nameless, Code::ProfileMismatch).await;
    try_tbs(
        "mailbox",
        b"not a certificate".to_vec(),
        Code::ProfileMismatch,
    )
    .await;
    let mut trailing = good;
    trailing.push(0);
    try_tbs("mailbox", trailing, Code::ProfileMismatch).await;
}

#[tokio::test]
async fn a_ca_certificate_under_a_leaf_profile_is_refused() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let issuer = Issuer::of(&certificate(&ours.issuing)).unwrap();
    let key = OpensslSigner::with_default(fresh_key()).unwrap();
    let bytes = tbs(
        "issuing",
        &issuer,
        name("Sub"),
        vec![],
        key.spki(),
        running.now(),
        89,
    );
    for profile in ["mailbox", "tls", "ocsp", "tsa", "issuing"] {
        let attempt = running
            .client
            .sign_certificate(&ours.issuing.key, profile, bytes.clone());
        running.refuses(attempt, Code::ProfileMismatch).await;
    }
    // A sub-CA of the root for a key that is not the signer's.
    let issuer = Issuer::of(&certificate(&ours.root)).unwrap();
    let bytes = tbs(
        "issuing",
        &issuer,
        name("Sub"),
        vec![],
        key.spki(),
        running.now(),
        89,
    );
    let attempt = running
        .client
        .sign_certificate(&ours.root.key, "issuing", bytes);
    running.refuses(attempt, Code::ProfileMismatch).await;
}

#[tokio::test]
async fn a_responder_or_time_stamper_outside_the_signer_is_refused() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let issuer = Issuer::of(&certificate(&ours.issuing)).unwrap();
    let key = OpensslSigner::with_default(fresh_key()).unwrap();
    for profile in ["ocsp", "tsa"] {
        let bytes = tbs(
            profile,
            &issuer,
            name("X"),
            vec![],
            key.spki(),
            running.now(),
            89,
        );
        let attempt = running
            .client
            .sign_certificate(&ours.issuing.key, profile, bytes);
        running.refuses(attempt, Code::ProfileMismatch).await;
    }
    // A person's key of ours certified as a mailbox; a mailbox key for another address.
    let person = Purpose::Person {
        person: "psn_an".into(),
    };
    let person = running
        .client
        .generate_key(person, Algorithm::EcdsaP256)
        .await
        .unwrap();
    for (spki, address) in [
        (&person.public_key, ADDRESS),
        (&ours.mailbox.public_key, "chutich@binhdinh.example"),
    ] {
        let bytes = tbs(
            "mailbox",
            &issuer,
            name("X"),
            email(address),
            spki,
            running.now(),
            89,
        );
        let attempt = running
            .client
            .sign_certificate(&ours.issuing.key, "mailbox", bytes);
        running.refuses(attempt, Code::ProfileMismatch).await;
    }
}

#[tokio::test]
async fn another_issuers_name_or_key_is_refused() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let key = OpensslSigner::with_default(fresh_key()).unwrap();
    let client = &running.client;
    // Prepared for the issuing CA, offered to the root; and for a CA of another name with the same key.
    let issuer = Issuer::of(&certificate(&ours.issuing)).unwrap();
    let bytes = tbs(
        "mailbox",
        &issuer,
        name("A"),
        email(ADDRESS),
        key.spki(),
        running.now(),
        89,
    );
    let attempt = client.sign_certificate(&ours.root.key, "mailbox", bytes);
    running.refuses(attempt, Code::IssuerMismatch).await;
    let renamed = Issuer::itself(
        &name("Other"),
        &ours.issuing.public_key,
        pki::algorithm::SignatureAlgorithm::ECDSA_SHA256,
    )
    .unwrap();
    let bytes = tbs(
        "mailbox",
        &renamed,
        name("A"),
        email(ADDRESS),
        key.spki(),
        running.now(),
        89,
    );
    let attempt = client.sign_certificate(&ours.issuing.key, "mailbox", bytes);
    running.refuses(attempt, Code::IssuerMismatch).await;
    // Keys that are no CA.
    for wrong in [&ours.tsa, &ours.ocsp, &ours.mailbox] {
        let attempt = client.sign_certificate(&wrong.key, "mailbox", vec![]);
        running.refuses(attempt, Code::WrongPurpose).await;
    }
    let attempt = client.sign_certificate("key_unknown", "mailbox", vec![]);
    running.refuses(attempt, Code::UnknownKey).await;
}

#[tokio::test]
async fn a_ca_keeps_its_name_and_its_root() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let client = &running.client;
    // Another root of the same signer renames the issuing CA.
    let issuer = Issuer::of(&certificate(&ours.root)).unwrap();
    let renamed = tbs(
        "issuing",
        &issuer,
        name("Renamed"),
        vec![],
        &ours.issuing.public_key,
        running.now(),
        89,
    );
    let renamed = client
        .sign_certificate(&ours.root.key, "issuing", renamed)
        .await
        .unwrap();
    let attempt = client.install_certificate(&ours.issuing.key, renamed);
    running.refuses(attempt, Code::CertificateMismatch).await;
    // A certificate for the issuing CA's key from somebody else's root.
    let foreign = support::office::Authority::new("Root", running.now());
    let stolen = foreign.certify(
        "issuing",
        name("Issuing"),
        vec![],
        &ours.issuing.public_key,
        running.now(),
    );
    let attempt = client.install_certificate(&ours.issuing.key, stolen.der().to_vec());
    running.refuses(attempt, Code::CertificateMismatch).await;
}

#[tokio::test]
async fn a_list_that_does_not_grow_or_is_of_another_ca_is_refused() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let client = &running.client;
    let now = running.now();
    let list = |ca: &signer::domain::KeyInfo, number, this_update, days| {
        let issuer = Issuer::of(&certificate(ca)).unwrap();
        pki::crl::prepare_tbs(&pki::crl::List {
            issuer: &issuer,
            number,
            this_update,
            next_update: this_update + days * DAY,
            entries: &[],
        })
        .unwrap()
    };
    let key = &ours.issuing.key;
    client
        .sign_crl(key, list(&ours.issuing, 5, now, 7))
        .await
        .unwrap();
    running
        .refuses(
            client.sign_crl(key, list(&ours.issuing, 5, now, 7)),
            Code::NotMonotonic,
        )
        .await;
    running
        .refuses(
            client.sign_crl(key, list(&ours.issuing, 4, now, 7)),
            Code::NotMonotonic,
        )
        .await;
    running
        .refuses(
            client.sign_crl(key, list(&ours.root, 6, now, 7)),
            Code::IssuerMismatch,
        )
        .await;
    running
        .refuses(
            client.sign_crl(key, list(&ours.issuing, 6, now - DAY, 7)),
            Code::Clock,
        )
        .await;
    running
        .refuses(
            client.sign_crl(key, list(&ours.issuing, 6, now, 60)),
            Code::Clock,
        )
        .await;
    running
        .refuses(
            client.sign_crl(&ours.tsa.key, list(&ours.issuing, 6, now, 7)),
            Code::WrongPurpose,
        )
        .await;
    running
        .refuses(client.sign_crl(key, vec![0x30, 0]), Code::Malformed)
        .await;
}

#[tokio::test]
async fn an_ocsp_answer_about_another_issuer_or_of_another_time_is_refused() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let client = &running.client;
    let now = running.now();
    let data = |responder: &Certificate, issuer: &Certificate, at: i64, days: i64| {
        let single = Single {
            id: CertId::new(issuer, &[1, 2, 3]),
            status: Status::Good,
            this_update: at,
            next_update: Some(at + days * DAY),
        };
        pki::ocsp::response_data(responder, at, &[single], None)
    };
    let (responder, issuing, root, tsa) = (
        certificate(&ours.ocsp),
        certificate(&ours.issuing),
        certificate(&ours.root),
        certificate(&ours.tsa),
    );
    let key = &ours.ocsp.key;
    running
        .refuses(
            client.sign_ocsp(key, data(&responder, &root, now, 1)),
            Code::IssuerMismatch,
        )
        .await;
    running
        .refuses(
            client.sign_ocsp(key, data(&tsa, &issuing, now, 1)),
            Code::IssuerMismatch,
        )
        .await;
    running
        .refuses(
            client.sign_ocsp(key, data(&responder, &issuing, now - DAY, 7)),
            Code::Clock,
        )
        .await;
    running
        .refuses(
            client.sign_ocsp(key, data(&responder, &issuing, now + DAY, 1)),
            Code::Clock,
        )
        .await;
    running
        .refuses(
            client.sign_ocsp(key, data(&responder, &issuing, now, 30)),
            Code::Clock,
        )
        .await;
    running
        .refuses(
            client.sign_ocsp(&ours.issuing.key, data(&responder, &issuing, now, 1)),
            Code::WrongPurpose,
        )
        .await;
    running
        .refuses(client.sign_ocsp(key, b"rubbish".to_vec()), Code::Malformed)
        .await;
}
