//! Which encoding a text file is written in, by how Vietnamese it reads, and its text in NFC.
//! Standard: TCVN 6909:2001 (Unicode), TCVN 5712:1993 (VN3, the ABC fonts), Windows-1258; VNI-Windows as its fonts lay it out
//! It must never decide for good: people see the guesses with a preview and choose.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::sheet::{MAX_BYTES, Unreadable};
use crate::domain::text::fold;

/// An encoding of lists that offices still send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Unicode as UTF-8, with or without a byte order mark.
    Utf8,
    /// Unicode as UTF-16, little end first: "Unicode text" of Excel.
    Utf16Le,
    /// Unicode as UTF-16, big end first.
    Utf16Be,
    /// Windows-1258 with combining tones.
    Windows1258,
    /// TCVN3, the ABC fonts.
    Tcvn3,
    /// VNI-Windows.
    Vni,
}

impl Encoding {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 6] = [
        Self::Utf8,
        Self::Utf16Le,
        Self::Utf16Be,
        Self::Windows1258,
        Self::Tcvn3,
        Self::Vni,
    ];

    /// The word for it in forms and stored rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Utf16Le => "utf16_le",
            Self::Utf16Be => "utf16_be",
            Self::Windows1258 => "windows1258",
            Self::Tcvn3 => "tcvn3",
            Self::Vni => "vni",
        }
    }

    /// The encoding of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.as_str() == word)
    }
}

/// The encodings in which the bytes can be read, the likeliest first.
pub fn guesses(bytes: &[u8]) -> Vec<Encoding> {
    let sample = sample(bytes);
    let mut scored: Vec<(i64, Encoding)> = Encoding::ALL
        .into_iter()
        .filter_map(|encoding| Some((score(&text(sample, encoding)?), encoding)))
        .map(|(score, encoding)| (score + mark_bonus(bytes, encoding), encoding))
        .collect();
    // A stable sort: of equal scores the one offered first, so that plain ASCII is UTF-8.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, encoding)| encoding).collect()
}

/// The text in NFC, without byte order mark.
pub fn decode(bytes: &[u8], encoding: Encoding) -> Result<String, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge(MAX_BYTES >> 20));
    }
    let text = text(bytes, encoding).ok_or(Unreadable::Encoding)?;
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Unreadable::Encoding);
    }
    Ok(text)
}

/// A byte order mark decides.
fn mark_bonus(bytes: &[u8], encoding: Encoding) -> i64 {
    let mark: &[u8] = match encoding {
        Encoding::Utf8 => b"\xEF\xBB\xBF",
        Encoding::Utf16Le => b"\xFF\xFE",
        Encoding::Utf16Be => b"\xFE\xFF",
        _ => return 0,
    };
    if bytes.starts_with(mark) {
        i64::MAX / 2
    } else {
        0
    }
}

/// Enough of a file to tell, cut at a line so that no character is torn.
fn sample(bytes: &[u8]) -> &[u8] {
    const ENOUGH: usize = 64 * 1024;
    let Some(head) = bytes.get(..ENOUGH) else {
        return bytes;
    };
    // UTF-16 has its line feed in one of two bytes; an even cut tears at most one pair there.
    let end = head
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(ENOUGH, |at| at & !1);
    head.get(..end).unwrap_or(head)
}

fn text(bytes: &[u8], encoding: Encoding) -> Option<String> {
    match encoding {
        Encoding::Utf8 => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            // Decomposed text stays so: it is a fault of the row that people are told of.
            std::str::from_utf8(bytes).ok().map(str::to_owned)
        }
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let codec = match encoding {
                Encoding::Utf16Le => encoding_rs::UTF_16LE,
                _ => encoding_rs::UTF_16BE,
            };
            let (text, wrong) = codec.decode_with_bom_removal(bytes);
            (!wrong && bytes.len().is_multiple_of(2)).then(|| text.into_owned())
        }
        Encoding::Windows1258 => {
            let (text, _) = encoding_rs::WINDOWS_1258.decode_without_bom_handling(bytes);
            Some(text.nfc().collect())
        }
        Encoding::Tcvn3 => Some(tcvn3(bytes)),
        Encoding::Vni => Some(vni(bytes)),
    }
}

/// TCVN 5712 VN3, upper half from 0x80.
const TCVN3: &str = "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\u{a0}ĂÂÊÔƠƯĐăâêôơưđẰ\u{300}\u{309}\u{303}\u{301}\u{323}àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ";

fn tcvn3(bytes: &[u8]) -> String {
    let upper: Vec<char> = TCVN3.chars().collect();
    let text: String = bytes
        .iter()
        .map(|byte| match byte.checked_sub(0x80) {
            None => char::from(*byte),
            Some(place) => upper
                .get(usize::from(place))
                .copied()
                .unwrap_or(char::REPLACEMENT_CHARACTER),
        })
        .nfc()
        .collect();
    // The fonts have no accented capitals: a word in capitals carries small accented letters.
    text.split_inclusive(|c: char| !c.is_alphabetic())
        .map(|word| {
            let mut plain = word.chars().filter(char::is_ascii_alphabetic).peekable();
            let capitals = plain.peek().is_some() && plain.all(|c| c.is_ascii_uppercase());
            let letters = word.chars().filter(|c| c.is_alphabetic()).count();
            let first_small = word.chars().next().is_some_and(char::is_lowercase);
            if capitals && (letters > 2 || first_small) && !title_case(word) {
                word.to_uppercase()
            } else {
                word.to_owned()
            }
        })
        .collect()
}

