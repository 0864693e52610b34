//! The text form of certificates, keys and lists.
//! Standard: RFC 7468 §2, §3
//! It must never skip a damaged block in silence.

use crate::certificate::Certificate;
use data_encoding::BASE64;

/// Text that is not PEM.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// A block begins and does not end, or ends with another label.
    #[error("PEM: block {0} does not end")]
    Unfinished(String),
    /// A block's contents are not base64.
    #[error("PEM: block {0} is not base64")]
    Base64(String),
    /// No block at all.
    #[error("PEM: no block found")]
    Empty,
    /// A certificate in it is malformed.
    #[error("PEM: {0}")]
    Malformed(#[from] crate::Malformed),
}

/// One block, lines of 64 letters.
pub fn encode(label: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && place % 64 == 0 {
            out.push('\n');
        }
        out.push(letter);
    }
    out.push_str(&format!("\n-----END {label}-----\n"));
    out
}

/// All blocks with their labels; text between blocks is allowed.
pub fn decode_all(text: &str) -> Result<Vec<(String, Vec<u8>)>, PemError> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(label) = line
            .trim_end()
            .strip_prefix("-----BEGIN ")
            .and_then(|rest| rest.strip_suffix("-----"))
        else {
            continue;
        };
        let end = format!("-----END {label}-----");
        let mut body = String::new();
        loop {
            match lines.next().map(str::trim) {
                None => return Err(PemError::Unfinished(label.to_owned())),
                Some(line) if line == end => break,
                Some(line) if line.starts_with("-----") => {
                    return Err(PemError::Unfinished(label.to_owned()));
                }
                Some(line) => body.push_str(line),
            }
        }
        let der = BASE64
            .decode(body.as_bytes())
            .map_err(|_| PemError::Base64(label.to_owned()))?;
        found.push((label.to_owned(), der));
    }
    if found.is_empty() {
        return Err(PemError::Empty);
    }
    Ok(found)
}

/// All certificates of a text.
pub fn certificates(text: &str) -> Result<Vec<Certificate>, PemError> {
    let mut found = Vec::new();
    for (label, der) in decode_all(text)? {
        if label == "CERTIFICATE" {
            found.push(Certificate::parse(&der)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_reads_back_and_damage_is_named() {
        let text = encode("X", &[7; 100]);
        assert_eq!(
            decode_all(&format!("note\n{text}")).unwrap(),
            [("X".to_owned(), vec![7; 100])]
        );
        assert_eq!(decode_all("nothing"), Err(PemError::Empty));
        assert_eq!(
            decode_all(text.split("-----END").next().unwrap()),
            Err(PemError::Unfinished("X".into()))
        );
        assert_eq!(
            decode_all(&text.replace("Bwc", "B*c")),
            Err(PemError::Base64("X".into()))
        );
        assert_eq!(
            decode_all(&text.replace("END X", "END Y")),
            Err(PemError::Unfinished("X".into()))
        );
    }
}
