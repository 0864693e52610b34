//! Papers of the demo: the text of a decision in the form of Decree 30/2020 Annex I, composed by `documents`.

use documents::{PaperText, compose};

/// A decision of a People's Committee. `body` holds one paragraph a line; `agency` is the body's full name.
pub fn decision(subject: &str, body: &str, agency: &str) -> Result<Vec<u8>, String> {
    let upper = agency.to_uppercase();
    let header = match upper.strip_prefix("ỦY BAN NHÂN DÂN ") {
        Some(place) => vec!["ỦY BAN NHÂN DÂN".to_owned(), place.to_owned()],
        None => vec![upper.clone()],
    };
    let paper = PaperText {
        agency: header,
        notation: "QĐ-UBND".into(),
        place: "Bình Định".into(),
        title: "QUYẾT ĐỊNH".into(),
        subject: subject.trim().to_owned(),
        addressee: None,
        issuer: Some(upper),
        bases: vec![
            "Căn cứ Luật Tổ chức chính quyền địa phương;".into(),
            "Xét đề nghị của cơ quan chuyên môn.".into(),
        ],
        body: body
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect(),
        recipients: vec!["Như Điều 3;".into(), "Lưu: VT.".into()],
        demo: true,
    };
    compose(&paper).map_err(|e| e.to_string())
}
