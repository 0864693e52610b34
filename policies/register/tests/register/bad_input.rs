//! A table of broken files: each gives a Vietnamese sentence with file, line, column, cause and remedy, and changes nothing.

use platform::db::Db;
use platform::i18n::Lang;
use register::domain::import::File;
use register::flows::import_register::ImportError;

use super::support::{Csv, import, migrate, picture, rows};

type Change = fn(&mut Csv);

/// What is done to the files, and where and with which words it must be told.
const CASES: &[(&str, Change, File, &str, &str, &str)] = &[
    (
        "a missing column",
        |c| c.agencies = c.agencies.replacen("parent_code,", "parent,", 1),
        File::Agencies,
        "parent_code",
        "Thiếu cột parent_code",
        "tệp mẫu",
    ),
    (
        "a short row",
        |c| c.agencies.push_str("H08.99,H08\n"),
        File::Agencies,
        "",
        "Dòng có 2 ô, tiêu đề có 15 ô",
        "dấu phẩy",
    ),
    (
        "an open quote",
        |c| c.officials.push_str("BD-9,\"Trần Hoa\nBD-10,x\n"),
        File::Officials,
        "",
        "ô",
        "Hãy",
    ),
    (
        "bytes that are no text",
        |c| c.units.push_str("so,99,Ph\u{0}ng,no\n"),
        File::Units,
        "name_vi",
        "ký tự điều khiển U+0000",
        "xóa",
    ),
    (
        "an unknown agency",
        |c| c.officials = c.officials.replacen(",H08.02,", ",H08.77,", 1),
        File::Officials,
        "agency_code",
        "Không có cơ quan mã “H08.77”",
        "agencies.csv",
    ),
    (
        "an unknown parent",
        |c| c.agencies = c.agencies.replacen("H08.02,H08,", "H08.02,H07,", 1),
        File::Agencies,
        "parent_code",
        "H07",
        "agencies.csv",
    ),
    (
        "a bad date",
        |c| c.officials = c.officials.replacen("2018-06-16", "2018-02-30", 1),
        File::Officials,
        "start_date",
        "“2018-02-30” không phải ngày",
        "2024-11-30",
    ),
    (
        "a typed date",
        |c| c.officials = c.officials.replacen("2018-06-16", "16/06/2018", 1),
        File::Officials,
        "start_date",
        "“16/06/2018”",
        "2024-11-30",
    ),
    (
        "decomposed text",
        |c| {
            c.officials = c
                .officials
                .replacen("Ngô Đức Thịnh", "Ngo\u{302} Đức Thịnh", 1)
        },
        File::Officials,
        "full_name",
        "dựng sẵn (NFC)",
        "Unicode dựng sẵn",
    ),
    (
        "a Cyrillic letter",
        |c| {
            c.officials = c
                .officials
                .replacen("Ngô Đức Thịnh", "Ngô Đức Thịnh\u{430}", 1)
        },
        File::Officials,
        "full_name",
        "U+0430",
        "bàn phím",
    ),
    (
        "an over-long field",
        |c| {
            c.officials = c.officials.replacen(
                "Ngô Đức Thịnh",
                &format!("Ngô Đức {}Thịnh", "Đức ".repeat(100)),
                1,
            )
        },
        File::Officials,
        "full_name",
        "nhiều nhất là 250",
        "rút ngắn",
    ),
    (
        "a long name",
        |c| {
            c.officials = c.officials.replacen(
                "Ngô Đức Thịnh,",
                &format!("Ngô {}Thịnh,", "Đức ".repeat(25)),
                1,
            )
        },
        File::Officials,
        "full_name",
        "nhiều nhất là 80",
        "rút ngắn",
    ),
    (
        "a staff number twice",
        |c| c.officials = c.officials.replacen("BD-000003,", "BD-000002,", 1),
        File::Officials,
        "staff_no",
        "“BD-000002” đã có ở dòng 3",
        "giữ một dòng",
    ),
    (
        "a username twice",
        |c| c.officials = c.officials.replacen(",tuvv,", ",thinhnd,", 1),
        File::Officials,
        "username",
        "“thinhnd” đã có ở dòng 3",
        "Hãy",
    ),
    (
        "a short personal number",
        |c| c.officials = c.officials.replacen("099094004035", "99094004035", 1),
        File::Officials,
        "cccd",
        "Số định danh có 11 chữ số, phải có 12",
        "số 0 ở đầu",
    ),
    (
        "letters in a personal number",
        |c| c.officials = c.officials.replacen("099094004035", "09909400403x", 1),
        File::Officials,
        "cccd",
        "không phải chữ số",
        "12 chữ số",
    ),
    (
        "an unknown post",
        |c| c.officials = c.officials.replacen(",PCT_UBND,", ",PCT,", 1),
        File::Officials,
        "post_code",
        "Không có chức vụ mã “PCT”",
        "posts.csv",
    ),
    (
        "a title of another post",
        |c| {
            c.officials = c
                .officials
                .replacen(",PCT_UBND,Phó Chủ tịch,", ",PCT_UBND,Chủ tịch,", 1)
        },
        File::Officials,
        "post_title",
        "Phó Chủ tịch",
        "cho khớp",
    ),
    (
        "an unknown unit",
        |c| c.officials = c.officials.replacen(",H08,01,", ",H08,09,", 1),
        File::Officials,
        "unit_no",
        "“09”",
        "internal_units.csv",
    ),
    (
        "a way of holding as a post",
        |c| {
            c.officials = c
                .officials
                .replacen(",CT_UBND,Chủ tịch,", ",QCT_UBND,Quyền Chủ tịch,", 1)
        },
        File::Officials,
        "post_code",
        "cách giữ chức",
        "bổ nhiệm quyền",
    ),
    (
        "two heads",
        |c| {
            c.officials = c.officials.replacen(
                ",PCT_UBND,Phó Chủ tịch,Kinh tế tổng hợp,",
                ",CT_UBND,Chủ tịch,,",
                1,
            )
        },
        File::Officials,
        "post_code",
        "chỉ có một chỗ",
        "thôi chức",
    ),
    (
        "a bad address",
        |c| {
            c.officials = c
                .officials
                .replacen("thinhnd@binhdinh.test", "thịnh@binhdinh.test", 1)
        },
        File::Officials,
        "email",
        "ký tự không được dùng",
        "không dấu",
    ),
    (
        "a second root",
        |c| c.agencies = c.agencies.replacen("H08.02,H08,", "H08.02,,", 1),
        File::Agencies,
        "parent_code",
        "đúng một cơ quan không có cấp trên",
        "parent_code",
    ),
    (
        "a circle",
        |c| c.agencies = c.agencies.replacen("H08.02,H08,", "H08.02,H08.02,", 1),
        File::Agencies,
        "parent_code",
        "không có vòng",
        "parent_code",
    ),
    (
        "a word that is not allowed",
        |c| c.posts = c.posts.replacen(",agency,1,yes,", ",whole,1,yes,", 1),
        File::Posts,
        "scope",
        "“whole” không được dùng",
        "agency, unit",
    ),
    (
        "a number that is none",
        |c| c.posts = c.posts.replacen(",agency,1,yes,", ",agency,một,yes,", 1),
        File::Posts,
        "rank",
        "không phải số nguyên",
        "chữ số",
    ),
];

