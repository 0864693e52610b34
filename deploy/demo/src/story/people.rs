//! The people of the story with what only they hold: passkeys, passwords, TOTP secrets. Kept in one file, owner only.

use crate::authenticator::SoftwareAuthenticator;
use crate::browser::{Browser, BrowserError, Page};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Who somebody is in the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// First administrator and registrar (network administrator of the provincial office).
    Registrar,
    /// Vice chairman, fields “Kinh tế tổng hợp”.
    ViceChairman,
    /// Chairman.
    Chairman,
    /// Văn thư who keeps the province's seal.
    Clerk,
    /// Chief of the provincial office: signs in with password and TOTP.
    OfficeChief,
    /// Văn thư of the first department that receives the paper.
    Recipient,
}

impl Role {
    /// Everybody, in the order they are prepared.
    pub const ALL: [Role; 6] = [
        Role::Registrar,
        Role::ViceChairman,
        Role::Chairman,
        Role::Clerk,
        Role::OfficeChief,
        Role::Recipient,
    ];
}

/// One person with everything needed to be that person.
#[derive(Clone, Serialize, Deserialize)]
pub struct Kit {
    /// Part in the story.
    pub role: Role,
    /// Opaque id of the person.
    pub person: String,
    /// Full name.
    pub name: String,
    /// Sign-in name.
    pub username: String,
    /// Title and agency in words.
    pub title: String,
    /// Activation link, while the account is not activated.
    pub activation: Option<String>,
    /// Password, if the person uses one.
    pub password: Option<String>,
    /// TOTP secret in base32, if the person uses one.
    pub totp_secret: Option<String>,
    /// Passkeys.
    pub authenticator: SoftwareAuthenticator,
    /// Mail addresses and passwords of mail programs, as shown once on the account page.
    pub mail_passwords: Vec<(String, String)>,
}

/// Everybody.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Cast {
    /// Kits by role.
    pub kits: Vec<Kit>,
}

/// Why the cast cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct CastError {
    path: PathBuf,
    source: std::io::Error,
}

impl Cast {
    /// Reads the file; none yet is an empty cast.
    pub fn open(path: &Path) -> Result<Self, CastError> {
        let failed = |source| CastError {
            path: path.to_owned(),
            source,
        };
        match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| failed(e.into())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(e) => Err(failed(e)),
        }
    }

    /// Writes the file (0600), all or nothing.
    pub fn save(&self, path: &Path) -> Result<(), CastError> {
        let failed = |source| CastError {
            path: path.to_owned(),
            source,
        };
        let text = serde_json::to_vec_pretty(self).map_err(|e| failed(e.into()))?;
        write_private(path, &text).map_err(failed)
    }

    /// One person.
    pub fn kit(&self, role: Role) -> Option<&Kit> {
        self.kits.iter().find(|k| k.role == role)
    }

    /// One person, to be changed.
    pub fn kit_mut(&mut self, role: Role) -> Option<&mut Kit> {
        self.kits.iter_mut().find(|k| k.role == role)
    }
}

/// Writes a file only its owner can read, through a staged copy.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let staged = path.with_extension("staged");
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&staged)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&staged, path)
}

/// Answers whatever the province asks on the way: passkey, then the post; returns the page behind it.
pub async fn pass_sign_in(
    browser: &Browser,
    kit: &mut Kit,
    mut page: Page,
) -> Result<Page, BrowserError> {
    for _ in 0..4 {
        if let Ok(form) = page.form("login-passkey") {
            page = browser
                .submit_passkey(&form, &mut kit.authenticator)
                .await?;
        } else if let Ok(form) = page.form("choose-post") {
            page = browser.submit(&form).await?;
        } else {
            break;
        }
    }
    Ok(page)
}

