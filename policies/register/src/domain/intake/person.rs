//! Name, day of birth, sex, personal number and telephone of a row: repaired where that is certain, proposed where it is likely.
//! Standard: Decree 30/2020/NĐ-CP (names letter by letter); Circular 59/2021/TT-BCA Art. 7 (twelve digits: province, century and sex, year)
//! It must never rewrite a name beyond composing it, and never take a proposal for a fact.

use jiff::civil::Date;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::note::Note;
use super::sheet::Cell;
use super::workbook::serial_day;
use crate::domain::text::{foreign_letter, repair_eth, unify_tone};

/// Longest name kept.
const MAX_NAME: usize = 100;
/// Ages an official can have: what tells the century of a year of two digits.
const AGES: std::ops::RangeInclusive<i16> = 16..=75;

/// Who a row speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// Name, composed and tidied; in usual letters when the row has capitals (a proposal).
    pub full_name: String,
    /// yyyy-mm-dd, or yyyy when only the year is known.
    pub birth_date: Option<String>,
    /// Year of birth, when at least that is known.
    pub birth_year: Option<i16>,
    /// `F` or `M`.
    pub gender: Option<String>,
    /// Twelve digits.
    pub personal_number: Option<String>,
    /// Digits.
    pub phone: Option<String>,
}

/// Cells about a person.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    /// Họ và tên.
    pub name: &'a Cell,
    /// Ngày sinh.
    pub birth: &'a Cell,
    /// Nữ (marked) or giới tính (a word).
    pub gender: Option<&'a Cell>,
    /// Số CCCD.
    pub number: &'a Cell,
    /// Điện thoại.
    pub phone: &'a Cell,
}

/// Reads a person; `today` tells ages.
pub fn read(cells: Cells<'_>, today: Date, notes: &mut Vec<Note>) -> Person {
    let full_name = name(&cells.name.text(), notes);
    let personal_number = number(cells.number, notes);
    let gender = cells.gender.map(|cell| gender(&cell.text()));
    let (birth_date, birth_year) = birth(cells.birth, personal_number.as_deref(), today, notes);
    let person = Person {
        full_name,
        birth_date: birth_date
            .map(|day| day.to_string())
            .or_else(|| birth_year.map(|year| year.to_string())),
        birth_year,
        gender: gender.map(str::to_owned),
        personal_number,
        phone: phone(cells.phone, notes),
    };
    agree(&person, notes);
    person
}

fn name(raw: &str, notes: &mut Vec<Note>) -> String {
    let hidden = |c: char| {
        matches!(
            c,
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}'
        )
    };
    let mut text: String = raw.to_owned();
    if text.contains(hidden) {
        notes.push(Note::ZeroWidth);
        text.retain(|c| !hidden(c));
    }
    let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if spaced != text {
        notes.push(Note::Spaces);
        text = spaced;
    }
    if !is_nfc(&text) {
        notes.push(Note::NameNfd);
        text = text.nfc().collect();
    }
    if let Some(repaired) = repair_eth(&text) {
        notes.push(Note::EthForD);
        text = repaired;
    }
    if text.is_empty() {
        notes.push(Note::NameMissing);
        return text;
    }
    if let Some(letter) = foreign_letter(&text) {
        notes.push(Note::Lookalike(format!(
            "{letter} (U+{:04X})",
            u32::from(letter)
        )));
        return text;
    }
    if let Some(strange) = text
        .chars()
        .find(|c| !c.is_alphabetic() && !matches!(c, ' ' | '\'' | '’' | '-' | '.'))
    {
        notes.push(Note::BadName(strange.to_string()));
        return text;
    }
    if text.chars().count() > MAX_NAME || !text.contains(' ') {
        notes.push(Note::BadName(text.chars().take(30).collect()));
        return text;
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters > 1 && !text.chars().any(char::is_lowercase) {
        text = usual_letters(&text);
        notes.push(Note::UpperCase(text.clone()));
    }
    if unify_tone(&text) != text {
        notes.push(Note::OldTone);
    }
    text
}

