//! Places of the statistical lists as bodies of the register: `Phường Trần Phú` is governed by `Ủy ban nhân dân phường Trần Phú`.

use crate::domain::text::fold;

/// First words of a place, its kind of committee, and how it is written inside a name.
const PLACES: &[(&str, &str, &str)] = &[
    ("Tỉnh ", "ubnd_tinh", "tỉnh"),
    ("Thành phố ", "ubnd_thanh_pho", "thành phố"),
    ("Thị xã ", "ubnd_thi_xa", "thị xã"),
    ("Thị trấn ", "ubnd_thi_tran", "thị trấn"),
    ("Huyện ", "ubnd_huyen", "huyện"),
    ("Phường ", "ubnd_phuong", "phường"),
    ("Xã ", "ubnd_xa", "xã"),
];

/// The committee of a place.
pub(super) struct Committee {
    pub(super) name: String,
    pub(super) short_name: String,
    pub(super) kind: &'static str,
}

/// The committee that governs a place, when its first word says what kind of place it is.
pub(super) fn committee(place: &str) -> Option<Committee> {
    let (rest, kind, word) = PLACES
        .iter()
        .find_map(|(first, kind, word)| Some((place.strip_prefix(first)?, *kind, *word)))?;
    Some(Committee {
        name: format!("Ủy ban nhân dân {word} {rest}"),
        short_name: format!("UBND {word} {rest}"),
        kind,
    })
}

/// Whether a list's name and a body's name mean the same: marks, case and i/y do not count, a place may stand for its committee.
pub(super) fn same_name(listed: &str, body: &str) -> bool {
    let key = |text: &str| fold(text).replace('y', "i");
    let wanted = key(body);
    key(listed) == wanted || committee(listed).is_some_and(|c| key(&c.name) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_stands_for_its_committee_and_spelling_does_not_count() {
        assert!(same_name(
            "Thị trấn An Lão",
            "Ủy ban nhân dân thị trấn An Lão"
        ));
        assert!(same_name(
            "Phường Nhơn Hoà",
            "Ủy ban nhân dân phường Nhơn Hòa"
        ));
        assert!(same_name(
            "Thành phố Qui Nhơn",
            "Ủy ban nhân dân thành phố Quy Nhơn"
        ));
        assert!(!same_name(
            "Phường Trần Phú",
            "Ủy ban nhân dân phường Lý Thường Kiệt"
        ));
        assert!(!same_name("Xã An Lão", "Ủy ban nhân dân thị trấn An Lão"));
        let town = committee("Thị xã An Nhơn").unwrap();
        assert_eq!(
            (town.kind, town.name.as_str()),
            ("ubnd_thi_xa", "Ủy ban nhân dân thị xã An Nhơn")
        );
        assert!(committee("Sở Nội vụ").is_none());
    }
}