/// Enrols the first passkey through the activation link.
pub async fn activate_with_passkey(browser: &Browser, kit: &mut Kit) -> Result<(), BrowserError> {
    let Some(link) = kit.activation.clone() else {
        return Ok(());
    };
    let page = browser.open(&link).await?;
    let form = page
        .form("activate-passkey")?
        .with("label", "Khóa của bản trình diễn");
    let page = browser
        .submit_passkey(&form, &mut kit.authenticator)
        .await?;
    expect_activated(&page)?;
    kit.activation = None;
    Ok(())
}

/// Sets a password and enrols a TOTP secret through the activation link. `code_at` computes the code of a secret for now.
pub async fn activate_with_password(
    browser: &Browser,
    kit: &mut Kit,
    password: &str,
    code_at: impl Fn(&str) -> Result<String, String>,
) -> Result<(), BrowserError> {
    let Some(link) = kit.activation.clone() else {
        return Ok(());
    };
    let page = browser.open(&link).await?;
    let form = page
        .form("activate-password")?
        .with("password", password)
        .with("password_again", password);
    let page = browser.submit(&form).await?;
    let secret: String = element(&page.body, "totp-secret")
        .split_whitespace()
        .collect();
    let code = code_at(&secret).map_err(BrowserError::Authenticator)?;
    let page = browser
        .submit(&page.form("activate-totp")?.with("code", &code))
        .await?;
    expect_activated(&page)?;
    kit.activation = None;
    kit.password = Some(password.to_owned());
    kit.totp_secret = Some(secret);
    Ok(())
}

fn expect_activated(page: &Page) -> Result<(), BrowserError> {
    if page.status == 200 && page.url.path() == "/login" {
        return Ok(());
    }
    page.form("login-passkey (after activation)").map(|_| ())
}

/// Text of the element with this id (no nested tags).
pub fn element(body: &str, id: &str) -> String {
    let Some(at) = body.find(&format!("id=\"{id}\"")) else {
        return String::new();
    };
    let rest = body.get(at..).unwrap_or_default();
    let inside = rest.split_once('>').map(|(_, r)| r).unwrap_or_default();
    inside
        .split('<')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// The TOTP code of a base32 secret (RFC 6238, SHA-1, 6 digits, 30 s) at a time in UTC ms.
pub fn totp(secret_base32: &str, now_ms: i64) -> Result<String, String> {
    let secret = data_encoding::BASE32_NOPAD
        .decode(
            secret_base32
                .to_uppercase()
                .trim_end_matches('=')
                .as_bytes(),
        )
        .map_err(|e| e.to_string())?;
    let step = (now_ms / 30_000) as u64;
    let key = openssl::pkey::PKey::hmac(&secret).map_err(|e| e.to_string())?;
    let mac = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha1(), &key)
        .and_then(|mut s| s.sign_oneshot_to_vec(&step.to_be_bytes()))
        .map_err(|e| e.to_string())?;
    let offset = usize::from(mac.last().copied().unwrap_or(0) & 0x0f);
    let four = mac.get(offset..offset + 4).ok_or("short MAC")?;
    let number = four.iter().fold(0u32, |n, b| (n << 8) | u32::from(*b)) & 0x7fff_ffff;
    Ok(format!("{:06}", number % 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totp_codes_are_those_of_rfc_6238_appendix_b() {
        // RFC 6238 appendix B, SHA-1, secret "12345678901234567890", last six of eight digits.
        let secret = data_encoding::BASE32_NOPAD.encode(b"12345678901234567890");
        assert_eq!(totp(&secret, 59_000).unwrap(), "287082");
        assert_eq!(totp(&secret, 1_111_111_109_000).unwrap(), "081804");
        assert_eq!(totp(&secret, 20_000_000_000_000).unwrap(), "353130");
    }

    #[test]
    fn the_text_of_an_element_is_found_by_its_id() {
        assert_eq!(element(r#"<p>x</p><code id="a"> bc </code>"#, "a"), "bc");
        assert_eq!(element("<p>", "a"), "");
    }
}