/// `NGUYỄN H'HEN` → `Nguyễn H'Hen`: the first letter of each part large.
fn usual_letters(text: &str) -> String {
    let mut first = true;
    text.chars()
        .flat_map(|c| {
            let large = first;
            first = !c.is_alphabetic();
            let letters: Vec<char> = if large {
                c.to_uppercase().collect()
            } else {
                c.to_lowercase().collect()
            };
            letters
        })
        .collect()
}

fn gender(text: &str) -> &'static str {
    // The column is headed "Nữ": a mark says woman. A column "Giới tính" has the word.
    match text.trim().to_lowercase().as_str() {
        "" | "nam" | "0" | "m" | "không" => "M",
        _ => "F",
    }
}

fn number(cell: &Cell, notes: &mut Vec<Note>) -> Option<String> {
    let raw = cell.text();
    let digits: String = raw
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '\''))
        .collect();
    if digits.is_empty() {
        notes.push(Note::NumberMissing);
        return None;
    }
    if !digits.chars().all(|c| c.is_ascii_digit()) {
        notes.push(Note::BadNumber(raw.chars().take(20).collect()));
        return None;
    }
    match digits.len() {
        12 => Some(digits),
        10 | 11 => {
            let whole = format!("{digits:0>12}");
            notes.push(Note::LostZeros(whole.clone()));
            Some(whole)
        }
        9 => {
            notes.push(Note::OldNumber);
            None
        }
        _ => {
            notes.push(Note::BadNumber(digits));
            None
        }
    }
}

/// The century and sex digit of a personal number: 0/1 for 19xx, 2/3 for 20xx, odd for women; and its two digits of the year.
fn of_number(number: &str) -> Option<(i16, &'static str)> {
    let digit = |at: usize| {
        number
            .as_bytes()
            .get(at)
            .map(|b| i16::from(b.wrapping_sub(b'0')))
    };
    let (century, tens, ones) = (digit(3)?, digit(4)?, digit(5)?);
    let year = 1900 + century / 2 * 100 + tens * 10 + ones;
    Some((year, if century % 2 == 1 { "F" } else { "M" }))
}

fn birth(
    cell: &Cell,
    number: Option<&str>,
    today: Date,
    notes: &mut Vec<Note>,
) -> (Option<Date>, Option<i16>) {
    let known_year = number.and_then(of_number).map(|(year, _)| year);
    let possible = |year: i16| AGES.contains(&(today.year() - year));
    let bad = |notes: &mut Vec<Note>, text: String| {
        notes.push(Note::BadDate(text));
        (None, None)
    };
    match cell {
        Cell::Day(day) => (Some(*day), Some(day.year())),
        Cell::Empty => bad(notes, String::new()),
        Cell::Number(value) if (1900.0..=2100.0).contains(value) && value.fract() == 0.0 => {
            year_only(*value as i16, possible, notes)
        }
        Cell::Number(value) => match serial_day(*value).filter(|day| possible(day.year())) {
            Some(day) => {
                notes.push(Note::DobSerial(format!(
                    "{:02}/{:02}/{}",
                    day.day(),
                    day.month(),
                    day.year()
                )));
                (Some(day), Some(day.year()))
            }
            None => bad(notes, cell.text()),
        },
        Cell::Text(text) => {
            let text = text.trim();
            let parts: Vec<&str> = text
                .split(['/', '.', '-', ' '])
                .filter(|p| !p.is_empty())
                .collect();
            let numbers: Vec<i16> = parts.iter().filter_map(|p| p.parse().ok()).collect();
            match (numbers.as_slice(), parts.len()) {
                ([year], 1) if parts.iter().all(|p| p.len() == 4) => {
                    year_only(*year, possible, notes)
                }
                // yyyy-mm-dd, as machines write it.
                ([year, month, day], 3) if *year >= 1000 => {
                    whole(*year, *month, *day, text, notes, None)
                }
                ([day, month, year], 3) if *year >= 1000 => {
                    whole(*year, *month, *day, text, notes, Some(Note::DobText))
                }
                ([day, month, short], 3) if (0..100).contains(short) => {
                    let centuries = [1900 + short, 2000 + short];
                    let fitting: Vec<i16> = match known_year {
                        Some(year) => centuries.into_iter().filter(|y| *y == year).collect(),
                        None => centuries.into_iter().filter(|y| possible(*y)).collect(),
                    };
                    match fitting.as_slice() {
                        [year] => {
                            let note = Note::DobTwoDigits(format!("{day:02}/{month:02}/{year}"));
                            whole(*year, *month, *day, text, notes, Some(note))
                        }
                        _ => {
                            notes.push(Note::DobUnclear(text.to_owned()));
                            (None, None)
                        }
                    }
                }
                _ => bad(notes, text.chars().take(30).collect()),
            }
        }
    }
}

