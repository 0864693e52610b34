//! What the relay reads of a message's head, on the bytes as they came.
//! Standard: RFC 5322 §2.2, §3.6; RFC 8601 §5 (own header fields coming from outside are removed)
//! It must never re-serialise a message: it reads, prepends trace lines, and removes whole lines of its own name.

use super::address::Address;

/// The head of a message: raw field lines.
pub struct Head<'a> {
    bytes: &'a [u8],
    /// Length of the head without the empty line; the whole message when there is no body.
    length: usize,
}

/// Why a head is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// RFC 5322 §3.6: exactly one From.
    #[error("a message has exactly one From field")]
    From,
    /// From names several or no addresses, or not in a readable way.
    #[error("From must name one address")]
    FromAddress,
    /// A line that is no field.
    #[error("the head holds a line that is no header field")]
    Line,
}

impl<'a> Head<'a> {
    /// Finds the end of the head.
    pub fn of(bytes: &'a [u8]) -> Self {
        let length = bytes
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .map_or(bytes.len(), |at| at + 2);
        Self { bytes, length }
    }

    /// Each field with its folded lines, CRLF included.
    pub fn fields(&self) -> Vec<&'a [u8]> {
        let head = self.bytes.get(..self.length).unwrap_or_default();
        let mut fields: Vec<&[u8]> = Vec::new();
        let (mut start, mut at) = (0, 0);
        while at < head.len() {
            let end = head
                .get(at..)
                .and_then(|rest| rest.windows(2).position(|w| w == b"\r\n"))
                .map_or(head.len(), |n| at + n + 2);
            let continues = head.get(end).is_some_and(|b| *b == b' ' || *b == b'\t');
            if !continues {
                fields.extend(head.get(start..end));
                start = end;
            }
            at = end;
        }
        fields
    }

    /// Values of every field of this name, unfolded.
    pub fn values(&self, name: &str) -> Vec<String> {
        self.fields()
            .into_iter()
            .filter_map(|field| {
                let text = String::from_utf8_lossy(field);
                let (found, value) = text.split_once(':')?;
                found
                    .trim_end()
                    .eq_ignore_ascii_case(name)
                    .then(|| value.replace("\r\n", "").trim().to_owned())
            })
            .collect()
    }

    /// Refuses heads in which a line is no field (a way to hide a second From).
    pub fn check(&self) -> Result<(), HeadError> {
        for field in self.fields() {
            let name = field.split(|b| *b == b':').next().unwrap_or_default();
            let good = field.contains(&b':')
                && !name.is_empty()
                && name.iter().all(|b| (0x21..=0x7e).contains(b));
            if !good {
                return Err(HeadError::Line);
            }
        }
        Ok(())
    }

    /// The one address of the one From field.
    pub fn from(&self) -> Result<Address, HeadError> {
        let mut all = self.values("From");
        let value = all
            .pop()
            .filter(|_| all.is_empty())
            .ok_or(HeadError::From)?;
        smime::sender::one_address(&value)
            .and_then(|address| Address::parse(&address).ok())
            .ok_or(HeadError::FromAddress)
    }
}

/// The message without the fields of these names.
pub fn without(message: &[u8], names: &[&str]) -> Vec<u8> {
    let head = Head::of(message);
    let mut out = Vec::with_capacity(message.len());
    for field in head.fields() {
        let name = field.split(|b| *b == b':').next().unwrap_or_default();
        let name = String::from_utf8_lossy(name);
        if !names
            .iter()
            .any(|n| name.trim_end().eq_ignore_ascii_case(n))
        {
            out.extend_from_slice(field);
        }
    }
    out.extend_from_slice(message.get(head.length..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(head: &str) -> Result<String, HeadError> {
        Head::of(format!("{head}\r\n\r\nbody").as_bytes())
            .from()
            .map(|a| a.to_string())
    }

    #[test]
    fn the_one_from_address_is_read_in_its_usual_forms() {
        assert_eq!(
            from("From: vanthu@binhdinh.test").unwrap(),
            "vanthu@binhdinh.test"
        );
        assert_eq!(
            from("Subject: x\r\nFrom: =?utf-8?b?VsSDbiB0aMaw?=\r\n <vanthu@binhdinh.test>")
                .unwrap(),
            "vanthu@binhdinh.test"
        );
        assert_eq!(
            from("From: \"Van, thu (tinh) <x@y>\" <vanthu@binhdinh.test>").unwrap(),
            "vanthu@binhdinh.test"
        );
    }

    #[test]
    fn two_from_fields_or_a_display_name_posing_as_an_address_are_refused() {
        assert_eq!(
            from("From: a@b.test\r\nFrom: c@d.test"),
            Err(HeadError::From)
        );
        assert_eq!(from("Subject: x"), Err(HeadError::From));
        assert_eq!(
            from("From: a@b.test, c@d.test"),
            Err(HeadError::FromAddress)
        );
        assert_eq!(
            from("From: a@b.test (c@d.test)"),
            Err(HeadError::FromAddress)
        );
        assert_eq!(
            from("From: a@b.test <c@d.test>"),
            Err(HeadError::FromAddress)
        );
        assert_eq!(
            from("From: <a@b.test> <c@d.test>"),
            Err(HeadError::FromAddress)
        );
        assert_eq!(from("From: Group: a@b.test;"), Err(HeadError::FromAddress));
    }

    #[test]
    fn a_line_that_is_no_field_is_refused() {
        assert_eq!(
            Head::of(b"From: a@b.test\r\nthis is no field\r\n\r\n").check(),
            Err(HeadError::Line)
        );
        assert_eq!(
            Head::of(b"From : a@b.test\r\n\r\n").check(),
            Err(HeadError::Line)
        );
        assert_eq!(
            Head::of(b"From: a@b.test\r\n folded\r\n\r\nx").check(),
            Ok(())
        );
    }

    #[test]
    fn own_fields_from_outside_are_removed_and_nothing_else_changes() {
        let mail = b"X-AnTin-Verify: good\r\n forged\r\nFrom: a@b.test\r\n\r\nX-AnTin-Verify: in the body stays\r\n";
        assert_eq!(
            without(mail, &["X-AnTin-Verify"]),
            b"From: a@b.test\r\n\r\nX-AnTin-Verify: in the body stays\r\n"
        );
    }
}