async fn refused(db: &Db, csv: &Csv) -> Vec<register::domain::import::RowFault> {
    match import(db, csv).await {
        Err(ImportError::Rows { faults, .. }) => faults,
        other => panic!("{other:?}"),
    }
}

platform::both_engines! {
    async fn every_broken_file_is_explained_and_changes_nothing(db: Db) {
        migrate(&db).await;
        let (before, stored) = (picture(&db).await, rows(&db).await);
        for (what, change, file, column, cause, remedy) in CASES {
            let mut csv = Csv::small();
            let whole = csv.agencies.clone() + &csv.units + &csv.posts + &csv.officials;
            change(&mut csv);
            assert_ne!(whole, csv.agencies.clone() + &csv.units + &csv.posts + &csv.officials, "{what} does not change the files");
            let faults = refused(&db, &csv).await;
            let told: Vec<String> = faults.iter().map(|fault| register::fault_text(fault, Lang::Vi)).collect();
            let found = faults.iter().zip(&told).any(|(fault, text)| {
                fault.file == *file && fault.column == *column && fault.line > 0 && text.contains(cause) && text.contains(remedy) && text.contains(file.name())
            });
            assert!(found, "{what}: {told:#?}");
            assert!(!told.iter().any(|text| text.contains("099094004035")), "a personal number is never repeated: {told:#?}");
        }
        assert_eq!((picture(&db).await, rows(&db).await), (before, stored));
    }
}

#[test]
fn every_cause_has_words_and_a_remedy_in_both_languages() {
    for file in ["vi", "en"] {
        let text = std::fs::read_to_string(format!(
            "{}/locales/{file}/main.ftl",
            env!("CARGO_MANIFEST_DIR")
        ))
        .unwrap();
        let faults = text
            .lines()
            .filter_map(|l| l.split(" = ").next())
            .filter(|k| k.starts_with("fault-") && !k.starts_with("fault-where"));
        let (remedies, causes): (Vec<&str>, Vec<&str>) =
            faults.partition(|k| k.ends_with("-remedy"));
        assert_eq!(causes.len(), remedies.len());
        assert_eq!(causes.len(), 45);
    }
}

#[tokio::test]
async fn bytes_that_are_not_utf8_are_told_with_their_line() {
    let db = platform::testing::sqlite().await;
    migrate(&db).await;
    let csv = Csv::small();
    let mut officials = csv.officials.clone().into_bytes();
    officials.extend(b"BD-9,Tr\xC7n\n");
    let files = register::flows::import_register::Files {
        officials: &officials,
        ..csv.files()
    };
    let (entropy, sealer) = (super::support::entropy(), super::support::sealer());
    let tools = register::flows::import_register::Tools {
        db: &db,
        entropy: &entropy,
        sealer: &sealer,
    };
    let Err(ImportError::Rows { faults, .. }) =
        register::flows::import_register::run(tools, 0, &super::support::ACTOR, &files).await
    else {
        panic!("not refused");
    };
    assert_eq!(
        faults[0].line,
        u64::try_from(csv.officials.lines().count() + 1).unwrap()
    );
    assert!(register::fault_text(&faults[0], Lang::Vi).contains("UTF-8"));
}
