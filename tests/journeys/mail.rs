//! Mail judged by openssl and sent by swaks.
//! Standard: RFC 8551 §3; RFC 5321 §4.5.2; RFC 4954 §4

use tests::province::{province, read};
use tests::tools::{Said, run};

fn cms_verify(file: &std::path::Path, root: &str) -> Said {
    let root = province().data.join("anchors").join(root);
    run(
        "openssl",
        [
            "cms",
            "-verify",
            "-in",
            file.to_str().unwrap(),
            "-CAfile",
            root.to_str().unwrap(),
            "-purpose",
            "smimesign",
            "-out",
            "/dev/null",
        ],
    )
}

#[test]
fn the_delivered_mail_verifies_and_one_changed_byte_does_not() {
    let eml = province().story("7-mail.eml");
    cms_verify(&eml, "own-root.pem").must_succeed();
    let mut bytes = read(&eml);
    let needle = "Văn thư".as_bytes();
    let body = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    // The text part may be encoded: change a byte in the middle of the signed part instead.
    let at = bytes[body..]
        .windows(needle.len())
        .position(|w| w == needle)
        .map_or(body + 600, |n| body + n);
    bytes[at] ^= 1;
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("changed.eml");
    std::fs::write(&changed, bytes).unwrap();
    assert!(
        !cms_verify(&changed, "own-root.pem").success,
        "a changed mail verifies"
    );
    assert!(
        !cms_verify(&eml, "government-root.pem").success,
        "the mail verifies under a foreign root"
    );
}

#[test]
fn from_equals_the_address_in_the_certificate() {
    let eml = province().story("7-mail.eml");
    let text = String::from_utf8_lossy(&read(&eml)).into_owned();
    let from: Vec<&str> = text
        .split("\r\n\r\n")
        .next()
        .unwrap()
        .lines()
        .filter(|l| l.to_lowercase().starts_with("from:"))
        .collect();
    assert_eq!(from.len(), 1, "{from:?}");
    let folder = tempfile::tempdir().unwrap();
    let signer = folder.path().join("signer.pem");
    let root = province().data.join("anchors/own-root.pem");
    run(
        "openssl",
        [
            "cms",
            "-verify",
            "-in",
            eml.to_str().unwrap(),
            "-CAfile",
            root.to_str().unwrap(),
            "-purpose",
            "smimesign",
            "-signer",
            signer.to_str().unwrap(),
            "-out",
            "/dev/null",
        ],
    )
    .must_succeed();
    let said = run(
        "openssl",
        ["x509", "-in", signer.to_str().unwrap(), "-noout", "-email"],
    )
    .must_succeed()
    .out;
    assert_eq!(said.trim(), "vanthu@binhdinh.test");
    assert!(from[0].contains("vanthu@binhdinh.test"), "{from:?}");
}

fn swaks(extra: &[&str]) -> Said {
    let port = province().demo["ports"]["submission"].to_string();
    let mut arguments = vec![
        "--server",
        "127.0.0.1",
        "--port",
        &port,
        "--to",
        "vanthu@stc.binhdinh.test",
        "--header",
        "Subject: thu tu swaks",
        "--body",
        "kinh gui",
    ];
    arguments.extend(extra);
    run("swaks", arguments)
}

#[test]
fn swaks_submits_after_starttls_with_the_mail_password_and_nothing_less() {
    let user = province().text("/mail/username");
    let password = province().text("/mail/password");
    let from = ["--from", "vanthu@binhdinh.test"];
    let sent = swaks(
        &[
            &from[..],
            &[
                "--tls",
                "--auth",
                "PLAIN",
                "--auth-user",
                &user,
                "--auth-password",
                &password,
                "--header",
                "From: vanthu@binhdinh.test",
            ],
        ]
        .concat(),
    );
    assert!(sent.success && sent.out.contains("250 "), "{}", sent.all());
    let plain = swaks(
        &[
            &from[..],
            &[
                "--auth",
                "PLAIN",
                "--auth-user",
                &user,
                "--auth-password",
                &password,
            ],
        ]
        .concat(),
    );
    assert!(!plain.success, "AUTH without TLS: {}", plain.all());
    let without = swaks(&[&from[..], &["--tls"]].concat());
    assert!(
        !without.success && without.out.contains("530"),
        "{}",
        without.all()
    );
    let wrong = swaks(
        &[
            &from[..],
            &[
                "--tls",
                "--auth",
                "PLAIN",
                "--auth-user",
                &user,
                "--auth-password",
                "sai",
            ],
        ]
        .concat(),
    );
    assert!(
        !wrong.success && wrong.out.contains("535"),
        "{}",
        wrong.all()
    );
    let foreign = swaks(&[
        "--from",
        "chutich@binhdinh.test",
        "--tls",
        "--auth",
        "PLAIN",
        "--auth-user",
        &user,
        "--auth-password",
        &password,
    ]);
    assert!(
        !foreign.success && foreign.out.contains("55"),
        "another's address: {}",
        foreign.all()
    );
}
