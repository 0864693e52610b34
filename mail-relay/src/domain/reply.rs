//! Replies: code, enhanced status, text.
//! Standard: RFC 5321 §4.2; RFC 2034 §4; RFC 3463 §2
//! It must never carry text from outside: replies are constants, so nothing can be injected.

/// A reply of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Three digits.
    pub code: u16,
    /// `class.subject.detail`, empty where the standard gives none.
    pub enhanced: &'static str,
    /// For people.
    pub text: &'static str,
}

impl Reply {
    /// A reply.
    pub const fn new(code: u16, enhanced: &'static str, text: &'static str) -> Self {
        Self {
            code,
            enhanced,
            text,
        }
    }

    /// `true` for 2xx and 3xx.
    pub fn is_positive(&self) -> bool {
        self.code < 400
    }

    /// The bytes on the line.
    pub fn line(&self) -> String {
        match self.enhanced {
            "" => format!("{} {}\r\n", self.code, self.text),
            enhanced => format!("{} {enhanced} {}\r\n", self.code, self.text),
        }
    }
}
