//! Signed mail from outside: `openssl cms` judges what we sign, we judge what it signs, and attacks by their names in the field.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod world;

use pki::crl::{Entry, Reason};
use pki::issue::Issuer;
use pki::path::PathProblem;
use pki::signing::Signer as _;
use proptest::prelude::*;
use smime::mime::MimeError;
use smime::verify::{AddressProblem, TrustProblem, WholeProblem};
use world::{ADDRESS, DAY, NOW, PLAIN, World, issued, name};

fn replaced(mail: &[u8], from: &str, to: &str) -> Vec<u8> {
    let place = mail
        .windows(from.len())
        .position(|window| window == from.as_bytes())
        .unwrap_or_else(|| panic!("{from} is not in the mail"));
    [&mail[..place], to.as_bytes(), &mail[place + from.len()..]].concat()
}

#[test]
fn openssl_and_we_accept_the_signed_mail() {
    let world = World::new();
    let mail = world.sign(PLAIN);
    assert!(world.openssl_accepts(&mail));
    let text = String::from_utf8(world.desk.get("out")).unwrap();
    assert!(
        text.contains("Quy=E1=BA=BFt =C4=91=E1=BB=8Bnh 118."),
        "{text}"
    );
    let report = world.judge(&mail);
    assert!(report.signed);
    assert_eq!(report.whole, Ok(()));
    assert_eq!(report.trusted, Ok("Gốc của tỉnh".into()));
    assert_eq!(report.address, Ok(ADDRESS.into()));
    assert_eq!(report.signing_time, Some(NOW));
    assert_eq!(report.signer, Some(world.mailbox.clone()));
}

#[test]
fn outer_fields_are_byte_for_byte_those_of_the_author() {
    let world = World::new();
    let mail = String::from_utf8(world.sign(PLAIN)).unwrap();
    let head = PLAIN.split("MIME-Version").next().unwrap();
    assert!(mail.starts_with(head), "{mail}");
    assert_eq!(mail.matches("MIME-Version").count(), 1);
    assert!(mail.contains("micalg=sha-256"));
    assert!(mail.contains("protocol=\"application/pkcs7-signature\""));
}

#[test]
fn multipart_mail_with_an_attachment_is_signed_as_it_is() {
    let world = World::new();
    let mixed = "From: chutich@binhdinh.example.com\r\nContent-Type: multipart/mixed; boundary=\"inner\"\r\nMIME-Version: 1.0\r\n\r\n--inner\r\nContent-Type: text/plain\r\n\r\nText  with trailing space \r\n--inner\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0x\r\n--inner--\r\n\r\n\r\n";
    let mail = world.sign(mixed);
    assert!(world.openssl_accepts(&mail));
    assert_eq!(world.judge(&mail).whole, Ok(()));
}

#[test]
fn every_changed_byte_of_the_signed_part_is_found_by_us_and_by_openssl() {
    let world = World::new();
    let mail = world.sign(PLAIN);
    let start = mail
        .windows(13)
        .position(|window| window == b"--antin-118\r\n")
        .unwrap()
        + 13;
    let length = mail[start..]
        .windows(13)
        .position(|window| window == b"\r\n--antin-118")
        .unwrap();
    for place in start..start + length {
        let mut changed = mail.clone();
        changed[place] ^= 1;
        assert!(world.judge(&changed).whole.is_err(), "octet {place}");
    }
    for place in [start, start + length / 2, start + length - 1] {
        let mut changed = mail.clone();
        changed[place] ^= 1;
        assert!(!world.openssl_accepts(&changed), "octet {place}");
    }
}

#[test]
fn mail_signed_by_openssl_with_and_without_streaming_is_whole_here() {
    let world = World::new();
    world
        .desk
        .put("inner", b"Content-Type: text/plain\r\n\r\nCong van 12\r\n");
    for options in ["", "-stream", "-cades", "-md sha512 -keyid"] {
        world.desk.accepts(&format!(
            "cms -sign -crlfeol {options} -in inner -signer mailbox.pem -inkey mailbox.key -certfile ca.pem -from {ADDRESS} -to a@binhdinh.example.com -subject thu -out foreign.eml"
        ));
        // As it goes over SMTP: `openssl` writes bare LF around the parts.
        let text = String::from_utf8(world.desk.get("foreign.eml")).unwrap();
        let mail = text
            .replace("\r\n", "\n")
            .replace('\n', "\r\n")
            .into_bytes();
        let report = world.judge(&mail);
        assert_eq!(report.whole, Ok(()), "{options}");
        assert!(
            report.trusted.is_ok() && report.address.is_ok(),
            "{options}"
        );
        let changed = replaced(&mail, "Cong van 12", "Cong van 13");
        assert!(world.judge(&changed).whole.is_err(), "{options}");
    }
}

