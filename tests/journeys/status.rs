//! OCSP, time stamps and lists on the status address, judged by openssl.
//! Standard: RFC 6960; RFC 3161; RFC 5280 §5

use tests::province::province;
use tests::tools::{Said, run};

fn anchor(name: &str) -> String {
    province()
        .data
        .join("anchors")
        .join(name)
        .display()
        .to_string()
}

fn ocsp(arguments: &[&str]) -> Said {
    let address = format!("{}/ocsp", province().text("/status_url"));
    let (issuer, root) = (anchor("own-issuing.pem"), anchor("own-root.pem"));
    let mut all = vec![
        "ocsp", "-issuer", &issuer, "-CAfile", &root, "-url", &address,
    ];
    all.extend(arguments);
    run("openssl", all)
}

#[test]
fn ocsp_says_good_for_an_issued_certificate_and_unknown_for_a_serial_never_issued() {
    let said = ocsp(&["-cert", &anchor("tsa.pem")]);
    assert!(said.all().contains("Response verify OK"), "{}", said.all());
    assert!(said.out.contains(": good"), "{}", said.all());
    let said = ocsp(&["-serial", "0x4123456789abcdef0123456789abcdef"]);
    assert!(said.all().contains("Response verify OK"), "{}", said.all());
    assert!(said.out.contains(": unknown"), "{}", said.all());
}

#[tokio::test]
async fn a_revoked_certificate_is_reported_within_two_seconds() {
    let certificate = anchor("to-revoke.pem");
    assert!(ocsp(&["-cert", &certificate]).out.contains(": good"));
    let mut registrar = super::day::Person::from_the_demo("registrar");
    let browser = registrar.at_the_province().await;
    let id = province().text("/certificates/to_revoke");
    let page = browser
        .open(&format!("{}/certificates/{id}", province().issuer()))
        .await
        .unwrap();
    let form = page
        .form("revoke")
        .unwrap()
        .with("reason", "keyCompromise")
        .with("note", "thử thu hồi");
    let answer = browser.submit(&form).await.unwrap();
    let revoked = std::time::Instant::now();
    assert_eq!(answer.status, 200, "{}", answer.words());
    loop {
        let said = ocsp(&["-cert", &certificate]);
        if said.out.contains(": revoked") {
            assert!(said.all().contains("Response verify OK"), "{}", said.all());
            break;
        }
        assert!(
            revoked.elapsed().as_millis() < 2_000,
            "still not revoked: {}",
            said.all()
        );
    }
    println!("revoked after {} ms", revoked.elapsed().as_millis());
}

#[tokio::test]
async fn the_time_stamp_authority_satisfies_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("data"), "văn bản cần đóng dấu thời gian").unwrap();
    run(
        "openssl",
        [
            "ts",
            "-query",
            "-data",
            &path("data"),
            "-sha256",
            "-cert",
            "-out",
            &path("query"),
        ],
    )
    .must_succeed();
    let answer = reqwest::Client::new()
        .post(format!("{}/tsa", province().text("/status_url")))
        .header("content-type", "application/timestamp-query")
        .body(std::fs::read(path("query")).unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "application/timestamp-reply"
    );
    std::fs::write(path("reply"), answer.bytes().await.unwrap()).unwrap();
    run(
        "openssl",
        [
            "ts",
            "-verify",
            "-queryfile",
            &path("query"),
            "-in",
            &path("reply"),
            "-CAfile",
            &anchor("own-root.pem"),
            "-untrusted",
            &anchor("own-issuing.pem"),
        ],
    )
    .must_succeed();
    std::fs::write(path("data"), "văn bản khác").unwrap();
    let said = run(
        "openssl",
        [
            "ts",
            "-verify",
            "-data",
            &path("data"),
            "-in",
            &path("reply"),
            "-CAfile",
            &anchor("own-root.pem"),
            "-untrusted",
            &anchor("own-issuing.pem"),
        ],
    );
    assert!(!said.success, "a stamp over other data verifies");
}

#[tokio::test]
async fn the_list_is_served_with_its_media_type_and_verifies() {
    let base = province().text("/status_url");
    let address = province()
        .text("/crl_url")
        .replace(&province().text("/status_name"), &base);
    let answer = reqwest::get(&address).await.unwrap();
    assert_eq!(answer.status(), 200, "{address}");
    assert_eq!(answer.headers()["content-type"], "application/pkix-crl");
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.crl");
    std::fs::write(&list, answer.bytes().await.unwrap()).unwrap();
    let said = run(
        "openssl",
        [
            "crl",
            "-inform",
            "DER",
            "-in",
            list.to_str().unwrap(),
            "-noout",
            "-CAfile",
            &anchor("own-issuing.pem"),
        ],
    );
    assert!(said.all().contains("verify OK"), "{}", said.all());
}
