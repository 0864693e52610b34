//! Signed tokens: ID tokens, and access tokens that a service can read by itself.
//! Standard: RFC 7515 §3.1, §4.1, §5.2; RFC 9068 §2; OpenID Connect Core 1.0 §2, §3.1.3.6
//! It must never accept a header it would not have written: `none`, another key's algorithm, `jwk`, `jku`, `crit`, another `typ`.

use crate::domain::client::Algorithm;
use crate::domain::keys::{KeyError, KeyRing};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// `typ` of access tokens.
pub const ACCESS: &str = "at+jwt";
/// `typ` of ID tokens.
pub const ID: &str = "JWT";
const LONGEST: usize = 4096;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// Claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Issuer.
    pub iss: String,
    /// Person.
    pub sub: String,
    /// The services that may read it.
    pub aud: String,
    /// End, in seconds.
    pub exp: i64,
    /// Beginning, in seconds.
    pub iat: i64,
    /// Its own name.
    pub jti: String,
    /// To whom it was given.
    pub client_id: String,
    /// Scopes.
    pub scope: String,
    /// How the person was recognised.
    pub acr: String,
    /// When, in seconds.
    pub auth_time: i64,
    /// Session.
    pub sid: String,
    /// Grant it rests on.
    pub grant_id: String,
    /// Post it speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
    /// Appointment the post rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment: Option<String>,
}

/// Who a person is and in which post: the same claims in ID token and userinfo.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonClaims {
    /// Full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Given name (*tên*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Surname (*họ*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Middle name (*đệm*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Sign-in name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// Official address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_title: Option<String>,
    /// Agency of the post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency_name: Option<String>,
}

/// Claims of an ID token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdClaims {
    /// Issuer.
    pub iss: String,
    /// Person.
    pub sub: String,
    /// Client.
    pub aud: String,
    /// End, in seconds.
    pub exp: i64,
    /// Beginning, in seconds.
    pub iat: i64,
    /// When the person was recognised, in seconds.
    pub auth_time: i64,
    /// Echo of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// How the person was recognised.
    pub acr: String,
    /// By which means.
    pub amr: Vec<String>,
    /// Session.
    pub sid: String,
    /// Binds the access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Who.
    #[serde(flatten)]
    pub person: PersonClaims,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of base64url with JSON inside, or too long.
    #[error("token is malformed")]
    Malformed,
    /// A header that we never write.
    #[error("token header is not one of ours")]
    Header,
    /// The signature does not hold.
    #[error("token signature does not hold")]
    Signature,
    /// Another issuer or audience.
    #[error("token is for somebody else")]
    Foreign,
    /// Its time is over.
    #[error("token has expired")]
    Expired,
}

/// Signs claims.
pub fn sign<C: Serialize>(
    ring: &KeyRing,
    alg: Algorithm,
    typ: &str,
    claims: &C,
) -> Result<String, KeyError> {
    let key = ring.signing(alg)?;
    let header = Header {
        alg: alg.as_str().to_owned(),
        typ: typ.to_owned(),
        kid: key.id.clone(),
    };
    let part = |bytes: Vec<u8>| URL_SAFE_NO_PAD.encode(bytes);
    let head = part(serde_json::to_vec(&header).map_err(|_| KeyError)?);
    let body = part(serde_json::to_vec(claims).map_err(|_| KeyError)?);
    let message = format!("{head}.{body}");
    let signature = part(key.sign(message.as_bytes())?);
    Ok(format!("{message}.{signature}"))
}

/// Reads claims whose signature holds; the caller checks issuer, audience and time.
pub fn verify<C: DeserializeOwned>(
    ring: &KeyRing,
    typ: &str,
    token: &str,
) -> Result<C, TokenError> {
    if token.len() > LONGEST {
        return Err(TokenError::Malformed);
    }
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenError::Malformed);
    };
    let decode = |part: &str| {
        URL_SAFE_NO_PAD
            .decode(part)
            .map_err(|_| TokenError::Malformed)
    };
    let header: Header = serde_json::from_slice(&decode(head)?).map_err(|_| TokenError::Header)?;
    let key = ring.find(&header.kid).ok_or(TokenError::Header)?;
    if header.alg != key.alg().as_str() || header.typ != typ {
        return Err(TokenError::Header);
    }
    let message = token
        .get(..head.len() + 1 + body.len())
        .ok_or(TokenError::Malformed)?;
    if !key.verifies(message.as_bytes(), &decode(signature)?) {
        return Err(TokenError::Signature);
    }
    serde_json::from_slice(&decode(body)?).map_err(|_| TokenError::Malformed)
}

/// An access token of ours that is good at this instant (whether its grant still lives is asked elsewhere).
pub fn verify_access(
    ring: &KeyRing,
    issuer: &str,
    audience: &str,
    token: &str,
    now: i64,
) -> Result<AccessClaims, TokenError> {
    let claims: AccessClaims = verify(ring, ACCESS, token)?;
    if claims.iss != issuer || claims.aud != audience {
        return Err(TokenError::Foreign);
    }
    if now.div_euclid(1000) >= claims.exp {
        return Err(TokenError::Expired);
    }
    Ok(claims)
}

