//! What the signer signs, judged by the openssl program and by reading it back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use pki::certificate::Certificate;
use pki::cms::SignedMessage;
use pki::issue::Issuer;
use pki::ocsp::{CertId, Single, Status};
use signer::consent::{ConsentStatement, PinnedCredential, challenge};
use signer::journal::Event;
use signer::wire::MailboxSignature;
use std::path::{Path, PathBuf};
use support::Running;
use support::hierarchy::{ADDRESS, Hierarchy, certificate};
use support::judged;
use support::office::{DAY, Office, digest};

/// `-attime` of the test's clock, in seconds.
fn at() -> String {
    (support::START / 1000 + 60).to_string()
}

fn put(directory: &Path, name: &str, bytes: &[u8]) -> String {
    let path: PathBuf = directory.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn pem(directory: &Path, name: &str, certificate: &Certificate) -> String {
    put(
        directory,
        name,
        pki::pem::encode("CERTIFICATE", certificate.der()).as_bytes(),
    )
}

#[tokio::test]
async fn a_persons_signature_and_a_seal_verify_and_say_capacity_and_consent() {
    let mut office = Office::open().await;
    let scratch = tempfile::tempdir().unwrap();
    let d = scratch.path();
    let (paper, numbered) = (b"revision one".as_slice(), b"revision two".as_slice());
    let anchor = pem(d, "anchor.pem", &office.government.certificate);
    let verify = |cms: &[u8], content: &[u8]| {
        let cms = put(d, "cms.der", cms);
        let content = put(d, "content", content);
        judged(
            "openssl",
            &[
                "cms",
                "-verify",
                "-binary",
                "-inform",
                "DER",
                "-in",
                &cms,
                "-content",
                &content,
                "-CAfile",
                &anchor,
                "-purpose",
                "any",
                "-attime",
                &at(),
                "-cades",
                "-out",
                "/dev/null",
            ],
        )
    };
    let cms = office.signed(paper).await;
    verify(&cms, paper);
    let statement = office.seal_statement(numbered, paper).await;
    let request = office.seal_request(&statement, numbered, &cms);
    let seal = office.running.client.sign_seal(request).await.unwrap();
    verify(&seal, numbered);

    let message = SignedMessage::parse(&cms).unwrap();
    let result = message
        .verify(
            0,
            &digest(paper).value,
            &pki::algorithm::Table::built_in(),
            office.running.now(),
        )
        .unwrap();
    let capacity = result.capacity.unwrap();
    assert_eq!(capacity.capacity, "TM.+KT.");
    assert_eq!(
        (capacity.post.as_str(), capacity.decision.as_str()),
        ("pst_pct", "dec_1")
    );
    assert_eq!(capacity.basis, ["apt_1", "asg_1"]);
    assert_eq!(result.signing_time, None);
    let consent = result.consent.unwrap();
    let said = ConsentStatement::parse(&consent.statement).unwrap();
    assert_eq!(said.contents[0].digest, digest(paper).value);
    let client: serde_json::Value = serde_json::from_slice(&consent.client_data_json).unwrap();
    assert_eq!(
        client["challenge"],
        signer::domain::Bytes(challenge(&consent.statement).to_vec()).encoded()
    );
    let pinned: PinnedCredential = serde_json::from_slice(&consent.binding).unwrap();
    assert_eq!(pinned.binding.person, "psn_an");
    assert_eq!(pinned.binding.public_key.0, consent.credential_key);
    let events = office.running.events().await;
    let uses = events
        .iter()
        .filter(|e| matches!(e, Event::ConsentSigned { .. }))
        .count();
    assert_eq!(uses, 2);
}

#[tokio::test]
async fn certificates_and_lists_verify_as_a_chain() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let scratch = tempfile::tempdir().unwrap();
    let d = scratch.path();
    let root = pem(d, "root.pem", &certificate(&ours.root));
    let issuing = pem(d, "issuing.pem", &certificate(&ours.issuing));
    for (info, purpose) in [
        (&ours.mailbox, "smimesign"),
        (&ours.tsa, "timestampsign"),
        (&ours.ocsp, "ocsphelper"),
    ] {
        let leaf = pem(d, "leaf.pem", &certificate(info));
        judged(
            "openssl",
            &[
                "verify",
                "-x509_strict",
                "-attime",
                &at(),
                "-purpose",
                purpose,
                "-CAfile",
                &root,
                "-untrusted",
                &issuing,
                &leaf,
            ],
        );
    }
    let issuer = Issuer::of(&certificate(&ours.issuing)).unwrap();
    let entry = pki::crl::Entry {
        serial: vec![0x41, 2, 3, 4, 5, 6, 7, 8],
        revoked_at: running.now(),
        reason: None,
    };
    let tbs = pki::crl::prepare_tbs(&pki::crl::List {
        issuer: &issuer,
        number: 1,
        this_update: running.now(),
        next_update: running.now() + 7 * DAY,
        entries: &[entry],
    })
    .unwrap();
    let crl = running
        .client
        .sign_crl(&ours.issuing.key, tbs)
        .await
        .unwrap();
    let crl = put(d, "list.crl", &crl);
    let said = judged(
        "openssl",
        &[
            "crl", "-inform", "DER", "-in", &crl, "-CAfile", &issuing, "-noout", "-text",
        ],
    );
    assert!(
        said.contains("verify OK") && said.contains("4102030405060708"),
        "{said}"
    );
}