fn year_only(
    year: i16,
    possible: impl Fn(i16) -> bool,
    notes: &mut Vec<Note>,
) -> (Option<Date>, Option<i16>) {
    if possible(year) {
        notes.push(Note::DobYearOnly(year.to_string()));
        (None, Some(year))
    } else {
        notes.push(Note::BadDate(year.to_string()));
        (None, None)
    }
}

fn whole(
    year: i16,
    month: i16,
    day: i16,
    text: &str,
    notes: &mut Vec<Note>,
    note: Option<Note>,
) -> (Option<Date>, Option<i16>) {
    let small = |n: i16| i8::try_from(n).unwrap_or(0);
    match Date::new(year, small(month), small(day)) {
        Ok(date) => {
            notes.extend(note);
            (Some(date), Some(year))
        }
        Err(_) => {
            notes.push(Note::BadDate(text.chars().take(30).collect()));
            (None, None)
        }
    }
}

fn phone(cell: &Cell, notes: &mut Vec<Note>) -> Option<String> {
    let raw = cell.text();
    if raw.trim().is_empty() {
        return None;
    }
    let digits: String = raw
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '(' | ')'))
        .collect();
    let national = match digits
        .strip_prefix("+84")
        .or_else(|| digits.strip_prefix("0084"))
    {
        Some(rest) => format!("0{rest}"),
        // A number cell has lost its zero like a personal number has.
        None if matches!(cell, Cell::Number(_)) => format!("0{digits}"),
        None => digits,
    };
    if (10..=11).contains(&national.len())
        && national.starts_with('0')
        && national.chars().all(|c| c.is_ascii_digit())
    {
        Some(national)
    } else {
        notes.push(Note::PhoneUnclear(raw.chars().take(20).collect()));
        None
    }
}

