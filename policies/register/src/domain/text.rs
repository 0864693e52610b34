//! Vietnamese text at the door: NFC, forbidden characters, the accent-free search key and the key that ignores where the tone stands.
//! Standard: Unicode UAX #15 (NFC), TCVN 6909:2001; Decree 30/2020 names are kept letter by letter.
//! It must never rewrite a person's name: keys are for finding, the stored text is what was given.

use unicode_normalization::char::{compose, is_combining_mark};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Why a text is refused at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextFault {
    /// Decomposed or half-composed text.
    NotNfc,
    /// A control character, NUL included.
    Control(char),
    /// A letter of another script that looks Latin.
    MixedScript(char),
    /// More characters than the field holds.
    TooLong {
        /// Characters allowed.
        max: usize,
        /// Characters found.
        found: usize,
    },
}

/// Text of a file: must be NFC, without control characters, of one script and short enough; spaces are tidied.
pub fn checked(raw: &str, max: usize) -> Result<String, TextFault> {
    if let Some(control) = raw.chars().find(|c| c.is_control()) {
        return Err(TextFault::Control(control));
    }
    if !is_nfc(raw) {
        return Err(TextFault::NotNfc);
    }
    if let Some(letter) = foreign_letter(raw) {
        return Err(TextFault::MixedScript(letter));
    }
    let text = tidy(raw);
    let found = text.chars().count();
    if found > max {
        return Err(TextFault::TooLong { max, found });
    }
    Ok(text)
}

/// Typed text: composed, control and zero-width characters dropped, spaces collapsed and trimmed.
pub fn tidy(raw: &str) -> String {
    let composed: String = raw
        .nfc()
        .filter(|c| {
            !matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
                && (!c.is_control() || c.is_whitespace())
        })
        .collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first letter that is neither Latin nor one we can name, if any.
pub fn foreign_letter(text: &str) -> Option<char> {
    text.chars()
        .find(|c| c.is_alphabetic() && !matches!(c, '\u{41}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}'))
}

/// Eth and African D typed for Đ: the repaired text, when there was something to repair.
pub fn repair_eth(text: &str) -> Option<String> {
    if !text
        .chars()
        .any(|c| matches!(c, '\u{00D0}' | '\u{00F0}' | '\u{0189}' | '\u{0256}'))
    {
        return None;
    }
    let repaired = text.chars().map(|c| match c {
        '\u{00D0}' | '\u{0189}' => 'Đ',
        '\u{00F0}' | '\u{0256}' => 'đ',
        other => other,
    });
    Some(repaired.collect())
}

/// Search key: decomposed, marks dropped, đ as d, lower case.
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'đ' | 'ð' | 'ɖ' => 'd',
            other => other,
        })
        .collect()
}

/// Key that keeps marks but not case nor tone placement (hoà = hòa): what ranks exact marks first.
pub fn marked(text: &str) -> String {
    let lower: String = text.nfc().flat_map(char::to_lowercase).collect();
    unify_tone(&lower)
}

/// Moves the tone of a final oa, oe, uy to its first vowel, word by word; case is kept.
pub fn unify_tone(text: &str) -> String {
    text.split(' ')
        .map(|word| match unify_word(word) {
            Some(unified) => unified,
            None => word.to_string(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// One word with its tone moved, or `None` when it has no such ending.
fn unify_word(word: &str) -> Option<String> {
    let mut letters: Vec<char> = word.chars().collect();
    let last = letters.pop()?;
    let before = letters.pop()?;
    let (vowel, tone) = split_tone(last)?;
    let pairs = matches!(
        (before.to_ascii_lowercase(), vowel.to_ascii_lowercase()),
        ('o', 'a' | 'e') | ('u', 'y')
    );
    let after_q = letters.last().is_some_and(|c| c.eq_ignore_ascii_case(&'q'));
    if !pairs || after_q {
        return None;
    }
    letters.push(compose(before, tone)?);
    letters.push(vowel);
    Some(letters.into_iter().collect())
}

/// A plain ASCII vowel and its tone, when the letter is exactly that.
fn split_tone(letter: char) -> Option<(char, char)> {
    let mut parts = letter.nfd();
    let (vowel, tone) = (parts.next()?, parts.next()?);
    let is_tone = matches!(
        tone,
        '\u{0300}' | '\u{0301}' | '\u{0303}' | '\u{0309}' | '\u{0323}'
    );
    (parts.next().is_none() && vowel.is_ascii() && is_tone).then_some((vowel, tone))
}

/// A name to sign in by, made as offices make it: `Lê Mỹ Linh` → `linhlm`, the given name, then the first letters of the others.
/// Empty when the name has no letter that is one in ASCII; whoever gives it out adds a number when somebody has it.
pub fn sign_in_name(full_name: &str) -> String {
    let words: Vec<String> = full_name
        .split(' ')
        .map(|word| {
            fold(word)
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect()
        })
        .collect();
    let (given, others) = words
        .split_last()
        .map_or(("", &[][..]), |(g, o)| (g.as_str(), o));
    let initials: String = others
        .iter()
        .filter_map(|word| word.chars().next())
        .collect();
    format!("{given}{initials}")
}

/// A pattern for `LIKE … ESCAPE '!'` that finds the text anywhere.
pub fn like_anywhere(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A word for machines made of a Vietnamese phrase: `Nông nghiệp, đất đai` → `nong-nghiep-dat-dai`.
pub fn slug(text: &str) -> String {
    fold(text)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}
