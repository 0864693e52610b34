//! Builds multipart/signed around the exact bytes of a message's body.
//! Standard: RFC 8551 §3.5.3.1–3.5.3.3; RFC 1847 §2.1
//! It must never change the inner part after its digest was taken.

use crate::mime::{Entity, MimeError, is_strict};
use sha2::{Digest as _, Sha256};

/// Why a message cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The message cannot be read in one way.
    #[error(transparent)]
    Mime(#[from] MimeError),
    /// The boundary is not fit, or occurs in the body.
    #[error("the boundary is not fit for this message")]
    Boundary,
    /// A text line longer than 998 octets would be broken on the way.
    #[error("a line is longer than 998 octets")]
    LongLine,
    /// Octets above 127 in text that is not encoded may be re-encoded on the way, which would break the signature (RFC 8551 §3.1.3).
    #[error("the body holds unencoded 8-bit octets")]
    EightBit,
}

/// A message whose inner part is fixed and waits for its signature.
pub struct Prepared {
    outer: Vec<u8>,
    inner: Vec<u8>,
    boundary: String,
}

/// Splits outer from inner fields and fixes the inner part. `boundary` is random and plain.
pub fn prepare(message: &[u8], boundary: &str) -> Result<Prepared, SignError> {
    if !is_strict(message) {
        return Err(MimeError::BareLineEnd.into());
    }
    let plain = !boundary.is_empty()
        && boundary.len() <= 60
        && boundary
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let needle = format!("--{boundary}");
    if !plain
        || message
            .windows(needle.len())
            .any(|w| w == needle.as_bytes())
    {
        return Err(SignError::Boundary);
    }
    let entity = Entity::parse(message, 0..message.len())?;
    entity.content_type(message)?;
    let (mut outer, mut inner) = (Vec::new(), Vec::new());
    for field in &entity.fields {
        let lines = message.get(field.lines.clone()).unwrap_or_default();
        match field.name.as_str() {
            "mime-version" => {}
            name if name.starts_with("content-") => inner.extend_from_slice(lines),
            _ => outer.extend_from_slice(lines),
        }
    }
    inner.extend_from_slice(b"\r\n");
    inner.extend_from_slice(message.get(entity.body).unwrap_or_default());
    // The CRLF before the boundary line belongs to the boundary; the part itself ends as its author ended it, without a last line end.
    if inner.ends_with(b"\r\n") && inner.len() > 2 {
        inner.truncate(inner.len() - 2);
    }
    if inner.split(|b| *b == b'\n').any(|line| line.len() > 999) {
        return Err(SignError::LongLine);
    }
    if inner.iter().any(|b| *b > 127) {
        return Err(SignError::EightBit);
    }
    Ok(Prepared {
        outer,
        inner,
        boundary: boundary.to_owned(),
    })
}

impl Prepared {
    /// SHA-256 over the inner part: what the CMS signs.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.inner).into()
    }

    /// The whole message with a detached CMS (ContentInfo, DER).
    pub fn finish(self, cms: &[u8]) -> Vec<u8> {
        use base64::Engine as _;
        let b = &self.boundary;
        let mut out = self.outer;
        out.extend_from_slice(
            format!("MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n micalg=sha-256; boundary=\"{b}\"\r\n\r\nThis is a signed message.\r\n--{b}\r\n").as_bytes(),
        );
        out.extend_from_slice(&self.inner);
        out.extend_from_slice(
            format!("\r\n--{b}\r\nContent-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n").as_bytes(),
        );
        let encoded = base64::engine::general_purpose::STANDARD.encode(cms);
        for line in encoded.as_bytes().chunks(76) {
            out.extend_from_slice(line);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(format!("\r\n--{b}--\r\n").as_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_a_relay_might_re_encode_is_not_signed() {
        assert_eq!(
            prepare("A: 1\r\n\r\nvăn thư\r\n".as_bytes(), "x").err(),
            Some(SignError::EightBit)
        );
        assert_eq!(
            prepare(
                format!("A: 1\r\n\r\n{}\r\n", "a".repeat(1000)).as_bytes(),
                "x"
            )
            .err(),
            Some(SignError::LongLine)
        );
        assert!(matches!(
            prepare(b"A: 1\r\n\r\na\nb\r\n", "x"),
            Err(SignError::Mime(MimeError::BareLineEnd))
        ));
        assert_eq!(
            prepare(b"A: 1\r\n\r\n--x\r\n", "x").err(),
            Some(SignError::Boundary)
        );
        assert_eq!(
            prepare(b"A: 1\r\n\r\na\r\n", "x\"y").err(),
            Some(SignError::Boundary)
        );
    }

    #[test]
    fn outer_fields_stay_outside_and_content_fields_go_inside() {
        let prepared = prepare(b"Subject: =?utf-8?b?YQ==?=\r\nContent-Type: text/plain\r\nMIME-Version: 1.0\r\nFrom: a@b.test\r\n\r\nhello\r\n", "bb").unwrap();
        assert_eq!(prepared.inner, b"Content-Type: text/plain\r\n\r\nhello");
        let whole = String::from_utf8(prepared.finish(b"cms")).unwrap();
        assert!(whole.starts_with("Subject: =?utf-8?b?YQ==?=\r\nFrom: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed;"), "{whole}");
        assert!(
            whole.contains("--bb\r\nContent-Type: text/plain\r\n\r\nhello\r\n--bb\r\n"),
            "{whole}"
        );
    }
}
