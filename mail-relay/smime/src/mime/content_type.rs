//! The Content-Type field: type, subtype, parameters.
//! Standard: RFC 2045 §5.1
//! It must never accept a parameter that stands twice: which one counts would depend on the reader.

/// A parsed content type; names in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// `multipart/signed`
    pub essence: String,
    parameters: Vec<(String, String)>,
}

/// Why a content type does not parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentTypeError {
    /// Not `type/subtype`.
    #[error("not type/subtype")]
    Type,
    /// A parameter that is not `name=value`.
    #[error("a bad parameter")]
    Parameter,
    /// A parameter that stands twice.
    #[error("a parameter stands twice")]
    Twice,
}

fn token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| (0x21..=0x7e).contains(&b) && !b"()<>@,;:\\\"/[]?=".contains(&b))
}

impl ContentType {
    /// `text/plain` without parameters.
    pub fn plain() -> Self {
        Self {
            essence: "text/plain".into(),
            parameters: Vec::new(),
        }
    }

    /// Reads an unfolded value.
    pub fn parse(text: &str) -> Result<Self, ContentTypeError> {
        let (essence, mut rest) = text.split_once(';').map_or((text, ""), |(e, r)| (e, r));
        let essence = essence.trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/').ok_or(ContentTypeError::Type)?;
        if !token(kind) || !token(subtype) {
            return Err(ContentTypeError::Type);
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        while !rest.trim().is_empty() {
            let (name, after) = rest.split_once('=').ok_or(ContentTypeError::Parameter)?;
            let name = name.trim().to_ascii_lowercase();
            if !token(&name) {
                return Err(ContentTypeError::Parameter);
            }
            let (value, tail) = value(after.trim_start())?;
            if parameters.iter().any(|(n, _)| *n == name) {
                return Err(ContentTypeError::Twice);
            }
            parameters.push((name, value));
            let tail = tail.trim_start();
            rest = match tail.strip_prefix(';') {
                Some(rest) => rest,
                None if tail.is_empty() => "",
                None => return Err(ContentTypeError::Parameter),
            };
        }
        Ok(Self {
            essence,
            parameters,
        })
    }

    /// A parameter's value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }
}

fn value(text: &str) -> Result<(String, &str), ContentTypeError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ' ', '\t']).unwrap_or(text.len());
        let (value, tail) = text.split_at(end);
        return if token(value) {
            Ok((value.to_owned(), tail))
        } else {
            Err(ContentTypeError::Parameter)
        };
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Ok((value, quoted.get(at + 1..).unwrap_or_default())),
            '\\' => value.push(characters.next().ok_or(ContentTypeError::Parameter)?.1),
            c => value.push(c),
        }
    }
    Err(ContentTypeError::Parameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_with_quotes_and_without() {
        let read = ContentType::parse("Multipart/Signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256;\tboundary=\"a \\\"b\"").unwrap();
        assert_eq!(read.essence, "multipart/signed");
        assert_eq!(
            read.parameter("protocol"),
            Some("application/pkcs7-signature")
        );
        assert_eq!(read.parameter("boundary"), Some("a \"b"));
    }

    #[test]
    fn bad_content_types_are_errors() {
        for bad in [
            "",
            "text",
            "text/",
            "/plain",
            "text/plain; a",
            "text/plain; a=",
            "text/plain; a=\"b",
            "text/plain; a=b; A=c",
            "text/plain; a=b c=d",
            "te xt/plain",
        ] {
            assert!(ContentType::parse(bad).is_err(), "{bad}");
        }
    }
}
