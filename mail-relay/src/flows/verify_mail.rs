//! What a signed mail's signature is worth, in three answers that do not hide each other.
//! Standard: RFC 8551 §3.5.3; RFC 8550 §3 (address match), §4; RFC 5280 §6
//! It must never fold the answers into one: a broken seal of a good mailbox and a whole mail of a stranger are different things.

use crate::ports::Trust;
use smime::verify::Report;

/// The answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whether there is a signature at all.
    pub signed: bool,
    /// No byte of the signed part changed.
    pub whole: Result<(), String>,
    /// The certificate leads to an anchor: its label.
    pub trusted: Result<String, String>,
    /// The certificate names the address in From.
    pub address: Result<String, String>,
    /// Signing time, UTC ms.
    pub signing_time: Option<i64>,
}

impl Found {
    /// All three are good.
    pub fn is_good(&self) -> bool {
        self.signed && self.whole.is_ok() && self.trusted.is_ok() && self.address.is_ok()
    }

    /// Value of our header field: words only, nothing from the mail.
    pub fn field(&self) -> String {
        if !self.signed {
            return "signed=no".into();
        }
        let word = |good: bool| if good { "pass" } else { "fail" };
        format!(
            "signed=yes; whole={}; trusted={}; address={}",
            word(self.whole.is_ok()),
            word(self.trusted.is_ok()),
            word(self.address.is_ok())
        )
    }
}

/// Checks a message as it lies in a mailbox.
pub fn check(message: &[u8], trust: &Trust, now: i64) -> Found {
    let sources = smime::verify::Trust {
        anchors: &trust.anchors,
        intermediates: &trust.intermediates,
        lists: &trust.lists,
    };
    let report: Report = smime::verify::verify(message, &sources, now);
    Found {
        signed: report.signed,
        whole: report.whole.map_err(|e| e.to_string()),
        trusted: report.trusted.map_err(|e| e.to_string()),
        address: report.address.map_err(|e| e.to_string()),
        signing_time: report.signing_time,
    }
}
