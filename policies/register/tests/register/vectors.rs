//! Vietnamese text against the shared vectors: composition, folding, tone placement, order of names.

use register::domain::collation::person_key;
use register::domain::telex;
use register::domain::text::{TextFault, checked, fold, marked, repair_eth, tidy, unify_tone};

fn rows(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).expect("the vectors lie in tests/vectors");
    reader
        .records()
        .map(|r| r.unwrap().iter().map(str::to_string).collect())
        .collect()
}

#[test]
fn text_vectors_of_composition_folding_tone_and_spaces_hold() {
    let mut checked_rows = 0;
    for row in rows("vn_text_vectors.csv") {
        let (kind, input, expected) = (row[1].as_str(), row[2].as_str(), row[4].as_str());
        match kind {
            "nfc" => {
                assert_eq!(tidy(input), expected, "row {}", row[0]);
                assert_eq!(
                    checked(input, 200),
                    Err(TextFault::NotNfc),
                    "files must be composed: row {}",
                    row[0]
                );
            }
            "eth" => assert_eq!(
                repair_eth(input).as_deref(),
                Some(expected),
                "row {}",
                row[0]
            ),
            "fold" => assert_eq!(fold(input), expected, "row {}", row[0]),
            "tone_match" => assert_eq!(unify_tone(input), expected, "row {}", row[0]),
            "trim" => assert_eq!(tidy(input), expected, "row {}", row[0]),
            "reject" => assert!(
                matches!(checked(input, 200), Err(TextFault::MixedScript('\u{430}'))),
                "row {}",
                row[0]
            ),
            _ => continue,
        }
        checked_rows += 1;
    }
    assert_eq!(checked_rows, 9 + 2 + 5 + 8 + 1 + 1);
}

#[test]
fn names_stand_in_the_order_offices_print_them() {
    let printed = rows("vn_name_order.csv");
    assert_eq!(printed.len(), 249);
    let mut sorted = printed.clone();
    sorted.reverse();
    sorted.sort_by_key(|row| person_key(&row[4], &row[2], &row[3]));
    for (ours, theirs) in sorted.iter().zip(&printed) {
        assert_eq!(ours[1], theirs[1], "position {}", theirs[0]);
    }
}

#[test]
fn keys_ignore_case_and_tone_placement_but_not_marks() {
    assert_eq!(marked("Nguyễn Hoà"), marked("nguyễn Hòa"));
    assert_ne!(marked("Nguyễn Hoa"), marked("Nguyễn Hòa"));
    assert_eq!(fold("ĐẶNG"), "dang");
}

#[test]
fn control_characters_and_overlong_text_are_refused() {
    assert_eq!(checked("Trần\0Hoa", 50), Err(TextFault::Control('\0')));
    assert_eq!(checked("Trần\nHoa", 50), Err(TextFault::Control('\n')));
    assert_eq!(
        checked(&"ă".repeat(51), 50),
        Err(TextFault::TooLong { max: 50, found: 51 })
    );
    assert_eq!(checked("  Trần   Hoa ", 50).as_deref(), Ok("Trần Hoa"));
}

#[test]
fn raw_telex_is_recognised_and_plain_names_are_left_alone() {
    assert_eq!(
        telex::decode("Nguyeenx Vawn Binhf").as_deref(),
        Some("Nguyễn Văn Bình")
    );
    assert_eq!(telex::decode("Ddawngj Quys").as_deref(), Some("Đặng Quý"));
    assert_eq!(telex::decode("Nguyễn Văn Bình"), None);
    assert_eq!(telex::decode("Minh"), None);
}
