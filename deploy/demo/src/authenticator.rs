//! A person's passkey as software: makes and uses discoverable ES256 credentials as a browser with a platform authenticator would.
//! Standard: W3C Web Authentication Level 3 §5.8.1, §6.1, §6.5; RFC 9053 §7.1 (COSE EC2 key)
//! It must never answer for an origin outside the relying party's id, and it always states user presence and verification truthfully (both given).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Why the authenticator does not answer.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticatorError {
    /// The options lack something or have the wrong shape.
    #[error("options lack “{0}”")]
    Options(&'static str),
    /// The page's origin does not belong to the relying party id.
    #[error("origin {origin} is not within relying party id {rp_id}")]
    Origin {
        /// Origin of the page.
        origin: String,
        /// Relying party id asked for.
        rp_id: String,
    },
    /// ES256 is not among the algorithms asked for.
    #[error("no supported algorithm was asked for")]
    Algorithm,
    /// No credential fits.
    #[error("no passkey here for {0}")]
    NoCredential(String),
    /// The cryptographic library failed.
    #[error(transparent)]
    OpenSsl(#[from] openssl::error::ErrorStack),
}

/// One resident credential.
#[derive(Clone, Serialize, Deserialize)]
struct Credential {
    id: Vec<u8>,
    rp_id: String,
    user_handle: Vec<u8>,
    private_key_pem: String,
}

/// What the relying party learns of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCredential {
    /// Relying party id.
    pub rp_id: String,
    /// Credential id.
    pub id: Vec<u8>,
}

/// The passkeys of one person.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct SoftwareAuthenticator {
    credentials: Vec<Credential>,
}

impl SoftwareAuthenticator {
    /// An authenticator without credentials.
    pub fn new() -> Self {
        Self::default()
    }

    /// The credentials it holds.
    pub fn known(&self) -> Vec<KnownCredential> {
        self.credentials
            .iter()
            .map(|c| KnownCredential {
                rp_id: c.rp_id.clone(),
                id: c.id.clone(),
            })
            .collect()
    }

    /// Makes a credential (`navigator.credentials.create`) and returns the RegistrationResponseJSON.
    pub fn create(&mut self, origin: &str, options: &Value) -> Result<Value, AuthenticatorError> {
        let options = options.get("publicKey").unwrap_or(options);
        let rp_id = text(options, "/rp/id").ok_or(AuthenticatorError::Options("rp.id"))?;
        within(origin, &rp_id)?;
        let es256 = options
            .get("pubKeyCredParams")
            .and_then(Value::as_array)
            .is_some_and(|list| {
                list.iter()
                    .any(|p| p.get("alg").and_then(Value::as_i64) == Some(-7))
            });
        if !es256 {
            return Err(AuthenticatorError::Algorithm);
        }
        let user_handle = text(options, "/user/id")
            .and_then(|t| B64.decode(t.trim_end_matches('=')).ok())
            .ok_or(AuthenticatorError::Options("user.id"))?;
        let challenge =
            text(options, "/challenge").ok_or(AuthenticatorError::Options("challenge"))?;

        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let key = EcKey::generate(&group)?;
        let mut id = vec![0; 32];
        openssl::rand::rand_bytes(&mut id)?;
        let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
        key.public_key()
            .affine_coordinates(&group, &mut x, &mut y, &mut *BigNumContext::new()?)?;
        let cose = cose_key(&x.to_vec_padded(32)?, &y.to_vec_padded(32)?);

        let mut auth_data = Sha256::digest(rp_id.as_bytes()).to_vec();
        auth_data.push(UP | UV | AT);
        auth_data.extend_from_slice(&0u32.to_be_bytes());
        auth_data.extend_from_slice(&[0; 16]);
        auth_data.extend_from_slice(&(id.len() as u16).to_be_bytes());
        auth_data.extend_from_slice(&id);
        auth_data.extend_from_slice(&cose);

        // attestationObject = {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut attestation = vec![0xa3, 0x63];
        attestation.extend_from_slice(b"fmt\x64none\x67attStmt\xa0\x68authData");
        attestation.extend_from_slice(&[0x59]);
        attestation.extend_from_slice(&(auth_data.len() as u16).to_be_bytes());
        attestation.extend_from_slice(&auth_data);

        let private_key_pem =
            String::from_utf8_lossy(&PKey::from_ec_key(key)?.private_key_to_pem_pkcs8()?)
                .into_owned();
        self.credentials
            .retain(|c| c.rp_id != rp_id || c.user_handle != user_handle);
        self.credentials.push(Credential {
            id: id.clone(),
            rp_id,
            user_handle,
            private_key_pem,
        });
        Ok(json!({
            "id": B64.encode(&id),
            "rawId": B64.encode(&id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": B64.encode(client_data("webauthn.create", &challenge, origin)),
                "attestationObject": B64.encode(attestation),
                "transports": ["internal"],
            },
        }))
    }