/// `at_hash`: left half of the SHA-256 of the access token.
pub fn at_hash(access_token: &str) -> String {
    let digest = Sha256::digest(access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.iter().copied().take(16).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::{SigningKey, generate};

    fn ring() -> KeyRing {
        let key =
            |id: &str, alg| SigningKey::read(id.into(), alg, &generate(alg).unwrap()).unwrap();
        KeyRing::new(vec![key("e", Algorithm::Es256), key("r", Algorithm::Rs256)])
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            iss: "i".into(),
            sub: "p".into(),
            aud: "a".into(),
            exp: 100,
            iat: 0,
            jti: "j".into(),
            client_id: "c".into(),
            scope: "openid".into(),
            acr: "phr".into(),
            auth_time: 0,
            sid: "s".into(),
            grant_id: "g".into(),
            post: None,
            appointment: None,
        }
    }

    fn forged(header: &str, token: &str) -> String {
        let rest: Vec<&str> = token.split('.').skip(1).collect();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header), rest.join("."))
    }

    #[test]
    fn a_token_is_read_back_until_it_expires_and_only_by_its_audience() {
        let ring = ring();
        for alg in Algorithm::ALL {
            let token = sign(&ring, alg, ACCESS, &claims()).unwrap();
            assert_eq!(verify_access(&ring, "i", "a", &token, 99_999), Ok(claims()));
            assert_eq!(
                verify_access(&ring, "i", "a", &token, 100_000),
                Err(TokenError::Expired)
            );
            assert_eq!(
                verify_access(&ring, "i", "b", &token, 0),
                Err(TokenError::Foreign)
            );
            assert_eq!(
                verify_access(&ring, "j", "a", &token, 0),
                Err(TokenError::Foreign)
            );
        }
    }

    #[test]
    fn alg_none_and_a_confused_key_are_refused() {
        let ring = ring();
        let token = sign(&ring, Algorithm::Es256, ACCESS, &claims()).unwrap();
        for header in [
            r#"{"alg":"none","typ":"at+jwt","kid":"e"}"#,
            r#"{"alg":"HS256","typ":"at+jwt","kid":"e"}"#,
            r#"{"alg":"RS256","typ":"at+jwt","kid":"e"}"#,
            r#"{"alg":"ES256","typ":"at+jwt","kid":"r"}"#,
            r#"{"alg":"ES256","typ":"at+jwt","kid":"x"}"#,
            r#"{"alg":"ES256","typ":"JWT","kid":"e"}"#,
            r#"{"alg":"ES256","typ":"at+jwt"}"#,
            r#"{"alg":"ES256","typ":"at+jwt","kid":"e","crit":["exp"]}"#,
            r#"{"alg":"ES256","typ":"at+jwt","kid":"e","jku":"https://evil.example/"}"#,
            r#"{"alg":"ES256","typ":"at+jwt","kid":"e","jwk":{}}"#,
            r#"{"alg":"ES256","alg":"ES256","typ":"at+jwt","kid":"e"}"#,
        ] {
            assert_eq!(
                verify::<AccessClaims>(&ring, ACCESS, &forged(header, &token)),
                Err(TokenError::Header),
                "{header}"
            );
        }
        let bare = token.rsplit_once('.').unwrap().0;
        assert_eq!(
            verify::<AccessClaims>(&ring, ACCESS, &format!("{bare}.")),
            Err(TokenError::Signature)
        );
        assert_eq!(
            verify::<AccessClaims>(&ring, ACCESS, bare),
            Err(TokenError::Malformed)
        );
        assert_eq!(
            verify::<AccessClaims>(&ring, ACCESS, &format!("{token}.x")),
            Err(TokenError::Malformed)
        );
        assert_eq!(
            verify::<AccessClaims>(&ring, ACCESS, &"a".repeat(5000)),
            Err(TokenError::Malformed)
        );
        assert_eq!(
            verify::<AccessClaims>(&super::tests::ring(), ACCESS, &token),
            Err(TokenError::Signature)
        );
    }

    #[test]
    fn an_id_token_is_no_access_token() {
        let ring = ring();
        let id = sign(&ring, Algorithm::Es256, ID, &claims()).unwrap();
        assert_eq!(
            verify_access(&ring, "i", "a", &id, 0),
            Err(TokenError::Header)
        );
    }

    #[test]
    fn at_hash_is_the_left_half_of_the_digest() {
        // SHA-256("abc") begins ba7816bf 8f01cfea 414140de 5dae2223 (FIPS 180-4).
        let left = [
            0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae,
            0x22, 0x23,
        ];
        assert_eq!(at_hash("abc"), URL_SAFE_NO_PAD.encode(left));
    }
}
