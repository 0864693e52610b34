//! Passkeys: ceremonies by `webauthn-rs`, always with user verification and always discoverable.
//! Standard: WebAuthn Level 3 §5.4, §5.5, §7.1, §7.2; RFC 9053 §2.1, §7.1 (key encoding)
//! It must never let the state of a ceremony leave the server, nor accept a ceremony twice.

use serde_json::Value;
use url::Url;
use webauthn_rs::prelude::{
    COSEKeyType, DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Uuid, Webauthn, WebauthnBuilder,
    WebauthnError,
};

/// Why a ceremony failed.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The public address cannot be a relying party.
    #[error("public address cannot be a WebAuthn relying party: {0}")]
    Configuration(WebauthnError),
    /// What the browser sent is not a credential.
    #[error("not a credential")]
    Malformed,
    /// The credential is not accepted.
    #[error("credential refused: {0}")]
    Refused(WebauthnError),
    /// A key kind that cannot be passed on.
    #[error("credential key is neither P-256 nor RSA")]
    KeyKind,
}

/// Our side of every ceremony.
pub struct RelyingParty {
    webauthn: Webauthn,
}

/// What a ceremony begins with: options for the page, state for the server.
pub struct Begun {
    /// `PublicKeyCredentialCreationOptions` or `…RequestOptions` as JSON.
    pub options: Value,
    /// Kept on the server.
    pub state: String,
}

/// A registered passkey as it is stored.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Credential id.
    pub credential_id: Vec<u8>,
    /// Serialised `Passkey`.
    pub stored: String,
}

impl RelyingParty {
    /// For this public address.
    pub fn new(public_url: &Url, name: &str) -> Result<Self, PasskeyError> {
        let host = public_url.host_str().unwrap_or_default().to_owned();
        let webauthn = WebauthnBuilder::new(&host, public_url)
            .map(|b| b.rp_name(name))
            .and_then(WebauthnBuilder::build)
            .map_err(PasskeyError::Configuration)?;
        Ok(Self { webauthn })
    }

    /// Begins the making of a passkey.
    pub fn begin_registration(
        &self,
        handle: [u8; 16],
        username: &str,
        name: &str,
        known: Vec<Vec<u8>>,
    ) -> Result<Begun, PasskeyError> {
        let (creation, state) = self
            .webauthn
            .start_passkey_registration(Uuid::from_bytes(handle), username, name, Some(known))
            .map_err(PasskeyError::Refused)?;
        let mut options = public_key(&creation)?;
        // The library leaves residence to chance; sign-in without a username needs it.
        if let Some(selection) = options
            .get_mut("authenticatorSelection")
            .and_then(Value::as_object_mut)
        {
            selection.insert("residentKey".into(), Value::from("required"));
            selection.insert("requireResidentKey".into(), Value::from(true));
        }
        Ok(Begun {
            options,
            state: text(&state)?,
        })
    }

    /// Ends it.
    pub fn finish_registration(
        &self,
        credential: &str,
        state: &str,
    ) -> Result<Registered, PasskeyError> {
        let credential: RegisterPublicKeyCredential = read(credential)?;
        let state: PasskeyRegistration = read(state)?;
        let passkey = self
            .webauthn
            .finish_passkey_registration(&credential, &state)
            .map_err(PasskeyError::Refused)?;
        cose_key(&passkey)?;
        Ok(Registered {
            credential_id: passkey.cred_id().clone(),
            stored: text(&passkey)?,
        })
    }

    /// Begins a sign-in by whichever passkey the person picks.
    pub fn begin_authentication(&self) -> Result<Begun, PasskeyError> {
        let (request, state) = self
            .webauthn
            .start_discoverable_authentication()
            .map_err(PasskeyError::Refused)?;
        Ok(Begun {
            options: public_key(&request)?,
            state: text(&state)?,
        })
    }

    /// Whose credential the browser answers with: account handle and credential id, not yet verified.
    pub fn identify(&self, credential: &str) -> Result<Presented, PasskeyError> {
        let credential: PublicKeyCredential = read(credential)?;
        let (handle, id) = self
            .webauthn
            .identify_discoverable_authentication(&credential)
            .map_err(PasskeyError::Refused)?;
        let (handle, id) = (*handle.as_bytes(), id.to_vec());
        Ok(Presented {
            handle,
            credential_id: id,
            credential,
        })
    }

    /// Ends a sign-in. Returns the passkey to store when its counter or backup state moved.
    pub fn finish_authentication(
        &self,
        presented: &Presented,
        state: &str,
        stored: &str,
    ) -> Result<Option<String>, PasskeyError> {
        let state: DiscoverableAuthentication = read(state)?;
        let mut passkey: Passkey = read(stored)?;
        let result = self
            .webauthn
            .finish_discoverable_authentication_v2(
                &presented.credential,
                state,
                DiscoverableKey::from(&passkey),
            )
            .map_err(PasskeyError::Refused)?;
        if !result.user_verified() {
            return Err(PasskeyError::Refused(WebauthnError::UserNotVerified));
        }
        match passkey.update_credential(&result) {
            Some(true) => Ok(Some(text(&passkey)?)),
            Some(false) => Ok(None),
            None => Err(PasskeyError::Malformed),
        }
    }
}

/// An answer whose signature is still to be checked.
pub struct Presented {
    /// Handle of the account it claims.
    pub handle: [u8; 16],
    /// Credential id it claims.
    pub credential_id: Vec<u8>,
    credential: PublicKeyCredential,
}

/// The public key of a stored passkey as a COSE_Key (CTAP2 canonical CBOR).
pub fn stored_cose_key(stored: &str) -> Result<Vec<u8>, PasskeyError> {
    cose_key(&read::<Passkey>(stored)?)
}

fn cose_key(passkey: &Passkey) -> Result<Vec<u8>, PasskeyError> {
    let key = passkey.get_public_key();
    match &key.key {
        // {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
        COSEKeyType::EC_EC2(ec) if ec.x.len() == 32 && ec.y.len() == 32 => {
            let mut out = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32];
            out.extend_from_slice(&ec.x);
            out.extend_from_slice(&[0x22, 0x58, 32]);
            out.extend_from_slice(&ec.y);
            Ok(out)
        }
        // {1: 3 (RSA), 3: -257 (RS256), -1: n, -2: e}
        COSEKeyType::RSA(rsa) => {
            let length = u16::try_from(rsa.n.len()).map_err(|_| PasskeyError::KeyKind)?;
            let mut out = vec![0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20, 0x59];
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(&rsa.n);
            out.extend_from_slice(&[0x21, 0x43]);
            out.extend_from_slice(&rsa.e);
            Ok(out)
        }
        _ => Err(PasskeyError::KeyKind),
    }
}

fn public_key<T: serde::Serialize>(response: &T) -> Result<Value, PasskeyError> {
    let mut whole = serde_json::to_value(response).map_err(|_| PasskeyError::Malformed)?;
    whole
        .get_mut("publicKey")
        .map(Value::take)
        .ok_or(PasskeyError::Malformed)
}

fn text<T: serde::Serialize>(value: &T) -> Result<String, PasskeyError> {
    serde_json::to_string(value).map_err(|_| PasskeyError::Malformed)
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, PasskeyError> {
    if json.len() > 64 * 1024 {
        return Err(PasskeyError::Malformed);
    }
    serde_json::from_str(json).map_err(|_| PasskeyError::Malformed)
}
