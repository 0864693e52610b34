//! Addresses as they stand in envelopes: ASCII, bounded, without anything that could end a line or a path.
//! Standard: RFC 5321 §4.1.2, §4.5.3.1
//! It must never accept a control character, a space or an angle bracket inside an address.

use std::fmt;

/// An address: `local@domain`, the domain in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    local: String,
    domain: String,
}

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No `@`, or an empty side.
    #[error("an address is written local@domain")]
    Shape,
    /// Longer than RFC 5321 §4.5.3.1 allows.
    #[error("address too long")]
    Long,
    /// A character outside dot-atom.
    #[error("address holds a character that is not allowed")]
    Character,
}

impl Address {
    /// Reads an address (dot-atom only; quoted local parts are refused, nobody here has one).
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Shape)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::Shape);
        }
        if local.len() > 64 || domain.len() > 253 {
            return Err(AddressError::Long);
        }
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let dotted =
            |part: &str| !part.starts_with('.') && !part.ends_with('.') && !part.contains("..");
        if !local.chars().all(atom) || !dotted(local) {
            return Err(AddressError::Character);
        }
        let host = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if !domain.chars().all(host) || !dotted(domain) {
            return Err(AddressError::Character);
        }
        Ok(Self {
            local: local.to_owned(),
            domain: domain.to_ascii_lowercase(),
        })
    }

    /// The part after `@`, lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The whole in lower case: how mailboxes of ours are named and found.
    pub fn key(&self) -> String {
        self.to_string().to_ascii_lowercase()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_province_are_read_and_their_domain_is_folded() {
        assert_eq!(
            Address::parse("vanthu@STC.binhdinh.test")
                .unwrap()
                .to_string(),
            "vanthu@stc.binhdinh.test"
        );
        assert_eq!(
            Address::parse("Van.Thu@binhdinh.test").unwrap().key(),
            "van.thu@binhdinh.test"
        );
    }

    #[test]
    fn header_injection_through_an_address_is_refused() {
        for text in [
            "a@b\r\nBcc: c@d",
            "a b@c",
            "a@b>",
            "<a@b",
            "a@",
            "@b",
            "a",
            "a@b..c",
            ".a@b",
            "a.@b",
            "a@b c",
            "a\0@b",
            "\"a\"@b",
            "ă@b.test",
        ] {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(
            Address::parse(&format!("{}@b.test", "a".repeat(65))),
            Err(AddressError::Long)
        );
    }
}
