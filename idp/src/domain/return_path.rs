//! Where a page may send a person afterwards: a path on this site, and nothing else.

/// A path with query on our own site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPath(String);

impl ReturnPath {
    /// Reads `next=`; whatever could leave this site is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = text.bytes();
        if text.len() > 4096 || bytes.next() != Some(b'/') {
            return None;
        }
        if matches!(bytes.next(), Some(b'/' | b'\\')) {
            return None;
        }
        if !text
            .bytes()
            .all(|b| (0x21..0x7f).contains(&b) && b != b'\\' && b != b'#')
        {
            return None;
        }
        let base = url::Url::parse("https://here.invalid/").ok()?;
        let joined = base.join(text).ok()?;
        (joined.origin() == base.origin()
            && joined.username().is_empty()
            && !joined.path().starts_with("//"))
        .then(|| {
            let mut path = joined.path().to_owned();
            if let Some(query) = joined.query() {
                path.push('?');
                path.push_str(query);
            }
            Self(path)
        })
    }

    /// The given path, or the front page.
    pub fn or_home(text: Option<&str>) -> Self {
        text.and_then(Self::parse)
            .unwrap_or_else(|| Self("/".to_owned()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_redirect_is_not_a_return_path() {
        for bad in [
            "",
            "next",
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/%0d%0aSet-Cookie:x\n",
            "javascript:alert(1)",
            "http:evil",
            " /x",
            "/x#y",
            "///evil.example",
            "/.//evil.example",
            "/a/..//evil.example",
            "/é",
        ] {
            assert_eq!(ReturnPath::parse(bad), None, "{bad:?}");
            assert_eq!(ReturnPath::or_home(Some(bad)).as_str(), "/");
        }
    }

    #[test]
    fn paths_of_our_own_are_kept_with_their_query() {
        for good in [
            "/",
            "/account",
            "/authorize?client_id=a&redirect_uri=http%3A%2F%2F127.0.0.1%3A8090%2Fcb&state=%2F%2Fx",
        ] {
            assert_eq!(ReturnPath::parse(good).unwrap().as_str(), good);
        }
    }
}
