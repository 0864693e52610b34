//! The order in which offices print lists of people: given name, then surname, then middle name, each by the Vietnamese alphabet.
//! Standard: the alphabet a ă â b c d đ e ê …, tones huyền, hỏi, ngã, sắc, nặng at second level (as ICU `vi`).
//! It must never be used to decide that two people are the same.

use unicode_normalization::UnicodeNormalization;

const LETTERS: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";
const SPACE: u8 = 1;
const FIRST_DIGIT: u8 = 2;
const FIRST_LETTER: u8 = 20;
const OTHER: u8 = 250;

/// Sort key of a person's name; compare bytewise (a BLOB / BYTEA column), never as text.
pub fn person_key(given: &str, surname: &str, middle: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(2 * (given.len() + surname.len() + middle.len()) + 6);
    for part in [given, surname, middle] {
        append(&mut key, part);
    }
    key
}

/// Sort key of any other text.
pub fn text_key(text: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(2 * text.len() + 2);
    append(&mut key, text);
    key
}

/// Letters first, then tones; both closed by a zero so that the shorter text comes first.
fn append(key: &mut Vec<u8>, text: &str) {
    let (letters, tones): (Vec<u8>, Vec<u8>) =
        text.nfc().flat_map(char::to_lowercase).map(weigh).unzip();
    key.extend(letters);
    key.push(0);
    key.extend(tones);
    key.push(0);
}

/// Primary weight (letter) and secondary weight (tone) of one character.
fn weigh(c: char) -> (u8, u8) {
    let mut tone = 1;
    let mut bare = String::new();
    for part in std::iter::once(c).nfd() {
        match part {
            '\u{0300}' => tone = 2,
            '\u{0309}' => tone = 3,
            '\u{0303}' => tone = 4,
            '\u{0301}' => tone = 5,
            '\u{0323}' => tone = 6,
            other => bare.push(other),
        }
    }
    let letter = bare.nfc().next().unwrap_or(c);
    let primary = if letter == ' ' {
        SPACE
    } else if let Some(digit) = letter.to_digit(10) {
        FIRST_DIGIT.saturating_add(u8::try_from(digit).unwrap_or(0))
    } else {
        LETTERS
            .chars()
            .position(|l| l == letter)
            .and_then(|at| u8::try_from(at).ok())
            .map_or(OTHER, |at| FIRST_LETTER.saturating_add(at))
    };
    (primary, tone)
}
