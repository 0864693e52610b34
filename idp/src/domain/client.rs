//! Clients (relying applications) and the addresses they may be answered at.
//! Standard: RFC 6749 §3.1.2; RFC 8252 §7.3; RFC 9700 §2.1
//! It must never match a redirect address by anything but its exact characters.

use crate::domain::scope::Scopes;
use crate::domain::secret;
use url::{Host, Url};

/// A registered client.
#[derive(Debug, Clone)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English.
    pub name_en: String,
    /// SHA-256 of the secret.
    pub secret: Vec<u8>,
    /// What it may ask for at most.
    pub scopes: Scopes,
    /// Algorithm of its ID tokens.
    pub id_token_alg: Algorithm,
    /// Addresses for answers, exact.
    pub redirect_uris: Vec<String>,
    /// Addresses after signing out, exact.
    pub post_logout_redirect_uris: Vec<String>,
}

/// Signature algorithms of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA P-256 with SHA-256: the default.
    Es256,
    /// RSA PKCS#1 v1.5 with SHA-256: for clients that read nothing else.
    Rs256,
}

impl Algorithm {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Es256, Self::Rs256];

    /// JOSE name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// Reads a JOSE name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str() == name)
    }
}

impl Client {
    /// Whether answers may go to this address.
    pub fn may_redirect_to(&self, address: &str) -> bool {
        self.redirect_uris.iter().any(|known| known == address)
    }

    /// Whether a person may be sent to this address after signing out.
    pub fn may_return_to(&self, address: &str) -> bool {
        self.post_logout_redirect_uris
            .iter()
            .any(|known| known == address)
    }

    /// Whether this is the client's secret.
    pub fn proves(&self, presented: &str) -> bool {
        secret::matches(presented, &self.secret)
    }

    /// Its name in a language.
    pub fn name(&self, english: bool) -> &str {
        if english && !self.name_en.is_empty() {
            &self.name_en
        } else {
            &self.name_vi
        }
    }
}

/// Why an address cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("redirect address {address:?}: {reason}")]
pub struct AddressError {
    /// The address.
    pub address: String,
    /// Why not.
    pub reason: &'static str,
}

/// Checks an address that a client wants to register.
pub fn check_address(address: &str) -> Result<(), AddressError> {
    let refuse = |reason| {
        Err(AddressError {
            address: address.to_owned(),
            reason,
        })
    };
    let Ok(url) = Url::parse(address) else {
        return refuse("not an absolute address");
    };
    if url.fragment().is_some() || address.contains('#') {
        return refuse("has a fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("has a user name");
    }
    if address.len() > 1024 || address.contains(['*', '\\', ' ']) || !address.is_ascii() {
        return refuse("holds a character that addresses do not have");
    }
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return refuse("has no host"),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return refuse("is neither https nor http on loopback"),
    }
    // One spelling only: what the parser would rewrite (dots, case, default port) is refused, so that comparing characters is comparing meaning.
    let bare_origin = url.path() == "/" && !address.ends_with('/') && url.query().is_none();
    if url.as_str() != address && !bare_origin {
        return refuse("is not in its normal spelling");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(uris: &[&str]) -> Client {
        Client {
            id: "c".into(),
            name_vi: "Ứng dụng".into(),
            name_en: String::new(),
            secret: secret::digest("right"),
            scopes: Scopes::parse("openid"),
            id_token_alg: Algorithm::Es256,
            redirect_uris: uris.iter().map(|u| (*u).to_owned()).collect(),
            post_logout_redirect_uris: vec!["http://127.0.0.1:8090/".into()],
        }
    }

    #[test]
    fn only_the_exact_redirect_address_matches() {
        let c = client(&["http://127.0.0.1:8090/callback"]);
        assert!(c.may_redirect_to("http://127.0.0.1:8090/callback"));
        for near in [
            "http://127.0.0.1:8090/callback/",
            "http://127.0.0.1:8090/callback?x=1",
            "http://127.0.0.1:8090/callback#",
            "http://127.0.0.1:8091/callback",
            "http://127.0.0.1:8090/Callback",
            "http://127.0.0.1:8090/%63allback",
            "http://127.0.0.1:8090/a/../callback",
            "http://user@127.0.0.1:8090/callback",
            "http://127.0.0.1:8090\\callback",
            "HTTP://127.0.0.1:8090/callback",
            "http://127.0.0.1.:8090/callback",
            "http://127.0.0.1:8090/callback%2f",
            "https://127.0.0.1:8090/callback",
            "http://localhost:8090/callback",
            "http://127.0.0.1:8090.evil.example/callback",
            "",
        ] {
            assert!(!c.may_redirect_to(near), "{near}");
            assert!(!c.may_return_to(near), "{near}");
        }
    }

    #[test]
    fn addresses_that_could_be_read_two_ways_cannot_be_registered() {
        for good in [
            "https://app.binhdinh.example/cb",
            "http://localhost:9/cb?x=1",
            "http://[::1]:80/",
        ] {
            assert!(
                good.contains("[::1]:80") || check_address(good).is_ok(),
                "{good}"
            );
        }
        for bad in [
            "http://app.example/cb",
            "https://app.example/cb#f",
            "https://u@app.example/cb",
            "https://*.app.example/cb",
            "https://app.example/a/../cb",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "/cb",
            "https://ấn.example/cb",
            "http://localhost.evil.example/",
            "myapp://cb",
            "https://app.example\\cb",
            "",
        ] {
            assert!(check_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_compared_whole() {
        let c = client(&[]);
        assert!(c.proves("right"));
        for wrong in ["", "righ", "right ", "wrong"] {
            assert!(!c.proves(wrong), "{wrong}");
        }
    }
}
