//! Attacks on signed papers (USF, ISA, SWA, shadow families and their kin), each reported, never a panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use documents::{FindingCode, Unreadable, inspect};
use std::sync::OnceLock;
use support::{Story, story};

fn papers() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(story)
}

fn find(bytes: &[u8], needle: &[u8]) -> usize {
    bytes
        .windows(needle.len())
        .position(|w| w == needle)
        .unwrap_or_else(|| panic!("{:?} not found", String::from_utf8_lossy(needle)))
}

fn rfind(bytes: &[u8], needle: &[u8]) -> usize {
    bytes
        .windows(needle.len())
        .rposition(|w| w == needle)
        .unwrap()
}

/// Replaces the last occurrence, keeping the length by blanks.
fn overwrite(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = rfind(bytes, from.as_bytes());
    let mut changed = bytes.to_vec();
    let padded = format!("{to:<width$}", width = from.len());
    assert_eq!(padded.len(), from.len());
    changed[at..at + from.len()].copy_from_slice(padded.as_bytes());
    changed
}

fn last_number(bytes: &[u8], key: &str) -> usize {
    let at = rfind(bytes, key.as_bytes()) + key.len();
    let text: String = bytes[at..]
        .iter()
        .map(|b| *b as char)
        .skip_while(|c| c.is_whitespace())
        .take_while(char::is_ascii_digit)
        .collect();
    text.parse().unwrap()
}

