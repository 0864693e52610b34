//! Files that are damaged or never were papers: told apart, bounded, never a panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use documents::inspect;
use std::io::Write;
use support::story;

#[test]
fn bad_files_are_told_apart_and_never_panic() {
    let sealed = &story().sealed;
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("empty", vec![]),
        ("no pdf", b"hello".to_vec()),
        ("header only", b"%PDF-1.7\n".to_vec()),
        ("no end", sealed[..sealed.len() - 40].to_vec()),
        ("half", sealed[..sealed.len() / 2].to_vec()),
        (
            "linearized",
            [
                b"%PDF-1.7\n1 0 obj <</Linearized 1>> endobj\n".as_slice(),
                &sealed[9..],
            ]
            .concat(),
        ),
        (
            "startxref beyond",
            b"%PDF-1.7\nstartxref\n99999999\n%%EOF\n".to_vec(),
        ),
        (
            "startxref to itself",
            b"%PDF-1.7\nstartxref\n9\n%%EOF\n".to_vec(),
        ),
        (
            "prev to itself",
            b"%PDF-1.7\nxref\n0 0\ntrailer\n<</Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF\n".to_vec(),
        ),
        (
            "encrypted",
            b"%PDF-1.7\nxref\n0 0\ntrailer\n<</Encrypt 2 0 R/Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
                .to_vec(),
        ),
        (
            "hybrid",
            b"%PDF-1.7\nxref\n0 0\ntrailer\n<</XRefStm 2/Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
                .to_vec(),
        ),
        (
            "no root",
            b"%PDF-1.7\nxref\n0 0\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n".to_vec(),
        ),
        (
            "endless table",
            b"%PDF-1.7\nxref\n0 999999999999\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n".to_vec(),
        ),
        (
            "deep nesting",
            [
                b"%PDF-1.7\nxref\n0 0\ntrailer\n".as_slice(),
                &b"[".repeat(100_000),
                b"\nstartxref\n9\n%%EOF\n",
            ]
            .concat(),
        ),
        (
            "key twice",
            b"%PDF-1.7\nxref\n0 0\ntrailer\n<</Root 1 0 R/Root 2 0 R>>\nstartxref\n9\n%%EOF\n"
                .to_vec(),
        ),
    ];
    for (name, bytes) in table {
        assert!(inspect(&bytes).is_err(), "{name}");
        assert!(
            documents::prepare(&bytes, &support::person_request()).is_err(),
            "{name}"
        );
        assert!(
            documents::fill_number(&bytes, "1", "ngày").is_err(),
            "{name}"
        );
    }
}

/// Damages a paper in one to four places: a byte changed, a piece cut out, put in or doubled.
fn damage(paper: &[u8], next: &mut impl FnMut() -> usize) -> Vec<u8> {
    let mut damaged = paper.to_vec();
    for _ in 0..1 + next() % 4 {
        let at = next() % damaged.len();
        match next() % 4 {
            0 => damaged[at] = next() as u8,
            1 => {
                let end = (at + next() % 64).min(damaged.len());
                damaged.drain(at..end);
            }
            2 => damaged.insert(at, b"0123456789[]<>/() R"[next() % 19]),
            _ => {
                let from = next() % damaged.len();
                let piece = damaged[from..(from + 80).min(damaged.len())].to_vec();
                damaged.splice(at..at, piece);
            }
        }
    }
    damaged
}

#[test]
fn fifteen_hundred_damaged_papers_never_panic_and_never_pass() {
    let sealed = story().sealed;
    let honest = inspect(&sealed).unwrap();
    let evidence = |report: &documents::Report| -> Vec<([u8; 32], Vec<u8>)> {
        report
            .signatures
            .iter()
            .map(|s| (s.digest_sha256, s.cms.clone()))
            .collect()
    };
    let mut state = 7u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for round in 0..1500 {
        let damaged = damage(&sealed, &mut next);
        if damaged == sealed {
            continue;
        }
        if let Ok(report) = inspect(&damaged) {
            assert!(
                !report.whole() || evidence(&report) != evidence(&honest),
                "round {round} passes"
            );
        }
    }
}

#[test]
fn a_stream_that_expands_without_end_is_not_read_to_its_end() {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0u8; 40 << 20]).unwrap();
    let packed = encoder.finish().unwrap();
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let start = bytes.len();
    let head = format!(
        "1 0 obj\n<</Type/XRef/Size 2/W[1 8 2]/Root 1 0 R/Filter/FlateDecode/Length {}>>\nstream\n",
        packed.len()
    );
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(&packed);
    bytes.extend_from_slice(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").as_bytes());
    assert!(inspect(&bytes).is_err());
}
