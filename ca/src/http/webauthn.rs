//! Options of a passkey assertion over a challenge of ours.
//! Standard: WebAuthn Level 3 §5.5 (PublicKeyCredentialRequestOptionsJSON)
//! It must never ask without user verification, or let a credential answer that is not pinned.

use crate::service::Ca;
use platform::problem::Problem;
use webauthn_rs_proto::{
    AllowCredentials, PublicKeyCredentialRequestOptions, UserVerificationPolicy,
};

const PATIENCE_MS: u32 = 110_000;

/// The options as JSON for `data-options`.
pub fn options(ca: &Ca, challenge: &[u8; 32], credentials: &[&str]) -> Result<String, Problem> {
    let mut allow_credentials = Vec::new();
    for credential in credentials {
        let id = data_encoding::BASE64URL_NOPAD
            .decode(credential.as_bytes())
            .map_err(|error| Problem::internal(&error))?;
        allow_credentials.push(AllowCredentials {
            type_: "public-key".into(),
            id,
            transports: None,
        });
    }
    let options = PublicKeyCredentialRequestOptions {
        challenge: challenge.to_vec(),
        timeout: Some(PATIENCE_MS),
        rp_id: ca.ground.public_url.host_str().unwrap_or_default().into(),
        allow_credentials,
        user_verification: UserVerificationPolicy::Required,
        hints: None,
        extensions: None,
    };
    serde_json::to_string(&options).map_err(|error| Problem::internal(&error))
}
