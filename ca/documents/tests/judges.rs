//! Papers made here, judged by foreign tools and by their own bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use documents::{ComposeError, NumberError, RevisionKind, SignError, inspect};
use std::path::Path;
use std::process::Command;
use support::{paper, person_request, seal_request, story};

fn run(program: &str, arguments: &[&str], directory: &Path) -> (bool, String) {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap_or_else(|error| panic!("{program} is needed for this test: {error}"));
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn the_same_text_always_gives_the_same_bytes() {
    assert_eq!(
        documents::compose(&paper()).unwrap(),
        documents::compose(&paper()).unwrap()
    );
}

#[test]
fn extracted_text_is_vietnamese_in_composed_form() {
    use unicode_normalization::UnicodeNormalization;
    let directory = tempfile::tempdir().unwrap();
    let mut decomposed = paper();
    decomposed.subject = decomposed.subject.nfd().collect();
    let story = story();
    for (name, bytes) in [
        ("draft", documents::compose(&decomposed).unwrap()),
        ("sealed", story.sealed),
    ] {
        std::fs::write(directory.path().join("paper.pdf"), bytes).unwrap();
        let (ok, text) = run(
            "pdftotext",
            &["-layout", "paper.pdf", "-"],
            directory.path(),
        );
        assert!(ok, "{text}");
        assert_eq!(text, text.nfc().collect::<String>(), "{name}");
        for words in [
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "TỈNH BÌNH ĐỊNH",
            "Phân bổ kinh phí sửa chữa đê biển năm 2026",
            "kể từ ngày ký",
        ] {
            assert!(text.contains(words), "{name}: {words} not in {text}");
        }
        if name == "sealed" {
            for words in [
                "118",
                "ngày 04 tháng 02 năm 2026",
                "PHÓ CHỦ TỊCH",
                "Ngô Đức Thịnh",
                "MẪU",
            ] {
                assert!(text.contains(words), "{words} not in {text}");
            }
        }
    }
}

#[test]
fn all_134_vietnamese_letters_can_be_set_and_read_back() {
    let lower = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ";
    let upper: String = lower.to_uppercase();
    assert_eq!(lower.chars().count() + upper.chars().count(), 134);
    let mut text = paper();
    let spaced = |letters: &str| {
        letters
            .chars()
            .collect::<Vec<_>>()
            .chunks(20)
            .map(|c| c.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join(" ")
    };
    text.body = vec![spaced(lower), spaced(&upper)];
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("paper.pdf"),
        documents::compose(&text).unwrap(),
    )
    .unwrap();
    let (_, read) = run("pdftotext", &["paper.pdf", "-"], directory.path());
    for letter in lower.chars().chain(upper.chars()) {
        assert!(read.contains(letter), "{letter} is lost");
    }
}

#[test]
fn a_letter_the_font_lacks_is_refused_and_so_is_a_paper_of_two_pages() {
    let mut strange = paper();
    strange.subject = "漢".into();
    assert_eq!(
        documents::compose(&strange),
        Err(ComposeError::Letter('漢'))
    );
    let mut long = paper();
    long.body = vec!["Điều khoản rất dài. ".repeat(400)];
    assert_eq!(documents::compose(&long), Err(ComposeError::TooLong));
}

#[test]
fn the_whole_story_is_whole_and_its_revisions_say_what_they_did() {
    let story = story();
    let report = inspect(&story.sealed).unwrap();
    assert!(report.whole(), "{:#?}", report.findings);
    assert!(report.covers_document);
    assert_eq!(report.number.as_deref(), Some("118"));
    assert_eq!(report.date.as_deref(), Some("ngày 04 tháng 02 năm 2026"));
    let kinds: Vec<RevisionKind> = report.revisions.iter().map(|r| r.kind.clone()).collect();
    assert_eq!(
        kinds,
        [
            RevisionKind::Base,
            RevisionKind::Preparation,
            RevisionKind::Signature("person_signature".into()),
            RevisionKind::Numbering,
            RevisionKind::Signature("seal".into()),
        ]
    );
    assert_eq!(
        report.signatures[0].signing_time.as_deref(),
        Some("D:20260204151203+07'00'")
    );
    assert!(story.sealed.starts_with(&story.numbered) && story.numbered.starts_with(&story.signed));
    let numbered = inspect(&story.numbered).unwrap();
    assert!(numbered.whole() && !numbered.covers_document && !numbered.number_covered);
    assert!(report.number_covered);
    assert!(!inspect(&story.draft).unwrap().whole());
}

#[test]
fn every_step_refuses_to_be_done_twice() {
    let story = story();
    assert!(matches!(
        documents::prepare(&story.signed, &person_request()),
        Err(SignError::AlreadySigned(_))
    ));
    assert_eq!(
        documents::fill_number(&story.numbered, "119", "ngày 05"),
        Err(NumberError::AlreadyNumbered)
    );
    let unnumbered = support::sign(&story.signed, &seal_request(), &story.people.office);
    assert_eq!(
        documents::fill_number(&unnumbered, "119", "ngày 05"),
        Err(NumberError::Locked)
    );
    let prepared = documents::prepare(&story.draft, &person_request()).unwrap();
    assert!(matches!(
        documents::embed(prepared, &vec![0x30; 9000]),
        Err(SignError::ContentsTooSmall { needed: 9000, .. })
    ));
}

#[test]
fn pdfsig_finds_every_signature_valid_and_trusted_and_the_last_one_total() {
    let story = story();
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    std::fs::create_dir(at.join("nss")).unwrap();
    std::fs::write(
        at.join("root.pem"),
        story.people.root.certificate.to_pem().unwrap(),
    )
    .unwrap();
    std::fs::write(at.join("sealed.pdf"), &story.sealed).unwrap();
    assert!(run("certutil", &["-N", "-d", "sql:nss", "--empty-password"], at).0);
    let (ok, text) = run(
        "certutil",
        &[
            "-A", "-d", "sql:nss", "-n", "root", "-t", "CT,CT,CT", "-i", "root.pem",
        ],
        at,
    );
    assert!(ok, "{text}");
    let (_, text) = run("pdfsig", &["-nssdir", "nss", "sealed.pdf"], at);
    assert_eq!(text.matches("Signature is Valid.").count(), 2, "{text}");
    assert_eq!(text.matches("Certificate is Trusted.").count(), 2, "{text}");
    assert_eq!(text.matches("Total document signed").count(), 1, "{text}");
    assert_eq!(text.matches("ETSI.CAdES.detached").count(), 2, "{text}");
}

#[test]
fn openssl_verifies_each_cms_over_the_bytes_it_covers() {
    let story = story();
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    std::fs::write(
        at.join("root.pem"),
        story.people.root.certificate.to_pem().unwrap(),
    )
    .unwrap();
    for signature in inspect(&story.sealed).unwrap().signatures {
        let (first, second) = signature.signed_parts(&story.sealed).unwrap();
        std::fs::write(at.join("content"), [first, second].concat()).unwrap();
        std::fs::write(at.join("cms.der"), &signature.cms).unwrap();
        let arguments = [
            "cms", "-verify", "-inform", "DER", "-in", "cms.der", "-content", "content", "-binary",
            "-CAfile", "root.pem", "-out", "out",
        ];
        let (ok, text) = run("openssl", &arguments, at);
        assert!(ok, "{text}");
    }
}

#[test]
fn two_hundred_random_changes_of_one_byte_are_all_seen() {
    let story = story();
    let honest = inspect(&story.sealed).unwrap();
    let digests: Vec<[u8; 32]> = honest.signatures.iter().map(|s| s.digest_sha256).collect();
    let gaps: Vec<(u64, u64)> = honest
        .signatures
        .iter()
        .map(|s| (s.byte_range[1], s.byte_range[2]))
        .collect();
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut tried = 0;
    while tried < 200 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = (state >> 24) % story.sealed.len() as u64;
        if gaps.iter().any(|(start, end)| (start..end).contains(&&at)) {
            continue;
        }
        tried += 1;
        let mut changed = story.sealed.clone();
        changed[at as usize] ^= 1 << (state >> 60 & 7);
        let seen = match inspect(&changed) {
            Err(_) => true,
            Ok(report) => {
                !report.whole()
                    || report
                        .signatures
                        .iter()
                        .map(|s| s.digest_sha256)
                        .ne(digests.iter().copied())
            }
        };
        assert!(seen, "change at {at} is not seen");
    }
}

