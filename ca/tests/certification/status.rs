//! Status and time as foreign tools see them: openssl judges chain, list, status answers and time stamps.

use super::world::{REGISTRAR, World};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use ca::domain::certificate::RevocationReason;
use ca::flows::issue_mailbox::{self, MailboxOrder};
use ca::flows::{ceremony, issue_tls, revoke_certificate, sign_mailbox};
use ca::store::{certificates, revocations};
use platform::audit::Actor;
use std::path::Path;
use std::process::Command;
use tower::ServiceExt as _;

async fn ask(world: &World, request: Request<Body>) -> (StatusCode, Vec<u8>) {
    let answer = ca::status_router(world.ca.clone())
        .oneshot(request)
        .await
        .unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20)
        .await
        .unwrap();
    (status, body.to_vec())
}

async fn get(world: &World, path: &str) -> Vec<u8> {
    let (status, body) = ask(world, Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    body
}

async fn post(world: &World, path: &str, kind: &str, body: Vec<u8>) -> Vec<u8> {
    let request = Request::post(path)
        .header("content-type", kind)
        .body(Body::from(body))
        .unwrap();
    let (status, body) = ask(world, request).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    body
}

fn openssl(directory: &Path, arguments: &[&str]) -> (bool, String) {
    let done = Command::new("openssl")
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    (done.status.success(), said)
}

fn pem(directory: &Path, name: &str, label: &str, parts: &[&[u8]]) {
    let text: String = parts
        .iter()
        .map(|der| pki::pem::encode(label, der))
        .collect();
    std::fs::write(directory.join(name), text).unwrap();
}

async fn mailbox(world: &World) -> certificates::CertificateRow {
    let order = MailboxOrder {
        address: "vanthu@binhdinh.test".into(),
        display_name: "Văn thư UBND tỉnh Bình Định".into(),
        organisation: "Ủy ban nhân dân tỉnh Bình Định".into(),
        rests_on: None,
    };
    let id = issue_mailbox::run(&world.ca, &order, &Actor::System("test"))
        .await
        .unwrap();
    let again = issue_mailbox::run(&world.ca, &order, &Actor::System("test"))
        .await
        .unwrap();
    assert_eq!(id, again, "a second order finds the first");
    let mut conn = world.ca.ground.db.read().await.unwrap();
    certificates::by_id(&mut conn, &id).await.unwrap().unwrap()
}

async fn status_of(world: &World, dir: &Path, serial: &str) -> String {
    let serial = format!("0x{serial}");
    let (ok, said) = openssl(
        dir,
        &[
            "ocsp",
            "-issuer",
            "issuing.pem",
            "-sha256",
            "-serial",
            &serial,
            "-reqout",
            "req.der",
        ],
    );
    assert!(ok, "{said}");
    let request = std::fs::read(dir.join("req.der")).unwrap();
    let answer = post(world, "/ocsp", "application/ocsp-request", request).await;
    std::fs::write(dir.join("resp.der"), answer).unwrap();
    let (ok, said) = openssl(
        dir,
        &[
            "ocsp",
            "-issuer",
            "issuing.pem",
            "-sha256",
            "-serial",
            &serial,
            "-no_nonce",
            "-reqin",
            "req.der",
            "-respin",
            "resp.der",
            "-CAfile",
            "root.pem",
            "-verify_other",
            "issuing.pem",
            "-partial_chain",
        ],
    );
    assert!(ok && said.contains("Response verify OK"), "{said}");
    said
}

platform::both_engines! {
    async fn openssl_follows_chain_list_and_status_and_sees_a_revocation_at_once(db: Db) {
        let world = World::new(db).await;
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let again = ceremony::run(&world.ca, &Actor::System("test")).await.unwrap();
        let (root, issuing) = (get(&world, "/ca/root.cer").await, get(&world, "/ca/issuing.cer").await);
        assert_eq!((&again.root, &again.issuing), (&root, &issuing), "a second ceremony finds the first");
        let leaf = mailbox(&world).await;
        pem(dir, "root.pem", "CERTIFICATE", &[&root]);
        pem(dir, "issuing.pem", "CERTIFICATE", &[&issuing]);
        pem(dir, "leaf.pem", "CERTIFICATE", &[&leaf.der]);
        let lists = async || -> Vec<Vec<u8>> { vec![get(&world, "/crl/root.crl").await, get(&world, "/crl/issuing.crl").await] };
        let all = lists().await;
        pem(dir, "crl.pem", "X509 CRL", &[&all[0], &all[1]]);
        let verify = ["verify", "-x509_strict", "-purpose", "smimesign", "-crl_check_all", "-CRLfile", "crl.pem", "-CAfile", "root.pem", "-untrusted", "issuing.pem", "leaf.pem"];
        let (ok, said) = openssl(dir, &verify);
        assert!(ok, "{said}");
        assert!(status_of(&world, dir, &leaf.serial).await.contains(": good"));
        let never = "4142434445464748494a4b4c4d4e4f50";
        assert!(status_of(&world, dir, never).await.contains(": unknown"), "never issued");

        let before = std::time::Instant::now();
        let registrar = world.caller(REGISTRAR).await;
        let list = revoke_certificate::run(&world.ca, &leaf.id, RevocationReason::KeyCompromise, "thử", &registrar).await.unwrap();
        assert!(list.is_none(), "{list:?}");
        let said = status_of(&world, dir, &leaf.serial).await;
        assert!(said.contains(": revoked") && said.contains("keyCompromise"), "{said}");
        assert!(before.elapsed().as_millis() < 2000, "revoked within two seconds");
        let all = lists().await;
        pem(dir, "crl.pem", "X509 CRL", &[&all[0], &all[1]]);
        let (ok, said) = openssl(dir, &verify);
        assert!(!ok && said.contains("certificate revoked"), "{said}");
        assert!(sign_mailbox::run(&world.ca, "vanthu@binhdinh.test", &[1; 32], world.ca.now(), "vanthu@binhdinh.test").await.is_err(), "a revoked mailbox signs nothing");
    }

    async fn odd_status_questions_get_the_standards_errors(db: Db) {
        let world = World::new(db).await;
        let malformed = post(&world, "/ocsp", "application/ocsp-request", vec![0x30, 0x03, 1, 2]).await;
        assert_eq!(malformed, [0x30, 3, 0x0a, 1, 1], "malformedRequest");
        let foreign = pki::ocsp::request(&world.government.root, &[0x41; 16], None);
        let refused = post(&world, "/ocsp", "application/ocsp-request", foreign).await;
        assert_eq!(refused, [0x30, 3, 0x0a, 1, 6], "unauthorized for another issuer");
        let (status, _) = ask(&world, Request::post("/ocsp").body(Body::from(vec![1])).unwrap()).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let leaf = mailbox(&world).await;
        let issuing = pki::certificate::Certificate::parse(&get(&world, "/ca/issuing.cer").await).unwrap();
        let serial = data_encoding::HEXLOWER.decode(leaf.serial.as_bytes()).unwrap();
        let request = pki::ocsp::request(&issuing, &serial, None);
        let encoded = data_encoding::BASE64.encode(&request).replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
        let answer = get(&world, &format!("/ocsp/{encoded}")).await;
        let response = pki::ocsp::Response::parse(&answer).unwrap();
        response.verify(&issuing, world.ca.now()).unwrap();
        let (status, _) = ask(&world, Request::get("/crl/nobody.crl").body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }

    async fn openssl_accepts_our_time_stamps_and_the_numbers_of_our_lists_grow(db: Db) {
        let world = World::new(db).await;
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let (root, issuing) = (get(&world, "/ca/root.cer").await, get(&world, "/ca/issuing.cer").await);
        pem(dir, "root.pem", "CERTIFICATE", &[&root]);
        pem(dir, "issuing.pem", "CERTIFICATE", &[&issuing]);
        std::fs::write(dir.join("data"), b"ngay ky").unwrap();
        let (ok, said) = openssl(dir, &["ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query.tsq"]);
        assert!(ok, "{said}");
        let query = std::fs::read(dir.join("query.tsq")).unwrap();
        let reply = post(&world, "/tsa", "application/timestamp-query", query).await;
        std::fs::write(dir.join("reply.tsr"), reply).unwrap();
        let (ok, said) = openssl(dir, &["ts", "-verify", "-queryfile", "query.tsq", "-in", "reply.tsr", "-CAfile", "root.pem", "-untrusted", "issuing.pem"]);
        assert!(ok && said.contains("Verification: OK"), "{said}");
        let garbage = post(&world, "/tsa", "application/timestamp-query", vec![1, 2, 3]).await;
        assert!(garbage.len() < 80, "a rejection carries no token");

        let newest = async || {
            let mut conn = world.ca.ground.db.read().await.unwrap();
            revocations::newest_list(&mut conn, "issuing").await.unwrap().unwrap().number
        };
        let first = newest().await;
        ca::flows::publish_list::run(&world.ca, "issuing").await.unwrap();
        assert!(newest().await > first);
        assert!(!ca::flows::publish_list::if_due(&world.ca, "issuing").await.unwrap());
    }

    async fn a_mailbox_signs_for_its_own_address_only_and_a_listener_keeps_its_identity(db: Db) {
        let world = World::new(db).await;
        let leaf = mailbox(&world).await;
        let now = world.ca.now();
        let cms = sign_mailbox::run(&world.ca, "VanThu@binhdinh.test", &[7; 32], now, "vanthu@binhdinh.test").await.unwrap();
        let message = pki::cms::SignedMessage::parse(&cms).unwrap();
        let result = message.verify(0, &[7; 32], &pki::algorithm::Table::built_in(), now).unwrap();
        assert_eq!(result.certificate.der(), leaf.der);
        assert!(sign_mailbox::run(&world.ca, "vanthu@binhdinh.test", &[7; 32], now, "chutich@binhdinh.test").await.is_err());
        let names = ["mail.binhdinh.example", "localhost"];
        let one = issue_tls::run(&world.ca, &names, &Actor::System("test")).await.unwrap();
        let two = issue_tls::run(&world.ca, &names, &Actor::System("test")).await.unwrap();
        assert_eq!(one.chain_pem, two.chain_pem);
        assert_eq!(one.private_key_pkcs8, two.private_key_pkcs8);
        openssl::pkey::PKey::private_key_from_der(&one.private_key_pkcs8).unwrap();
    }
}