/// What the personal number says against what the row says.
fn agree(person: &Person, notes: &mut Vec<Note>) {
    let Some((year, gender)) = person.personal_number.as_deref().and_then(of_number) else {
        return;
    };
    let other_year = person.birth_year.filter(|known| *known != year);
    let other_gender = person.gender.as_deref().filter(|known| *known != gender);
    if other_year.is_some() || other_gender.is_some() {
        notes.push(Note::NumberDisagrees(year.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn person(name: &str, birth: Cell, number: &Cell) -> (Person, Vec<Note>) {
        let mut notes = Vec::new();
        let name = text(name);
        let cells = Cells {
            name: &name,
            birth: &birth,
            gender: None,
            number,
            phone: &Cell::Empty,
        };
        let person = read(cells, date(2024, 11, 30), &mut notes);
        (person, notes)
    }

    fn words(notes: &[Note]) -> Vec<&'static str> {
        notes.iter().map(Note::word).collect()
    }

    #[test]
    fn a_name_is_composed_and_tidied_and_otherwise_left_letter_by_letter() {
        let day = || Cell::Day(date(1980, 1, 1));
        let number = text("052080000001");
        for (raw, kept, said) in [
            ("Nguyễn Văn An", "Nguyễn Văn An", &[][..]),
            ("\u{a0}Nguyễn  Hiền ", "Nguyễn Hiền", &["spaces"][..]),
            ("Nguye\u{302}\u{303}n An", "Nguyễn An", &["name-nfd"]),
            ("Ðinh Văn Ðạt", "Đinh Văn Đạt", &["eth-for-d"]),
            ("Nguyễn \u{200b}Thị Thu", "Nguyễn Thị Thu", &["zero-width"]),
            ("Vũ Văn Thuỷ", "Vũ Văn Thuỷ", &["old-tone"]),
            ("RƠ CHÂM H'YAM", "Rơ Châm H'Yam", &["upper-case"]),
            ("Nguyễn Hо\u{430}", "Nguyễn Hо\u{430}", &["lookalike"]),
            ("An", "An", &["bad-name"]),
            ("Nguyễn =1+1", "Nguyễn =1+1", &["bad-name"]),
            ("", "", &["name-missing"]),
        ] {
            let (person, notes) = person(raw, day(), &number);
            assert_eq!(person.full_name, kept, "{raw}");
            assert_eq!(words(&notes), said, "{raw}");
        }
    }

    #[test]
    fn days_of_birth_are_read_as_offices_write_them() {
        let number = text("052077000001");
        for (cell, day, said) in [
            (Cell::Day(date(1977, 1, 10)), Some("1977-01-10"), &[][..]),
            (text("10/01/1977"), Some("1977-01-10"), &["dob-text"][..]),
            (text("10.1.77"), Some("1977-01-10"), &["dob-two-digits"]),
            (text("1977-01-10"), Some("1977-01-10"), &[]),
            (Cell::Number(28135.0), Some("1977-01-10"), &["dob-serial"]),
            (Cell::Number(1977.0), Some("1977"), &["dob-year-only"]),
            (text("1977"), Some("1977"), &["dob-year-only"]),
            (text("31/02/1977"), None, &["bad-date"]),
            (text("13/13/1977"), None, &["bad-date"]),
            (text("hôm qua"), None, &["bad-date"]),
            (Cell::Empty, None, &["bad-date"]),
            (text("10.1.03"), None, &["dob-unclear"]),
        ] {
            let (person, notes) = person("Nguyễn An", cell.clone(), &number);
            assert_eq!(person.birth_date.as_deref(), day, "{cell:?}");
            assert_eq!(words(&notes), said, "{cell:?}");
        }
        // Without a number the age decides, when only one century gives an official's age.
        let (one, _) = person("Nguyễn An", text("1.2.85"), &text("900000103"));
        assert_eq!(one.birth_date.as_deref(), Some("1985-02-01"));
    }

    #[test]
    fn personal_numbers_keep_or_regain_their_zeros_and_must_agree() {
        let born = || Cell::Day(date(1993, 8, 18));
        for (cell, kept, said) in [
            (text("099193516082"), Some("099193516082"), &[][..]),
            (
                Cell::Number(99_193_516_082.0),
                Some("099193516082"),
                &["lost-zeros"][..],
            ),
            (
                Cell::Number(1_193_516_082.0),
                Some("001193516082"),
                &["lost-zeros"],
            ),
            (text("'099 193 516 082"), Some("099193516082"), &[]),
            (text("900000103"), None, &["old-number"]),
            (Cell::Empty, None, &["number-missing"]),
            (text("12345"), None, &["bad-number"]),
            (text("0991935160A2"), None, &["bad-number"]),
            (
                text("099194516082"),
                Some("099194516082"),
                &["number-disagrees"],
            ),
        ] {
            let (person, notes) = person("Huỳnh Thu Thư", born(), &cell);
            assert_eq!(person.personal_number.as_deref(), kept, "{cell:?}");
            assert_eq!(words(&notes), said, "{cell:?}");
        }
    }
}