    /// Uses a credential (`navigator.credentials.get`) and returns the AuthenticationResponseJSON.
    pub fn assert(&self, origin: &str, options: &Value) -> Result<Value, AuthenticatorError> {
        let options = options.get("publicKey").unwrap_or(options);
        let rp_id = text(options, "/rpId").ok_or(AuthenticatorError::Options("rpId"))?;
        within(origin, &rp_id)?;
        let challenge =
            text(options, "/challenge").ok_or(AuthenticatorError::Options("challenge"))?;
        let allowed: Vec<Vec<u8>> = options
            .get("allowCredentials")
            .and_then(Value::as_array)
            .map(|list| {
                list.iter()
                    .filter_map(|c| text(c, "/id"))
                    .filter_map(|t| B64.decode(t.trim_end_matches('=')).ok())
                    .collect()
            })
            .unwrap_or_default();
        let credential = self
            .credentials
            .iter()
            .rev()
            .find(|c| c.rp_id == rp_id && (allowed.is_empty() || allowed.contains(&c.id)))
            .ok_or_else(|| AuthenticatorError::NoCredential(rp_id.clone()))?;
        let mut auth_data = Sha256::digest(rp_id.as_bytes()).to_vec();
        auth_data.push(UP | UV);
        // Like passkeys that are synchronised between devices it counts nothing (§6.1.1 allows zero).
        auth_data.extend_from_slice(&0u32.to_be_bytes());
        let client_data = client_data("webauthn.get", &challenge, origin);
        let key = PKey::private_key_from_pem(credential.private_key_pem.as_bytes())?;
        let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
        signer.update(&auth_data)?;
        signer.update(&Sha256::digest(client_data.as_bytes()))?;
        let signature = signer.sign_to_vec()?;
        Ok(json!({
            "id": B64.encode(&credential.id),
            "rawId": B64.encode(&credential.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": B64.encode(client_data),
                "authenticatorData": B64.encode(auth_data),
                "signature": B64.encode(signature),
                "userHandle": B64.encode(&credential.user_handle),
            },
        }))
    }
}

/// User present.
const UP: u8 = 0x01;
/// User verified.
const UV: u8 = 0x04;
/// Attested credential data follows.
const AT: u8 = 0x40;

/// `{1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}`
fn cose_key(x: &[u8], y: &[u8]) -> Vec<u8> {
    let mut out = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    out.extend_from_slice(x);
    out.extend_from_slice(&[0x22, 0x58, 0x20]);
    out.extend_from_slice(y);
    out
}

fn client_data(kind: &str, challenge: &str, origin: &str) -> String {
    json!({ "type": kind, "challenge": challenge.trim_end_matches('='), "origin": origin, "crossOrigin": false })
        .to_string()
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

/// WebAuthn §5.1.2: the relying party id is the origin's host or a registrable suffix of it.
fn within(origin: &str, rp_id: &str) -> Result<(), AuthenticatorError> {
    let host = url::Url::parse(origin)
        .ok()
        .and_then(|u| u.host_str().map(str::to_owned))
        .unwrap_or_default();
    if host == rp_id || host.ends_with(&format!(".{rp_id}")) {
        return Ok(());
    }
    Err(AuthenticatorError::Origin {
        origin: origin.to_owned(),
        rp_id: rp_id.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn creation() -> Value {
        json!({ "publicKey": { "rp": { "id": "localhost", "name": "Ấn Tín" }, "user": { "id": B64.encode(b"psn_1"), "name": "thinhnd", "displayName": "Thịnh" },
            "challenge": B64.encode([1; 32]), "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }] } })
    }

    #[test]
    fn an_assertion_verifies_under_the_key_of_its_registration() {
        let mut authenticator = SoftwareAuthenticator::new();
        let made = authenticator
            .create("http://localhost:8080", &creation())
            .unwrap();
        let object = B64
            .decode(made["response"]["attestationObject"].as_str().unwrap())
            .unwrap();
        let (x, y) = (
            &object[object.len() - 67..object.len() - 35],
            &object[object.len() - 32..],
        );
        let answer = authenticator
            .assert(
                "http://localhost:8080",
                &json!({ "challenge": "AAAA", "rpId": "localhost" }),
            )
            .unwrap();
        let field = |name: &str| {
            B64.decode(answer["response"][name].as_str().unwrap())
                .unwrap()
        };
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = EcKey::from_public_key_affine_coordinates(
            &group,
            &BigNum::from_slice(x).unwrap(),
            &BigNum::from_slice(y).unwrap(),
        )
        .unwrap();
        let key = PKey::from_ec_key(key).unwrap();
        let mut verifier = openssl::sign::Verifier::new(MessageDigest::sha256(), &key).unwrap();
        verifier.update(&field("authenticatorData")).unwrap();
        verifier
            .update(&Sha256::digest(field("clientDataJSON")))
            .unwrap();
        assert!(verifier.verify(&field("signature")).unwrap());
        assert_eq!(field("userHandle"), b"psn_1");
    }

    #[test]
    fn a_page_of_another_origin_gets_no_assertion() {
        let mut authenticator = SoftwareAuthenticator::new();
        authenticator
            .create("http://localhost:8080", &creation())
            .unwrap();
        let refused = authenticator.assert(
            "http://localhost.example",
            &json!({ "challenge": "AAAA", "rpId": "localhost" }),
        );
        assert!(matches!(refused, Err(AuthenticatorError::Origin { .. })));
    }
}
