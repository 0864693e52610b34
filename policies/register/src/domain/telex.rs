//! Recognises raw Telex typing ("Nguyeenx Vawn Binhf") when a search finds nothing, to offer what was meant.

use unicode_normalization::UnicodeNormalization;

/// The text as an input method would have written it, when the words read as raw Telex and differ.
pub fn decode(text: &str) -> Option<String> {
    if !text.is_ascii() {
        return None;
    }
    let decoded: String = text
        .split(' ')
        .map(decode_word)
        .collect::<Vec<_>>()
        .join(" ")
        .nfc()
        .collect();
    (decoded != text).then_some(decoded)
}

/// One word: double letters and w give the letter, a closing s f r x j gives the tone.
fn decode_word(word: &str) -> String {
    let (body, tone) = match word.char_indices().next_back() {
        Some((at, last)) if at > 1 => match tone_of(last) {
            Some(tone) => (word.get(..at).unwrap_or(word), Some(tone)),
            None => (word, None),
        },
        _ => (word, None),
    };
    let mut letters: Vec<String> = Vec::with_capacity(body.len());
    for c in body.chars() {
        let mark = letters
            .last()
            .and_then(|before| before.chars().next())
            .and_then(|before| mark_of(before, c));
        match (mark, letters.last_mut()) {
            (Some("đ"), Some(before)) => {
                *before = if before == "D" { "Đ" } else { "đ" }.to_string()
            }
            (Some(mark), Some(before)) => before.push_str(mark),
            _ => letters.push(c.to_string()),
        }
    }
    if let Some(tone) = tone {
        let Some(at) = tone_place(&letters) else {
            return word.to_string();
        };
        if let Some(letter) = letters.get_mut(at) {
            letter.push(tone);
        }
    }
    letters.concat()
}

fn tone_of(c: char) -> Option<char> {
    match c.to_ascii_lowercase() {
        'f' => Some('\u{0300}'),
        's' => Some('\u{0301}'),
        'x' => Some('\u{0303}'),
        'r' => Some('\u{0309}'),
        'j' => Some('\u{0323}'),
        _ => None,
    }
}

fn mark_of(before: char, c: char) -> Option<&'static str> {
    match (before.to_ascii_lowercase(), c.to_ascii_lowercase()) {
        ('a', 'a') | ('e', 'e') | ('o', 'o') => Some("\u{0302}"),
        ('a', 'w') => Some("\u{0306}"),
        ('o' | 'u', 'w') => Some("\u{031B}"),
        ('d', 'd') => Some("đ"),
        _ => None,
    }
}

/// The vowel that carries the tone: a marked one, else the last but one of an open group, else the last before a consonant.
fn tone_place(letters: &[String]) -> Option<usize> {
    let vowels: Vec<usize> = letters
        .iter()
        .enumerate()
        .filter(|(at, letter)| {
            let glide = *at > 0
                && letters.get(at - 1).is_some_and(|before| {
                    (before.eq_ignore_ascii_case("q") && letter.eq_ignore_ascii_case("u"))
                        || (before.eq_ignore_ascii_case("g")
                            && letter.eq_ignore_ascii_case("i")
                            && at + 1 < letters.len())
                });
            !glide
                && letter
                    .chars()
                    .next()
                    .is_some_and(|c| "aeiouy".contains(c.to_ascii_lowercase()))
        })
        .map(|(at, _)| at)
        .collect();
    if let Some(marked) = vowels
        .iter()
        .rev()
        .find(|at| letters.get(**at).is_some_and(|l| l.chars().count() > 1))
    {
        return Some(*marked);
    }
    let last = *vowels.last()?;
    let open = last + 1 == letters.len();
    if open && vowels.len() > 1 {
        vowels.get(vowels.len() - 2).copied()
    } else {
        Some(last)
    }
}
