//! Parameters of OAuth requests: each at most once, none without a value.
//! Standard: RFC 6749 §3.1, §3.2 and appendix B
//! It must never take the first or the last of two values: a repeated parameter spoils the request.

/// Parameters of one request.
#[derive(Debug, Clone, Default)]
pub struct Parameters(Vec<(String, String)>);

/// Why parameters cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParametersError {
    /// The same name twice.
    #[error("a parameter is repeated")]
    Repeated,
    /// More than 64 parameters or 16 KiB.
    #[error("too many parameters")]
    TooMany,
}

impl Parameters {
    /// Reads a query or a form body.
    pub fn parse(encoded: &str) -> Result<Self, ParametersError> {
        if encoded.len() > 16 * 1024 {
            return Err(ParametersError::TooMany);
        }
        let mut all: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(encoded.as_bytes()) {
            if all.iter().any(|(known, _)| *known == name) {
                return Err(ParametersError::Repeated);
            }
            if all.len() >= 64 {
                return Err(ParametersError::TooMany);
            }
            all.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(all))
    }

    /// The value; an empty one is as good as none.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, v)| v.as_str())
            .filter(|v| !v.is_empty())
    }

    /// The value as an owned text.
    pub fn owned(&self, name: &str) -> Option<String> {
        self.value(name).map(str::to_owned)
    }

    /// The parameters as a query, without those named.
    pub fn query_without(&self, names: &[&str]) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            if !names.contains(&name.as_str()) {
                out.append_pair(name, value);
            }
        }
        out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameter_spoils_the_request_and_an_empty_one_counts_as_absent() {
        assert_eq!(
            Parameters::parse("a=1&b=2&a=1").unwrap_err(),
            ParametersError::Repeated
        );
        assert_eq!(
            Parameters::parse(&"a".repeat(20_000)).unwrap_err(),
            ParametersError::TooMany
        );
        let p = Parameters::parse("a=&b=2+3&c=%C4%91").unwrap();
        assert_eq!(
            (p.value("a"), p.value("b"), p.value("c"), p.value("d")),
            (None, Some("2 3"), Some("đ"), None)
        );
        assert_eq!(p.query_without(&["a", "c"]), "b=2+3");
    }
}