#[test]
fn a_paper_made_elsewhere_gets_its_fields_and_its_signatures_too() {
    // Drawn without any form, with the fields laid and new signature fields made at signing.
    let people = support::people();
    let mut text = paper();
    text.demo = false;
    let composed = documents::compose(&text).unwrap();
    let end = inspect(&composed).unwrap().revisions[0].range.end;
    let foreign = documents::lay_number_fields(&composed[..end]).unwrap();
    let mut request = person_request();
    request.field = "Signature1".into();
    let signed = support::sign(&foreign, &request, &people.person);
    let numbered = documents::fill_number(&signed, "7", "ngày 01 tháng 12 năm 2026").unwrap();
    let mut request = seal_request();
    request.field = "Signature2".into();
    let sealed = support::sign(&numbered, &request, &people.office);
    let report = inspect(&sealed).unwrap();
    assert!(report.whole(), "{:#?}", report.findings);
    assert_eq!(report.signatures.len(), 2);
}

/// A page whose objects lie in an object stream behind a cross-reference stream (PDF 1.5 form).
fn compact_paper() -> Vec<u8> {
    let objects = [
        (1, "<</Type/Catalog/Pages 2 0 R>>"),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        (
            3,
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
        ),
    ];
    let mut header = String::new();
    let mut content = String::new();
    for (number, text) in objects {
        header.push_str(&format!("{number} {} ", content.len()));
        content.push_str(text);
        content.push(' ');
    }
    let mut bytes = b"%PDF-1.5\n".to_vec();
    let container = bytes.len() as u32;
    let stream = format!("{header}{content}");
    let dictionary = format!(
        "<</Type/ObjStm/N 3/First {}/Length {}>>",
        header.len(),
        stream.len()
    );
    bytes.extend_from_slice(
        format!("4 0 obj\n{dictionary}\nstream\n{stream}\nendstream\nendobj\n").as_bytes(),
    );
    let start = bytes.len() as u32;
    let mut rows = vec![0u8, 0, 0, 0, 0, 0];
    for index in 0..3u8 {
        rows.extend([2, 0, 0, 0, 4, index]);
    }
    for offset in [container, start] {
        rows.push(1);
        rows.extend(offset.to_be_bytes());
        rows.push(0);
    }
    let dictionary = format!(
        "<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length {}>>",
        rows.len()
    );
    bytes.extend_from_slice(format!("5 0 obj\n{dictionary}\nstream\n").as_bytes());
    bytes.extend_from_slice(&rows);
    bytes.extend_from_slice(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").as_bytes());
    bytes
}

#[test]
fn a_paper_with_object_streams_is_signed_and_numbered_in_its_own_form() {
    let people = support::people();
    let foreign = documents::lay_number_fields(&compact_paper()).unwrap();
    let signed = support::sign(&foreign, &person_request(), &people.person);
    let numbered = documents::fill_number(&signed, "7", "ngày 01 tháng 12 năm 2026").unwrap();
    let sealed = support::sign(&numbered, &seal_request(), &people.office);
    let report = inspect(&sealed).unwrap();
    assert!(
        report.whole() && report.covers_document,
        "{:#?}",
        report.findings
    );
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("sealed.pdf"), &sealed).unwrap();
    let (_, text) = run("pdfsig", &["-nocert", "sealed.pdf"], directory.path());
    assert_eq!(text.matches("Signature is Valid.").count(), 2, "{text}");
    assert_eq!(text.matches("Total document signed").count(), 1, "{text}");
}