#[test]
fn another_sender_in_the_outer_head_is_found() {
    let world = World::new();
    let mail = world.sign(PLAIN);
    let address = |from: &str, to: &str| world.judge(&replaced(&mail, from, to)).address;
    let old = "From: =?utf-8?B?Q2jhu6cgdOG7i2No?= <chutich@binhdinh.example.com>\r\n";
    assert_eq!(
        address(old, "From: bithu@binhdinh.example.com\r\n"),
        Err(AddressProblem::Differs)
    );
    assert_eq!(
        address(
            old,
            "From: \"chutich@binhdinh.example.com\" <x@other.example.com>\r\n"
        ),
        Err(AddressProblem::Differs),
        "a display name is not an address"
    );
    for two in [
        format!("{old}From: x@other.example.com\r\n"),
        format!("From: x@other.example.com\r\n{old}"),
        "From: x@other.example.com, chutich@binhdinh.example.com\r\n".to_owned(),
        "From: x@other.example.com (chutich@binhdinh.example.com)\r\n".to_owned(),
        "From: chutich@binhdinh.example.com <x@other.example.com>\r\n".to_owned(),
        "From: Nhom: chutich@binhdinh.example.com;\r\n".to_owned(),
        "X-From: chutich@binhdinh.example.com\r\n".to_owned(),
        "From: chutich@binhdinh.example.com\u{0}.other.example.com\r\n".to_owned(),
    ] {
        assert!(address(old, &two).is_err(), "{two}");
    }
    assert_eq!(
        address(old, "From: CHUTICH@BinhDinh.example.com\r\n"),
        Ok("CHUTICH@BinhDinh.example.com".into())
    );
}

#[test]
fn messages_that_two_programs_could_read_in_two_ways_are_not_whole() {
    let world = World::new();
    let mail = world.sign(PLAIN);
    let whole = |mail: &[u8]| world.judge(mail).whole;
    let twice = "Content-Type: text/html\r\nContent-Type: multipart/signed;";
    assert_eq!(
        whole(&replaced(&mail, "Content-Type: multipart/signed;", twice)),
        Err(WholeProblem::Mime(MimeError::Twice))
    );
    assert_eq!(
        whole(&replaced(&mail, "--antin-118--\r\n", "")),
        Err(WholeProblem::Mime(MimeError::Boundary))
    );
    for (from, to) in [
        (
            "boundary=\"antin-118\"",
            "boundary=\"antin-118\"; boundary=\"b\"",
        ),
        ("boundary=\"antin-118\"", "boundary=\"antin-11\""),
        (
            "protocol=\"application/pkcs7-signature\"",
            "protocol=\"application/pgp-signature\"",
        ),
        (
            "--antin-118\r\n",
            "--antin-118\r\n\r\nSay something else\r\n--antin-118\r\n",
        ),
        (
            "--antin-118--\r\n",
            "--antin-118\r\n\r\nOne more part\r\n--antin-118--\r\n",
        ),
        (
            "Content-Transfer-Encoding: base64",
            "Content-Transfer-Encoding: 8bit",
        ),
        (
            "Content-Type: application/pkcs7-signature;",
            "Content-Type: text/plain;",
        ),
    ] {
        assert!(whole(&replaced(&mail, from, to)).is_err(), "{to}");
    }
    for (from, to) in [
        (",\r\n\r\nQuy", ",\n\r\nQuy"),
        (",\r\n\r\nQuy", ",\r\r\n\r\nQuy"),
    ] {
        assert_eq!(
            whole(&replaced(&mail, from, to)),
            Err(WholeProblem::Mime(MimeError::BareLineEnd))
        );
    }
}

#[test]
fn a_signed_part_inside_an_unsigned_mail_does_not_make_the_mail_signed() {
    let world = World::new();
    let mail = String::from_utf8(world.sign(PLAIN)).unwrap();
    let at = mail.find("Content-Type: multipart/signed").unwrap();
    let wrapped = format!(
        "From: chutich@binhdinh.example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n{}\r\n--outer\r\n\r\nUnsigned words.\r\n--outer--\r\n",
        &mail[at..]
    );
    let report = world.judge(wrapped.as_bytes());
    assert!(!report.signed && report.whole.is_err() && report.trusted.is_err());
    let forwarded =
        format!("From: chutich@binhdinh.example.com\r\nContent-Type: message/rfc822\r\n\r\n{mail}");
    assert!(!world.judge(forwarded.as_bytes()).signed);
}