/// `Tú`: one capital before small letters, as names begin.
fn title_case(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase)
}

/// VNI-Windows: a vowel, then one byte for its mark and tone; some letters have a byte of their own.
fn vni(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut after_vowel = false;
    for byte in bytes {
        let small = byte | 0x20;
        let single = |letter: char| {
            if *byte & 0x20 == 0 {
                letter.to_uppercase().collect::<String>()
            } else {
                letter.to_string()
            }
        };
        let marks = match small {
            _ if *byte < 0x80 => None,
            0xF9 => Some("\u{301}"),
            0xF8 => Some("\u{300}"),
            0xFB => Some("\u{309}"),
            0xF5 => Some("\u{303}"),
            0xEF => Some("\u{323}"),
            0xE2 => Some("\u{302}"),
            0xE1 => Some("\u{302}\u{301}"),
            0xE0 => Some("\u{302}\u{300}"),
            0xE5 => Some("\u{302}\u{309}"),
            0xE3 => Some("\u{302}\u{303}"),
            0xE4 => Some("\u{302}\u{323}"),
            0xEA => Some("\u{306}"),
            0xE9 => Some("\u{306}\u{301}"),
            0xE8 => Some("\u{306}\u{300}"),
            0xFA => Some("\u{306}\u{309}"),
            0xFC => Some("\u{306}\u{303}"),
            0xEB => Some("\u{306}\u{323}"),
            _ => None,
        };
        let letter = match small {
            _ if *byte < 0x80 || marks.is_some() => None,
            0xF6 => Some('ư'),
            0xF4 => Some('ơ'),
            0xF1 => Some('đ'),
            0xED => Some('í'),
            0xEC => Some('ì'),
            0xE6 => Some('ỉ'),
            0xF3 => Some('ĩ'),
            0xF2 => Some('ị'),
            0xEE => Some('ỵ'),
            _ => None,
        };
        match (marks, letter) {
            (Some(marks), _) if after_vowel => {
                text.push_str(marks);
                after_vowel = false;
                continue;
            }
            (_, Some(letter)) => text.push_str(&single(letter)),
            _ if *byte < 0x80 => text.push(char::from(*byte)),
            _ => text.push(char::REPLACEMENT_CHARACTER),
        }
        after_vowel = matches!(small, 0xF6 | 0xF4) && *byte >= 0x80
            || matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'o' | b'u' | b'y');
    }
    text.nfc().collect()
}

/// How Vietnamese a text reads: words that are syllables count for it, impossible letters against it.
fn score(text: &str) -> i64 {
    let strange = text
        .chars()
        .map(|c| match c {
            char::REPLACEMENT_CHARACTER => 20,
            '\u{0}'..='\u{8}' | '\u{e}'..='\u{1f}' => 20,
            '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{2bff}' => 3,
            c if c.is_alphabetic() && !is_vietnamese(c) => 4,
            _ => 0,
        })
        .sum::<i64>();
    let words = text
        .split(|c: char| !c.is_alphabetic() && !is_combining_mark(c))
        .filter(|word| !word.is_ascii())
        .map(|word| if is_syllable(word) { 2 } else { -3 })
        .sum::<i64>();
    words - strange
}

fn is_vietnamese(c: char) -> bool {
    c.is_ascii()
        || is_combining_mark(c)
        || matches!(c, '\u{1EA0}'..='\u{1EF9}')
        || "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư".contains(c)
}

/// Whether a word is built as a Vietnamese syllable: initial, vowels, final, at most one tone, capitals only where they may stand.
fn is_syllable(word: &str) -> bool {
    const INITIALS: [&str; 27] = [
        "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "g", "h",
        "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
    ];
    const FINALS: [&str; 9] = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];
    let composed: String = word.nfc().collect();
    let mut letters = composed.chars();
    let begins_large = letters.next().is_some_and(char::is_uppercase);
    let all_small = letters.clone().all(char::is_lowercase);
    let all_large = letters.all(char::is_uppercase);
    if !(all_small || begins_large && all_large) {
        return false;
    }
    let tones = composed
        .nfd()
        .filter(|c| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'))
        .count();
    let plain = fold(&composed);
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    tones <= 1
        && INITIALS.iter().any(|initial| {
            plain.strip_prefix(initial).is_some_and(|rest| {
                let vowels = rest.chars().take_while(|c| vowel(*c)).count();
                (1..=3).contains(&vowels)
                    && FINALS.contains(&rest.get(vowels..).unwrap_or_default())
            })
        })
}