#[tokio::test]
async fn an_ocsp_response_verifies() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let scratch = tempfile::tempdir().unwrap();
    let d = scratch.path();
    let (issuing, mailbox) = (certificate(&ours.issuing), certificate(&ours.mailbox));
    let now = running.now();
    let single = Single {
        id: CertId::new(&issuing, mailbox.serial()),
        status: Status::Good,
        this_update: now,
        next_update: Some(now + DAY),
    };
    let data = pki::ocsp::response_data(&certificate(&ours.ocsp), now, &[single], None);
    let response = running
        .client
        .sign_ocsp(&ours.ocsp.key, data)
        .await
        .unwrap();
    let response = put(d, "response.der", &response);
    let root = pem(d, "root.pem", &certificate(&ours.root));
    let issuer = pem(d, "issuing.pem", &issuing);
    let leaf = pem(d, "leaf.pem", &mailbox);
    // openssl checks thisUpdate against today: the status line is judged, its age is not.
    let said = judged(
        "openssl",
        &[
            "ocsp",
            "-respin",
            &response,
            "-issuer",
            &issuer,
            "-cert",
            &leaf,
            "-CAfile",
            &root,
            "-verify_other",
            &issuer,
            "-no_nonce",
            "-attime",
            &at(),
            "-validity_period",
            "999999999",
        ],
    );
    assert!(
        said.contains("Response verify OK") && said.contains("leaf.pem: good"),
        "{said}"
    );
}

#[tokio::test]
async fn a_time_stamp_verifies() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let scratch = tempfile::tempdir().unwrap();
    let d = scratch.path();
    let data = b"what is stamped";
    let stamp = running
        .client
        .sign_timestamp(&ours.tsa.key, digest(data), Some(vec![0x42; 8]), None, true)
        .await
        .unwrap();
    assert_eq!(stamp.time, running.now());
    let token = put(d, "token.der", &stamp.token);
    let content = put(d, "data", data);
    let root = pem(d, "root.pem", &certificate(&ours.root));
    let issuing = pem(d, "issuing.pem", &certificate(&ours.issuing));
    let said = judged(
        "openssl",
        &[
            "ts",
            "-verify",
            "-token_in",
            "-in",
            &token,
            "-data",
            &content,
            "-CAfile",
            &root,
            "-untrusted",
            &issuing,
            "-attime",
            &at(),
        ],
    );
    assert!(said.contains("Verification: OK"), "{said}");
    // Without the certificate, when it was not asked for: it is then given by hand.
    let bare = running
        .client
        .sign_timestamp(&ours.tsa.key, digest(data), None, None, false)
        .await
        .unwrap();
    assert_ne!(stamp.serial, bare.serial);
    assert!(bare.token.len() + certificate(&ours.tsa).der().len() < stamp.token.len());
    let token = put(d, "bare.der", &bare.token);
    let chain = [&ours.issuing, &ours.tsa]
        .map(|info| pki::pem::encode("CERTIFICATE", certificate(info).der()));
    let chain = put(d, "chain.pem", chain.concat().as_bytes());
    let said = judged(
        "openssl",
        &[
            "ts",
            "-verify",
            "-token_in",
            "-in",
            &token,
            "-data",
            &content,
            "-CAfile",
            &root,
            "-untrusted",
            &chain,
            "-attime",
            &at(),
        ],
    );
    assert!(said.contains("Verification: OK"), "{said}");
}