#[test]
fn a_signature_of_another_mail_does_not_fit() {
    let world = World::new();
    let one = String::from_utf8(world.sign(PLAIN)).unwrap();
    let two = String::from_utf8(world.sign(&PLAIN.replace("118", "119"))).unwrap();
    let part = |mail: &str| {
        let at = mail
            .find("Content-Type: application/pkcs7-signature")
            .unwrap();
        (mail[..at].to_owned(), mail[at..].to_owned())
    };
    let mixed = part(&one).0 + &part(&two).1;
    assert!(matches!(
        world.judge(mixed.as_bytes()).whole,
        Err(WholeProblem::Cms(_))
    ));
}

#[test]
fn wholeness_trust_and_address_are_separate_answers() {
    let world = World::new();
    let mail = world.sign(PLAIN);
    let stranger = World::new();
    let report = stranger.judge(&mail);
    assert_eq!(report.whole, Ok(()));
    assert_eq!(report.address, Ok(ADDRESS.into()));
    assert!(matches!(
        report.trusted,
        Err(TrustProblem::Path(PathProblem::NoPath { .. }))
    ));
    let late = world.judge_with(&mail, &[], NOW + 400 * DAY);
    assert_eq!(late.whole, Ok(()));
    assert!(matches!(
        late.trusted,
        Err(TrustProblem::Path(PathProblem::Expired { .. }))
    ));
    let list = world.list(&[Entry {
        serial: world.mailbox.serial().to_vec(),
        revoked_at: NOW - 1000,
        reason: Some(Reason::CessationOfOperation),
    }]);
    let revoked = world.judge_with(&mail, &[list], NOW);
    assert!(matches!(
        revoked.trusted,
        Err(TrustProblem::Path(PathProblem::Revoked { .. }))
    ));
    assert_eq!((revoked.whole, revoked.address.is_ok()), (Ok(()), true));
}

#[test]
fn a_certificate_that_is_not_for_mail_is_not_trusted_on_mail() {
    let mut world = World::new();
    let issuer = Issuer::of(&world.issuing).unwrap();
    world.mailbox = issued(
        "tsa",
        &issuer,
        &world.issuing_key,
        name("TSA"),
        world.mailbox_key.spki(),
        &[],
        9,
    );
    let report = world.judge(&world.sign(PLAIN));
    assert_eq!(report.whole, Ok(()));
    assert!(matches!(
        report.trusted,
        Err(TrustProblem::Path(PathProblem::WrongUsage { .. }))
    ));
    assert_eq!(report.address, Err(AddressProblem::Differs));
    assert!(world.root_key.spki() != world.mailbox_key.spki());
}

#[test]
fn bombs_cost_little() {
    let world = World::new();
    let started = std::time::Instant::now();
    let parts = "--b\r\n\r\nx\r\n".repeat(100_000);
    let many = format!(
        "From: a@example.com\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\r\n\r\n{parts}--b--\r\n"
    );
    assert!(world.judge(many.as_bytes()).whole.is_err());
    let fields = "X: 1\r\n".repeat(100_000);
    assert!(
        world
            .judge(format!("{fields}\r\n").as_bytes())
            .whole
            .is_err()
    );
    let line = format!("From: {}\r\n\r\n", "(".repeat(1_000_000));
    assert!(world.judge(line.as_bytes()).whole.is_err());
    assert!(started.elapsed() < std::time::Duration::from_secs(2));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn no_mutation_panics_and_none_is_whole_with_other_words(
        places in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6),
    ) {
        static WORLD: std::sync::OnceLock<(World, Vec<u8>)> = std::sync::OnceLock::new();
        let (world, mail) = WORLD.get_or_init(|| {
            let world = World::new();
            let mail = world.sign(PLAIN);
            (world, mail)
        });
        let mut changed = mail.clone();
        for (place, value) in &places {
            let place = usize::from(*place) % changed.len();
            changed[place] = *value;
        }
        if world.judge(&changed).whole.is_ok() {
            let words = PLAIN.split("\r\n\r\n").nth(1).unwrap();
            prop_assert!(changed.windows(words.len()).any(|window| window == words.as_bytes()));
        }
    }
}
