//! Letters that are folded shut, and their sheets of receipts: what is outside, what is inside, how long many take.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use documents::{Bundle, Receipt, ReceiptSheet, SealedLetter, Squares, compose_letters};
use std::path::Path;
use std::process::Command;
use unicode_normalization::UnicodeNormalization;

const CODE: &str = "abcd efgh jkmn pqrs tuvw xyz0 2345 6789";

fn letter(n: usize) -> SealedLetter {
    SealedLetter {
        sender: vec!["Hệ thống đăng nhập dùng chung, tỉnh Bình Định".into()],
        mark: "THƯ KÍCH HOẠT TÀI KHOẢN".into(),
        name: format!("Nguyễn Thị Thùy Dương {n}"),
        address: vec![
            format!("Mã cán bộ: BD-{n:06}"),
            "Chức vụ: Chuyên viên".into(),
            "Đơn vị: Phòng Kiểm tra văn bản quy phạm pháp luật và xử lý vi phạm hành chính".into(),
            "Cơ quan: Ủy ban nhân dân xã Nhơn Hội".into(),
        ],
        title: "Thư kích hoạt tài khoản".into(),
        lead: vec![
            "Mã dưới đây dùng một lần, để ông (bà) tự chọn cách đăng nhập của riêng mình. "
                .repeat(2),
        ],
        facts: vec![("Tên đăng nhập".into(), format!("duongntt{n}"))],
        secret: ("Mã kích hoạt".into(), CODE.into()),
        picture: Some((
            Squares {
                side: 41,
                dark: (0..41 * 41)
                    .map(|at| (at * 7 + n).is_multiple_of(3))
                    .collect(),
            },
            "Quét bằng điện thoại".into(),
        )),
        steps: (
            "Ba bước".into(),
            vec![
                "Mở trang kích hoạt.".into(),
                "Chọn cách đăng nhập.".into(),
                "Đăng nhập thử.".into(),
            ],
        ),
        notes: vec!["Không đưa thư này cho ai.".into()],
    }
}

fn bundle(people: usize) -> Bundle {
    let rows = (0..people).map(|n| Receipt {
        name: format!("Nguyễn Thị Thùy Dương {n}"),
        staff_no: format!("BD-{n:06}"),
        place: "Chuyên viên, Phòng Tổ chức".into(),
    });
    Bundle {
        sheet: ReceiptSheet {
            agency: "Ủy ban nhân dân xã Nhơn Hội".into(),
            title: "SỔ GIAO NHẬN THƯ".into(),
            lead: "Giao tận tay.".into(),
            columns: [
                "STT",
                "Họ và tên",
                "Mã cán bộ",
                "Đơn vị",
                "Ngày nhận",
                "Ký nhận",
            ]
            .map(String::from),
            rows: rows.collect(),
            foot: "In lúc 09:00 25/11/2026".into(),
        },
        letters: (0..people).map(letter).collect(),
    }
}

/// The text of some pages, or of a band of them (points from the top).
fn text(pdf: &Path, first: usize, last: usize, band: Option<(u32, u32)>) -> String {
    let mut command = Command::new("pdftotext");
    command.args(["-f", &first.to_string(), "-l", &last.to_string(), "-layout"]);
    if let Some((top, height)) = band {
        command.args([
            "-x",
            "0",
            "-y",
            &top.to_string(),
            "-W",
            "596",
            "-H",
            &height.to_string(),
        ]);
    }
    let output = command.arg(pdf).arg("-").output().expect("pdftotext");
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_outer_third_tells_who_it_is_for_and_the_secret_stands_inside_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letters.pdf");
    let mut letters = bundle(25);
    letters.letters[0].name = letters.letters[0].name.nfd().collect();
    let made = compose_letters("Thư", &[letters.clone()], Some("DEMO")).unwrap();
    assert_eq!(
        made,
        compose_letters("Thư", &[letters], Some("DEMO")).unwrap()
    );
    std::fs::write(&file, made).unwrap();
    // 25 people: two pages of receipts, then the letters.
    let sheet = text(&file, 1, 2, None);
    assert!(
        sheet.contains("SỔ GIAO NHẬN THƯ") && sheet.contains("Nguyễn Thị Thùy Dương 24"),
        "{sheet}"
    );
    assert!(
        !sheet.contains("abcd") && !sheet.contains("duongntt"),
        "{sheet}"
    );
    let outside = text(&file, 3, 3, Some((0, 280)));
    for words in [
        "Nguyễn Thị Thùy Dương 0",
        "BD-000000",
        "xã Nhơn Hội",
        "vi phạm hành chính",
    ] {
        assert!(outside.contains(words), "{words} not in {outside}");
    }
    assert!(
        !outside.contains("abcd") && !outside.contains("duongntt"),
        "{outside}"
    );
    let inside = text(&file, 3, 3, Some((281, 562)));
    assert!(
        inside.contains(CODE) && inside.contains("duongntt0") && inside.contains("DEMO"),
        "{inside}"
    );
    let all = text(&file, 1, 27, None);
    assert_eq!(all, all.nfc().collect::<String>());
    assert_eq!(all.matches(CODE).count(), 25);
}

#[test]
fn six_hundred_letters_are_set_within_seconds() {
    let began = std::time::Instant::now();
    let made = compose_letters("Thư", &[bundle(600)], None).unwrap();
    let took = began.elapsed();
    println!(
        "600 letters and 25 sheets: {} bytes in {took:?}",
        made.len()
    );
    assert!(took.as_secs() < 10, "{took:?}");
    if let Some(folder) = std::env::var_os("TEST_PICTURES") {
        std::fs::write(Path::new(&folder).join("letters-600.pdf"), made).unwrap();
    }
}

#[test]
fn an_endless_name_is_set_smaller_and_a_strange_letter_is_refused() {
    let mut long = bundle(1);
    long.letters[0].name = "Nguyễn ".repeat(17);
    long.letters[0].address[2] = "Đơn vị: ".to_owned() + &"phòng ".repeat(40);
    assert!(compose_letters("Thư", &[long], None).is_ok());
    let mut strange = bundle(1);
    strange.letters[0].name = "漢".into();
    assert!(compose_letters("Thư", &[strange], None).is_err());
}