/// An incremental update written by an attacker: objects as text, with their numbers.
fn update(base: &[u8], objects: &[(usize, String)], extra: &[(usize, usize)]) -> Vec<u8> {
    let mut bytes = base.to_vec();
    let mut rows = Vec::new();
    for (number, body) in objects {
        rows.push((*number, bytes.len()));
        bytes.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    rows.extend_from_slice(extra);
    rows.sort_unstable();
    let start = bytes.len();
    let previous = last_number(base, "startxref");
    let size = last_number(base, "/Size").max(rows.iter().map(|r| r.0 + 1).max().unwrap_or(0));
    let root = last_number(base, "/Root");
    bytes.extend_from_slice(b"xref\n");
    for (number, offset) in rows {
        bytes.extend_from_slice(format!("{number} 1\n{offset:010} 00000 n\r\n").as_bytes());
    }
    bytes.extend_from_slice(
        format!(
            "trailer\n<</Size {size}/Prev {previous}/Root {root} 0 R>>\nstartxref\n{start}\n%%EOF\n"
        )
        .as_bytes(),
    );
    bytes
}

/// Body of the newest definition of an object.
fn body(bytes: &[u8], number: usize) -> String {
    let head = format!("\n{number} 0 obj");
    let at = rfind(bytes, head.as_bytes()) + head.len();
    let end = at + find(&bytes[at..], b"endobj");
    String::from_utf8_lossy(&bytes[at..end]).trim().to_owned()
}

fn number_of(bytes: &[u8], marker: &str) -> usize {
    let at = rfind(bytes, marker.as_bytes());
    let head = bytes[..at]
        .windows(7)
        .rposition(|w| w == b" 0 obj\n")
        .unwrap();
    let digits: String = bytes[..head]
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .map(|b| *b as char)
        .collect();
    digits.chars().rev().collect::<String>().parse().unwrap()
}

fn page_number(bytes: &[u8]) -> usize {
    number_of(bytes, "/Annots")
}

#[track_caller]
fn reported(bytes: &[u8], code: FindingCode) {
    let report = inspect(bytes).unwrap_or_else(|error| panic!("not readable: {error}"));
    assert!(!report.whole());
    assert!(
        report.findings.iter().any(|f| f.code == code),
        "{code:?} is not among {:#?}",
        report.findings
    );
}

#[test]
fn usf_a_missing_byte_range_is_reported() {
    reported(
        &overwrite(&papers().sealed, "/ByteRange", "/ByteRbnge"),
        FindingCode::ByteRangeMissing,
    );
}

#[test]
fn usf_a_null_or_negative_or_short_or_long_byte_range_is_reported() {
    let sealed = &papers().sealed;
    let at = rfind(sealed, b"/ByteRange [");
    let end = at + find(&sealed[at..], b"]") + 1;
    let original = String::from_utf8_lossy(&sealed[at..end]).into_owned();
    for (forged, code) in [
        ("/ByteRange null", FindingCode::ByteRangeMissing),
        ("/ByteRange []", FindingCode::ByteRangeMalformed),
        ("/ByteRange [0 -1 5 6]", FindingCode::ByteRangeMalformed),
        ("/ByteRange [0 10 5 6]", FindingCode::ByteRangeMalformed),
        ("/ByteRange [0 1 2 3 4 5]", FindingCode::ByteRangeMalformed),
        (
            "/ByteRange [0 99999999999 999999999999 3]",
            FindingCode::ByteRangeMalformed,
        ),
        ("/ByteRange (text)", FindingCode::ByteRangeMalformed),
    ] {
        reported(&overwrite(sealed, &original, forged), code);
    }
}

#[test]
fn usf_missing_or_empty_or_odd_contents_are_reported() {
    let sealed = &papers().sealed;
    reported(
        &overwrite(sealed, "/Contents <", "/Cantents <"),
        FindingCode::ByteRangeMissing,
    );
    reported(
        &overwrite(sealed, "/Contents <30", "/Contents <00"),
        FindingCode::ContentsMalformed,
    );
    reported(
        &overwrite(sealed, "/Contents <3082", "/Contents <30x2"),
        FindingCode::MalformedObject,
    );
}

#[test]
fn bytes_hidden_behind_the_cms_are_reported() {
    let mut changed = papers().sealed.clone();
    let at = rfind(&changed, b"00>\n>>");
    changed[at] = b'4';
    reported(&changed, FindingCode::ContentsPadding);
}

#[test]
fn a_first_range_that_does_not_start_at_the_first_byte_is_reported() {
    reported(
        &overwrite(&papers().sealed, "/ByteRange [0 ", "/ByteRange [1 "),
        FindingCode::ByteRangeGap,
    );
}

#[test]
fn swa_a_gap_wider_than_the_contents_is_reported() {
    let sealed = &papers().sealed;
    let report = inspect(sealed).unwrap();
    let [_, _, second, length] = report.signatures[1].byte_range;
    let from = format!("{second:>10} {length:>10}");
    let to = format!("{:>10} {:>10}", second + 40, length - 40);
    reported(&overwrite(sealed, &from, &to), FindingCode::ByteRangeGap);
}

#[test]
fn swa_a_signature_that_ends_before_its_revision_is_reported() {
    let sealed = &papers().sealed;
    let report = inspect(sealed).unwrap();
    let [_, _, second, length] = report.signatures[1].byte_range;
    let from = format!("{second:>10} {length:>10}");
    let to = format!("{second:>10} {:>10}", length - 100);
    reported(
        &overwrite(sealed, &from, &to),
        FindingCode::ByteRangeCoverage,
    );
}

#[test]
fn isa_a_replaced_page_content_is_reported() {
    let sealed = &papers().sealed;
    let page = page_number(sealed);
    let text = body(sealed, page);
    let next = last_number(sealed, "/Size");
    let at = text.find("/Contents").unwrap();
    let reference = text[at + 9..]
        .trim_start()
        .split(" R")
        .next()
        .unwrap()
        .to_owned();
    let forged = text.replace(&format!("{reference} R"), &format!("{next} 0 R"));
    let stream = "<</Length 21>>\nstream\nBT (fake) Tj ET 12345\nendstream".to_owned();
    let attack = update(sealed, &[(page, forged), (next, stream)], &[]);
    reported(&attack, FindingCode::PageChanged);
    reported(&attack, FindingCode::ObjectAdded);
    let number: usize = reference.trim().split(' ').next().unwrap().parse().unwrap();
    let stream = "<</Length 21>>\nstream\nBT (fake) Tj ET 12345\nendstream".to_owned();
    reported(
        &update(sealed, &[(number, stream)], &[]),
        FindingCode::ObjectReplaced,
    );
}

#[test]
fn isa_an_empty_update_changes_the_coverage_but_no_content() {
    let attack = update(&papers().sealed, &[], &[]);
    let report = inspect(&attack).unwrap();
    assert!(!report.covers_document);
}

#[test]
fn isa_without_cross_references_is_not_read() {
    let mut attack = papers().sealed.clone();
    attack.extend_from_slice(b"8 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n");
    assert!(inspect(&attack).is_err());
}

#[test]
fn an_annotation_over_the_signature_is_reported() {
    let sealed = &papers().sealed;
    let page = page_number(sealed);
    let next = last_number(sealed, "/Size");
    let note = "<</Type/Annot/Subtype/FreeText/Rect[300 100 500 300]/Contents(x)>>".to_owned();
    let forged = body(sealed, page).replace("/Annots [", &format!("/Annots [{next} 0 R "));
    reported(
        &update(sealed, &[(page, forged), (next, note.clone())], &[]),
        FindingCode::AnnotationChanged,
    );
    let text = body(sealed, page);
    let at = text.find("/Annots [").unwrap();
    let close = at + text[at..].find(']').unwrap();
    let forged = format!("{} {next} 0 R{}", &text[..close], &text[close..]);
    reported(
        &update(sealed, &[(page, forged), (next, note)], &[]),
        FindingCode::AnnotationChanged,
    );
}

#[test]
fn a_script_in_the_catalog_is_reported() {
    let sealed = &papers().sealed;
    let root = last_number(sealed, "/Root");
    let forged =
        body(sealed, root).replacen("<<", "<</OpenAction <</S/JavaScript/JS(app.alert(1))>> ", 1);
    reported(
        &update(sealed, &[(root, forged)], &[]),
        FindingCode::CatalogChanged,
    );
}

#[test]
fn forged_permissions_in_the_catalog_are_reported() {
    let sealed = &papers().sealed;
    let root = last_number(sealed, "/Root");
    let forged = body(sealed, root).replacen("<<", "<</Perms <</DocMDP 3 0 R>> ", 1);
    reported(
        &update(sealed, &[(root, forged)], &[]),
        FindingCode::CatalogChanged,
    );
}

#[test]
fn need_appearances_in_the_form_is_reported() {
    let sealed = &papers().sealed;
    let form = number_of(sealed, "/SigFlags");
    let forged = body(sealed, form).replacen("<<", "<</NeedAppearances true ", 1);
    reported(
        &update(sealed, &[(form, forged)], &[]),
        FindingCode::FormChanged,
    );
}

#[test]
fn a_second_number_after_the_seal_is_reported() {
    let sealed = &papers().sealed;
    let field = number_of(sealed, "/V (118)");
    let forged = body(sealed, field).replace("(118)", "(811)");
    let attack = update(sealed, &[(field, forged)], &[]);
    reported(&attack, FindingCode::NumberChanged);
    reported(&attack, FindingCode::LockedField);
}

#[test]
fn a_number_field_that_moves_is_reported() {
    let signed = &papers().signed;
    let field = number_of(signed, "/T (number)");
    let forged = body(signed, field)
        .replace("/Rect [", "/Rect [1 ")
        .replacen("<<", "<</V (118) ", 1);
    reported(
        &update(signed, &[(field, forged)], &[]),
        FindingCode::FieldChanged,
    );
}

#[test]
fn a_signature_appearance_swapped_after_signing_is_reported() {
    let sealed = &papers().sealed;
    let field = number_of(sealed, "/T (seal)");
    let next = last_number(sealed, "/Size");
    let text = body(sealed, field);
    let at = text.find("/N ").unwrap() + 3;
    let old = text[at..].split(" R").next().unwrap().to_owned();
    let forged = text.replace(&format!("/N {old} R"), &format!("/N {next} 0 R"));
    let empty =
        "<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Length 0>>\nstream\n\nendstream".to_owned();
    reported(
        &update(sealed, &[(field, forged), (next, empty.clone())], &[]),
        FindingCode::FieldChanged,
    );
    let stream: usize = old.split(' ').next().unwrap().parse().unwrap();
    reported(
        &update(sealed, &[(stream, empty)], &[]),
        FindingCode::ObjectReplaced,
    );
}

#[test]
fn a_removed_signature_is_reported() {
    let sealed = &papers().sealed;
    let field = number_of(sealed, "/T (person_signature)");
    let text = body(sealed, field);
    let at = text.find("/V ").unwrap();
    let end = at + text[at..].find(" R").unwrap() + 2;
    let forged = format!("{}{}", &text[..at], &text[end..]);
    reported(
        &update(sealed, &[(field, forged)], &[]),
        FindingCode::FieldChanged,
    );
}

#[test]
fn a_text_field_added_after_signing_is_reported() {
    let signed = &papers().signed;
    let (form, page) = (number_of(signed, "/SigFlags"), page_number(signed));
    let next = last_number(signed, "/Size");
    let add = |text: String, key: &str| {
        let at = text.find(key).unwrap();
        let close = at + text[at..].find(']').unwrap();
        format!("{} {next} 0 R{}", &text[..close], &text[close..])
    };
    let field =
        format!("<</Type/Annot/Subtype/Widget/FT/Tx/T(note)/V(fake)/Rect[0 0 9 9]/P {page} 0 R>>");
    let objects = [
        (form, add(body(signed, form), "/Fields")),
        (page, add(body(signed, page), "/Annots")),
        (next, field),
    ];
    reported(&update(signed, &objects, &[]), FindingCode::FieldAdded);
    let large =
        format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(x)/Rect[0 0 595 842]/P {page} 0 R>>");
    let objects = [
        (form, add(body(signed, form), "/Fields")),
        (page, add(body(signed, page), "/Annots")),
        (next, large),
    ];
    reported(&update(signed, &objects, &[]), FindingCode::Overlay);
}

#[test]
fn shadow_replace_a_redefined_font_is_reported() {
    let sealed = &papers().sealed;
    let font = number_of(sealed, "/Type0");
    reported(
        &update(
            sealed,
            &[(font, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>".into())],
            &[],
        ),
        FindingCode::ObjectReplaced,
    );
}

#[test]
fn shadow_hide_and_replace_an_entry_into_an_older_revision_is_reported() {
    let sealed = &papers().sealed;
    let page = page_number(sealed);
    let older = find(sealed, format!("\n{page} 0 obj").as_bytes()) + 1;
    let attack = update(sealed, &[], &[(page, older)]);
    reported(&attack, FindingCode::ObjectOutsideRevision);
    reported(&attack, FindingCode::AnnotationChanged);
}

#[test]
fn an_object_listed_twice_in_one_revision_is_reported() {
    let sealed = &papers().sealed;
    let at = sealed.len();
    let next = last_number(sealed, "/Size");
    let attack = update(sealed, &[(next, "<</A 1>>".into())], &[(next, at)]);
    reported(&attack, FindingCode::ObjectListedTwice);
}

#[test]
fn bytes_that_no_entry_lists_are_reported() {
    let sealed = &papers().sealed;
    let mut hidden = sealed.clone();
    hidden.extend_from_slice(b"8 0 obj\n<</Hidden true>>\nendobj\n");
    // The chain still starts at the honest section: only the hidden bytes stand before the new one.
    let attack = {
        let plain = update(sealed, &[], &[]);
        let tail = String::from_utf8_lossy(&plain[sealed.len()..]).replace(
            &format!("startxref\n{}", sealed.len()),
            &format!("startxref\n{}", hidden.len()),
        );
        [hidden.as_slice(), tail.as_bytes()].concat()
    };
    reported(&attack, FindingCode::BytesOutsideObjects);
}

#[test]
fn another_root_is_reported() {
    let sealed = &papers().sealed;
    let root = last_number(sealed, "/Root");
    let next = last_number(sealed, "/Size");
    let attack = update(sealed, &[(next, body(sealed, root))], &[]);
    let attack = overwrite_last_root(&attack, root, next);
    reported(&attack, FindingCode::TrailerChanged);
}

fn overwrite_last_root(bytes: &[u8], from: usize, to: usize) -> Vec<u8> {
    let text = format!("/Root {from} 0 R>>");
    let at = rfind(bytes, text.as_bytes());
    let mut changed = bytes[..at].to_vec();
    changed.extend_from_slice(format!("/Root {to} 0 R>>").as_bytes());
    changed.extend_from_slice(&bytes[at + text.len()..]);
    changed
}

#[test]
fn appended_garbage_and_a_startxref_into_an_earlier_revision_are_not_read() {
    let story = papers();
    let mut garbage = story.sealed.clone();
    garbage.extend_from_slice(b"garbage");
    assert_eq!(inspect(&garbage), Err(Unreadable::Trailing));
    let earlier = last_number(&story.signed, "startxref");
    let mut attack = story.sealed.clone();
    attack.extend_from_slice(format!("startxref\n{earlier}\n%%EOF\n").as_bytes());
    assert!(inspect(&attack).is_err());
}

#[test]
fn an_end_of_file_mark_inside_a_stream_does_not_end_the_paper() {
    let story = papers();
    let mut text = support::paper();
    text.subject = "%%EOF startxref 0 %%EOF".into();
    let signed = support::sign(
        &documents::compose(&text).unwrap(),
        &support::person_request(),
        &story.people.person,
    );
    assert!(inspect(&signed).unwrap().whole());
}

#[test]
fn a_signature_moved_into_another_paper_does_not_cover_it() {
    let story = papers();
    let mut other = support::paper();
    other.subject = "Quyết định khác".into();
    let draft = documents::compose(&other).unwrap();
    let prepared = documents::prepare(&draft, &support::person_request()).unwrap();
    let stolen = inspect(&story.signed).unwrap().signatures[0].clone();
    let forged = documents::embed(prepared, &stolen.cms).unwrap();
    assert_ne!(
        inspect(&forged).unwrap().signatures[0].digest_sha256,
        stolen.digest_sha256
    );
}
