//! The keys by which anybody checks our tokens.
//! Standard: RFC 7517 §4, §5; RFC 7518 §6.2.1, §6.3.1
//! It must never hold a private parameter.

use crate::domain::keys::{KeyError, KeyRing, PublicParameters};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

/// One key.
#[derive(Debug, Serialize)]
pub struct Jwk {
    kty: &'static str,
    r#use: &'static str,
    alg: &'static str,
    kid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
}

/// All keys.
#[derive(Debug, Serialize)]
pub struct Jwks {
    keys: Vec<Jwk>,
}

/// The public side of a ring.
pub fn jwks(ring: &KeyRing) -> Result<Jwks, KeyError> {
    let text = |bytes: Vec<u8>| Some(URL_SAFE_NO_PAD.encode(bytes));
    let mut keys = Vec::new();
    for key in ring.iter() {
        let bare = Jwk {
            kty: "",
            r#use: "sig",
            alg: key.alg().as_str(),
            kid: key.id.clone(),
            crv: None,
            x: None,
            y: None,
            n: None,
            e: None,
        };
        keys.push(match key.public()? {
            PublicParameters::Ec { x, y } => Jwk {
                kty: "EC",
                crv: Some("P-256"),
                x: text(x),
                y: text(y),
                ..bare
            },
            PublicParameters::Rsa { n, e } => Jwk {
                kty: "RSA",
                n: text(n),
                e: text(e),
                ..bare
            },
        });
    }
    Ok(Jwks { keys })
}