#[tokio::test]
async fn a_mailbox_signature_verifies_and_says_it_is_a_machines() {
    let running = Running::fresh().await;
    let ours = Hierarchy::found(&running).await;
    let scratch = tempfile::tempdir().unwrap();
    let d = scratch.path();
    let mail = b"Content-Type: text/plain\r\n\r\nxin chao\r\n";
    let issuing = certificate(&ours.issuing);
    let request = MailboxSignature {
        key: ours.mailbox.key.clone(),
        digest: digest(mail),
        signing_time: running.now(),
        from: ADDRESS.to_uppercase(),
        chain: vec![issuing.der().into()],
    };
    let cms = running.client.sign_mailbox(request).await.unwrap();
    let file = put(d, "mail.p7s", &cms);
    let content = put(d, "mail", mail);
    let root = pem(d, "root.pem", &certificate(&ours.root));
    judged(
        "openssl",
        &[
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-in",
            &file,
            "-content",
            &content,
            "-CAfile",
            &root,
            "-purpose",
            "smimesign",
            "-attime",
            &at(),
            "-out",
            "/dev/null",
        ],
    );
    let message = SignedMessage::parse(&cms).unwrap();
    let result = message
        .verify(
            0,
            &digest(mail).value,
            &pki::algorithm::Table::built_in(),
            running.now(),
        )
        .unwrap();
    assert_eq!(result.signing_time, Some(running.now()));
    assert_eq!(result.capacity.unwrap().capacity, "machine");
}

#[tokio::test]
async fn a_checkpoint_is_a_signed_note_that_openssl_verifies() {
    use signer::domain::{Algorithm, Purpose};
    let running = Running::fresh().await;
    let scratch = tempfile::tempdir().unwrap();
    let d = scratch.path();
    let info = running
        .client
        .generate_key(Purpose::Log, Algorithm::Ed25519)
        .await
        .unwrap();
    let checkpoint = running
        .client
        .sign_checkpoint(&info.key, "log.binhdinh.example", 1, [7; 32], vec![])
        .await
        .unwrap();
    let (text, line) = checkpoint.note.split_once("\n\n").unwrap();
    let encoded = line
        .strip_prefix("— log.binhdinh.example ")
        .unwrap()
        .trim_end();
    let raw = data_encoding::BASE64.decode(encoded.as_bytes()).unwrap();
    let id = openssl::sha::sha256(
        &[
            b"log.binhdinh.example\n\x01".as_slice(),
            &checkpoint.public_key,
        ]
        .concat(),
    );
    assert_eq!(raw[..4], id[..4]);
    let text = put(d, "text", format!("{text}\n").as_bytes());
    let signature = put(d, "signature", &raw[4..]);
    let key = put(
        d,
        "key.pem",
        pki::pem::encode("PUBLIC KEY", &info.public_key).as_bytes(),
    );
    judged(
        "openssl",
        &[
            "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", &key, "-in", &text, "-sigfile",
            &signature,
        ],
    );
}
