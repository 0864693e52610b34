//! Time-based one-time passwords; each step is good once.
//! Standard: RFC 6238 §4, §5.2; RFC 4226 §7.2
//! It must never accept a step that was accepted before, nor one more than a step away.

use fast_qr::convert::{Builder as _, svg::SvgBuilder};
use fast_qr::qr::QRBuilder;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

/// A secret shared with a phone.
pub struct TotpSecret(Zeroizing<Vec<u8>>);

/// The secret or the page about it could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one-time password secret is unusable")]
pub struct TotpError;

impl TotpSecret {
    /// From 20 random bytes, or from the database.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for sealing.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn totp(&self, account: &str, issuer: &str) -> Result<Totp, TotpError> {
        Builder::new()
            .with_secret(Secret::from(self.0.to_vec()))
            .with_account_name(account)
            .with_issuer(Some(issuer))
            .build()
            .map_err(|_| TotpError)
    }

    /// The step in which this code is right and that was not used before.
    pub fn accept(
        &self,
        code: &str,
        last_used: Option<i64>,
        now: i64,
    ) -> Result<Option<i64>, TotpError> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(None);
        }
        let seconds = u64::try_from(now.div_euclid(1000)).map_err(|_| TotpError)?;
        let step = self.totp("x", "x")?.check(&digits, seconds);
        let step = step.and_then(|s| i64::try_from(s).ok());
        Ok(step.filter(|s| last_used.is_none_or(|used| *s > used)))
    }

    /// The code of this instant (the phone's side; used by the demo and by tests).
    pub fn code_at(&self, now: i64) -> Result<String, TotpError> {
        let seconds = u64::try_from(now.div_euclid(1000)).map_err(|_| TotpError)?;
        Ok(self.totp("x", "x")?.generate(seconds).to_string())
    }

    /// The secret in letters, for typing it into a phone.
    pub fn letters(&self) -> String {
        let all = Secret::from(self.0.to_vec()).to_base32();
        let all: Vec<char> = all.chars().filter(|c| *c != '=').collect();
        all.chunks(4)
            .map(|c| c.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The `otpauth:` address.
    pub fn address(&self, account: &str, issuer: &str) -> Result<String, TotpError> {
        self.totp(account, issuer)?.to_url().map_err(|_| TotpError)
    }

    /// That address as an SVG picture without style or script.
    pub fn picture(&self, account: &str, issuer: &str) -> Result<String, TotpError> {
        let code = QRBuilder::new(self.address(account, issuer)?)
            .build()
            .map_err(|_| TotpError)?;
        Ok(SvgBuilder::default().margin(4).to_str(&code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 59_000;

    fn secret() -> TotpSecret {
        TotpSecret::new(b"12345678901234567890".to_vec())
    }

    #[test]
    fn the_vector_of_rfc_6238_appendix_b_is_accepted_once() {
        let s = secret();
        assert_eq!(s.code_at(NOW).unwrap(), "287082");
        assert_eq!(s.accept("287 082", None, NOW).unwrap(), Some(1));
        assert_eq!(s.accept("287082", Some(1), NOW).unwrap(), None);
        assert_eq!(s.accept("287082", Some(0), NOW + 30_000).unwrap(), Some(1));
        assert_eq!(s.accept("287082", None, NOW + 61_000).unwrap(), None);
        for wrong in ["", "28708", "2870822", "28708a", "２８７０８２", "000000"] {
            assert_eq!(s.accept(wrong, None, NOW).unwrap(), None, "{wrong}");
        }
    }

    #[test]
    fn a_phone_can_be_set_up_by_picture_or_by_letters() {
        let s = secret();
        assert!(
            s.address("thinhnd", "Ấn Tín")
                .unwrap()
                .starts_with("otpauth://totp/")
        );
        let svg = s.picture("thinhnd", "Ấn Tín").unwrap();
        assert!(
            svg.starts_with("<svg") && !svg.contains("style=") && !svg.contains("<script"),
            "{}",
            svg.get(..200).unwrap()
        );
        assert_eq!(s.letters(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
