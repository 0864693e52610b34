//! BER from other programs brought to DER lengths, once, before anything is read: mail and PDF programs write indefinite lengths.
//! Standard: X.690 §8.1.3.6 (indefinite form), §8.7.3 (constructed octet strings), §10.1, §10.2
//! It must never change a primitive value, and never nest or grow past its bounds.

use super::{Malformed, OCTET_STRING, write};
use std::borrow::Cow;

const WHAT: &str = "BER";
/// Deepest nesting.
const DEEPEST: usize = 48;
/// Largest input.
pub const LIMIT: usize = 64 * 1024 * 1024;
/// Most elements.
const MOST: usize = 200_000;

/// The same bytes when their outermost length is definite; else every length made definite and minimal, and octet strings in pieces joined.
pub fn to_der(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Malformed> {
    if bytes.len() > LIMIT {
        return Err(Malformed::new(WHAT, "too large"));
    }
    if bytes.get(1) != Some(&0x80) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut left = MOST;
    let (der, rest) = element(bytes, DEEPEST, &mut left)?;
    if rest.is_empty() {
        Ok(Cow::Owned(der))
    } else {
        Err(Malformed::new(WHAT, "trailing bytes"))
    }
}

fn element<'a>(
    bytes: &'a [u8],
    depth: usize,
    left: &mut usize,
) -> Result<(Vec<u8>, &'a [u8]), Malformed> {
    let wrong = |why| Malformed::new(WHAT, why);
    *left = left.checked_sub(1).ok_or(wrong("too many elements"))?;
    let (&tag, rest) = bytes.split_first().ok_or(wrong("ends too early"))?;
    if tag & 0x1f == 0x1f {
        return Err(wrong("high tag number"));
    }
    let (&first, rest) = rest.split_first().ok_or(wrong("ends inside a length"))?;
    let is_constructed = tag & 0x20 != 0;
    if first == 0x80 {
        if !is_constructed {
            return Err(wrong("indefinite length of a primitive value"));
        }
        let depth = depth.checked_sub(1).ok_or(wrong("nested too deep"))?;
        let mut members = Vec::new();
        let mut rest = rest;
        loop {
            if let Some(after) = rest.strip_prefix(&[0, 0]) {
                return Ok((joined(tag, &members)?, after));
            }
            let (member, after) = element(rest, depth, left)?;
            members.push(member);
            rest = after;
        }
    }
    let octets = usize::from(first & 0x7f);
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest
            .split_at_checked(octets)
            .ok_or(wrong("ends inside a length"))?;
        if octets > 4 {
            return Err(wrong("length is too large"));
        }
        let length = digits
            .iter()
            .fold(0_usize, |sum, &byte| (sum << 8) | usize::from(byte));
        (length, rest)
    };
    let (content, after) = rest
        .split_at_checked(length)
        .ok_or(wrong("length passes the end"))?;
    if !is_constructed {
        return Ok((write::tlv(tag, content), after));
    }
    let depth = depth.checked_sub(1).ok_or(wrong("nested too deep"))?;
    let mut members = Vec::new();
    let mut inner = content;
    while !inner.is_empty() {
        let (member, rest) = element(inner, depth, left)?;
        members.push(member);
        inner = rest;
    }
    Ok((joined(tag, &members)?, after))
}

/// Members under their tag; the pieces of an octet string become one.
fn joined(tag: u8, members: &[Vec<u8>]) -> Result<Vec<u8>, Malformed> {
    if tag != OCTET_STRING | 0x20 {
        return Ok(write::tlv(tag, &members.concat()));
    }
    let mut whole = Vec::new();
    for member in members {
        whole.extend_from_slice(super::read::single(WHAT, member, OCTET_STRING)?.content);
    }
    Ok(write::octets(&whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indefinite_lengths_and_octet_strings_in_pieces_become_der() {
        let ber = [
            0x30, 0x80, 0x02, 0x01, 0x05, 0x24, 0x80, 0x04, 0x01, 0xaa, 0x04, 0x81, 0x01, 0xbb, 0,
            0, 0, 0,
        ];
        assert_eq!(
            to_der(&ber).unwrap().as_ref(),
            [0x30, 0x07, 0x02, 0x01, 0x05, 0x04, 0x02, 0xaa, 0xbb]
        );
    }

    #[test]
    fn der_passes_untouched_and_bad_ber_is_refused() {
        let der = [0x30, 0x03, 0x02, 0x01, 0x05];
        assert!(matches!(to_der(&der).unwrap(), Cow::Borrowed(same) if same == der));
        for bad in [
            &[0x30, 0x80][..],
            &[0x30, 0x80, 0x02, 0x01],
            &[0x30, 0x80, 0, 0, 0],
            &[0x30, 0x80, 0x04, 0x80, 0, 0, 0, 0],
            &[0x30, 0x80, 0x24, 0x80, 0x02, 0x01, 0x05, 0, 0, 0, 0],
            &[0x30, 0x80, 0x3f, 0x81, 0x01, 0x00, 0, 0],
        ] {
            assert!(to_der(bad).is_err(), "{bad:?}");
        }
        let bomb = [0x30, 0x80].repeat(100_000);
        assert_eq!(to_der(&bomb).unwrap_err().why, "nested too deep");
        let many = [&[0x30, 0x80][..], &[5, 0].repeat(MOST), &[0, 0]].concat();
        assert_eq!(to_der(&many).unwrap_err().why, "too many elements");
    }
}
